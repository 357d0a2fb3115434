# Names that are resolved at run time: HAProxy and the proxy ask name servers whose answers change,
# say the same about their servers, and show them alike; requests follow the addresses.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 8
theirs=$(command -v haproxy || echo /usr/sbin/haproxy)

# config PORT DNS SOCKET
config() {
    cat <<C
global
    nbthread 1
    stats socket $PWD/$3 mode 600 level admin
    log stdout format raw local0
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
resolvers ns
    nameserver one 127.0.0.1:$2
    accepted_payload_size 4096
    timeout resolve 50ms
    timeout retry 300ms
    resolve_retries 2
    hold nx 100ms
    hold other 100ms
    hold refused 100ms
    hold timeout 100ms
frontend www
    bind 127.0.0.1:$1
    default_backend pair
backend pair
    log global
    balance first
    server s1 a.test:$p3 resolvers ns init-addr none
    server s2 a.test:$p3 resolvers ns init-addr none
backend alone
    log global
    default-server resolvers ns
    server away b.test:80 init-addr 127.0.0.9 resolve-net 10.1.0.0/16,127.2.0.0/17
    server ill c.test:80 init-addr none disabled resolve-prefer ipv4
backend twins
    log global
    default-server resolvers ns init-addr none resolve-prefer ipv4 resolve-opts allow-dup-ip
    server t1 d.test:80
    server t2 d.test:81
backend services
    log global
    server-template x 2 _http._tcp.test resolvers ns init-addr none resolve-prefer ipv4
backend weights
    log global
    server-template y 1 _http._tcp.test resolvers ns init-addr none weight 7 resolve-opts ignore-weight
C
}
cat >origin.cfg <<C
defaults
    mode http
    timeout client 10s
frontend origin
    bind 127.0.0.1:$p3
    bind 127.0.0.3:$p3
    http-request return status 200 content-type text/plain lf-string "%[dst]"
C

# names LINE...: what they mean from now on, to both.
names() {
    printf '%s\n' "$@" >names.new
    cp names.new theirs.new && mv theirs.new names.theirs && mv names.new names.ours
}
# both_said PATTERN
both_said() {
    said "$1" theirs.log && said "$1" ours.log
}
ask() {
    printf '%s\n' "$2" | socat -t 5 - UNIX-CONNECT:"$PWD/$1.sock"
}
# both_count N PATTERN: so many lines match, perhaps a moment later.
both_count() {
    for side in theirs ours; do
        tries=60
        until [ "$(grep -Ec -- "$2" $side.log)" -ge "$1" ]; do
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || { tail -n 20 $side.log; return 1; }
            sleep 0.05
        done
    done
}
# Which of several equal servers gets an address is the proxies' own choice; so is the address of
# those that a network has.
any_of() {
    sed -E "/away changed its IP/d; s,(pair/s|twins/t|services/x)[12],\\1,; s,by (ns/one|DNS cache)[.]\$,by ns," | sort
}
# state SIDE: server, weight, and what "show servers state" knows of where it is.
state() {
    ask "$1" 'show servers state' | awk 'NF > 20 {
        sub(/[12]$/, "", $4)
        print $2, $4, $5, $6, $7, $5 == "-" ? "" : $8, $18, $19, $20 }' | sort
}
said_by() {
    any_of <"$1.log"
}
# alike WHAT HOW: what this function prints becomes the same for both.
alike() {
    tries=60
    until "$2" theirs >theirs.is && "$2" ours >ours.is && cmp -s theirs.is ours.is; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || break
        sleep 0.05
    done
    check "$1" diff theirs.is ours.is
}
get() {
    curl -s --max-time 5 "http://127.0.0.1:$p1/"
}

services='_http._tcp.test SRV 513:8001:u.test'
names 'a.test A 127.0.0.1' 'b.test A 127.2.128.1 10.1.2.3 127.2.0.1' 'd.test A 127.0.0.4' \
    'c.test A cname=e.test 127.0.0.6' "$services" 'u.test A 127.0.0.7'
background "$BUILD/e2e/dns" "$p4" names.theirs >theirs.asked
background "$BUILD/e2e/dns" "$p5" names.ours >ours.asked
config "$p2" "$p4" theirs.sock >theirs.cfg
config "$p1" "$p5" ours.sock >ours.cfg
proxy origin "$p3"
background "$theirs" -db -f theirs.cfg >theirs.log 2>theirs.err
background "$BUILD/haproxy" -db -f ours.cfg >ours.log 2>ours.err
"$port" wait "127.0.0.1:$p1" 20 && "$port" wait "127.0.0.1:$p2" 20 || exit 1

check "an address is found" both_said 'pair/s[12] changed its IP from .none. to 127.0.0.1 by ns/one'
check "an alias is followed" both_said "Server alone/ill .'c.test'. resolves again but remains"
check "an address of a preferred network" \
    both_said 'away changed its IP from 127.0.0.9 to (10.1.2.3|127.2.0.1) by'
check "a service has servers" both_said 'services/x. .*READY thanks'
check "a service whose weights are ignored" both_said 'weights/y1 .*READY thanks'
check "two servers may have one address" both_count 2 'twins/t. .*READY thanks'
check "requests get there" is 127.0.0.1 "$(get)"

# ---- a connection to a former address is not used again ----
names 'a.test A 127.0.0.3' 'b.test A 127.2.0.1' 'd.test A 127.0.0.5 127.0.0.6' \
    'c.test A cname=e.test 127.0.0.6' "$services 9:8001:v.test also=v.test=127.0.0.8" \
    'u.test A 127.0.0.7'
check "an address changes" both_said 'pair/s. changed its IP from 127.0.0.1 to 127.0.0.3 by ns/one'
check "the next request goes there" is 127.0.0.3 "$(get)"
check "of two addresses each server has one" both_said 'twins/t. changed its IP from .* to 127.0.0.5 by'
check "of two addresses each server has one" both_said 'twins/t. changed its IP from .* to 127.0.0.6 by'
check "an additional record" \
    both_said 'services/x. changed its IP from .none. to 127.0.0.8 by DNS additional record'

# ---- errors ----
names 'a.test A nx' 'b.test A refused' 'b.test AAAA refused' 'd.test A servfail' 'd.test AAAA cut' \
    "$services 9:8001:v.test" 'u.test A 127.0.0.7' 'v.test A mute' 'v.test AAAA mute'
check "no such name" both_said 'pair/s. is going DOWN for maintenance .DNS NX status'
check "refused" both_said 'alone/away is going DOWN for maintenance .DNS refused status'
check "another error" both_count 2 'twins/t. is going DOWN for maintenance .unspecified DNS error'
check "no answer" both_said 'services/x. is going DOWN for maintenance .DNS timeout status'
check "nobody serves" is 503 "$(curl -s -o answer -w '%{http_code}' "http://127.0.0.1:$p1/")"

# ---- and back ----
names 'a.test AAAA ::1' 'b.test A torn' 'b.test AAAA other' 'd.test A' 'u.test A 127.0.0.7' \
    '_http._tcp.test SRV 65535:8002:u.test'
check "the other family" both_said 'pair/s. changed its IP from .none. to ::1'
check "a service is gone" both_said 'services/x. is going DOWN .*.entry removed from SRV record'
check "and is somewhere else" both_count 2 'weights/y1 .*READY thanks'
names 'a.test A 127.0.0.1 127.0.0.3' 'b.test A 127.2.0.1' 'd.test A 127.0.0.4' 'c.test A 127.0.0.6' \
    '_http._tcp.test SRV 65535:8002:u.test' 'u.test A 127.0.0.7'
alike "show servers state: the same" state
check "requests get there again" between 1 3 "$(get | sed 's/127.0.0.//')"
alike "both say the same" said_by
