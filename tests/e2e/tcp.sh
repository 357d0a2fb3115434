# TCP mode: half-closed connections, silence, servers that end in the middle.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 8
cat >proxy.cfg <<C
global
    nbthread 1
    log stdout format raw local0
defaults
    mode tcp
    log global
    option tcplog
    timeout client 600ms
    timeout server 600ms
    timeout connect 300ms
    retries 0
listen echo
    bind 127.0.0.1:$p1
    server s 127.0.0.1:$p2
listen first
    bind 127.0.0.1:$p3
    server s 127.0.0.1:$p4
listen refused
    bind 127.0.0.1:$p5
    server s 127.0.0.1:$p6
listen two
    bind 127.0.0.1:$p7
    server dead 127.0.0.1:$p6 weight 256
    server s 127.0.0.1:$p2 weight 1
    retries 1
    option redispatch
C
proxy proxy "$p5"
# One answers when it has got everything; one speaks first, and closes.
background socat "TCP-LISTEN:$p2,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'cat; echo end'
listening "$p2"
background socat -t 1 "TCP-LISTEN:$p4,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'echo welcome; sleep 0.2; echo bye'
listening "$p4"


check "half-closed by the client" is "hello end" \
    "$(echo hello | socat -t 2 - "TCP:127.0.0.1:$p1" | tr '\n' ' ' | sed 's/ $//')"
check "... logged" said 'echo echo/s [0-9]+/[0-9]+/[0-9]+ 10 -- ' proxy.log
check "the server speaks first, and ends; the client stays" is "welcome bye" \
    "$(sleep 1 | socat -t 2 - "TCP:127.0.0.1:$p3" | tr '\n' ' ' | sed 's/ $//')"
check "... logged" said 'first first/s [0-9]+/[0-9]+/[0-9]+ 12 cD ' proxy.log
check "nobody listens" is "" "$(echo hello | socat -t 1 - "TCP:127.0.0.1:$p5" 2>&1)"
check "... logged" said 'refused refused/s [0-9]+/-1/[0-9]+ 0 SC ' proxy.log
check "silence ends after a while" between 500 1500 "$(took socat -u "TCP:127.0.0.1:$p1" -)"
check "... logged" said 'echo echo/s [0-9]+/[0-9]+/[0-9]+ 0 [cs]D ' proxy.log
head -c 3000000 /dev/urandom >blob
{ cat blob; echo end; } >blob.end
echoed() {
    socat -t 3 - "TCP:127.0.0.1:$p1" <blob | cmp - blob.end
}
check "3 MB there and back" echoed
check "the other server" is "x end" "$(echo x | socat -t 2 - "TCP:127.0.0.1:$p7" | tr '\n' ' ' | sed 's/ $//')"
check "... logged" said 'two two/s [0-9]+/[0-9]+/[0-9]+ 6 -- [0-9/]+/[+]1 ' proxy.log
