#!/bin/sh
# Do the benchmark tools tell the truth?
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if sh "$TOP/tests/bench/check.sh" >"$log" 2>&1; then
    echo "ok the tools count and measure right"
else
    sed 's/^/# /' "$log"
    echo "not ok the tools count and measure right"
    exit 1
fi
