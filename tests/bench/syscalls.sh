#!/bin/sh
# syscalls.sh - system calls per request of each proxy, counted by strace.
#
#   sh tests/bench/syscalls.sh [ROW...]      rows under load of bench.sh; by default small16
#
# For: seeing which calls a request costs beyond the four that no proxy can spare (receive and
# send on both sides).
# Not for: time; a traced process is many times slower.
# Keep in mind: two runs with N1 and N2 requests; the difference divided by N2 - N1 contains
# neither start-up nor connecting. Slow as it is, a traced proxy finds more events per turn of
# its loop than a free one, so the share of epoll_wait is a lower bound. N1 and N2 may be set.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"

N1=${N1:-1000}
N2=${N2:-6000}
ready_seconds=30

# strace writes its table when the traced process is gone.
wait_table() {
    tries=0
    until grep -q ' total$' "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || return 1
        sleep 0.05
    done
}

# count NAME FAMILY REQUESTS OPTIONS...: appends "requests proxy call calls errors" a line.
count() {
    name=$1 of=$2 requests=$3
    shift 3
    output=$tmp/strace.$name.$requests
    rm -f "$output"
    # -D: the proxy is our child, the tracer a grandchild, so that the proxy can be ended by id
    wrapper="strace -D -f -c -U calls,errors,name -o $output"
    start_proxy "$name" "$of" || return 1
    load "$name" "$of" -n "$requests" -d 120 "$@" >"$tmp/load.out"
    failed=$?
    stop_proxy "$name" "$of"
    [ $failed = 0 ] || { why="errors: $(cat "$tmp/load.out")" && return 1; }
    wait_table "$output" || { why='strace left no table' && return 1; }
    awk -v requests="$requests" -v proxy="$name" '
        $1 ~ /^[0-9]+$/ && $NF != "total" {
            print requests, proxy, $NF, $1, NF == 3 ? $2 : 0
        }' "$output" >>"$tmp/counts"
}

table() {
    awk -v order="$PROXIES" -v n1="$N1" -v n2="$N2" -f "$here/syscalls.awk" "$tmp/counts"
}

run_row() {
    printf '\n%s: %s\n' "$1" "$(row_field "$1" 5)"
    printf '  repeat: sh tests/bench/syscalls.sh %s\n' "$1"
    : >"$tmp/counts"
    of=$(row_field "$1" 3)
    for each in $PROXIES; do
        for requests in $N1 $N2; do
            # shellcheck disable=SC2046 # the options are a list of words
            fits "$each" "$1" && count "$each" "$of" "$requests" $(row_field "$1" 4) &&
                continue
            printf '  %-8s n/a (%s)\n' "$each" "$why"
            break
        done
    done
    table
}

command -v strace >/dev/null || die 'strace is not installed'
[ $# -gt 0 ] || set -- small16
for asked in "$@"; do
    [ "$(row_field "$asked" 2)" = load ] || die "'$asked' is no row under load"
done
begin
for asked in "$@"; do
    run_row "$asked"
done
