#!/bin/sh
# rules.sh - what a request costs as rules become many, through proxyc's proxy and HAProxy.
#
#   sh tests/bench/rules.sh            all kinds of rules, about ten minutes
#   sh tests/bench/rules.sh KIND...    these only; --list names them
#   sh tests/bench/rules.sh --smoke    all kinds, each run too short to mean anything
#
# For: CPU time and user-space instructions per request against the number of rules N, the last of
# which matches. Ratios are to the same proxy without the rules (N 0), to its N = 10, and to
# HAProxy. Results also go to build/bench: rules.tsv, rules.md (README's table), rules.svg (plot).
# Not for: verdicts, like bench.sh.
# Keep in mind: short runs take turns through all sizes and both proxies, round by round. Counts
# are made with one connection, so that requests never share a turn of the event loop. BUILD,
# BENCH_SECONDS, BENCH_WARMUP and BENCH_ROUNDS may be set; COUNT=0 leaves out the counts. Status 1
# if anything went wrong: a wrong answer, a proxy that does not start, a count that failed.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"
PROXIES='haproxy proxyc'
list=

# name | numbers of rules | what it is
kinds() {
    cat <<'END'
host|10 100 1000 10000|use_backend rules, each for one host
map|10 100 1000 10000 100000|one use_backend rule that looks up the host in a map of N lines
path|10 100 1000 10000|use_backend rules, each for a beginning of the path
hostpath|10 100 1000 10000|use_backend rules, each for a host and a beginning of the path
source|10 100 1000 10000|use_backend rules, each for a network of clients
cidr|10 10000 100000|one use_backend rule, a file of N networks of clients
request|10 100 1000 10000|http-request set-header rules, each for one host
regex|10 100 500|use_backend rules, each for a regular expression of the path
regexset|10 100 500|one use_backend rule, a file of N regular expressions of the path
headers|20|http-request and http-response rules that change 20 header fields
log|25|a log line of 25 fields to a UDP target
END
}

kind_field() {
    kinds | awk -F'|' -v name="$1" -v field="$2" '$1 == name { print $field }'
}

# sizes_of KIND: the numbers of rules that are measured. In a smoke test, only one kind has a curve.
sizes_of() {
    numbers=$(kind_field "$1" 2)
    case $smoke/$1 in
    1/host) numbers='10 20 30' ;;
    1/*) numbers=${numbers%% *} ;;
    esac
    printf '0 %s' "$numbers"
}

# rules_awk FAMILY [PORT LOG_PORT [WANT]]: a family is a kind of rules and their number: host_1000.
rules_awk() {
    awk -v kind="${1%_*}" -v n="${1#*_}" -v port="${2-}" -v origin="$origin_http" \
        -v maxconn="$maxconn" -v logs="${3-}" -v file="$list" -v want="${4-}" \
        -f "$here/rules.awk"
}

# Takes the place of lib.sh's: the configurations come from rules.awk.
write_cfg() {
    cfg=$tmp/$1.$2.cfg list=$tmp/list.$1.$2
    rules_awk "$2" "$3" "$4" >"$cfg"
}

wrong() {
    say "  $*"
    failures=$((failures + 1))
}

# --- time ------------------------------------------------------------------------------------

end_sink() {
    end_process "$(get "sink_$1")"
    eval "sink_$1="
}

start_all() {
    for n in $sizes; do
        for each in $PROXIES; do
            start_proxy "$each" "${kind}_$n" || wrong "$each, $kind $n: $why"
        done
    done
}

# All are told before the first is waited for.
stop_all() {
    for n in $sizes; do
        for each in $PROXIES; do
            pid=$(get "pid_${kind}_${n}_$each")
            [ -z "$pid" ] || kill "$pid"
        done
    done
    for n in $sizes; do
        for each in $PROXIES; do
            of=${kind}_$n
            [ -z "$(get "pid_${of}_$each")" ] || stop_proxy "$each" "$of"
            [ -z "$(get "sink_$each")" ] || end_sink "$each"
        done
    done
}

# run_once NAME FAMILY: one line of results. HAProxy's 10,000 rules take milliseconds, and each
# connection should get its answer within the window also where the machine has other work.
run_once() {
    [ -n "$(get "pid_$2_$1")" ] || return
    how_long=$usual_time
    [ "$smoke/$1/${2#*_}" != 0/haproxy/10000 ] || how_long=$long_time
    # shellcheck disable=SC2046,SC2086 # the options are lists of words
    line=$(load "$1" "$2" -c 16 $how_long -P "$(get "pid_$2_$1")" \
        $(rules_awk "$2" '' '' request)) || wrong "$1, $2: $line"
    printf 'kind=%s n=%s proxy=%s %s\n' "$kind" "${2#*_}" "$1" "$line" >>"$tmp/results"
}

time_kind() {
    start_all
    round=0
    while [ $round -lt "$rounds" ]; do
        for n in $sizes; do
            for each in $PROXIES; do
                run_once "$each" "${kind}_$n"
            done
        done
        round=$((round + 1))
    done
    stop_all
}

# --- instructions ----------------------------------------------------------------------------

# requests_for NAME N: how many are counted: fewer where each one is long.
requests_for() {
    if [ "$smoke" = 1 ]; then
        echo 40
    elif [ "$1" = haproxy ] && [ "$2" -ge 1000 ] && [ "$kind" != map ] && [ "$kind" != cidr ]; then
        echo $((400000 / $2))
    else
        echo 600
    fi
}

# total NAME FAMILY REQUESTS: the instructions of a whole run, in $counted.
total() {
    output=$tmp/callgrind.$1.$2.$3
    wrapper="valgrind -q --tool=callgrind --callgrind-out-file=$output"
    start_proxy "$1" "$2" || return 1
    # shellcheck disable=SC2046 # the options are a list of words
    load "$1" "$2" -c 1 -n "$3" -d 60 $(rules_awk "$2" '' '' request) >"$output.load" ||
        { why="$(cat "$output.load")" && return 1; }
    stop_proxy "$1" "$2"
    [ -z "$(get "sink_$1")" ] || end_sink "$1"
    counted=$(sed -n 's/^totals: \([0-9]*\).*/\1/p' "$output")
    [ -n "$counted" ] || { why='callgrind left no total' && return 1; }
}

count_one() {
    requests=$(requests_for "$1" "${2#*_}")
    few=$((requests / 4))
    total "$1" "$2" "$few" || return 1
    before=$counted
    total "$1" "$2" "$requests" || return 1
    printf 'kind=%s n=%s proxy=%s insn=%s\n' "$kind" "${2#*_}" "$1" \
        $(((counted - before) / (requests - few))) >>"$tmp/results"
}

# Both proxies at the same time: counts are not disturbed. A smoke test counts once.
count_kind() {
    ready_seconds=60 patience=600 PROXY_CORE=any LOAD_CORE=any
    counted_sizes=$sizes counted_proxies=$PROXIES
    if [ "$smoke" = 1 ]; then
        counting=0 counted_sizes=10 counted_proxies=proxyc
    fi
    for n in $counted_sizes; do
        counters=
        for each in $counted_proxies; do
            (count_one "$each" "${kind}_$n" || say "  $each, $kind $n, counting: $why") &
            counters="$counters $!"
        done
        # shellcheck disable=SC2086 # a list of process ids
        wait $counters
        for each in $counted_proxies; do
            grep -q "^kind=$kind n=$n proxy=$each insn=" "$tmp/results" || failures=$((failures + 1))
        done
    done
    ready_seconds=10 patience=40 PROXY_CORE=0 LOAD_CORE=1
}

# --- the whole -------------------------------------------------------------------------------

report() {
    awk -v kind="$1" -v form="$2" -v title="$(kind_field "$1" 3)" -f "$here/rules_table.awk" \
        "$tmp/results"
}

run_kind() {
    kind=$1 sizes=$(sizes_of "$1")
    time_kind
    [ "$counting" = 0 ] || count_kind
    printf '\n%s: %s\n' "$kind" "$(kind_field "$kind" 3)"
    report "$kind" table
}

# The files for the README, from whatever kinds were run.
publish() {
    output=$tools/rules
    [ "$smoke" = 0 ] || output=$tools/rules-smoke
    report '' tsv >"$output.tsv"
    {
        report '' head
        for kind in "$@"; do
            report "$kind" markdown
        done
    } >"$output.md"
    awk -f "$here/plot.awk" "$output.tsv" >"$output.svg"
    printf '\nFor the README (plot: %s)\n\n' "${output#"$root"/}.svg"
    cat "$output.md"
}

smoke=0 rounds=${BENCH_ROUNDS:-5}
usual_time="-d ${BENCH_SECONDS:-0.5} -w ${BENCH_WARMUP:-0.1}"
long_time="-d 1.5 -w ${BENCH_WARMUP:-0.1}"
case ${1-} in
--list)
    kinds | awk -F'|' '{ printf "%-9s %-26s %s\n", $1, $2, $3 }'
    exit 0
    ;;
--smoke)
    shift
    smoke=1 rounds=1 usual_time='-n 200 -d 60'
    ;;
esac
for asked in "$@"; do
    [ -n "$(kind_field "$asked" 1)" ] || die "no kind of rules '$asked'; --list names them"
done
# shellcheck disable=SC2046 # a word for each kind
[ $# -gt 0 ] || set -- $(kinds | cut -d'|' -f1)
counting=${COUNT:-1} failures=0
command -v valgrind >/dev/null || counting=0
begin
for asked in "$@"; do
    run_kind "$asked"
done
publish "$@"
[ $failures = 0 ] || die "$failures runs failed"
