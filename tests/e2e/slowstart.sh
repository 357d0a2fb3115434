# A server that comes back gains its share in the time of "slowstart", and shows how far it is, with
# HAProxy as with the proxy. What is expected is computed from the times at which each was asked.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 4
slowstart=4000 # ms; both take steps of a second

# config PORT ORIGIN
config() {
    cat <<C
global
    nbthread 1
    stats socket $PWD/$1.sock mode 600 level admin
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
    http-reuse always
listen www
    bind 127.0.0.1:$1
    http-response set-header met %s
    server steady 127.0.0.1:$2 weight 100
    server slow 127.0.0.1:$2 weight 100 slowstart ${slowstart}ms
frontend origin
    bind 127.0.0.1:$2
    http-request return status 200
C
}
# tell PORT COMMAND
tell() {
    echo "$2" | socat -t 5 - UNIX-CONNECT:"$PWD/$1.sock"
}
# throttle PORT: percent, or nothing.
throttle() {
    tell "$1" "show stat www 4 -1" | awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == "throttle") column = i }
        $2 == "slow" { print $column }'
}
# share PORT: of a hundred requests.
share() {
    curl -s --max-time 30 -o "out.$1" -w '%header{met}\n' "http://127.0.0.1:$1/[1-100]" |
        grep -c slow
}
# restart PORT: it comes back, at some time between from.PORT and to.PORT.
restart() {
    tell "$1" "set server www/slow state maint" >/dev/null
    ms >"from.$1"
    tell "$1" "set server www/slow state ready" >/dev/null
    ms >"to.$1"
}
# sample PORT: into samples.PORT: the least and the most milliseconds since then, percent, share.
sample() {
    before=$(ms)
    percent=$(throttle "$1")
    n=$(share "$1")
    echo "$((before - $(cat "to.$1"))) $(($(ms) - $(cat "from.$1"))) ${percent:-none} $n" >>"samples.$1"
}
# warms PORT: until it is as fast as the other one.
warms() {
    : >"samples.$1"
    until tail -n 1 "samples.$1" | grep -q ' none 50$'; do
        [ "$(wc -l <"samples.$1")" -lt 300 ] || return 1
        sample "$1"
        sleep 0.2
    done
}
# It is never faster than time allows, and at most two steps behind.
is_linear() {
    awk -v whole="$slowstart" '
        function most(a, b) { return a > b ? a : b }
        function part(ms) { p = most(0, ms) / whole; return p > 1 ? 1 : p }
        {
            if ($3 != "none" && ($3 < 100 * part($1 - 2000) - 2 || $3 > 100 * (part($2) + 1 / 16) + 1))
                wrong = wrong "\nthrottle: " $0
            if ($3 == "none" && $2 < whole)
                wrong = wrong "\nover too soon: " $0
            low = part($1 - 2000); high = part($2) + 1 / 16
            if ($4 < 100 * low / (1 + low) - 3 || $4 > 100 * high / (1 + high) + 3)
                wrong = wrong "\nshare: " $0
            if ($4 < last - 2)
                wrong = wrong "\nit fell: " $0
            last = $4
            small += $4 <= 20
            middle += $4 > 20 && $4 < 48
        }
        END {
            if (!small || !middle)
                wrong = wrong "\nit did not grow: " small + 0 " " middle + 0
            print wrong
            exit wrong != ""
        }' "$1" && return
    cat "$1"
    return 1
}
config "$p1" "$p2" >theirs.cfg
config "$p3" "$p4" >ours.cfg
background "$theirs" -db -f theirs.cfg >theirs.log 2>theirs.err
proxy ours "$p3"
"$port" wait "127.0.0.1:$p1" 20 || exit 1
check "it does not start slowly with the proxy" is "50 50" "$(share "$p1") $(share "$p3")"
# Who was too busy to see the beginning looks once more.
for _ in 1 2 3; do
    restart "$p1"
    restart "$p3"
    warms "$p1" &
    theirs_warms=$!
    warms "$p3"
    wait "$theirs_warms"
    { is_linear "samples.$p1"; is_linear "samples.$p3"; } >complaints.now
    grep -q 'did not grow' complaints.now || break
done
check "HAProxy's share grows with time" is_linear "samples.$p1"
check "and so does that of the proxy" is_linear "samples.$p3"
