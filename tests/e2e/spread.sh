# Checks of many servers are spread over their interval, within max-spread-checks; with spread-checks
# their intervals vary. Both are seen where the checks arrive.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 4
# checks NAME PORT PORT GLOBAL: twenty servers with short intervals, forty with long ones.
checks() {
    cat <<C >"$1.cfg"
global
    nbthread 1
    log stdout format raw local0
    $4
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend short
    bind 127.0.0.1:$2
    log global
    log-format "short %[src] %[accept_date(ms)]"
    http-request return status 200
frontend long
    bind 127.0.0.1:$3
    log global
    log-format "long %[src] %[accept_date(ms)]"
    http-request return status 200
backend often
    option httpchk
$(for i in $(seq 20); do echo "    server s$i 127.0.0.1:$2 check inter 200 source 127.0.0.$i"; done)
backend seldom
    option httpchk
$(for i in $(seq 40); do echo "    server s$i 127.0.0.1:$3 check inter 3s source 127.0.0.$i"; done)
C
    proxy "$1" "$2"
}
# arrive LOG: until all have been checked, and those with short intervals for some time.
arrive() {
    tries=400
    while [ "$(grep -c '^short' "$1")" -lt 300 ] || [ "$(grep -c '^long' "$1")" -lt 40 ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}
# shorter LOG: percent of the intervals that are a tenth shorter than they should be. Who is busy
# makes single ones longer, and the next ones shorter.
shorter() {
    awk '$1 == "short" {
            if (last[$2]) {
                n++
                few += $3 - last[$2] < 180
            }
            last[$2] = $3
        }
        END { printf "%d\n", 100 * few / n }' "$1"
}
# first LOG: the first forty checks: tenths of seconds in which there are some, and how many tenths
# they take.
first() {
    awk '$1 == "long" && n < 40 {
            n++
            tenth = int($3 / 100)
            if (!from)
                from = tenth
            to = tenth
            some[tenth - from] = 1
        }
        END {
            for (t in some)
                k++
            print k, to - from
        }' "$1"
}
checks plain "$p1" "$p2" ""
checks spread "$p3" "$p4" "spread-checks 50
    max-spread-checks 200"
check "checks arrive" arrive plain.log
check "checks arrive" arrive spread.log
check "as configured, few come early" between 0 10 "$(shorter plain.log)"
check "with spread-checks, many do" between 20 60 "$(shorter spread.log)"
# shellcheck disable=SC2046 # two words
set -- $(first plain.log)
check "first checks come by and by" between 10 40 "$1"
check "... not too soon" between 15 40 "$2"
# shellcheck disable=SC2046 # two words
set -- $(first spread.log)
check "with max-spread-checks, soon" between 0 10 "$2"
