#!/bin/sh
# linear.sh - does the time of a build grow with the configuration, and not with its square?
#
# For: the tests. Configurations of N and of 4 N rules are built in one run, and processor times
# compared: about 4 is what a linear build takes, 16 a quadratic one. The larger one also has an
# absolute bound, far above what it takes.
# Not for: measuring; the rows quickstart and big of bench.sh do that.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
build=${BUILD:-build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/linear.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
FACTOR=8
failures=0

# write_cfg KIND N: a configuration, at $tmp/KIND.N.cfg.
write_cfg() {
    cfg=$tmp/$1.$2.cfg
    case $1 in
    mixed) "$build/bench/gen" "$cfg" "$cfg.map" 8080 8081 1000 1000 "$2" 1000 ;;
    entries) "$build/bench/gen" "$cfg" "$cfg.map" 8080 8081 1000 1000 100 "$2" ;;
    named) write_named "$2" >"$cfg" ;;
    *) awk -v kind="$1" -v n="$2" -v port=8080 -v origin=8081 -v maxconn=1000 \
        -v file="$cfg.list" -f "$here/rules.awk" >"$cfg" ;;
    esac
}

# Conditions that no index finds.
write_named() {
    awk -v n="$1" 'BEGIN {
        print "defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s"
        print "frontend f\n bind 127.0.0.1:8080"
        for (i = 0; i < n; i++) {
            print " acl name" i " hdr(host) h" i
            print " http-request set-header x-" i % 50 " v" i " if !name" i
        }
        print " default_backend b\nbackend b\n server s 127.0.0.1:8081"
    }'
}

# cpu_ms KIND N: of a build, by a compiler that has nothing kept.
cpu_ms() {
    write_cfg "$1" "$2"
    XDG_CACHE_HOME=$tmp/cache "$build/bench/measure" -t "$build/proxyc" build -q \
        "$tmp/$1.$2.cfg" -o "$tmp/binary" 2>"$tmp/errors" |
        sed -n 's/.* cpu_ms=\([0-9]*\)\..* status=0$/\1/p'
    sed 's/^/    /' "$tmp/errors" | head -5 >&2
    rm -rf "$tmp/cache" "$tmp/binary"
}

# check KIND N SECONDS: N and 4 N; the latter below so many seconds.
check() {
    few=$(cpu_ms "$1" "$2")
    many=$(cpu_ms "$1" $(($2 * 4)))
    echo "$1: $2 take ${few:-?} ms of processor time, $(($2 * 4)) take ${many:-?} ms"
    [ -n "$few" ] && [ -n "$many" ] && [ "$many" -lt $((few * FACTOR)) ] &&
        [ "$many" -lt $(($3 * 1000)) ] && return
    echo "$1: not within a factor of $FACTOR, or above $3 s"
    failures=$((failures + 1))
}

check mixed 2500 20
check request 2500 20
check named 1000 20
check entries 250000 30
[ $failures = 0 ]
