# Trailers that go on, and that do not; connections that go on although a message had two lengths.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 4
cat >proxy.cfg <<C
global
    nbthread 1
    h1-do-not-close-on-insecure-transfer-encoding
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 1s
frontend keeps
    bind 127.0.0.1:$p1
    http-request return status 200 hdr X-Path %[path] if { path_beg /own }
    use_backend drops if { path /drops }
    default_backend plain
frontend drops
    bind 127.0.0.1:$p2
    option http-drop-response-trailers
    default_backend plain
backend plain
    server s 127.0.0.1:$p3
backend drops
    option http-drop-request-trailers
    server s 127.0.0.1:$p3
C
cat >strict.cfg <<C
global
    nbthread 1
defaults
    mode http
    timeout client 5s
frontend www
    bind 127.0.0.1:$p4
    http-request return status 200 hdr X-Path %[path]
C
proxy proxy "$p1"
proxy strict "$p4"

# The server keeps what it gets until the empty line behind the body, and answers with trailers.
cat >serve.sh <<'C'
empty=0
while IFS= read -r line; do
    printf '%s\n' "$line" >&2
    [ "$line" = "$(printf '\r')" ] && empty=$((empty + 1))
    [ "$empty" = 2 ] && break
done
printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n'
sleep 0.1
printf 'X-Trailer: answer\r\nX-Ot'
sleep 0.1
printf 'her: 1\r\n\r'
sleep 0.1
printf '\n'
C
# ask PORT PATH NAME
ask() {
    background socat "TCP-LISTEN:$p3,bind=127.0.0.1,reuseaddr" "SYSTEM:sh serve.sh 2>$3.request"
    listening "$p3"
    sleep 0.3
    { printf 'POST %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Trai' "$2" &&
        sleep 0.1 && printf 'ler: question\r\n\r' && sleep 0.1 && printf '\n' && sleep 1; } |
        socat -t 3 - "TCP:127.0.0.1:$1" >"$3.response"
}
ask "$p1" / kept
check "trailers of a request go on" said '^X-Trailer: question' kept.request
check "trailers of a response go on" said '^X-Trailer: answer' kept.response
ask "$p1" /drops request
check "trailers of a request are dropped" is 0 "$(grep -c '^X-Trailer' request.request)"
check "... and its body ends" is "$(printf '0\r\n\r')" "$(tail -n 2 request.request)"
check "... those of its response are not" said '^X-Other: 1' request.response
ask "$p2" / response
check "trailers of a response are dropped" is 0 "$(grep -c '^X-' response.response)"
check "... and its body ends" is "$(printf '0\r\n\r')" "$(tail -n 2 response.response)"
check "... those of its request are not" said '^X-Trailer: question' response.request

# twice PORT: the first request has two lengths.
twice() {
    { printf 'POST /own/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' &&
        printf 'GET /own/2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'; } |
        socat -t 2 - "TCP:127.0.0.1:$1" | grep -c '^x-path'
}
check "two lengths, and the connection goes on" is 2 "$(twice "$p1")"
check "two lengths, and it closes" is 1 "$(twice "$p4")"
