# Programs that check servers: who they are, and what they are told of a socket that was inherited.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 2)
p1=$1 p2=$2
here=$(pwd)
# Whoever the proxy becomes has to get here.
chmod 711 .. .
: >said.by
chmod 666 said.by
cat >program.sh <<C
#!/bin/sh
echo "\$*, user \$(id -u) group \$(id -g) groups \$(id -G), \$(grep CapEff /proc/self/status)" >$here/said.by
C
chmod 755 program.sh
# programs GLOBAL BIND
programs() {
    config "    external-check
    insecure-fork-wanted
$1"
    cat <<C
listen l
    bind $2
    http-request return status 200
    option external-check
    external-check command $here/program.sh
    external-check path /usr/bin:/bin
    server s 127.0.0.1:81 check inter 100
C
}
# told NAME PATTERN: until the program has written such a line.
told() {
    until_true 20 grep -Eqx -- "$2" said.by >/dev/null || true
    check "$1" said "^$2\$" said.by
}
nothing='CapEff:	0000000000000000'

me=$(id -u)
[ "$me" != 0 ] || me=65534
programs "" "127.0.0.1:$p1" >own.cfg
check "build" "$BUILD/proxyc" build own.cfg -o "$here/own"
if [ "$(id -u)" = 0 ]; then
    setpriv --reuid "$me" --regid "$me" --clear-groups ./own -db >log 2>&1 &
else
    ./own -db >log 2>&1 &
fi
pid=$!
pids="$pids $pid"
told "an ordinary user" "127.0.0.1 $p1 127.0.0.1 81, user $me group [0-9]+ groups [0-9 ]+, $nothing"
kill "$pid"
wait "$pid"

# limits NAME GAINED PROCESSES: what the kernel says of the process, soon after it listens.
limits() {
    check "$1: set-user-ID bits" until_true 20 said "^NoNewPrivs:	$2\$" "/proc/$pid/status"
    check "$1: more processes" until_true 20 said "^Max processes  *$3 " "/proc/$pid/limits"
}
{ config; hello "$p1"; } >plain.cfg
start -db -f plain.cfg
serving "$p1"
limits "as ever" 1 0
kill "$pid"
wait "$pid"
{ config "    insecure-fork-wanted
    insecure-setuid-wanted"; hello "$p1"; } >wanted.cfg
start -db -f wanted.cfg
serving "$p1"
limits "wanted" 0 '[1-9u][0-9a-z]*'
kill "$pid"
wait "$pid"
start -db -dI -f plain.cfg
serving "$p1"
limits "-dI" 1 '[1-9u][0-9a-z]*'
kill "$pid"
wait "$pid"

if [ "$(id -u)" = 0 ]; then
    programs "    user nobody
    group nogroup" "127.0.0.1:$p1" >dropped.cfg
    start -db -f dropped.cfg
    ids="user $(id -u nobody) group $(getent group nogroup | cut -d: -f3)"
    told "who was root" "127.0.0.1 $p1 127.0.0.1 81, $ids groups ${ids##* }, $nothing"
    kill "$pid"
    wait "$pid"
fi

# shellcheck disable=SC2016 # the proxy's variable
programs "" '"fd@${web}"' >fd.cfg
"$give" web="$p2" -- "$haproxy" -db -f fd.cfg >log 2>&1 &
pid=$!
pids="$pids $pid"
told "fd@" "127.0.0.1 $p2 127.0.0.1 81, .*"
