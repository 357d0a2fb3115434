# Rules about what servers say first have their time, also behind a connection that needed two attempts.
# shellcheck shell=sh disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 2
cat >proxy.cfg <<C
global
    nbthread 1
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
C
proxy proxy "$p1"
socat -t 3 - "TCP:127.0.0.1:$p1" </dev/null >got &
client=$!
sleep 0.2 # refused until then
background socat "TCP-LISTEN:$p2,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'sleep 0.2; echo hello'
wait "$client"
check "a second attempt" is hello "$(cat got)"
check "... logged" said 'greeted/s [0-9]+/[0-9]+/[0-9]+ 6 -- [0-9/]+/[1-3] ' proxy.log
