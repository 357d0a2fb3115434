# The PROXY protocol with its usual peers: curl and haproxy announce, nginx and haproxy are told.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 12

# nginx says whom it takes for the client: at p1 with a header, at p2 without.
cat >servers <<C
    server {
        listen 127.0.0.1:$p1 proxy_protocol;
        listen 127.0.0.1:$p2;
        set_real_ip_from 127.0.0.1;
        real_ip_header proxy_protocol;
        location / { return 200 "\$remote_addr \$proxy_protocol_addr \$proxy_protocol_port\n"; }
    }
C
web "$p2"

# The reference, as a sender (p3: version 1, p4: version 2) and as a receiver (p5).
cat >reference.cfg <<C
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 1s
listen v1
    bind 127.0.0.1:$p3
    http-request set-src req.hdr(x-from) if { req.hdr(x-from) -m found }
    server px 127.0.0.1:$p6 send-proxy
listen v2
    bind 127.0.0.1:$p4
    http-request set-src req.hdr(x-from) if { req.hdr(x-from) -m found }
    server px 127.0.0.1:$p6 send-proxy-v2 proxy-v2-options crc32c
frontend told
    bind 127.0.0.1:$p5 accept-proxy
    http-request return status 200 content-type text/plain lf-string "%[src] %[fc_rcvd_proxy]\n"
C
background haproxy -db -f reference.cfg
"$port" wait "127.0.0.1:$p5" 10 || exit 1

cat >proxy.cfg <<C
global
    nbthread 2
defaults
    mode http
    timeout client 2s
    timeout server 5s
    timeout connect 1s
frontend www
    bind 127.0.0.1:$p6 accept-proxy
    option forwardfor
    http-request return status 200 content-type text/plain lf-string "%[src] %[fc_rcvd_proxy]\n"
frontend layers
    bind 127.0.0.1:$p7
    tcp-request connection expect-proxy layer4 if { src 127.0.0.1 }
    use_backend nginx_v2 if { path /v2 }
    use_backend haproxy_v1 if { path /haproxy-v1 }
    use_backend haproxy_v2 if { path /haproxy-v2 }
    default_backend nginx_v1
backend nginx_v1
    server n 127.0.0.1:$p1 send-proxy
backend nginx_v2
    server n 127.0.0.1:$p1 send-proxy-v2 proxy-v2-options crc32c
backend haproxy_v1
    server h 127.0.0.1:$p5 send-proxy
backend haproxy_v2
    server h 127.0.0.1:$p5 send-proxy-v2 proxy-v2-options crc32c,unique-id,authority
listen tcp
    mode tcp
    bind 127.0.0.1:$p8 accept-proxy
    server n 127.0.0.1:$p1 send-proxy-v2
listen source
    mode tcp
    balance source
    bind 127.0.0.1:$p9 accept-proxy
    server a 127.0.0.1:$p10
    server b 127.0.0.1:$p11
frontend a
    bind 127.0.0.1:$p10
    http-request return status 200 content-type text/plain string "a"
frontend b
    bind 127.0.0.1:$p11
    http-request return status 200 content-type text/plain string "b"
frontend plain
    bind 127.0.0.1:$p12
    option forwardfor
    http-request return status 200 content-type text/plain lf-string "%[src] %[fc_rcvd_proxy]\n"
C
proxy proxy "$p6"
url=http://127.0.0.1

# get PATH [CURL OPTION...]
get() {
    where=$1
    shift
    curl -s --max-time 5 "$@" "$url:$where"
}
# announced PORT SOURCE: a request behind a header of version 1.
announced() {
    printf 'PROXY TCP4 %s 192.0.2.1 4321 80\r\nGET /%s HTTP/1.0\r\n\r\n' "$2" "$3" |
        socat -t 5 - "TCP:127.0.0.1:$1" | tail -n 1
}

check "curl announces" is "127.0.0.1 1" "$(get "$p6/" --haproxy-protocol)"
check "curl does not" is "" "$(get "$p6/")"
check "haproxy announces by version 1" is "198.51.100.7 1" "$(get "$p3/" -H 'x-from: 198.51.100.7')"
check "haproxy announces by version 2" is "198.51.100.7 1" "$(get "$p4/" -H 'x-from: 198.51.100.7')"
check "haproxy announces IPv6 by version 2" is "2001:db8::7 1" \
    "$(get "$p4/" -H 'x-from: 2001:db8::7')"
check "where no header is expected" is "127.0.0.1 0" "$(get "$p12/")"

check "nginx is told by version 1" is "198.51.100.9 198.51.100.9 4321" \
    "$(announced "$p7" 198.51.100.9 v1)"
check "nginx is told by version 2" is "198.51.100.9 198.51.100.9 4321" \
    "$(announced "$p7" 198.51.100.9 v2)"
check "nginx is told in a TCP session" is "198.51.100.9 198.51.100.9 4321" \
    "$(announced "$p8" 198.51.100.9 tcp)"
check "haproxy is told by version 1" is "198.51.100.9 1" \
    "$(announced "$p7" 198.51.100.9 haproxy-v1)"
check "haproxy is told by version 2" is "198.51.100.9 1" \
    "$(announced "$p7" 198.51.100.9 haproxy-v2)"

# Many requests of a client take one connection to nginx; another client gets another.
before=$(connections "$p1")
get "$p7/[1-9]" --haproxy-protocol >nine
check "one client, nine requests" is 9 "$(grep -c '^127.0.0.1 127.0.0.1 ' nine)"
check "one client, one connection" is $((before + 1)) "$(connections "$p1")"
get "$p7/x" --haproxy-protocol >/dev/null
check "another client, another connection" is $((before + 2)) "$(connections "$p1")"

# The announced address chooses the server: always the same one, and not the same for all.
sources() {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do announced "$p9" "198.51.100.$i"; done | tr -d '\n\r'
}
first=$(sources)
check "balance source is stable" is "$first" "$(sources)"
check "balance source sees the announced address" is "ab" \
    "$(echo "$first" | fold -w 1 | sort -u | tr -d '\n')"

# Those who owe a header hold no memory for it, and do not stop others.
slow() {
    i=0
    while [ $i -lt 40 ]; do
        { printf 'PROXY TCP4 1.2.3.4'; sleep 1; } | socat - "TCP:127.0.0.1:$p6" >/dev/null 2>&1 &
        slow_pids="$slow_pids $!"
        i=$((i + 1))
    done
}
slow_pids=
slow
check "others do not wait" is "127.0.0.1 1" "$(get "$p6/" --haproxy-protocol)"
for p in $slow_pids; do wait "$p"; done
