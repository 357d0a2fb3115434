#!/bin/sh
# Clients and servers that misbehave, in numbers: nothing crashes, leaks, hangs, or is mixed up.
# BUILD and TOP come from the environment; FAULTS_REQUESTS: how many requests are mixed
# (100,000).
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
faults=$BUILD/faults/faults
work=$(mktemp -d) || exit 1
cd "$work" || exit 1
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$work/cache}"
# shellcheck source=tests/e2e/lib.sh
. "$TOP/tests/e2e/lib.sh"
options=-dI # LeakSanitizer looks from a process of its own
# shellcheck disable=SC2154 # lib.sh sets variables
name=faults
trap 'finish; cd /; rm -rf "$work"' EXIT
ulimit -n "$(ulimit -Hn)"
FAULTS_REQUESTS=${FAULTS_REQUESTS:-100000}
ports 4

# add_up LOG: what the parts of a time are together is the whole (HAProxy manual 8.4).
add_up() {
    awk -F'[/ ]' '/^[0-9]/ && !/\/-1[\/ ]/ {
            n++
            if ($3 + $4 + $5 + $6 + $7 != $8 || $1 + $2 + $8 != $9)
                print
        }
        END { if (n < NR / 2) print n + 0 " complete lines of " NR }' "$1" >odd
    head -n 5 odd
    [ ! -s odd ]
}

# mix THREADS REQUESTS: it ends by itself, so that leaks are found.
mix() {
    cat >mix.cfg <<C
global
    nbthread $1
    maxconn 1000
    log stdout format raw local0
defaults
    mode http
    log global
    log-format "%Th/%Ti/%TR/%Tw/%Tc/%Tr/%Td/%Ta/%Tt %tsc %ST %HU"
    retries 2
    timeout client 2s
    timeout server 400ms
    timeout connect 1s
frontend www
    bind 127.0.0.1:$p1
    default_backend b
backend b
    http-reuse always
    server s 127.0.0.1:$p2
C
    proxy mix "$p1"
    mix=$pid
    check "$1 threads, $2 requests: each answer goes to who asked" "$faults" mix "$p1" "$p2" "$2"
    sed 's/^/# /' check.out
    check "... the proxy is there" kill -0 "$mix"
    for state in ---- SH-- SD-- PH-- sH-- sD-- CD--; do
        check "... some end with $state" said " $state " mix.log
    done
    kill -USR1 "$mix"
    wait "$mix"
    check "... it ends well" is 0 $?
    check "... times in the log add up" add_up mix.log
}
mix 1 "$((FAULTS_REQUESTS / 2))"
# What threads keep for themselves is theirs until the process ends: for LeakSanitizer, a leak.
sanitizing=$ASAN_OPTIONS
export ASAN_OPTIONS="$sanitizing:detect_leaks=0"
mix 2 "$((FAULTS_REQUESTS / 2))"
export ASAN_OPTIONS="$sanitizing"

# A quarter of what may be open is left for everybody else.
slow=10000
most=$(($(ulimit -Hn) * 3 / 4))
if [ "$most" -lt "$slow" ]; then
    echo "# only $most slow clients: more files may not be open"
    slow=$most
fi
cat >slow.cfg <<C
global
    nbthread 1
    maxconn $((slow + 100))
    no strict-limits
defaults
    mode http
    timeout client 60s
    timeout http-request 60s
frontend www
    bind 127.0.0.1:$p3 backlog 4096
    http-request return status 200 content-type text/plain lf-string %[path]
C
proxy slow "$p3"
quick() {
    "$faults" slow "$p3" "$slow" >quick.out || { cat quick.out; return 1; }
    cat quick.out
    between 0 "$1" "$(sed -n 's/.* p99 \([0-9]*\) us$/\1/p' quick.out)"
}
check "$slow slow clients: others are served within 200 ms" quick 200000
sed 's/^/# /' check.out
gone "$pid"

# No descriptor is left: no spinning, and it goes on when there are some again.
cat >few.cfg <<C
global
    nbthread 1
    maxconn 200
defaults
    mode http
    timeout client 20s
frontend www
    bind 127.0.0.1:$p4
    http-request return status 200 content-type text/plain string ok
C
proxy few "$p4"
ticks() {
    awk '{ print $14 + $15 }' "/proc/$1/stat"
}
ask() {
    is ok "$(curl -s --max-time 3 "http://127.0.0.1:$p4/")"
}
check "before" ask
open() {
    find "/proc/$pid/fd" -mindepth 1 | wc -l
}
limit=$(($(open) + 20))
prlimit --pid "$pid" --nofile=$limit:
"$faults" hold "$p4" 80 2500 >held &
holder=$!
check "more connections than descriptors" said held held
sleep 0.3
check "... all are in use" between $limit $((limit + 5)) "$(open)"
before=$(ticks "$pid")
sleep 1.5
check "no descriptor left: little processor time" between 0 30 $(($(ticks "$pid") - before))
wait "$holder"
check "... and served again" ask
gone "$pid"
exit 0
