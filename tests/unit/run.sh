#!/bin/sh
# Runs test programs one after the other; usage: run.sh PROGRAM...
# The output of a program goes to PROGRAM.log, and is shown if the program fails. The last line
# says how many programs and checks there were. Exit status 1 when any failed.
failed=0
programs=0
for program; do
    programs=$((programs + 1))
    if ! "$program" >"$program.log" 2>&1; then
        failed=$((failed + 1))
        echo "FAILED: $program"
        cat "$program.log"
    fi
done
checks=$(for program; do cat "$program.log"; done |
    sed -n 's/^[0-9]*%: Checks: \([0-9]*\),.*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
echo "unit: $programs programs, $checks checks, $failed programs failed"
[ "$programs" -gt 0 ] && [ "$failed" -eq 0 ]
