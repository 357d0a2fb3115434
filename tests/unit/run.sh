#!/bin/sh
# Runs the unit tests: run.sh [PROGRAM...], without arguments all that are built.
# What a program prints goes to PROGRAM.log, and is shown if the program fails. Every check is
# counted; a program that breaks off before its last check is one failure more.
status=0
[ $# -gt 0 ] || {
    # shellcheck disable=SC2046
    set -- $(find "$BUILD/unit" -name '*_test' -type f | sort)
}
for program; do
    name=${program#*/unit/}
    "$program" >"$program.log" 2>&1
    code=$?
    line=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$program.log")
    set -- ${line:-0 0 1}
    if [ $code = 0 ] && [ "$1" -gt 0 ] && [ "$2$3" = 00 ]; then
        i=0
        while [ $((i += 1)) -le "$1" ]; do echo "ok $name $i"; done
    else
        sed 's/^/# /' "$program.log"
        echo "not ok $name"
        status=1
    fi
done
exit $status
