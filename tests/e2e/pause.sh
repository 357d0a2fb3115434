# http-request pause and http-response pause: what is asked or answered meanwhile is not lost.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 2
echo hello >hello
head -c 4000000 /dev/zero >zeros
cat >servers <<C
    server { listen 127.0.0.1:$p1; root $PWD; }
C
web "$p1"
cat >proxy.cfg <<C
global
    nbthread 1
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    timeout client 300ms
    timeout server 300ms
    timeout connect 300ms
frontend www
    bind 127.0.0.1:$p2
    http-request add-header x-once 1
    http-request pause req.hdr(x-request) if { req.hdr(x-request) -m found }
    http-request set-var(txn.pause) req.hdr(x-response)
    http-response pause var(txn.pause)
    http-response add-header x-saw %[var(txn.once)]
    default_backend web
backend web
    http-request pause 200ms if { req.hdr(x-both) -m found }
    http-request set-var(txn.once) req.hdr_cnt(x-once)
    http-response pause 200ms if { var(txn.pause) -m found }
    server web 127.0.0.1:$p1
C
proxy proxy "$p2"
url=http://127.0.0.1:$p2
get() {
    curl -s --max-time 5 "$@"
}
check "no pause" between 0 200 "$(took get "$url/hello" -o none)"
check "a request" between 600 1100 "$(took get "$url/hello" -o request -D head -H 'x-request: 600')"
check "... answered" is hello "$(cat request)"
check "... rules before it ran once" said '^x-saw: 1' head
check "both rule sets" between 500 1000 \
    "$(took get "$url/hello" -o both -H 'x-request: 300' -H 'x-both: 1')"
check "... answered" is hello "$(cat both)"
check "... logged as time for the request" said '[3-9][0-9][0-9]/0/[0-9]+/[0-9]+/[0-9]+ 200 .*/hello' proxy.log
check "a response" between 800 1300 "$(took get "$url/zeros" -o zeros.got -H 'x-response: 600')"
check "... of many bytes" cmp zeros zeros.got
check "what is no time" between 0 200 "$(took get "$url/hello" -o none -H 'x-request: long')"
check "a request behind it" is "hello hello " "$(printf 'GET /hello HTTP/1.1\r\nHost: h\r\nX-Request: 300\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' |
    socat -t 2 - "TCP:127.0.0.1:$p2" | grep '^hello$' | tr '\n' ' ')"
