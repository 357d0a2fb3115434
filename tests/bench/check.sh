#!/bin/sh
# check.sh - do the benchmark tools tell the truth? A few seconds, small numbers.
#
# For: `make bench-check`: the load generator counts what must be counted as an error, and only
# that; origin and floor deliver every byte; memory and latency are seen where they are known.
# Not for: measuring anything.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"

failures=0

# expect STATUS PATTERN OPTIONS...: a run of the load generator, its exit status and its line.
expect() {
    status=$1 pattern=$2
    shift 2
    line=$("$tools/load" "$@" 2>&1 </dev/null)
    got=$?
    if [ $got != "$status" ] || ! printf '%s\n' "$line" | grep -Eq "$pattern"; then
        printf 'load %s\n  status %s, wanted %s\n  printed %s\n  wanted  %s\n' "$*" $got \
            "$status" "$line" "$pattern"
        failures=$((failures + 1))
    fi
}

check_modes() {
    good='^requests=200 .* errors=0 '
    expect 0 "$good" -t "$1" -n 200 -c 4
    expect 0 "$good" -t "$1" -n 200 -c 4 -x 19
    expect 0 "$good.* bytes=20[0-9]{5} " -t "$1" -n 200 -c 4 -p /bytes/10240
    expect 0 "$good" -t "$1" -n 200 -c 4 -p /chunked/40000
    expect 0 "$good" -t "$1" -n 200 -c 4 -p /bytes/0
    expect 0 "$good" -t "$1" -n 200 -c 4 -p /chunked/0
    expect 0 "$good" -t "$1" -n 200 -c 4 -p /nothing -s 404
    expect 0 '^requests=200 .* errors=0 reconnects=(19[0-9]|200) ' -t "$1" -n 200 -c 4 -C
    expect 0 '^requests=20 .* errors=0 .* bytes=2097[0-9]{4} ' -t "$1" -n 20 -c 4 -p /bytes/1048576
    expect 0 '^requests=500 .* errors=0 .* rps=[12][0-9]{3}\.' -t "$1" -n 500 -c 4 -r 2000
    expect 1 '^requests=0 .* errors=50 ' -t "$1" -n 50 -c 4 -p /nothing
    expect 0 '^connections=100 answered=100 errors=0' -t "$1" -m idle -1 -c 100
}

check_raw() {
    expect 0 '^requests=200 .* errors=0 .* bytes=12800 ' -t "$1" -m ping -n 200 -c 4
    expect 0 '^requests=8 .* errors=0 .* bytes=24000000 ' -t "$1" -m ping -n 8 -c 2 -b 3000000
    expect 0 '^requests=20 .* errors=0 .* bytes=20000000 ' -t "$2" -m bulk -n 20 -c 2 -b 1000000
}

# check_slow PORT MODE: a reader that stops in the middle, so that every buffer on the way fills up.
check_slow() {
    "$tools/load" -t "$1" -m "$2" -n 2 -c 2 -b 60000000 -d 10 >"$tmp/slow" 2>&1 </dev/null &
    reader=$!
    started="$started $reader"
    sleep 0.02
    kill -STOP $reader
    sleep 0.3
    kill -CONT $reader
    if ! wait $reader || ! grep -Eq "^requests=2 .* errors=0 " "$tmp/slow"; then
        printf 'slow reader, %s: %s\n' "$2" "$(cat "$tmp/slow")"
        failures=$((failures + 1))
    fi
}

# A stopped server answers nothing: that must show as errors, not as a run without requests.
check_stall() {
    kill -STOP "$origin_pid"
    expect 1 '^requests=0 .* errors=4 ' -t "$origin_http" -c 4 -d 0.2 -w 0.1
    expect 1 '^requests=0 .* errors=3 ' -t "$origin_http" -n 3 -c 3 -d 0.3
    (sleep 0.4 && kill -CONT "$origin_pid") &
    expect 0 'max_us=[2-5][0-9]{5}\.' -t "$origin_http" -c 4 -r 100 -d 0.6 -w 0.1
    wait $!
}

check_wrong_server() {
    expect 1 '^requests=0 .* errors=10 ' -t "$(free_port)" -n 10 -c 2
    expect 1 '^requests=0 .* errors=10 ' -t "$origin_echo" -n 10 -c 2
}

# A process that uses all of a core for as long as it is looked at, or what others leave of it.
check_measure() {
    launch_on 0 "$tmp/busy.log" sh -c 'while :; do :; done'
    "$tools/measure" -i 0.5 "$pid" >"$tmp/busy"
    end_process "$pid"
    awk -F'[= ]' '{ exit !($6 > 10000 && $6 < 600000) }' "$tmp/busy" || {
        printf 'measure: half a second of a busy loop: %s\n' "$(cat "$tmp/busy")"
        failures=$((failures + 1))
    }
}

begin
"$tools/answer_check" || failures=$((failures + 1))
check_modes "$origin_http"
check_raw "$origin_echo" "$origin_bulk"
start_proxy floor http && check_modes "$port"
start_proxy floor ping && echo_port=$port
start_proxy floor bulk && check_raw "$echo_port" "$port"
check_slow "$origin_echo" ping
check_slow "$origin_bulk" bulk
check_slow "$echo_port" ping
check_slow "$port" bulk
check_stall
check_wrong_server
check_measure
[ $failures = 0 ] || die "$failures checks failed"
echo 'benchmark tools: all checks passed'
