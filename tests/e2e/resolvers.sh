# Names that are resolved at run time: HAProxy and the proxy ask name servers whose answers change,
# say the same about their servers, and show them alike; requests follow the addresses.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 12

# config PORT DNS SOCKET NAMES SESSIONS: ports, and the name of a control socket.
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
    hold valid 1h
resolvers keeps
    nameserver one 127.0.0.1:$2
    timeout resolve 50ms
    hold obsolete 1h
resolvers slow
    nameserver one 127.0.0.1:$2
    timeout resolve 1h
    hold valid 100ms
frontend www
    bind 127.0.0.1:$1
    default_backend pair
frontend named
    bind 127.0.0.1:$4
    timeout client 400ms
    http-request add-header x-times 1
    http-request do-resolve(txn.ip,ns,ipv4) req.hdr(x-name) if { req.hdr(x-name) -m found }
    http-request do-resolve(txn.other,ns) req.hdr(x-other) if { req.hdr(x-other) -m found }
    http-request return status 200 content-type text/plain lf-string "%[var(txn.ip)] %[var(txn.other)] %[req.hdr_cnt(x-times)]" if { path /say }
    default_backend anywhere
backend anywhere
    http-request do-resolve(txn.ip,ns,ipv4) req.hdr(x-late)
    http-request deny deny_status 404 unless { var(txn.ip) -m found }
    http-request set-dst var(txn.ip)
    http-request set-dst-port int($p3)
    server clear 0.0.0.0:0
frontend sessions
    mode tcp
    bind 127.0.0.1:$5
    tcp-request inspect-delay 5s
    tcp-request content set-var(sess.name) req.payload(0,0),lower,word(2,/)
    tcp-request content accept if HTTP_1.0
    tcp-request content do-resolve(sess.ip,ns,ipv4) var(sess.name) if HTTP
    tcp-request content set-dst var(sess.ip)
    tcp-request content set-dst-port int($p3)
    default_backend somewhere
backend somewhere
    mode tcp
    server clear 0.0.0.0:0
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
backend moved
    log global
    server m j.test:$p3 resolvers slow resolve-prefer ipv4 init-addr none check inter 200ms fastinter 200ms
backend renamed
    log global
    server ip 127.0.0.9:80 resolvers ns resolve-prefer ipv4
    server plain 127.0.0.9:80
backend kept
    log global
    server k k.test:80 resolvers keeps init-addr none
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
    printf '%s\n' "$@" "j.test A $moved" >names.new
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
# those that a network has, and how far checks are.
any_of() {
    sed -E "/away changed its IP|moved/d; s,(pair/s|twins/t|services/x)[12],\\1,; s,by (ns/one|DNS cache)[.]\$,by ns," | sort
}
# state SIDE: server, weight, and what "show servers state" knows of where it is.
state() {
    ask "$1" 'show servers state' | awk 'NF > 20 && $2 != "moved" {
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

moved=127.0.0.2
services='_http._tcp.test SRV 513:8001:u.test'
names 'a.test A 127.0.0.1' 'b.test A 127.2.128.1 10.1.2.3 127.2.0.1' 'd.test A 127.0.0.4' \
    'k.test A 127.0.0.11' 'c.test A cname=e.test 127.0.0.6' "$services" 'u.test A 127.0.0.7'
background "$BUILD/e2e/dns" "$p4" names.theirs >theirs.asked
background "$BUILD/e2e/dns" "$p5" names.ours >ours.asked
config "$p2" "$p4" theirs.sock "$p6" "$p8" >theirs.cfg
config "$p1" "$p5" ours.sock "$p7" "$p9" | sed 's/nbthread 1/nbthread 3/' >ours.cfg
proxy origin "$p3"
background "$theirs" -db -f theirs.cfg >theirs.log 2>theirs.err
background "$BUILD/haproxy" -db -f ours.cfg >ours.log 2>ours.err
"$port" wait "127.0.0.1:$p1" 20 && "$port" wait "127.0.0.1:$p2" 20 || exit 1

check "an address is found" both_said 'pair/s[12] changed its IP from .none. to 127.0.0.1 by ns/one'
check "a name whose records are kept" both_said 'kept/k changed its IP from .none. to 127.0.0.11 by'
check "an alias is followed" both_said "Server alone/ill .'c.test'. resolves again but remains"
check "an address of a preferred network" \
    both_said 'away changed its IP from 127.0.0.9 to (10.1.2.3|127.2.0.1) by'
check "a service has servers" both_said 'services/x. .*READY thanks'
check "a service whose weights are ignored" both_said 'weights/y1 .*READY thanks'
check "two servers may have one address" both_count 2 'twins/t. .*READY thanks'
check "requests get there" is 127.0.0.1 "$(get)"

# ---- a connection to a former address is not used again ----
names 'a.test A 127.0.0.3' 'b.test A 127.2.0.1' 'd.test A 127.0.0.5 127.0.0.6' \
    'k.test A 127.0.0.12' 'c.test A cname=e.test 127.0.0.6' "$services 9:8001:v.test also=v.test=127.0.0.8" \
    'u.test A 127.0.0.7'
check "an address changes" both_said 'pair/s. changed its IP from 127.0.0.1 to 127.0.0.3 by ns/one'
check "the next request goes there" is 127.0.0.3 "$(get)"
check "of two addresses each server has one" both_said 'twins/t. changed its IP from .* to 127.0.0.5 by'
check "of two addresses each server has one" both_said 'twins/t. changed its IP from .* to 127.0.0.6 by'
check "an additional record" \
    both_said 'services/x. changed its IP from .none. to 127.0.0.8 by DNS additional record'

# ---- errors ----
names 'a.test A nx' 'k.test A 127.0.0.12' 'b.test A refused' 'b.test AAAA refused' 'd.test A servfail' 'd.test AAAA cut' \
    "$services 9:8001:v.test" 'u.test A 127.0.0.7' 'v.test A mute' 'v.test AAAA mute'
check "no such name" both_said 'pair/s. is going DOWN for maintenance .DNS NX status'
check "refused" both_said 'alone/away is going DOWN for maintenance .DNS refused status'
check "another error" both_count 2 'twins/t. is going DOWN for maintenance .unspecified DNS error'
check "no answer" both_said 'services/x. is going DOWN for maintenance .DNS timeout status'
check "nobody serves" is 503 "$(curl -s -o answer -w '%{http_code}' "http://127.0.0.1:$p1/")"

# ---- and back ----
names 'a.test AAAA ::1' 'k.test A 127.0.0.12' 'b.test A torn' 'b.test AAAA other' 'd.test A' 'u.test A 127.0.0.7' \
    '_http._tcp.test SRV 65535:8002:u.test'
check "the other family" both_said 'pair/s. changed its IP from .none. to ::1'
check "a service is gone" both_said 'services/x. is going DOWN .*.entry removed from SRV record'
check "and is somewhere else" both_count 2 'weights/y1 .*READY thanks'
names 'a.test A 127.0.0.1 127.0.0.3' 'k.test A 127.0.0.12' 'b.test A 127.2.0.1' 'd.test A 127.0.0.4' 'c.test A 127.0.0.6' \
    '_http._tcp.test SRV 65535:8002:u.test' 'u.test A 127.0.0.7'
alike "show servers state: the same" state
check "a record that is gone still holds" grep -q '^kept k 127.0.0.11 ' theirs.is
check "requests get there again" between 1 3 "$(get | sed 's/127.0.0.//')"
alike "both say the same" said_by

# ---- names of requests ----
moved=127.0.0.3
names 'a.test A 127.0.0.1 127.0.0.3' 'f.test AAAA ::1' 'f.test A 127.0.0.3' 'g.test A cname=h.test 127.0.0.1' \
    'i.test AAAA ::1' 'm.test A mute' 'm.test AAAA mute' 'r.test A refused' 'r.test AAAA refused'
# meanings SIDE: what the proxy makes of requests with these fields, all at once.
meanings() {
    [ "$1" = ours ] && to=$p7 || to=$p6
    set -- -Z --max-time 8
    n=0
    for field in x-name:g.test x-name:F.Test. x-name:i.test x-other:f.test x-other:g.test x-name:none.test \
        x-name:r.test x-name:m.test x-name: x-name:a..b x-name:127.0.0.1 x-other:m.test; do
        n=$((n + 1))
        set -- "$@" -s -H "$field" -o "meaning.$n" "http://127.0.0.1:$to/say" --next
    done
    curl "$@" -s -H x-name:f.test -H x-other:f.test -o meaning.0 "http://127.0.0.1:$to/say" 2>progress
    for i in 0 1 2 3 4 5 6 7 8 9 10 11 12; do echo "$i $(cat meaning.$i)"; done
    rm meaning.*
}
alike "names of requests mean the same" meanings
for host in f.test a.test; do
    check "a request goes to $host" between 1 3 \
        "$(curl -s --max-time 5 -H "x-name: $host" "http://127.0.0.1:$p7/" | sed 's/127.0.0.//')"
done
check "a rule of a backend" is 127.0.0.3 \
    "$(curl -s --max-time 5 -H 'x-late: f.test' "http://127.0.0.1:$p7/")"
check "no such name" is 404 \
    "$(curl -s --max-time 5 -o answer -w '%{http_code}' -H 'x-name: none.test' "http://127.0.0.1:$p7/")"
curl -s --max-time 0.1 -H 'x-name: m.test' "http://127.0.0.1:$p7/"
check "an answer is used again" is 1 "$(grep -c '^1 f.test$' ours.asked)"
for to in "$p8" "$p9"; do
    check "a session" is 127.0.0.3 "$(curl -s --max-time 5 "http://127.0.0.1:$to/f.test/")"
done

# ---- checks that cannot connect ----
check "a server that checks do not reach is looked for" \
    both_said 'moved/m changed its IP from 127.0.0.2 to 127.0.0.3 by slow/one'

# ---- other names of servers ----
# rename SIDE: what is answered to these commands.
rename() {
    for command in 'alone/away ' 'alone/away b.test' 'alone/away a/b' 'alone/away a..b' 'alone/away .' 'alone/away g.test' \
        'alone/away i.test' 'renamed/plain i.test' 'renamed/ip f.test' 'services/x1 f.test'; do
        ask "$1" "set server ${command%% *} fqdn ${command#* }"
    done
}
places() {
    ask "$1" 'show servers state' | awk '$2 == "alone" || $2 == "renamed" { print $2, $4, $5, $6, $18, $19 }'
}
for side in theirs ours; do
    ask $side 'set server renamed/ip addr 127.0.0.8 port 8123'
    ask $side 'set server renamed/ip addr 127.0.0.8'
done >ports.are
rename theirs >theirs.is
rename ours >ours.is
check "servers get other names" diff theirs.is ours.is
alike "... and go there" places
check "... from now on" both_said 'renamed/ip changed its IP from 127.0.0.8 to 127.0.0.3 by'
names 'i.test AAAA ::1'
check "a name is lost" both_said 'renamed/ip is going DOWN for maintenance .DNS NX status'
alike "the port stays what it was set to" places
names 'i.test AAAA ::1' 'f.test A 127.0.0.4'
check "a name is found" both_said 'renamed/ip changed its IP from .none. to 127.0.0.4 by'
alike "the port is still the same" places
check "... and is that" grep -q 'renamed ip 127.0.0.4 2 f.test 8123' ours.is
