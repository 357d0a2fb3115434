#!/bin/sh
# insn.sh - user-space instructions per request of each proxy, counted by callgrind.
#
#   sh tests/bench/insn.sh [ROW...]      rows under load of bench.sh; by default small16
#
# For: a number that neither the machine's load nor its caches move: it repeats within a few
# percent, so it shows what a change to the code did when CPU time cannot.
# Not for: the kernel's part, which is more than half of the time (syscalls.sh counts its calls).
# Keep in mind: two runs with N1 and N2 requests; the difference divided by N2 - N1 contains
# neither start-up nor connecting. N1 and N2 may be set.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"

N1=${N1:-1000}
N2=${N2:-4000}
ready_seconds=60
patience=600

# count NAME FAMILY REQUESTS OPTIONS...: the instructions of a whole run, in $counted.
count() {
    name=$1 of=$2 requests=$3
    shift 3
    output=$tmp/callgrind.$name.$requests
    wrapper="valgrind -q --tool=callgrind --callgrind-out-file=$output"
    start_proxy "$name" "$of" || return 1
    load "$name" "$of" -n "$requests" -d 120 "$@" >"$tmp/load.out"
    failed=$?
    stop_proxy "$name" "$of"
    [ $failed = 0 ] || { why="errors: $(cat "$tmp/load.out")" && return 1; }
    counted=$(sed -n 's/^totals: \([0-9]*\).*/\1/p' "$output")
    [ -n "$counted" ] || { why='callgrind left no total' && return 1; }
}

# difference NAME FAMILY OPTIONS...: in $counted.
difference() {
    name=$1 of=$2
    shift 2
    count "$name" "$of" "$N1" "$@" || return 1
    before=$counted
    count "$name" "$of" "$N2" "$@" || return 1
    counted=$(((counted - before) / (N2 - N1)))
}

run_row() {
    printf '\n%s: %s\n' "$1" "$(row_field "$1" 5)"
    printf '  repeat: sh tests/bench/insn.sh %s\n' "$1"
    printf '  %-8s %14s %7s\n' proxy instructions 'x hapr'
    first=
    for each in $PROXIES; do
        # shellcheck disable=SC2046 # the options are a list of words
        if fits "$each" "$1" && difference "$each" "$(row_field "$1" 3)" $(row_field "$1" 4); then
            [ "$each" != haproxy ] || first=$counted
            printf '  %-8s %14s %7s\n' "$each" "$counted" \
                "$(awk -v a="$counted" -v b="${first:-0}" \
                    'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }')"
        else
            printf '  %-8s n/a (%s)\n' "$each" "$why"
        fi
    done
}

command -v valgrind >/dev/null || die 'valgrind is not installed'
[ $# -gt 0 ] || set -- small16
for asked in "$@"; do
    [ "$(row_field "$asked" 2)" = load ] || die "'$asked' is no row under load"
done
begin
for asked in "$@"; do
    run_row "$asked"
done
