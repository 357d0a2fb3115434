# Content rules that wait: for what servers say first, also behind a connection that needed two
# attempts; for clients that finish in the middle of a request.
# shellcheck shell=sh disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 5
cat >proxy.cfg <<C
global
    nbthread 1
    tune.sndbuf.client 4096
    tune.bufsize 131072
    log stdout format raw local0
defaults
    mode tcp
    log global
    option tcplog
    timeout client 3s
    timeout server 3s
    timeout connect 400ms
listen greeted
    bind 127.0.0.1:$p1
    retries 3
    tcp-response inspect-delay 2s
    tcp-response content accept if { res.payload(0,5) -m str hello }
    tcp-response content reject
    server s 127.0.0.1:$p2
listen closed
    bind 127.0.0.1:$p4
    tcp-response inspect-delay 2s
    tcp-response content close if { res.len ge 120000 }
    tcp-response content reject if WAIT_END
    server s 127.0.0.1:$p5
listen www
    mode http
    option httplog
    bind 127.0.0.1:$p3
    tcp-request inspect-delay 2s
    tcp-request content accept if WAIT_END
    server s 127.0.0.1:$p2
C
proxy proxy "$p1"
socat -t 3 - "TCP:127.0.0.1:$p1" </dev/null >got &
client=$!
sleep 0.2 # refused until then
background socat "TCP-LISTEN:$p2,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'sleep 0.2; echo hello'
listening "$p2"
wait "$client"
check "a second attempt" is hello "$(cat got)"
check "... logged" said 'greeted/s [0-9]+/[0-9]+/[0-9]+ 6 -- [0-9/]+/[1-3] ' proxy.log

{
    printf 'POST /part HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc'
    sleep 0.2
} | socat -t 3 - "TCP:127.0.0.1:$p3" >got
check "a request that is cut short" is "" "$(cat got)"
check "... logged" said 'www/<NOSRV> [0-9]+/-1/-1/-1/[0-9]+ -1 0 - - CR-- .*/part' proxy.log

# What the server has said goes on, to a client that does not read it yet, but says a lot itself.
head -c 120000 /dev/zero | tr '\0' x >page
background socat "TCP-LISTEN:$p5,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'cat page; sleep 3'
listening "$p5"
sleep 0.2
{
    sleep 0.3
    for i in 1 2 3 4 5 6; do cat page; done
    sleep 0.5
} | socat -t 3 - "TCP:127.0.0.1:$p4,rcvbuf=2048" | {
    sleep 1
    cat
} >got
check "a server that is closed" cmp page got
check "... logged" said 'closed/s [0-9]+/[0-9]+/[0-9]+ 120000 -- ' proxy.log
