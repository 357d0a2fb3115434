#!/bin/sh
# Runs the test suites and counts: sh tests/run.sh [SUITE...]
#
# A suite is a script tests/NAME/run.sh that prints "ok NAME" or "not ok NAME" for each test; what
# else it prints is shown when it fails. BUILD names the build directory (default: build).
# "NAME@DIR" runs a suite with another build directory.
TOP=$(cd "$(dirname "$0")/.." && pwd)
BUILD=${BUILD:-$TOP/build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
export TOP BUILD LC_ALL=C
logs=$BUILD/test-logs
mkdir -p "$logs"
passed=0
failed=0

run_suite() {
    name=${1%@*}
    build=$BUILD
    case $1 in *@*) build=${1#*@} ;; esac
    log=$logs/$(echo "$1" | tr '/@' '__').log
    start=$(date +%s)
    timeout -k 10 1200 env BUILD="$build" XDG_CACHE_HOME="$build/test-cache" \
        sh "$TOP/tests/$name/run.sh" >"$log" 2>&1 </dev/null
    status=$?
    ok=$(grep -c '^ok ' "$log")
    bad=$(grep -c '^not ok ' "$log")
    # A suite that breaks off, or that tests nothing, has failed.
    if [ "$bad" = 0 ] && { [ $status != 0 ] || [ "$ok" = 0 ]; }; then
        bad=1
        echo "not ok $name ended with status $status after $ok tests" >>"$log"
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    printf '%-28s %4d passed  %3d failed  %4d s\n' "$1" "$ok" "$bad" $(($(date +%s) - start))
    if [ "$bad" != 0 ]; then
        grep -v '^ok ' "$log" | tail -n 200
    fi
}

for suite in "$@"; do
    run_suite "$suite"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
