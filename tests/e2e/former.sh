# Server state files go from haproxy to proxyc and back, and damaged ones are refused with a word.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 2
for side in haproxy proxyc; do
    cat >$side.cfg <<C
global
    stats socket $PWD/$side.sock level admin
    server-state-file $PWD/states
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    load-server-state-from-file global
frontend www
    bind 127.0.0.1:$([ $side = haproxy ] && echo "$p1" || echo "$p2")
    default_backend app
backend app
    server drain 127.0.0.1:1001
    server maint 127.0.0.1:1002 weight 10
    server down 127.0.0.1:1003 weight 20
    server off 127.0.0.1:1004 disabled
    server moved 127.0.0.1:1005 id 9
    server stopping 127.0.0.1:1006
    server spare 127.0.0.1:1007 backup
backend own
    id 40
    server a 127.0.0.1:1008 weight 50
C
done
# start SIDE
start() {
    if [ "$1" = haproxy ]; then set -- haproxy "$p1" haproxy; else set -- proxyc "$p2" "$BUILD/haproxy"; fi
    "$3" -db -f "$1.cfg" >"$1.log" 2>&1 &
    pid=$!
    pids="$pids $pid"
    listening "$2"
}
ask() {
    echo "$2" | socat - "UNIX-CONNECT:$1.sock"
}
# The seconds since the last change go on; how many checks of a server that is not checked were good, nobody knows.
states() {
    ask "$1" 'show servers state' | awk 'NF > 9 { $10 = $13 = "-" } { print }'
}

: >states
start proxyc
check "an empty file has no version" said "Can't get version of the global server state file '.*/states'[.]" proxyc.log
gone "$pid"
rm states
start haproxy
ask haproxy 'set server app/drain state drain; set server app/maint state maint; set server app/maint weight 77;
set server app/down health down; set server app/off state ready; set server app/moved addr 127.0.0.1 port 2005;
set server app/stopping health stopping; set server app/spare state maint; set server own/a weight 50%' >replies
ask haproxy 'show servers state' >states
states haproxy >first
gone "$pid"
start proxyc
states proxyc >second
check "what haproxy wrote is read" diff first second
ask proxyc 'set server app/drain state ready; set server app/maint state ready; set server app/down health up;
set server app/off state maint; set server app/moved state drain; set server own/a state maint' >replies
ask proxyc 'show servers state' >states
states proxyc >first
gone "$pid"
start haproxy
states haproxy >second
check "what proxyc wrote is read" diff first second
gone "$pid"
check "servers were changed in between" grep -q '^40 own 1 a 127.0.0.1 0 1 25 50 ' first

echo 40 own 1 a 127.0.0.1 2 0 50 >>states
start proxyc
check "a file that ends within a line is refused" \
    said "corrupted global server state file '.*/states' at line 12[.]" proxyc.log
check "as a whole" is 1 "$(states proxyc | grep -c '^40 own 1 a 127.0.0.1 2 0 50 50 ')"
gone "$pid"
{ printf '1\n%070000d' 0; } >states
start proxyc
gone "$pid"
check "and so is one without lines" said "corrupted global server state file '.*/states' at line 2[.]" proxyc.log
