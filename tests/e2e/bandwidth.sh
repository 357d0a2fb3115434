# filter bwlim-in, filter bwlim-out, set-bandwidth-limit: how long bytes take at least, that all of
# them come, and that nobody is blamed for the time.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 4
head -c 300000 /dev/urandom >data
head -c 3000 data >small
head -c 1500 data >tiny
mkdir bodies
cat >servers <<C
    server {
        listen 127.0.0.1:$p1;
        root $PWD;
        location /chunked/ { alias $PWD/; ssi on; ssi_types *; }
        location /up {
            client_body_in_file_only on;
            proxy_pass http://127.0.0.1:$p1/done;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }
        location /done { return 200 "done\n"; }
    }
C
web "$p1"
cat >proxy.cfg <<C
global
    nbthread 1
    log stdout format raw local0
defaults
    log global
    timeout client 200ms
    timeout server 200ms
    timeout connect 1s
frontend www
    mode http
    option httplog
    bind 127.0.0.1:$p2
    filter bwlim-in in default-limit 100k default-period 100ms
    filter bwlim-out out default-limit 100k default-period 100ms min-size 5k
    filter bwlim-out huge default-limit 1g default-period 1s
    http-request set-bandwidth-limit in if { method PUT }
    http-request set-bandwidth-limit out if { path_beg /chunked/ }
    http-request set-bandwidth-limit huge
    http-response set-bandwidth-limit out if { capture.req.uri -m beg /data }
    http-response set-bandwidth-limit out limit var(txn.limit) period 100ms if { var(txn.limit) -m found }
    http-request set-var(txn.limit) req.hdr(x-limit)
    default_backend web
backend web
    mode http
    filter bwlim-out twice default-limit 50k default-period 100ms
    http-response set-bandwidth-limit twice if { var(txn.limit) -m str twice }
    server web 127.0.0.1:$p1
listen raw
    mode tcp
    option tcplog
    bind 127.0.0.1:$p3
    filter bwlim-in in default-limit 100k default-period 100ms
    filter bwlim-out out default-limit 100k default-period 100ms
    tcp-request content set-bandwidth-limit in
    tcp-response inspect-delay 1s
    tcp-response content set-bandwidth-limit out if { res.len gt 0 }
    server web 127.0.0.1:$p1
listen slow
    mode tcp
    bind 127.0.0.1:$p4
    filter bwlim-out out default-limit 500 default-period 500ms
    tcp-request content set-bandwidth-limit out
    server web 127.0.0.1:$p1
C
proxy proxy "$p2"
get() {
    curl -s --max-time 30 "$@" -o got
}
put() {
    curl -s --max-time 30 -T data "$@" -o got
}
uploaded() {
    is done "$(cat got)" && cmp data "$(ls -t bodies/* | head -n 1)"
}
url=http://127.0.0.1:$p2
check "no limit" between 0 5000 "$(took get "$url/small")"
check "down, with a length" between 190 20000 "$(took get "$url/data")"
check "... all of it" cmp data got
check "down, in chunks" between 190 20000 "$(took get "$url/chunked/data")"
check "... all of it" cmp data got
check "up" between 190 20000 "$(took put "$url/up")"
check "... all of it" uploaded
check "up, in chunks" between 190 20000 "$(took put "$url/up" -H 'Transfer-Encoding: chunked')"
check "... all of it" uploaded
check "as the rule says" between 190 20000 "$(took get "$url/small" -H 'x-limit: 1000')"
check "... all of it" cmp small got
check "the default where there is no number" between 0 5000 "$(took get "$url/small" -H 'x-limit: x')"
check "the slower of two" between 480 20000 "$(took get "$url/data" -H 'x-limit: twice')"
check "... all of it" cmp data got
check "two on one connection" between 390 20000 \
    "$(took curl -s --max-time 30 "$url/data" -o got1 "$url/data" -o got2)"
check "... all of the first" cmp data got1
check "... and of the second" cmp data got2
check "TCP, down" between 190 20000 "$(took get "http://127.0.0.1:$p3/data")"
check "... all of it" cmp data got
check "TCP, up" between 190 20000 "$(took put "http://127.0.0.1:$p3/up")"
check "... all of it" uploaded
check "pauses longer than timeouts" between 950 30000 "$(took get "http://127.0.0.1:$p4/tiny")"
check "... all of it" cmp tiny got
check "a client that leaves while it waits" is 28 "$(curl -s --max-time 0.15 "$url/data" -o none; echo $?)"
check "... and who comes then" between 0 5000 "$(took get "$url/small")"
check "... is logged" said ' CD-- ' proxy.log
check "nobody else is blamed" is 0 "$(grep -Ec ' [sSc][A-Z](--)? ' proxy.log)"
