#!/bin/sh
# Do the benchmark tools tell the truth, and do the benchmarks of rules still run?
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
failed=0

# expect NAME COMMAND...
expect() {
    name=$1
    shift
    if "$@" >"$log" 2>&1; then
        echo "ok $name"
    else
        sed 's/^/# /' "$log"
        echo "not ok $name"
        failed=1
    fi
}

# Every kind of rules has its row of numbers, and the one with several sizes its two curves.
rules_run() {
    sh "$TOP/tests/bench/rules.sh" --smoke || return 1
    kinds=$(sh "$TOP/tests/bench/rules.sh" --list | wc -l)
    rows=$(grep -cE '^\| .* \| [0-9.]+ \| [0-9.]+ \| [^|]+ \|$' "$log")
    curves=$(grep -cE '<polyline .* points="([0-9]+\.[0-9],[0-9]+\.[0-9] ){3}"' \
        "$BUILD/bench/rules-smoke.svg")
    echo "$rows rows of $kinds, $curves curves of 2"
    [ "$rows" = "$kinds" ] && [ "$curves" = 2 ]
}

expect "the tools count and measure right" sh "$TOP/tests/bench/check.sh"
expect "the benchmark of rules runs" rules_run
expect "the time of a build is linear" sh "$TOP/tests/bench/linear.sh"
exit $failed
