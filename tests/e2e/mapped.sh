# Server ports that follow the client's, and connections that wait before they may be used.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 6
cat >servers <<C
    server { listen 127.0.0.1:$p1; location / { return 200 "one"; } }
    server { listen 127.0.0.1:$p2; location / { return 200 "two"; } }
C
web "$p1"
cat >proxy.cfg <<C
defaults
    mode http
    log stdout format raw local0
    option httplog
    timeout client 1s
    timeout server 1s
    timeout connect 1s
    http-reuse always
frontend mapped
    bind 127.0.0.1:$p3
    bind 127.0.0.1:$p4 accept-proxy
    http-request set-dst-port req.hdr_ip(x-port),and(0) if FALSE
    http-request set-dst-port req.hdr(x-port)
    http-response wait-for-body time 300ms if { path /wait }
    default_backend mapped
    use_backend early if { path /wait }
backend mapped
    server s 127.0.0.1
backend early
    server s 127.0.0.1:$p5
C
sed -i '/and(0)/d' proxy.cfg
proxy proxy "$p3"

# One client connection: the port is another one for each request.
ports_differ() {
    is 'one two one two ' "$(for port in $p1 $p2 $p1 $p2; do
        printf 'url = http://127.0.0.1:%s/\nheader = "X-Port: %s"\nwrite-out = " "\nnext\n' "$p3" "$port"
    done | curl -s -K -)"
}
check "each request reaches the port that its rule names" ports_differ

# A PROXY header is taken as soon as it is there. Twenty of them, in one go.
quick() {
    from=$(date +%s%N)
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        is one "$(curl -s --haproxy-protocol -H "X-Port: $p1" "http://127.0.0.1:$p4/")" || return 1
    done
    took=$((($(date +%s%N) - from) / 20000000))
    # The same without the header: what curl itself takes.
    from=$(date +%s%N)
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        is one "$(curl -s -H "X-Port: $p1" "http://127.0.0.1:$p3/")" || return 1
    done
    plain=$((($(date +%s%N) - from) / 20000000))
    between 0 $((plain + 12)) "$took"
}
check "a PROXY header does not wait for anything" quick

# The server answers without a length and closes, while the client's upload and a rule wait.
printf 'HTTP/1.1 200 OK\r\n\r\nhello' >answer
background socat "TCP-LISTEN:$p5,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'cat answer; sleep 0.1'
listening "$p5"
printf 'POST /wait HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart' >begun
background sh -c "{ cat begun; sleep 5; } | socat - TCP:127.0.0.1:$p3 >out"
check "an upload that never ends has a time limit" said '"POST /wait HTTP/1.1"' proxy.log
check "what the server said has come before" said hello out
