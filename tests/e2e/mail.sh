# Mailers that refuse, are slow, or talk nonsense: it is said, and the next alert is tried anew.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 2
cat >talks <<'C'
good send:220-several\r\n220\slines\r\n until:HELO send:25 wait:20 send:0\sin\r wait:20 send:\n until:MAIL send:250\sok\r\n until:RCPT send:250\sok\r\n until:DATA send:354\sok\r\n until:\r\n.\r\n send:250\sok\r\n until:QUIT send:221\sbye\r\n
refusing send:220\shi\r\n until:HELO send:250\sok\r\n until:MAIL send:250\sok\r\n until:RCPT send:550-no\r\n550\snobody\r\n hang
slow send:220\shi\r\n until:HELO send:250-wait\r\n hang
deaf send:220\shi hang
busy send:421\sbusy\r\n
junk send:nonsense\x01\r\n hang
endless 3*send:220-0123456789012345678901234567890123456789\r\n hang
early send:220\shi\r\n250\sok\r\n250\sok\r\n250\sok\r\n354\sgo\r\n250\sok\r\n221\sbye\r\n
gone send:220\shi\r\n until:HELO
late send:220\shi\r\n until:HELO send:250\sok\r\n until:MAIL send:250\sok\r\n until:RCPT send:250\sok\r\n until:DATA send:354\sok\r\n until:\r\n.\r\n send:250\sok\r\n reset
C
mkfifo hold
"$BUILD/checks/scripted" talks talk.ports <hold >/dev/null &
pids="$pids $!"
exec 3>hold
tries=200
until [ -s talk.ports ] || [ "$tries" = 0 ]; do
    tries=$((tries - 1))
    sleep 0.02
done
{
    cat <<C
global
    stats socket $PWD/admin level admin
    log stdout format raw local0
mailers all
    timeout mail 1s
    mailer absent 127.0.0.1:$p2
C
    awk '{ print "    mailer " $1 " 127.0.0.1:" $2 }' talk.ports
    cat <<C
defaults
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend www
    bind 127.0.0.1:$p1
    default_backend app
backend app
    log global
    email-alert mailers all
    email-alert from px@example.com
    email-alert to ops@example.com
    server a 127.0.0.1:1
C
} >proxy.cfg
proxy proxy "$p1"
ask() {
    echo "$1" | socat - UNIX-CONNECT:admin
}
fails() {
    check "$1" said "^Alert for backend app was not sent by mailer all/$1: $2[.]\$" proxy.log
}
ask 'set server app/a health down' >replies
fails absent 'Connection refused'
fails refusing 'it answers 550 nobody'
fails slow 'it takes too long'
fails deaf 'it takes too long'
fails busy 'it answers 421 busy'
fails junk 'it answers nonsense[?]'
fails endless 'it takes too long'
fails gone 'it has hung up'
ask 'set server app/a health up' >replies
ask 'set server app/a health down' >replies
twice() {
    tries=100
    until [ "$(grep -c '^Alert for .* all/deaf' proxy.log)" = 2 ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}
check "the next alert is tried" twice
check "all mailers of a section get it" is 0 "$(grep -c '^Alert for .* all/good' proxy.log)"
check "who took the letter need not say goodbye" is 0 "$(grep -c '^Alert for .* all/late' proxy.log)"
check "what was answered too early is no answer" said "^Alert for backend app was not sent by mailer all/early: it answers what it was not told yet[.]\$" proxy.log

# Many at once: those that are too many are lost, and the proxy goes on.
i=0
while [ "$i" -lt 300 ]; do
    echo 'set server app/a health up; set server app/a health down;'
    i=$((i + 1))
done | tr -d '\n' >many
echo >>many
ask "$(cut -c1-8000 many)" >many.out
check "the proxy goes on" is 1 "$(ask 'show servers state' | grep -c '^[0-9]* app 1 a ')"
