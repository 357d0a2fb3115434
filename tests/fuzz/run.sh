#!/bin/sh
# Replays the fuzz corpora: none of the inputs may crash or hang what reads it.
status=0
for target in words expr h1 proxy mqtt dns samples; do
    corpus=$TOP/tests/fuzz/corpus/$target
    for input in "$corpus"/*; do
        if timeout 20 "$BUILD/fuzz/replay-$target" "$input" >"$BUILD/fuzz/replay.log" 2>&1; then
            echo "ok $target $(basename "$input")"
        else
            sed 's/^/# /' "$BUILD/fuzz/replay.log"
            echo "not ok $target $(basename "$input")"
            status=1
        fi
    done
done
exit $status
