# Clients that stop reading: what was on its way to them is never mixed up with what others get, and
# those that go on in time get everything.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 5
head -c 8000000 /dev/zero >zeros
tr '\0' x <zeros >xes
head -c 2000000 xes >some
head -c 12000 xes >page
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
    timeout server 2s
    timeout connect 300ms
frontend short
    bind 127.0.0.1:$p2
    default_backend web
listen raw
    mode tcp
    option tcplog
    bind 127.0.0.1:$p3
    server web 127.0.0.1:$p1
frontend long
    bind 127.0.0.1:$p4
    timeout client 2s
    http-request return content-type text/plain lf-file $PWD/page hdr X-Page %[path] if { path_beg /page/ }
    use_backend hints if { path /hints }
    default_backend web
backend web
    server web 127.0.0.1:$p1
backend hints
    server hints 127.0.0.1:$p5
C
proxy proxy "$p2"

# late SECONDS PORT: sends its input, and reads only after a while. Prints what it gets.
late() {
    socat -t 5 - "TCP:127.0.0.1:$2,rcvbuf=4096" | {
        sleep "$1"
        cat
    }
}

# Both have been cut off when they read on; meanwhile others have used the same memory.
cut_off() {
    readers=
    for i in 1 2 3 4 5 6; do
        printf 'GET /zeros HTTP/1.1\r\nHost: h\r\n\r\n' | late 0.7 "$1" >"got.$i" &
        readers="$readers $!"
    done
    sleep 0.4
    for i in 1 2 3; do
        curl -s --max-time 5 --limit-rate 20M "http://127.0.0.1:$1/xes" >/dev/null &
        readers="$readers $!"
    done
    # shellcheck disable=SC2086 # a list
    wait $readers
    for i in 1 2 3 4 5 6; do
        between 600 7999999 "$(wc -c <"got.$i")" || return 1
        is 0 "$(tail -c +600 "got.$i" | tr -d '\0' | wc -c)" || return 1
    done
}
check "cut off" cut_off "$p2"
check "... logged" said 'short web/web [-0-9/]+ 200 [0-9]+ - - cD-- .*/zeros' proxy.log
check "cut off in TCP mode" cut_off "$p3"
check "... logged" said 'raw raw/web [-0-9/]+ [0-9]+ cD ' proxy.log

# Three times what the kernel takes, with answers of our own; the last one ends the connection.
pages() {
    i=1
    while [ $i -lt 700 ]; do
        printf 'GET /page/%d HTTP/1.1\r\nHost: h\r\n\r\n' $i
        i=$((i + 1))
    done
    printf 'GET /page/700 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
}
pages | late 0.5 "$p4" >got
check "many answers, late: all" is 700 "$(grep -ac '^x-page: /page/' got)"
check "many answers, late: whole" is $((700 * 12000)) "$(grep -av '^[a-wyzH]\|^x-page' got | tr -dc x | wc -c)"

# More interim responses than fit, behind a response that just does.
cat >hints.sh <<'C'
while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
i=0
while [ $i -lt 90 ]; do
    printf 'HTTP/1.1 103 Early Hints\r\nX: '
    cat page
    printf '\r\n\r\n'
    i=$((i + 1))
done
printf 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
sleep 1
C
background socat "TCP-LISTEN:$p5,bind=127.0.0.1,reuseaddr" EXEC:'sh hints.sh'
listening "$p5"
sleep 0.2
requests() {
    printf 'GET /some HTTP/1.1\r\nHost: h\r\n\r\nGET /hints HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
}
check "many interim responses, late" is "90 hello" \
    "$(requests | late 0.5 "$p4" >got; grep -ac 'HTTP/1.1 103 ' got | tr '\n' ' '; tail -c 5 got)"
