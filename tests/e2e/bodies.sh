# Big bodies in both directions: nothing is lost or changed, and slow peers cost no memory.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 5
head -c 10485760 /dev/urandom >big
mkdir bodies
cat >servers <<C
    server {
        listen 127.0.0.1:$p1;
        root $PWD;
        location /chunked/ { alias $PWD/; ssi on; ssi_types *; }
        location /up {
            client_body_in_file_only on;
            client_body_buffer_size 16k;
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
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 1s
frontend www
    bind 127.0.0.1:$p2
    use_backend stalled if { path_beg /stalled }
    default_backend web
backend web
    server web 127.0.0.1:$p1
backend stalled
    server stalled 127.0.0.1:$p4
listen raw
    mode tcp
    bind 127.0.0.1:$p3
    server web 127.0.0.1:$p1
C
proxy proxy "$p2"
proxy=$pid
url=http://127.0.0.1:$p2
before=$(memory "$proxy")

down() {
    curl -s --max-time 20 "$@" | cmp - big
}
check "10 MB down, with a length" down "$url/big"
check "10 MB down, chunked" down "$url/chunked/big"
check "it was chunked" sh -c "curl -sI -X GET $url/chunked/big | grep -qi '^transfer-encoding: chunked'"
check "10 MB down, for HTTP/1.0" down -0 "$url/chunked/big"
check "10 MB down, until the connection ends" down -H 'Connection: close' "$url/chunked/big"
check "a part of it" sh -c "curl -s -r 1000000-9000000 $url/big | cmp -i 0:1000000 -n 8000001 - big"
check "10 MB down in TCP mode" down "http://127.0.0.1:$p3/big"
check "slow client" down --limit-rate 8M "$url/big"

# The last body that nginx has got.
up() {
    is done "$(curl -s --max-time 20 "$@")" || return 1
    cmp "$(ls -t bodies/* | head -n 1)" big
}
check "10 MB up, with a length" up -T big "$url/up"
check "10 MB up, chunked" up -T big -H 'Transfer-Encoding: chunked' "$url/up"
check "10 MB up, without waiting for 100" up -T big -H 'Expect:' "$url/up"
check "10 MB up in TCP mode" up -T big "http://127.0.0.1:$p3/up"

# Both at a time, on many connections.
many() {
    for i in 1 2 3 4 5 6; do
        curl -s --max-time 20 "$url/big" -o "many.$i" &
        fetching="$fetching $!"
    done
    for i in 1 2 3 4; do
        curl -s --max-time 20 -T big "$url/up" -o /dev/null &
        fetching="$fetching $!"
    done
    wait $fetching
    for i in 1 2 3 4 5 6; do cmp "many.$i" big || return 1; done
    for body in $(ls -t bodies/* | head -n 4); do cmp "$body" big || return 1; done
}
check "many at a time" many

# Peers that take nothing: what is on its way is bounded by buffers, not by bodies.
background socat "TCP-LISTEN:$p4,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'sleep 2; cat >/dev/null'
listening "$p4"
stalled=
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    (printf 'GET /big HTTP/1.1\r\nHost: h\r\n\r\n'; sleep 1.5) |
        socat -u - "TCP:127.0.0.1:$p2,rcvbuf=4096" &
    stalled="$stalled $!"
done
"$port" wait "127.0.0.1:$p4" 5
for i in 1 2 3 4 5 6 7 8 9 10; do
    curl -s --max-time 1 -T big -H 'Expect:' "$url/stalled" &
    stalled="$stalled $!"
done
wait $stalled
grown=$(($(memory "$proxy") - before))
# Thirty stalled transfers of 10 MB; sanitizers keep what was freed for a while.
check "memory with stalled peers ($grown kB more)" between 0 60000 "$grown"
check "still there" down "$url/big"
