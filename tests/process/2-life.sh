# One process: start, signals, exit codes, daemon, pid file, rights.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 4)
p1=$1 p2=$2 p3=$3 p4=$4
here=$(pwd)
"$BUILD/bench/origin" "$p4" >/dev/null 2>&1 &
pids="$pids $!"
serving "$p4"

sockets="    stats socket $here/ctl level admin"
{ config "$sockets"; hello "$p1"; } >a.cfg
{ config "    hard-stop-after 500ms"; hello "$p1"; printf '    use_backend b if TRUE\nbackend b\n    server s 127.0.0.1:%s\n' "$p4"; } >hard.cfg
{ config; printf 'listen l\n    bind 127.0.0.1:%s\n    server s 127.0.0.1:%s\n' "$p1" "$p4"; } >slow.cfg
sed -i '/http-request return/d' hard.cfg

# ---- one and the same process ----
start -f a.cfg
check "starts" serving "$p1"
check "serves" is hello "$(page "$p1")"
ask ctl "show info" >info
check "the process that was started serves" said "^Pid: $pid\$" info
check "it is called haproxy" is haproxy "$(cat "/proc/$pid/comm")"
check "SIGTERM" kill -TERM "$pid"
check "SIGTERM: status" ended 143 "$pid"
start -f a.cfg
serving "$p1"
kill -INT "$pid"
check "SIGINT: status" ended 130 "$pid"
start -db -f a.cfg
serving "$p1"
kill -USR1 "$pid"
check "SIGUSR1: status" ended 0 "$pid"
check "SIGUSR1: said" said "Proxy f stopped" log
{ config "    grace 2s"
cat <<C
frontend f
    bind 127.0.0.1:$p1
    monitor-uri /alive
    monitor fail if { stopping }
    http-request return status 200 content-type text/plain string hello
C
} >grace.cfg
start -f grace.cfg
serving "$p1"
alive() {
    curl -s -o /dev/null -w '%{http_code}' --max-time 5 "http://127.0.0.1:$p1/alive"
}
check "grace: alive" is 200 "$(alive)"
kill -USR1 "$pid"
sleep 0.3
check "grace: about to stop" is 503 "$(alive)"
check "grace: and serving all the same" is hello "$(page "$p1")"
check "grace: then it stops" ended 0 "$pid"
check "grace: and is gone" is "" "$(page "$p1")"

# ---- the second start ----
# Nothing can be compiled where no directory can be made.
TMPDIR=/nonexistent "$haproxy" -f a.cfg >log 2>&1 &
pid=$!
pids="$pids $pid"
check "a second start needs no compiler" serving "$p1"
kill "$pid"
wait "$pid"
{ config; hello "$p1" "something new"; } >new.cfg
check "something new does" code 1 env TMPDIR=/nonexistent "$haproxy" -f new.cfg

# ---- what is inherited ----
{ config "$sockets"; printf 'frontend f\n    bind "fd@${web}"\n    http-request return status 200 content-type text/plain lf-string "given %%[env(GREETING)]"\n'; } >fd.cfg
GREETING=hi "$give" web="$p2" -- "$haproxy" -f fd.cfg >log 2>&1 &
pid=$!
pids="$pids $pid"
serving "$p2"
check "fd@: serves the inherited socket" is "given hi" "$(page "$p2")"
kill "$pid"
wait "$pid"
check "fd@: no such variable" code 1 "$haproxy" -f fd.cfg
check "fd@: says so" said 'no such variable'
check "fd@: no number" code 1 env web=x "$haproxy" -f fd.cfg
check "fd@: no socket" code 1 env web=77 "$haproxy" -f fd.cfg
exec 8>other
"$haproxy" -f a.cfg >log 2>&1 &
pid=$!
pids="$pids $pid"
serving "$p1"
check "other descriptors stay open" is "$here/other" "$(readlink "/proc/$pid/fd/8")"
exec 8>&-
kill "$pid"
wait "$pid"

# ---- failures ----
"$give" used="$p3" -- sleep 60 &
pids="$pids $!"
serving "$p3"
{ config; hello "$p3"; } >used.cfg
check "a port in use" code 1 "$haproxy" -f used.cfg
check "a port in use: said" said "^\[ALERT\] .*cannot bind socket \(Address already in use\) for \[127.0.0.1:$p3\]"
check "-D: a port in use" code 1 "$haproxy" -D -f used.cfg
check "-W: a port in use" code 1 "$haproxy" -W -f used.cfg
{ config "    user nobody-of-that-name"; hello "$p1"; } >user.cfg
check "an unknown user" code 1 "$haproxy" -f user.cfg
check "an unknown user: named" said "nobody-of-that-name"
check "-p: a directory that is not there, -D" code 1 "$haproxy" -D -p /nonexistent/pid -f a.cfg
check "-S: nonsense" code 1 "$haproxy" -W -S nonsense -f a.cfg
check "-S: an unknown option" code 1 "$haproxy" -W -S "$here/m,sparkle" -f a.cfg
check "-S: said" said "sparkle"

# ---- -D ----
# The one that was started ends when the other one serves, and nothing holds its output.
out=$(timeout 20 "$haproxy" -D -p "$here/pid" -f a.cfg 2>&1)
check "-D: status, and the output is closed" is "0 " "$? $out"
daemon=$(cat pid)
pids="$pids $daemon"
check "-D: serves at once" is hello "$(page "$p1")"
ask ctl "show info" >info
check "-D: the pid file names who serves" said "^Pid: $daemon\$" info
check "-D: a session of its own" is "$daemon" "$(sed 's/.*) //' "/proc/$daemon/stat" | cut -d ' ' -f 4)"
check "-D: standard output is nowhere" is /dev/null "$(readlink "/proc/$daemon/fd/1")"
kill "$daemon"
check "-D: ends" until_true 5 gone "$daemon"
check "-db -D: stays" code 124 timeout 1 "$haproxy" -db -D -f a.cfg
{ config "    daemon
    pidfile $here/pid2
$sockets"; hello "$p1"; } >daemon.cfg
check "daemon" code 0 timeout 20 "$haproxy" -f daemon.cfg
daemon=$(cat pid2)
pids="$pids $daemon"
check "daemon: serves" is hello "$(page "$p1")"
kill "$daemon"
until_true 5 gone "$daemon"

# ---- draining ----
start -f slow.cfg
serving "$p1"
curl -s --limit-rate 10M --max-time 20 "http://127.0.0.1:$p1/bytes/20000000" -o got &
transfer=$!
until_true 5 test -s got
kill -USR1 "$pid"
check "SIGUSR1: nothing new is accepted" until_true 5 sh -c "! curl -s --max-time 2 http://127.0.0.1:$p1/small"
check "SIGUSR1: the process is still there" kill -0 "$pid"
wait "$transfer"
check "SIGUSR1: the transfer is complete" is 20000000 "$(wc -c <got)"
check "SIGUSR1: then it ends" ended 0 "$pid"
start -f slow.cfg
serving "$p1"
rm -f got
curl -s --limit-rate 1M --max-time 20 "http://127.0.0.1:$p1/bytes/90000000" -o got &
transfer=$!
until_true 5 test -s got
kill -TERM "$pid"
check "SIGTERM: at once" ended 143 "$pid"
wait "$transfer"
check "SIGTERM: the transfer is cut" [ "$(wc -c <got)" -lt 90000000 ]
start -f hard.cfg
serving "$p1"
rm -f got
curl -s --limit-rate 1M --max-time 20 "http://127.0.0.1:$p1/bytes/90000000" -o got &
transfer=$!
until_true 5 test -s got
kill -USR1 "$pid"
check "hard-stop-after: ends" ended 0 "$pid"
check "hard-stop-after: said" said "soft-stop running for too long" log
wait "$transfer"

# A connection that is idle between requests does not hold the process up; a new one is answered.
start -f a.cfg
serving "$p1"
mkfifo in
socat -t 5 - "TCP:127.0.0.1:$p1" <in >answer &
idle=$!
exec 7>in
sleep 0.3
kill -USR1 "$pid"
sleep 0.3
printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&7
check "SIGUSR1: who has connected before is answered" until_true 5 grep -q hello answer
check "SIGUSR1: and told to close" said '^connection: close' answer
exec 7>&-
wait "$idle"
check "SIGUSR1: no idle connection is waited for" ended 0 "$pid"

# ---- pausing ----
start -f a.cfg
serving "$p1"
kill -TTOU "$pid"
check "SIGTTOU: connections are refused" until_true 5 sh -c "! curl -s --max-time 2 http://127.0.0.1:$p1/"
kill -TTIN "$pid"
check "SIGTTIN: and served again" until_true 5 sh -c "curl -s --max-time 2 http://127.0.0.1:$p1/"
kill "$pid"
wait "$pid"

# ---- rights ----
if [ "$(id -u)" = 0 ]; then
    mkdir jail
    { config "    user nobody
    group nogroup
    chroot $here/jail
$sockets"; hello "$p1"; } >jail.cfg
    start -f jail.cfg
    serving "$p1"
    page "$p1" >/dev/null # it listens before it gives rights up, and answers after that
    check "user" is "$(id -u nobody)" "$(awk '/^Uid:/ { print $3 }' "/proc/$pid/status")"
    check "group" is "$(getent group nogroup | cut -d: -f3)" "$(awk '/^Gid:/ { print $3 }' "/proc/$pid/status")"
    check "no other groups" is "" "$(awk '/^Groups:/ { $1 = ""; print }' "/proc/$pid/status" | tr -d ' ')"
    check "chroot" is "$here/jail" "$(readlink "/proc/$pid/root")"
    check "serves in its jail" is hello "$(page "$p1")"
    kill "$pid"
    wait "$pid"
    { config "    chroot /nonexistent"; hello "$p1"; } >nojail.cfg
    check "chroot: no such directory" code 1 "$haproxy" -f nojail.cfg
    check "chroot: said" said "Cannot chroot\(/nonexistent\)"
fi
