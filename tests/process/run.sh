#!/bin/sh
# Process life and HAProxy's command line, end to end: scripts, then cases for varnishtest.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
status=0
here=$TOP/tests/process
export ASAN_OPTIONS=detect_leaks=0

for script in "$here"/[0-9]*.sh; do
    mkdir "$dir/$(basename "$script")" && cd "$dir/$(basename "$script")" || exit 1
    LIB=$here/lib.sh timeout -k 5 300 sh "$script"
    code=$?
    [ $code != 124 ] || echo "not ok $(basename "$script"): still running after 5 minutes"
    [ $code = 0 ] || status=1
done

mkdir "$dir/vtc" && cd "$dir/vtc" || exit 1
for case in "$here"/*.vtc; do
    name=$(basename "$case")
    if HAPROXY_PROGRAM=$BUILD/haproxy TMPDIR=$dir/vtc varnishtest -t 60 "$case" >"$name.log" 2>&1; then
        echo "ok $name"
    else
        tail -n 60 "$name.log" | cut -c1-200 | sed 's/^/# /'
        echo "not ok $name"
        status=1
    fi
done
exit $status
