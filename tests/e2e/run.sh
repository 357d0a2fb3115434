#!/bin/sh
# End to end, against real peers; usage: run.sh [NAME...]
#
# Two kinds of tests, each a file that is one test of this suite's output, or several:
#   *.vtc  bytes on the wire, driven by varnishtest, which plays clients, servers and the log
#   *.sh   what needs nginx, curl and socat (lib.sh is what they share)
# Two run at a time, for they mostly wait.
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
here=$TOP/tests/e2e
export TOP BUILD
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export work here TMPDIR="$work" HAPROXY_PROGRAM="$BUILD/haproxy" LIB="$here/lib.sh"
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$work/cache}"
# Processes here end by signals, with connections open.
export ASAN_OPTIONS=detect_leaks=0

if [ $# -eq 0 ]; then
    # The slow ones first.
    set -- $(cd "$here" && ls ./*.sh | sed 's/^..//; /^run[.]sh$/d; /^lib[.]sh$/d') \
        $(cd "$here" && ls ./*.vtc | sed 's/^..//')
fi
printf '%s\n' "$@" | xargs -P "${E2E_JOBS:-2}" -I{} sh -c '
    mkdir "$work/$1" && cd "$work/$1" || exit 1
    case $1 in
    *.vtc)
        if varnishtest -t 60 "$here/$1" >out 2>&1; then
            echo "ok $1" >result
        else
            { grep -v "^[*][*][*]*  *top .*macro def" out | tail -n 60 | cut -c1-200 | sed "s/^/# /"
              echo "not ok $1"; } >result
        fi ;;
    *)
        timeout -k 5 120 sh "$here/$1" >result 2>errors || echo "not ok $1: ended early" >>result
        sed "s/^/# /" errors >>result ;;
    esac' sh {}
for name; do
    cat "$work/$name/result"
done >"$work/all"
cat "$work/all"
! grep -q '^not ok' "$work/all"
