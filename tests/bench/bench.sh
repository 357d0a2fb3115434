#!/bin/sh
# bench.sh - what a request costs through each proxy, side by side.
#
#   sh tests/bench/bench.sh            all rows          QUICK=1: shorter, rougher
#   sh tests/bench/bench.sh ROW...     these rows only   --list: names them
#
# For: CPU time, throughput, latency and memory of proxyc's proxies, HAProxy, nginx and the floor
# (a proxy that only moves bytes), and the time that proxyc needs to check and build.
# Not for: verdicts. It prints medians and ratios; who reads them decides.
# Keep in mind: one thread each, the proxy alone on one core, load generator and origin on the
# other; short runs take turns, so that a disturbance hits all proxies alike. README.md tells what
# the columns mean. BUILD, BENCH_SECONDS, BENCH_WARMUP and BENCH_ROUNDS may be set.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"

if [ "${QUICK:-0}" = 1 ]; then
    seconds=${BENCH_SECONDS:-0.4} warmup=${BENCH_WARMUP:-0.1} rounds=${BENCH_ROUNDS:-2}
    build_rounds=1
else
    seconds=${BENCH_SECONDS:-1.2} warmup=${BENCH_WARMUP:-0.2} rounds=${BENCH_ROUNDS:-5}
    build_rounds=3
fi

# --- tables ----------------------------------------------------------------------------------

heading() {
    printf '\n%s: %s\n' "$1" "$2"
    printf '  repeat: sh tests/bench/bench.sh %s\n' "$1"
}

# not_available ROW NAME REASON: a line of the table without numbers.
not_available() {
    printf 'proxy=%s why=%s\n' "$2" "$(printf '%s' "$3" | tr ' ' '~')" >>"$tmp/$1.results"
}

# The results of a row, "proxy=NAME key=value ..." a line, as a table of medians and ratios.
table() {
    awk -v order="$PROXIES" -f "$here/$2.awk" "$tmp/$1.results"
}

# --- rows under load -------------------------------------------------------------------------

# ready NAME FAMILY ROW: starts the proxy of the family if it does not run yet.
ready() {
    [ -n "$(get "pid_$2_$1")" ] && return 0
    if [ -n "$(get "why_$2_$1")" ] || ! start_proxy "$1" "$2"; then
        eval "why_$2_$1=\${why_$2_$1:-\$why}"
        not_available "$3" "$1" "$(get "why_$2_$1")"
        return 1
    fi
}

# choose ROW FAMILY: the proxies that take part, in $able.
choose() {
    able=
    for name in $PROXIES; do
        if ! fits "$name" "$1"; then
            not_available "$1" "$name" "$why"
        elif ready "$name" "$2" "$1"; then
            able="$able $name"
        fi
    done
}

# take_turns ROW FAMILY OPTIONS...
take_turns() {
    row=$1 of=$2
    shift 2
    round=0
    while [ $round -lt "$rounds" ]; do
        for each in $able; do
            line=$(load "$each" "$of" -d "$seconds" -w "$warmup" -P "$(get "pid_${of}_$each")" "$@")
            printf 'proxy=%s %s\n' "$each" "${line:-errors=1}" >>"$tmp/$row.results"
        done
        round=$((round + 1))
    done
}

run_load() {
    row=$1 of=$2
    shift 2
    choose "$row" "$of"
    take_turns "$row" "$of" "$@"
    table "$row" table
}

# The slowest proxy's capacity is measured first, so that the row stands on its own.
run_rate() {
    row=$1 of=$2
    shift 2
    choose "$row" "$of"
    for each in $able; do
        load "$each" "$of" -d 0.8 -w 0.2 "$@" | tr ' ' '\n' | sed -n 's/^rps=//p'
    done | sort -n | head -1 >"$tmp/$row.capacity"
    rate=$(awk '{ printf "%d", $1 / 2 }' "$tmp/$row.capacity")
    printf '  rate: %s requests a second\n' "$rate"
    [ "${rate:-0}" -gt 0 ] || return
    take_turns "$row" "$of" -r "$rate" "$@"
    table "$row" table
}

run_log() {
    run_load "$@"
    for each in $able; do
        stop_proxy "$each" "$2"
        end_process "$(get "sink_$each")"
        sent=$(sed -n "s/^proxy=$each .*total=\([0-9]*\).*/\1/p" "$tmp/$1.results" | paste -sd+ -)
        printf '  %-8s requests=%s %s\n' "$each" $((${sent:-0})) "$(head -1 "$tmp/sink.$each")"
        printf '    %s\n' "$(tail -1 "$tmp/sink.$each")"
    done
}

# Each algorithm over 3, 100 and 1,000 servers: many runs, so they are short.
run_servers() {
    row=$1 all="$PROXIES|$rounds|$seconds"
    shift 2
    PROXIES='haproxy proxyc' rounds=2 seconds=0.5
    for algorithm in roundrobin static leastconn first random source map consistent bounded; do
        for n in 3 100 1000; do
            family=servers_${algorithm}_$n
            choose "$row" "$family"
            take_turns "$row" "$family" "$@"
            sed -i "s/^proxy=\([a-z]*\) \(requests\|errors\)/proxy=\1 of=$algorithm n=$n \2/" \
                "$tmp/$row.results"
            for each in $able; do
                stop_proxy "$each" "$family"
            done
        done
    done
    IFS='|' read -r PROXIES rounds seconds <<END
$all
END
    table "$row" servers
}

# Fresh processes: memory that earlier rows made them keep would hide what connections need.
run_idle() {
    row=$1 of=$2
    shift 2
    for name in $PROXIES; do
        [ -z "$(get "pid_${of}_$name")" ] || stop_proxy "$name" "$of"
    done
    for name in $PROXIES; do
        ready "$name" "$of" "$row" || continue
        line=$(load "$name" "$of" -m idle -c "$idle_connections" \
            -P "$(get "pid_${of}_$name")" "$@")
        printf 'proxy=%s %s\n' "$name" "${line:-errors=1}" >>"$tmp/$row.results"
        stop_proxy "$name" "$of"
    done
    table "$row" idle
}

# --- rows without load ---------------------------------------------------------------------------

# processor_ms PID: milliseconds that its one thread has run.
processor_ms() {
    awk '{ print int($1 / 1000000) }' "/proc/$1/schedstat"
}

# How much of a core is gone while nothing happens but checks. They take a full round first.
run_checks() {
    for name in $PROXIES; do
        ready "$name" "$2" "$1" || continue
    done
    sleep 3
    for name in $PROXIES; do
        pid=$(get "pid_${2}_$name")
        [ -z "$pid" ] || eval "before_$name=$(processor_ms "$pid")"
    done
    sleep 10
    for name in $PROXIES; do
        pid=$(get "pid_${2}_$name")
        [ -n "$pid" ] || continue
        ran=$(($(processor_ms "$pid") - $(get "before_$name")))
        printf '  %-8s %d.%02d %% of a core\n' "$name" $((ran / 100)) $((ran % 100))
        stop_proxy "$name" "$2"
    done
}

# --- build-time rows -------------------------------------------------------------------------

# time_command ROW NAME COMMAND...: the first run has an empty cache, the second finds it. What
# takes a second or more is timed in one round only.
time_command() {
    row=$1 name=$2
    shift 2
    round=0
    while [ $round -lt $build_rounds ]; do
        XDG_CACHE_HOME=$tmp/cache.$row.$name.$round
        export XDG_CACHE_HOME
        for turn in first again; do
            line=$("$tools/measure" -t timeout 120 "$@" 2>"$tmp/$row.$name.err" | tail -1)
            printf 'proxy=%s turn=%s %s\n' "$name" $turn "${line:-status=1}" \
                >>"$tmp/$row.results"
            case $line in
            wall_ms=[0-9][0-9][0-9][0-9]*) round=$build_rounds ;;
            esac
            case $line in
            *" status=0") ;;
            *) sed "s/^/    $name: /" "$tmp/$row.$name.err" | head -5 >&2 ;;
            esac
        done
        unset XDG_CACHE_HOME
        round=$((round + 1))
    done
}

run_build() {
    if [ "$1" = big ]; then
        subject=$tmp/big.cfg
        "$tools/gen" "$subject" "$tmp/big.map" "$(free_port)" "$origin_http" "$maxconn"
    else
        subject=$root/examples/quickstart.cfg
    fi
    if [ ! -f "$subject" ]; then
        printf '  n/a: no %s\n' "${subject#"$root"/}"
        return
    fi
    if command -v haproxy >/dev/null; then
        time_command "$1" haproxy-c haproxy -c -f "$subject"
    else
        not_available "$1" haproxy-c 'not installed'
    fi
    if [ -x "$proxyc" ]; then
        time_command "$1" check "$proxyc" check "$subject"
        time_command "$1" build "$proxyc" build "$subject" -o "$tmp/built.$1"
    else
        not_available "$1" check "no ${proxyc#"$root"/}"
        not_available "$1" build "no ${proxyc#"$root"/}"
    fi
    table "$1" build
}

# --- the whole -------------------------------------------------------------------------------

version_of() {
    if command -v "$1" >/dev/null; then
        "$@" 2>&1 | head -1 | cut -d' ' -f1-3
    else
        printf 'no %s' "$1"
    fi
}

describe_machine() {
    printf 'machine: %s, %s cores, Linux %s, load average %s\n' \
        "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(uname -r)" \
        "$(cut -d' ' -f1 /proc/loadavg)"
    printf 'against: %s; %s\n' "$(version_of haproxy -v)" "$(version_of nginx -v)"
    printf 'runs: %s rounds of %s s after %s s; idle row: %s connections\n' "$rounds" "$seconds" \
        "$warmup" "$idle_connections"
    [ "$(nproc)" -ge 2 ] ||
        printf 'NOTE: one core only; proxy and load generator disturb each other\n'
}

run_row() {
    heading "$1" "$(row_field "$1" 5)"
    : >"$tmp/$1.results"
    # shellcheck disable=SC2046 # the options are a list of words
    "run_$(row_field "$1" 2)" "$1" "$(row_field "$1" 3)" $(row_field "$1" 4)
}

if [ "${1-}" = --list ]; then
    rows | awk -F'|' '{ printf "%-11s %s\n", $1, $5 }'
    exit 0
fi
for asked in "$@"; do
    [ -n "$(row_field "$asked" 1)" ] || die "no row '$asked'; --list names them"
done
# shellcheck disable=SC2046 # a word for each row
[ $# -gt 0 ] || set -- $(rows | cut -d'|' -f1)
begin
describe_machine
for asked in "$@"; do
    run_row "$asked"
done
