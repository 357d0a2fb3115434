# hash-preserve-affinity: a key meets its server, unless that is full and the backend says so.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 6
servers="    server one 127.0.0.1:$p6 maxconn 1 maxqueue 1
    server two 127.0.0.1:$p6 maxconn 1 maxqueue 1
    server three 127.0.0.1:$p6 maxconn 1 maxqueue 1"
# listens NAME PORT TYPE AFFINITY
listens() {
    cat <<C
listen $1
    bind 127.0.0.1:$2
    hash-type $3
    hash-preserve-affinity $4
    http-response set-header met %s
$servers
C
}
{
    cat <<C
global
    nbthread 1
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
    timeout queue 60s
    balance url_param key
    option abortonclose
frontend waiting
    bind 127.0.0.1:$p5
    use_backend %[path,word(1,/)]
frontend origin
    bind 127.0.0.1:$p6
    http-request pause 60s if { path /hold }
    http-request return status 200
C
    listens maps "$p1" map-based maxconn
    listens rings "$p2" consistent maxconn
    listens patient "$p3" map-based always
    listens queues "$p4" map-based maxqueue
    for each in maps rings patient queues; do
        cat <<C
backend at_$each
    http-request return status 200 content-type text/plain lf-string "%[srv_conn($each/one)] %[srv_conn($each/two)] %[srv_conn($each/three)] %[srv_queue($each/one)] %[srv_queue($each/two)] %[srv_queue($each/three)]"
C
    done
} >proxy.cfg
proxy proxy "$p5"
# load NAME: how many requests the servers have, most first, and how many wait for them.
loads() {
    curl -s --max-time 5 "http://127.0.0.1:$p5/at_$1" | awk '{
        print ($1 > 0) + ($2 > 0) + ($3 > 0) " busy, " $4 + $5 + $6 " waiting"
    }'
}
# becomes NAME LOADS
becomes() {
    tries=200
    while [ "$(loads "$1")" != "$2" ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { loads "$1" && return 1; }
        sleep 0.02
    done
}
# holds NAME PORT LOADS...: requests with one key, one after the other.
holds() {
    who=$1 where=$2
    shift 2
    for expected; do
        background curl -s -o /dev/null "http://127.0.0.1:$where/hold?key=a"
        check "$who: $expected" becomes "$who" "$expected"
    done
}
# meets PORT KEY
meets() {
    curl -s -o /dev/null -D - --max-time 5 "http://127.0.0.1:$1/?key=$2" | tr -d '\r' | sed -n 's/^met: //p'
}
for key in a b c d e f g h; do echo "$key $(meets "$p3" $key)"; done >always
for key in a b c d e f g h; do echo "$key $(meets "$p1" $key)"; done >maps
check "keys meet all servers" is 3 "$(cut -d' ' -f2 always | grep . | sort -u | wc -l)"
check "... the same ones as ever" cmp always maps
holds maps "$p1" "1 busy, 0 waiting" "2 busy, 0 waiting" "3 busy, 0 waiting" "3 busy, 1 waiting"
holds rings "$p2" "1 busy, 0 waiting" "2 busy, 0 waiting" "3 busy, 0 waiting" "3 busy, 1 waiting"
holds patient "$p3" "1 busy, 0 waiting" "1 busy, 1 waiting"
holds queues "$p4" "1 busy, 0 waiting" "1 busy, 1 waiting" "2 busy, 1 waiting" "2 busy, 2 waiting" "3 busy, 2 waiting"
