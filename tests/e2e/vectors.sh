# What PROXY headers of version 2 say beside the addresses: sent, received, passed on.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 8
cat >reference.cfg <<C
defaults
    mode http
    timeout client 5s
frontend told
    bind 127.0.0.1:$p1 accept-proxy
    http-request return status 200 content-type text/plain lf-string "%[src] a=%[fc_pp_authority] u=%[fc_pp_unique_id]"
C
background haproxy -db -f reference.cfg
"$port" wait "127.0.0.1:$p1" 10 || exit 1
cat >proxy.cfg <<C
global
    nbthread 1
defaults
    mode http
    http-reuse always
    timeout client 2s
    timeout server 5s
    timeout connect 1s
frontend receiver
    bind 127.0.0.1:$p2 accept-proxy
    http-request set-var(txn.each) int(1) if { fc_pp_tlv(225) -m str second }
    http-request return status 200 content-type text/plain lf-string "%[src] 1=%[fc_pp_tlv(0xE1)] 2=%[fc_pp_tlv(0xe2),hex] 3=%[fc_pp_tlv(227)] a=%[fc_pp_tlv(PP2_TYPE_AUTHORITY)] each=%[var(txn.each)]"
frontend sender
    bind 127.0.0.1:$p3
    bind 127.0.0.1:$p4 accept-proxy
    use_backend haproxy if { path /haproxy }
    use_backend twice if { path /twice }
    use_backend much if { path /much }
    default_backend ours
backend ours
    default-server set-proxy-v2-tlv-fmt(0xE1) "%[path] of %[src]"
    server s 127.0.0.1:$p2 send-proxy-v2 set-proxy-v2-tlv-fmt(0xe2) "%[bin(00ff0d0a)]" set-proxy-v2-tlv-fmt(227) %[fc_pp_tlv(0xE3)]
backend twice
    server s 127.0.0.1:$p2 send-proxy-v2 proxy-v2-options crc32c set-proxy-v2-tlv-fmt(0xE1) first set-proxy-v2-tlv-fmt(0xE1) second
backend haproxy
    server s 127.0.0.1:$p1 send-proxy-v2 proxy-v2-options crc32c,unique-id set-proxy-v2-tlv-fmt(PP2_TYPE_AUTHORITY) %[req.hdr(host)] set-proxy-v2-tlv-fmt(0xEE) unknown
backend much
    retries 0
    server s 127.0.0.1:$p2 send-proxy-v2 set-proxy-v2-tlv-fmt(0xE1) %[req.hdr(x-much)]
listen plain
    mode tcp
    bind 127.0.0.1:$p5
    server s 127.0.0.1:$p2 send-proxy-v2 set-proxy-v2-tlv-fmt(0xE3) %[dst_port]
C
proxy proxy "$p3"
get() {
    where=$1
    shift
    curl -s --max-time 5 "$@" "http://127.0.0.1:$where"
}
check "formats and bytes" is "127.0.0.1 1=/a of 127.0.0.1 2=00FF0D0A 3= a= each=" "$(get "$p3/a")"
check "each request has its own" is "1=/b 1=/c " \
    "$(get "$p3/b" "http://127.0.0.1:$p3/c" -w '\n' | grep -o '1=/[a-z]*' | sort | tr '\n' ' ')"
check "mode tcp" is "127.0.0.1 1= 2= 3=$p5 a= each=" "$(get "$p5/a")"
check "the first of two is the value, each is tried" is "127.0.0.1 1=first 2= 3= a= each=1" \
    "$(get "$p3/twice")"
check "HAProxy passes over what it does not know" is "127.0.0.1 a=h.example u=" \
    "$(get "$p3/haproxy" -H 'Host: h.example')"
check "what is too long is not sent" is 503 "$(get "$p3/much" -o /dev/null -w '%{http_code}' \
    -H "X-Much: $(head -c 3000 /dev/zero | tr '\0' x)")"
passed=$(printf '\r\n\r\n\000\r\nQUIT\n\041\021\000\024\012\001\002\003\012\004\005\006\000\001\000\002\343\000\005token%s' \
    'GET /p HTTP/1.0

' | socat -t 3 - "TCP:127.0.0.1:$p4" | tail -n 1)
check "what a client said is passed on" is \
    "10.1.2.3 1=/p of 10.1.2.3 2=00FF0D0A 3=token a= each=" "$passed"
check "nobody else says it" is "127.0.0.1 1=/p of 127.0.0.1 2=00FF0D0A 3= a= each=" "$(get "$p3/p")"
