# Clients that do not wait for their answer: option abortonclose, and server connections that end when
# they are used again.
# shellcheck shell=sh disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 4
cat >proxy.cfg <<C
global
    nbthread 1
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    timeout client 4s
    timeout server 3s
    timeout queue 3s
    timeout connect 1s
frontend www
    bind 127.0.0.1:$p1
    use_backend once if { path_beg /once }
    default_backend full
backend full
    option abortonclose
    server s 127.0.0.1:$p2 maxconn 1
backend once
    http-reuse always
    server s 127.0.0.1:$p3
listen patient
    bind 127.0.0.1:$p4
    server s 127.0.0.1:$p2
C
cat >once.sh <<'C'
head() { while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done; }
head
printf 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
head
C
cat >slow.sh <<'C'
while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
sleep 1
printf 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'
C
background socat "TCP-LISTEN:$p2,bind=127.0.0.1,reuseaddr,fork" 'EXEC:sh slow.sh'
listening "$p2"
background socat "TCP-LISTEN:$p3,bind=127.0.0.1,reuseaddr,fork" 'EXEC:sh once.sh'
listening "$p3"
proxy proxy "$p1"

# ask PORT PATH...: sends requests, and nothing behind them.
ask() {
    to=$1
    shift
    printf 'GET %s HTTP/1.1\r\nHost: h\r\n\r\n' "$@" | socat -t 4 - "TCP:127.0.0.1:$to"
}
answers() {
    ask "$@" | grep -o 'HTTP/1.[01] 200 ' | grep -c .
}

curl -s -m 0.3 "http://127.0.0.1:$p1/leaves"
check "gone while the server thinks" said 'full/s [-0-9/]+ 400 [0-9]+ - - CH-- .*/leaves' proxy.log
curl -s -o first "http://127.0.0.1:$p1/first" &
curl=$!
sleep 0.2
ask "$p1" /queued >/dev/null
check "gone while in the queue" said 'full/<NOSRV> [0-9]+/[0-9]+/-1/-1/[0-9]+ -1 0 - - CQ-- .*/queued' proxy.log
wait "$curl"
check "... who was not gone" is ok "$(cat first)"
check "another request follows: the first is served" is 1 "$(answers "$p1" /one /two)"
check "without the option, all are" is 2 "$(answers "$p4" /three /four)"

curl -s -o first "http://127.0.0.1:$p1/once/1"
check "a used connection ends: the first request, which must not be repeated" is 502 \
    "$(curl -s -X PATCH -o second -w '%{http_code}' "http://127.0.0.1:$p1/once/2")"
check "... logged" said 'once/s [-0-9/]+ 502 [0-9]+ - - SH-- .*/once/2' proxy.log
check "... a later one is to be sent again" is "200 200 " \
    "$(curl -s -o second -o second -w '%{http_code} ' "http://127.0.0.1:$p1/once/3" "http://127.0.0.1:$p1/once/4")"
check "... one that may be repeated is" is 200 \
    "$(curl -s -o second -w '%{http_code}' "http://127.0.0.1:$p1/once/5")"
