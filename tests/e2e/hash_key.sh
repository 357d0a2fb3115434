# hash-key: with it, keys meet the same addresses whatever order the servers are in, and after the
# control socket has moved servers.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 8
cat >servers <<C
    server {
        listen 127.0.0.1:$p1;
        listen 127.0.0.1:$p2;
        listen 127.0.0.1:$p3;
        location / { return 200 "\$server_port\n"; }
    }
C
web "$p1"
# backend NAME PORT KEY SERVER-PORT...
backend() {
    printf 'listen %s\n bind 127.0.0.1:%s\n default-server %s\n' "$1" "$2" "$3"
    shift 3
    n=0
    for p; do echo " server s$((n += 1)) 127.0.0.1:$p"; done
}
{
    cat <<C
global
    nbthread 1
    stats socket $PWD/socket level admin
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    balance url_param id
    hash-type consistent
C
    backend one "$p4" 'hash-key addr-port' "$p1" "$p2" "$p3"
    backend two "$p5" 'hash-key addr-port' "$p3" "$p1" "$p2"
    backend ids "$p6" 'weight 1' "$p1" "$p2" "$p3"
    backend swapped "$p7" 'weight 1' "$p3" "$p1" "$p2"
    backend wide "$p8" 'hash-key id32' "$p1" "$p2" "$p3"
} >proxy.cfg
proxy proxy "$p4"
met() {
    curl -s --max-time 20 "http://127.0.0.1:$1/?id=key[1-60]"
}
met "$p4" >one
check "all servers are met" is 3 "$(sort -u one | wc -l)"
check "another order, the same servers" is "$(cat one)" "$(met "$p5")"
met "$p6" >ids
check "by their ids, others" is different "$(met "$p7" | cmp -s - ids || echo different)"
check "the addresses are not the ids" is different "$(cmp -s one ids || echo different)"
met "$p8" >wide
check "all bits of ids" is "3 different" "$(sort -u wide | wc -l) $(cmp -s wide ids || echo different)"
move() {
    echo "set server $1 addr 127.0.0.1 port $2" | socat - "UNIX-CONNECT:$PWD/socket" >>moves
}
move two/s1 "$p1"
move two/s2 "$p2"
move two/s3 "$p3"
check "servers that move take their keys along" is "$(cat one)" "$(met "$p5")"
