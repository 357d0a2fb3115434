# Soft stop under load, with clients that have sent more requests than were answered yet: what has
# been answered was whole, and the last answer said that it was the last. Hard stop with clients that
# are held up by rules, or do not end: nobody is waited for.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 5
cat >proxy.cfg <<C
global
    nbthread 4
defaults
    mode http
    timeout client 5s
frontend www
    bind 127.0.0.1:$p1
    http-request return content-type text/plain string "#" hdr X-Path %[path]
C
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "GET /%d HTTP/1.1\r\nHost: h\r\n\r\n", i }' >requests
list="1 2 3 4 5 6 7 8 9 10 11 12"

# What one client got: some answers, in order, and only the last one closes. Or all of them.
whole() {
    awk '/^x-path/ && $2 != "/" n++ "\r" { bad = 1 }
        /^connection: close/ { closed++; last = n }
        END { exit !(n == 20000 || (n && !bad && closed == 1 && last == n)) }' "$1" && return 0
    tail -n 8 "$1"
    return 1
}

stopped() {
    proxy proxy "$p1"
    proxy=$pid
    clients=
    for i in $list; do
        socat -t 5 - "TCP:127.0.0.1:$p1" <requests >"got.$i" 2>/dev/null &
        clients="$clients $!"
    done
    for i in $list; do
        said '^x-path' "got.$i" || return 1
    done
    kill -USR1 "$proxy"
    wait "$proxy" || { echo "exit status $?" && return 1; }
    # shellcheck disable=SC2086 # a list
    wait $clients
    for i in $list; do
        whole "got.$i" || return 1
    done
}
for try in 1 2 3; do
    check "clients with requests under way, $try" stopped
done

cat >hard.cfg <<C
global
    nbthread 1
    log stdout format raw local0
    hard-stop-after 300ms
defaults
    mode http
    log global
    option httplog
    timeout client 20s
    timeout server 20s
    timeout connect 1s
    timeout tarpit 1s
frontend www
    bind 127.0.0.1:$p2
    http-request tarpit if { path /held }
    default_backend silent
backend silent
    server s 127.0.0.1:$p3
C
background socat -u "TCP-LISTEN:$p3,bind=127.0.0.1,reuseaddr,fork" OPEN:/dev/null,wronly
listening "$p3"
proxy hard "$p2"
proxy=$pid
{ printf 'GET /held HTTP/1.1\r\nHost: h\r\n\r\n' && sleep 4; } | socat -t 5 - "TCP:127.0.0.1:$p2" >held &
clients=$!
{ printf 'POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc' && sleep 4; } |
    socat -t 5 - "TCP:127.0.0.1:$p2" >up &
clients="$clients $!"
sleep 0.2
kill -USR1 "$proxy"
began=$(ms)
wait "$proxy"
check "hard stop: exit status" is 0 $?
check "... soon" between 300 2500 $(($(ms) - began))
check "... who was held" said '^HTTP/1.1 500 ' held
check "... who was sending" said '^HTTP/1.1 502 ' up
check "... logged" said 'silent/s [-0-9/]+ 502 [0-9]+ - - KH-- .*/up' hard.log
# shellcheck disable=SC2086 # a list
wait $clients

# Idle clients: closed at once, or told with their next answer that it was the last.
cat >idle.cfg <<C
defaults
    mode http
    timeout client 20s
frontend patient
    bind 127.0.0.1:$p4
    option idle-close-on-response
    http-request return status 200 hdr X-Path %[path]
frontend hasty
    bind 127.0.0.1:$p5
    http-request return status 200 hdr X-Path %[path]
C
proxy idle "$p4"
proxy=$pid
twice() {
    { printf 'GET /first HTTP/1.1\r\nHost: h\r\n\r\n' && sleep 1 &&
        printf 'GET /second HTTP/1.1\r\nHost: h\r\n\r\n' && sleep 3; } |
        socat -t 5 - "TCP:127.0.0.1:$1" >"$2" 2>/dev/null &
}
twice "$p4" patient
clients=$!
twice "$p5" hasty
clients="$clients $!"
sleep 0.4
kill -USR1 "$proxy"
wait "$proxy"
check "soft stop with idle clients: exit status" is 0 $?
# shellcheck disable=SC2086 # a list
wait $clients
check "... who may ask again" said '^x-path: /second' patient
check "... and is told that it was the last time" is 1 "$(grep -c '^connection: close' patient)"
check "... who may not" is 0 "$(grep -c '^x-path: /second' hasty)"
check "... had an answer before" said '^x-path: /first' hasty
