# Request bodies that are on their way while something else happens.
# shellcheck shell=sh disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 6
head -c 12000 /dev/zero | tr '\0' x >page
awk 'BEGIN { for (i = 0; i < 400000; i++) printf "%07d\n", i }' >lines
cat >head.sh <<'C'
while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
C
cat >hints.sh <<'C'
. ./head.sh
i=0
while [ $i -lt 90 ]; do
    printf 'HTTP/1.1 103 Early Hints\r\nX: '
    cat page
    printf '\r\n\r\n'
    i=$((i + 1))
done
sleep 3
C
cat >upgrade.sh <<'C'
. ./head.sh
printf 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'
sleep 0.5
cat >got
printf done
C
cat >proxy.cfg <<C
global
    nbthread 1
    log stdout format raw local0
    tune.sndbuf.client 4096
defaults
    mode http
    log global
    option httplog
    timeout client 400ms
    timeout connect 300ms
frontend hints
    bind 127.0.0.1:$p1
    timeout client 2s
    default_backend hints
backend hints
    timeout server 300ms
    server s 127.0.0.1:$p2
frontend upgrade
    bind 127.0.0.1:$p3
    timeout client 3s
    default_backend upgrade
backend upgrade
    timeout server 3s
    server s 127.0.0.1:$p4
frontend stalls
    bind 127.0.0.1:$p5
    default_backend stalls
backend stalls
    server s 127.0.0.1:$p6
C
for i in "$p2 hints" "$p4 upgrade"; do
    background socat "TCP-LISTEN:${i% *},bind=127.0.0.1,reuseaddr,fork" "EXEC:sh ${i#* }.sh"
    listening "${i% *}"
done
background socat -u "TCP-LISTEN:$p6,bind=127.0.0.1,reuseaddr,fork" OPEN:/dev/null,wronly
listening "$p6"
proxy proxy "$p1"

# The server agrees to an upgrade before it has taken the request body; what follows is the tunnel's.
upgraded() {
    {
        printf 'POST /up HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: %d\r\n\r\n' \
            "$(wc -c <lines)"
        cat lines
        printf 'end\n'
    } | socat -t 3 - "TCP:127.0.0.1:$p3" >answer
    { cat lines && printf 'end\n'; } | cmp - got && is done "$(tail -c 4 answer)"
}
check "an upgrade in the middle of a body" upgraded
check "... logged" said 'upgrade/s [-0-9/]+ 101 [0-9]+ - - ---- .*/up' proxy.log

# Without a timeout of servers, that of clients still counts.
{
    printf 'POST /stalls HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc'
    sleep 1
} | socat -t 3 - "TCP:127.0.0.1:$p5" >/dev/null
check "a client that stalls" said 'stalls/s [0-9]+/0/[0-9]+/-1/[4-7][0-9][0-9] 408 [0-9]+ - - cH-- .*/stalls' proxy.log

# An answer of our own is stuck behind interim responses that the client does not read, while more of
# the body comes than fits a buffer.
stuck() {
    {
        printf 'POST /stuck HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n'
        sleep 0.6
        for i in 1 2 3 4 5 6; do cat page; done
        sleep 0.6
    } | socat -t 3 - "TCP:127.0.0.1:$p1,rcvbuf=4096" | {
        sleep 1.3
        grep -ac '^HTTP/1.1 103 ' >count
    }
    between 1 89 "$(cat count)"
}
check "an answer that is stuck" stuck
check "... logged" said 'hints/s [-0-9/]+ 504 [0-9]+ - - sH-- .*/stuck' proxy.log
