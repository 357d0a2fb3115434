# Connections to servers are used again: counted where they arrive.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 10
echo hello >hello
cat >servers <<C
    server { listen 127.0.0.1:$p1; listen 127.0.0.1:$p2; listen 127.0.0.1:$p3; listen 127.0.0.1:$p7; listen 127.0.0.1:$p8;
             root $PWD; }
    server { listen 127.0.0.1:$p4; root $PWD; keepalive_timeout 300ms; }
C
web "$p1"
cat >proxy.cfg <<C
global
    nbthread 1
defaults
    mode http
    timeout client 2s
    timeout server 2s
    timeout connect 1s
frontend www
    bind 127.0.0.1:$p5
    use_backend always if { path_beg /a/ }
    use_backend never if { path_beg /n/ }
    use_backend closing if { path_beg /c/ }
    default_backend always
backend always
    http-request set-path /hello
    http-reuse always
    server web 127.0.0.1:$p1
backend never
    http-request set-path /hello
    http-reuse never
    server web 127.0.0.1:$p2
backend closing
    http-request set-path /hello
    http-reuse always
    server web 127.0.0.1:$p4
listen safe
    bind 127.0.0.1:$p6
    server web 127.0.0.1:$p3
listen purged
    bind 127.0.0.1:$p9
    use-server kept if { query kept }
    server web 127.0.0.1:$p7 pool-purge-delay 500ms
    server kept 127.0.0.1:$p8 weight 0 pool-purge-delay 1h
listen none
    bind 127.0.0.1:$p10
    server web 127.0.0.1:$p7 pool-purge-delay 0
C
proxy proxy "$p5"
url=http://127.0.0.1:$p5

# so_many N URL: N requests by N clients, one after the other.
so_many() {
    i=0
    while [ $i -lt "$1" ]; do
        is hello "$(curl -s --max-time 5 "$2")" || return 1
        i=$((i + 1))
    done
}
check "always: 20 clients" so_many 20 "$url/a/"
check "always: one connection" is 1 "$(connections "$p1")"
check "never: 5 clients" so_many 5 "$url/n/"
check "never: five connections" is 5 "$(connections "$p2")"
check "never: one client" is "hellohellohello" "$(curl -s "$url/n/" "$url/n/" "$url/n/" | tr -d '\n')"
check "never: one more" is 6 "$(connections "$p2")"

# safe: the first request of a client only goes where it may be sent again.
check "safe: clients with one request" so_many 3 "http://127.0.0.1:$p6/hello"
check "safe: clients with several" is "hellohellohello" \
    "$(curl -s "http://127.0.0.1:$p6/hello" "http://127.0.0.1:$p6/hello" "http://127.0.0.1:$p6/hello" | tr -d '\n')"
check "safe: a few connections ($(connections "$p3"))" between 1 5 "$(connections "$p3")"

# The server closes what is idle, while requests go on.
i=0
while [ $i -lt 8 ]; do
    curl -s --max-time 5 "$url/c/" >>closed
    sleep 0.28
    i=$((i + 1))
done
check "a server that closes idle connections" is 8 "$(wc -l <closed)"

# Parallel clients each need one, and later ones share those.
wait_all() {
    for i in 1 2 3 4 5 6 7 8; do
        curl -s --max-time 5 "$url/a/" "$url/a/" "$url/a/" "$url/a/" "$url/a/" >"par.$i" &
        clients="$clients $!"
    done
    wait $clients
    is 40 "$(cat par.* | grep -c hello)"
}
check "always: parallel clients" wait_all
check "always: at most one connection for each" between 1 9 "$(connections "$p1")"

# Idle connections close, half of them at a time.
idle() {
    ss -Htn state established "dst 127.0.0.1:$1" | wc -l
}
purged() {
    steps=0 before=$(idle "$p7")
    tries=200
    while [ "$tries" -gt 0 ] && now=$(idle "$p7") && [ "$now" -gt 0 ]; do
        [ "$now" = "$before" ] || steps=$((steps + 1))
        before=$now
        tries=$((tries - 1))
        sleep 0.05
    done
    [ "$now" = 0 ] && [ "$steps" -gt 0 ]
}
# Long before any would be purged; the answer may arrive before the connection is closed.
soon_none() {
    tries=40
    while [ "$(idle "$p7")" != 0 ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}
check "idle connections that are not kept at all" so_many 2 "http://127.0.0.1:$p10/hello"
check "... there are none" soon_none
check "idle connections that are kept for long" so_many 1 "http://127.0.0.1:$p9/hello?kept"
check "idle connections that are kept for a while" so_many 4 "http://127.0.0.1:$p9/hello"
check "... go by and by" purged
check "... the others do not" is 1 "$(idle "$p8")"
