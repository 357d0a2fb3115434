# Options that are about connections as such: keep-alive probes, statistics of long transfers.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 3
cat >proxy.cfg <<C
global
    nbthread 1
    stats socket $PWD/control.sock mode 600
defaults
    mode tcp
    timeout client 20s
    timeout server 20s
    timeout connect 1s
frontend counted
    bind 127.0.0.1:$p2
    option contstats
    option tcpka
    clitcpka-idle 100s
    default_backend echo
frontend uncounted
    bind 127.0.0.1:$p3
    default_backend echo
backend echo
    option srvtcpka
    option tcp-smart-connect
    srvtcpka-idle 5m
    srvtcpka-cnt 3
    srvtcpka-intvl 1m
    server s 127.0.0.1:$p1
C
background socat TCP-LISTEN:"$p1",bind=127.0.0.1,fork,reuseaddr PIPE
listening "$p1"
proxy proxy "$p2"

# timers SIDE PORT: seconds until the kernel probes connections with that port on our side
# (tcp(7), /proc/net/tcp: timer 02).
timers() {
    awk -v side="$1" -v port="$(printf %04X "$2")" '
        function number(hex,  i, n) {
            for (i = 1; i <= length(hex); i++)
                n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
            return n
        }
        $4 == "01" && substr($6, 1, 2) == "02" && substr($(side == "local" ? 2 : 3), 10) == port {
            print int(number(substr($6, 4)) / 100 + 0.5)
        }' /proc/net/tcp
}

# bytes PROXY: received so far, by the statistics.
bytes() {
    echo "show stat" | socat -t 2 - UNIX-CONNECT:"$PWD/control.sock" |
        awk -F, -v name="$1" '$1 == name && $2 == "FRONTEND" { print $9 }'
}

# A client that sends ten bytes, ten more six seconds later, and then waits for the file "over".
client() {
    { printf 0123456789; sleep 6; printf 0123456789; until [ -e over ]; do sleep 0.1; done; } |
        socat -t 3 - TCP:127.0.0.1:"$1" >"answer.$1"
}
background client "$p2"
first=$pid
background client "$p3"
second=$pid
sleep 1
check "the client is probed" between 90 100 "$(timers local "$p2" | head -n 1)"
check "the server is probed" between 290 300 "$(timers remote "$p1" | sort -n | tail -n 1)"
check "nobody else is" is "" "$(timers local "$p3")"
check "nothing is counted at first" is "0 0" "$(bytes counted) $(bytes uncounted)"
tries=100
until [ "$(bytes counted)" = 20 ] || [ "$tries" = 0 ]; do
    tries=$((tries - 1))
    sleep 0.1
done
check "with contstats a transfer is counted before it is over" is "20 0" \
    "$(bytes counted) $(bytes uncounted)"
: >over
wait "$first" "$second"
sleep 0.5
check "nothing is counted twice" is "20 20" "$(bytes counted) $(bytes uncounted)"
check "everything has come back" is "01234567890123456789 01234567890123456789" \
    "$(cat "answer.$p2") $(cat "answer.$p3")"
