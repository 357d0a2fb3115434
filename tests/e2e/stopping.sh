# Soft stop under load, with clients that have sent more requests than were answered yet: what has
# been answered was whole, and the last answer said that it was the last.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 1
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
