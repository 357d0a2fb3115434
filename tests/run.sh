#!/bin/sh
# Runs the test suites and counts: sh tests/run.sh [SUITE...]
#
# A suite is a script tests/NAME/run.sh that prints "ok NAME" or "not ok NAME" for each test; what
# else it prints is shown when it fails. "ok NAME: skipped, WHY" is a test that could not be made here:
# it is shown, and counted by itself. BUILD names the build directory (default: build).
# "NAME@DIR" runs a suite with another build directory.
TOP=$(cd "$(dirname "$0")/.." && pwd)
BUILD=${BUILD:-$TOP/build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
export TOP BUILD LC_ALL=C
logs=$BUILD/test-logs
mkdir -p "$logs"
passed=0
failed=0
skipped=0

run_suite() {
    name=${1%@*}
    build=$BUILD
    case $1 in *@*) build=${1#*@} ;; esac
    log=$logs/$(echo "$1" | tr '/@' '__').log
    start=$(date +%s)
    # Whatever a sanitizer finds in any process, whoever started it, ends in a file here.
    reports=$build/sanitizer-reports
    rm -rf "$reports"
    mkdir -p "$reports"
    options="log_path=$reports/report"
    timeout -k 10 1200 env BUILD="$build" XDG_CACHE_HOME="$build/test-cache" \
        ASAN_OPTIONS="$options" UBSAN_OPTIONS="$options:print_stacktrace=1" TSAN_OPTIONS="$options" \
        sh "$TOP/tests/$name/run.sh" >"$log" 2>&1 </dev/null
    status=$?
    ok=$(grep -c '^ok ' "$log")
    bad=$(grep -c '^not ok ' "$log")
    for report in "$reports"/*; do
        [ -s "$report" ] || continue
        sed 's/^/# /' "$report" >>"$log"
        echo "not ok $name: a sanitizer found something" >>"$log"
        bad=$((bad + 1))
    done
    # A suite that breaks off, or that tests nothing, has failed.
    if [ "$bad" = 0 ] && { [ $status != 0 ] || [ "$ok" = 0 ]; }; then
        bad=1
        echo "not ok $name ended with status $status after $ok tests" >>"$log"
    fi
    not_made=$(grep -c '^ok .*: skipped, ' "$log")
    passed=$((passed + ok - not_made))
    failed=$((failed + bad))
    skipped=$((skipped + not_made))
    printf '%-28s %4d passed  %3d failed  %4d s' "$1" $((ok - not_made)) "$bad" $(($(date +%s) - start))
    [ "$not_made" = 0 ] || printf '  %d skipped' "$not_made"
    echo
    sed -n 's/^ok \(.*: skipped, .*\)/    \1/p' "$log"
    if [ "$bad" != 0 ]; then
        grep -v '^ok ' "$log" | tail -n 200
    fi
}

for suite in "$@"; do
    run_suite "$suite"
done
if [ "$skipped" = 0 ]; then
    echo "$passed passed, $failed failed"
else
    echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
