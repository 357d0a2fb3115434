# Algorithms that hash: the same keys meet the same servers as behind HAProxy, ten thousand of them
# for either type of hash, some hundreds for each way to make a key.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
# The key of each: what is balanced by, how it hashes, how many keys, which servers are down.
cat >ways <<'C'
balance uri whole|hash-type map-based|10000
balance uri whole|hash-type consistent|10000
balance uri whole|hash-type map-based djb2|200
balance uri whole|hash-type map-based wt6 avalanche|200
balance uri whole|hash-type map-based crc32|200
balance uri whole|hash-type consistent djb2|200
balance uri whole|hash-type consistent wt6|200
balance uri whole|hash-type consistent crc32 avalanche|200
balance uri|hash-type consistent|200
balance uri depth 2|hash-type consistent|200
balance uri len 9|hash-type consistent|200
balance uri path-only len 12|hash-type map-based|200
balance url_param id|hash-type consistent|200
balance url_param id|hash-type map-based|200
balance hdr(x-id)|hash-type consistent|200
balance hdr(x-host) use_domain_only|hash-type consistent|200
balance hash url_param(id),lower|hash-type consistent sdbm|200
balance source|hash-type consistent|10
balance source|hash-type map-based sdbm avalanche|10
balance url_param none|hash-type consistent|50
balance uri whole|hash-type map-based|2000|2 5
balance uri whole|hash-type consistent|2000|2 5
balance uri whole|hash-type map-based|1000|1 3 4
balance uri whole|hash-type consistent|1000|1 3 4
balance uri whole|hash-type map-based|200|1 2 3 4 5 6
balance uri whole|hash-type consistent|200|1 2 3 4 5 6
C
count=$(wc -l <ways)
ports $((2 * count + 1))
# The numbers of all ports, in order: for HAProxy, for ours, and the server.
all=$(i=0; while [ $((i += 1)) -le $((2 * count + 1)) ]; do eval "echo \$p$i"; done)
server=$(echo "$all" | tail -n 1)
# listens FIRST: one listen section for each way, on ports from the FIRST on.
listens() {
    echo "$all" | tail -n +"$1" | head -n "$count" | paste -d'|' - ways |
        awk -F'|' -v server="$server" '{
            print "listen l" NR "\n bind 127.0.0.1:" $1
            print " http-request set-header x-id %[url_param(id)]"
            print " http-request set-header x-host www.%[url_param(id)].example"
            print " http-response set-header x-server %s"
            print " " $2 "\n " $3
            print " option allbackups"
            split("1 3 2 5 1 2", weights, " ")
            for (i = 1; i <= 6; i++)
                print " server s" i " 127.0.0.1:" server " weight " weights[i] \
                      (index(" " $5 " ", " " i " ") ? " disabled" : "")
            print " server off 127.0.0.1:" server " disabled"
            print " server spare1 127.0.0.1:" server " backup"
            print " server spare2 127.0.0.1:" server " backup weight 3"
        }'
}
common='defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s'
global_of() {
    printf 'global\n    nbthread 1\n    stats socket %s/%s.admin level admin\n' "$PWD" "$1"
}
{ global_of theirs; echo "$common"; listens 1; } >theirs.cfg
{ global_of ours; echo "$common"; listens $((count + 1)); echo "frontend server
    bind 127.0.0.1:$server
    http-request return status 200"; } >ours.cfg
proxy ours "$server"
background haproxy -db -f theirs.cfg
# chosen PORT KEYS: which server each key meets.
chosen() {
    curl -s --max-time 60 -o /dev/null -w '%header{x-server}\n' \
        "http://127.0.0.1:$1/a/b[1-2]/c?id=User[1-$(($2 / 2))]"
}
"$port" wait "127.0.0.1:$(echo "$all" | sed -n "${count}p")" 10
i=0
while IFS='|' read -r key type keys down; do
    i=$((i + 1))
    chosen "$(echo "$all" | sed -n "${i}p")" "$keys" >theirs &
    one=$!
    chosen "$(echo "$all" | sed -n "$((count + i))p")" "$keys" >ours
    wait "$one"
    if [ "$key" = 'balance url_param none' ]; then
        check "$key: servers take turns" is "6 $keys" "$(sort -u ours | wc -l) $(grep -c . ours)"
    else
        check "$key, $type, down: $down" cmp theirs ours
        check "$key, $type, down: $down: $keys keys" is "$keys" "$(grep -c '^s' ours)"
    fi
done <ways

# The same when servers change while the proxies run: the first two ways, a map and a ring.
tell() {
    for side in theirs ours; do
        echo "$1" | socat - "UNIX-CONNECT:$side.admin" >answer.$side
    done
    check "$1: same answer" cmp answer.theirs answer.ours
}
still_agree() {
    for way in 1 2; do
        chosen "$(echo "$all" | sed -n "${way}p")" 1000 >theirs &
        one=$!
        chosen "$(echo "$all" | sed -n "$((count + way))p")" 1000 >ours
        wait "$one"
        check "$1, way $way" cmp theirs ours
        check "$1, way $way: 1000 keys" is 1000 "$(grep -c '^s' ours)"
    done
}
tell 'set server l1/s4 state maint'
tell 'set server l2/s4 state maint'
still_agree 'a server left'
tell 'set server l1/s2 state drain'
tell 'set server l2/s2 weight 50%'
still_agree 'another one gets less'
tell 'set server l1/s4 state ready'
tell 'set server l2/s4 state ready'
tell 'set server l1/s5 weight 0%'
tell 'set server l2/s5 weight 9'
still_agree 'the first is back, and a third gets more'
