# Limits: connections, descriptors, memory, and those that cannot be raised.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 3)
p1=$1 p2=$2 p3=$3
here=$(pwd)
ctl="    stats socket $here/ctl level admin"

{ config "$ctl"; hello "$p1"; } >a.cfg
{ config "$ctl"; hello "$p1"; echo "    maxconn 2"; } >frontend.cfg
{ config "$ctl"; hello "$p1" | sed 's/\(bind.*\)/\1 maxconn 2/'; } >bind.cfg
{ config "    maxconn 2
$ctl"; hello "$p1"; } >global.cfg

# full NAME ARGUMENT...: a proxy that takes two connections at a time.
full() {
    name=$1
    shift
    start "$@"
    serving "$p1"
    mkfifo one two
    socat - "TCP:127.0.0.1:$p1" <one >/dev/null 2>&1 &
    c1=$!
    exec 7>one
    socat - "TCP:127.0.0.1:$p1" <two >/dev/null 2>&1 7>&- &
    c2=$!
    exec 8>two
    sleep 0.3
    check "$name: a third connection waits" code 28 curl -s --max-time 1 "http://127.0.0.1:$p1/"
    curl -s --max-time 10 "http://127.0.0.1:$p1/" >third 7>&- 8>&- &
    c3=$!
    sleep 0.2
    exec 7>&- 8>&-
    wait "$c1" "$c2" "$c3"
    check "$name: until there is room" said hello third
    kill "$pid"
    wait "$pid"
    rm one two
}
full "maxconn of the process" -f global.cfg
full "maxconn of a frontend" -f frontend.cfg
full "maxconn of a listener" -f bind.cfg
full "-n" -n 2 -f a.cfg
full "-N" -N 2 -f a.cfg
start -n 77 -f global.cfg
serving "$p1"
check "-n wins over maxconn" is "Maxconn: 77" "$(ask ctl "show info" | grep ^Maxconn)"
kill "$pid"
wait "$pid"

# ---- rates ----
# In a second 20 are served; who comes then waits.
{ config "    maxconnrate 20
$ctl"; hello "$p1"; } >conns.cfg
{ config "    maxsessrate 20
$ctl"; hello "$p1"; } >sessions.cfg
{ config "$ctl"; hello "$p1"; echo "    rate-limit sessions 20"; } >frontend-rate.cfg
{ config "$ctl"; hello "$p1"
  echo "    tcp-request connection reject if { src 127.0.0.2 }
    rate-limit sessions 1"; } >refused.cfg

# took N CURLARGUMENT...: for how many milliseconds N connections, one after the other, kept us.
took() {
    n=$1
    shift
    began=$(date +%s%N)
    curl -s --max-time 20 -H 'Connection: close' "$@" "http://127.0.0.1:$p1/[1-$n]" >page 2>&1
    echo $((($(date +%s%N) - began) / 1000000))
}

# between LOW HIGH VALUE
between() {
    [ "$3" -ge "$1" ] && [ "$3" -le "$2" ] && return 0
    echo "$3 is not between $1 and $2"
    return 1
}

for limit in conns sessions frontend-rate; do
    start -f "$limit.cfg"
    serving "$p1"
    check "$limit: 60 connections wait" between 1500 9000 "$(took 60)"
    check "$limit: and are served" is 60 "$(grep -o hello page | wc -l)"
    case $limit in
    conns) shown="ConnRateLimit: 20" ;;
    sessions) shown="SessRateLimit: 20" ;;
    *) shown=20 ;;
    esac
    if [ "$limit" = frontend-rate ]; then
        got=$(ask ctl "show stat" | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
                                             $2 == "FRONTEND" { print $at["rate_lim"] }')
    else
        got=$(ask ctl "show info" | grep "^${shown%%:*}:")
    fi
    check "$limit: shown" is "$shown" "$got"
    kill "$pid"
    wait "$pid"
done
start -f refused.cfg
serving "$p1"
check "who is refused has no session" between 0 1500 "$(took 40 --interface 127.0.0.2)"
kill "$pid"
wait "$pid"

# ---- threads ----
start_on_one_cpu() {
    taskset -c 0 "$haproxy" -f a.cfg >log 2>&1 &
    pid=$!
    pids="$pids $pid"
}
start_on_one_cpu
serving "$p1"
check "a thread for each processor that may be used" is "Nbthread: 1" "$(ask ctl "show info" | grep ^Nbthread)"
kill "$pid"
wait "$pid"

# ---- descriptors ----
check "a limit that cannot be raised" code 1 "$haproxy" -n 900000000 -f a.cfg
check "a limit that cannot be raised: said" said '^\[ALERT\] .*Cannot raise FD limit to [0-9]+, limit is [0-9]+'
check "a limit that cannot be raised: what to do" said "'maxconn'.*'no strict-limits'"
{ config "    no strict-limits
    maxconn 900000000
$ctl"; hello "$p1"; } >lax.cfg
start -f lax.cfg
check "no strict-limits: starts" serving "$p1"
check "no strict-limits: warns" said '^\[WARNING\] .*Cannot raise FD limit to' log
kill "$pid"
wait "$pid"
{ config "    ulimit-n 500
$ctl"; hello "$p1"; } >ulimit.cfg
start -f ulimit.cfg
serving "$p1"
check "ulimit-n" is "500" "$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")"
kill "$pid"
wait "$pid"
(ulimit -S -n 128 && exec "$haproxy" -n 300 -f a.cfg) >log 2>&1 &
pid=$!
pids="$pids $pid"
serving "$p1"
check "the limit is raised as needed" test "$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")" -ge 600
kill "$pid"
wait "$pid"
(ulimit -S -n 128 && ulimit -H -n 128 && exec "$haproxy" -f a.cfg) >log 2>&1 &
pid=$!
pids="$pids $pid"
serving "$p1"
check "without maxconn, the limit decides" until_true 5 test "$(ask ctl "show info" | sed -n 's/^Maxconn: //p')" -lt 64
kill "$pid"
wait "$pid"

start -f a.cfg
serving "$p1"
mkfifo in
socat -t 5 - "TCP:127.0.0.1:$p1" <in >answer 2>/dev/null &
c1=$!
exec 7>in
sleep 0.2
files=$(find "/proc/$pid/fd" -mindepth 1 | wc -l)
prlimit --pid "$pid" --nofile="$((files + 5))"
"$load" -m idle -t "$p1" -c 50 -1 -p / >storm 2>&1
check "no descriptors left: some are served" unsaid 'answered=0' storm
check "no descriptors left: some are not" unsaid 'answered=50' storm
printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&7
check "no descriptors left: the rest live on" until_true 5 grep -q hello answer
exec 7>&-
wait "$c1"
check "no descriptors left: it recovers" until_true 5 sh -c "curl -s --max-time 2 http://127.0.0.1:$p1/ | grep -q hello"
kill "$pid"
wait "$pid"

# ---- memory ----
case $(cat "$BUILD/flags") in
*sanitize*) ;;
*)
    start -m 100 -f a.cfg
    serving "$p1"
    check "-m: the limit" is $((100 << 20)) "$(awk '/^Max address space/ { print $4 }' "/proc/$pid/limits")"
    check "-m: shown" is "Memmax_MB: 100" "$(ask ctl "show info" | grep ^Memmax_MB)"
    check "-m: fewer connections" test "$(ask ctl "show info" | sed -n 's/^Maxconn: //p')" -lt 3000
    kill "$pid"
    wait "$pid"
    start -n 3000 -f a.cfg
    serving "$p1"
    socat -t 5 - "TCP:127.0.0.1:$p1" <in >answer 2>/dev/null &
    c1=$!
    exec 7>in
    printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&7
    until_true 5 grep -q hello answer
    page "$p1" >/dev/null
    size=$(awk '/^VmSize/ { print $2 }' "/proc/$pid/status")
    prlimit --pid "$pid" --as="$(((size + 64) << 10))"
    "$load" -m idle -t "$p1" -c 2000 -1 -p / >storm 2>&1
    check "no memory left: some are not served" unsaid 'answered=2000' storm
    printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&7
    check "no memory left: the rest live on" until_true 5 sh -c '[ "$(grep -c hello answer)" = 2 ]'
    exec 7>&-
    wait "$c1"
    check "no memory left: it recovers" until_true 5 sh -c "curl -s --max-time 2 http://127.0.0.1:$p1/ | grep -q hello"
    kill "$pid"
    wait "$pid"
    ;;
esac
