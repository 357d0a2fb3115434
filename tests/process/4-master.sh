# Master and worker: reload, signals, exit codes, the master's socket, service managers.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 4)
p1=$1 p2=$2 p3=$3 p4=$4
here=$(pwd)
m=$here/master
"$BUILD/bench/origin" "$p4" >/dev/null 2>&1 &
pids="$pids $!"
serving "$p4"

first() {
    { config "    stats socket $here/ctl level admin
$1"; hello "$p1" first; } >x.cfg
}
listed() {
    ask "$m" "show proc" >proc
    said "$1" proc
}
worker() {
    ask "$m" "show proc" | awk '/^# workers/ { getline; print $1 }'
}

# ---- start ----
first
start -W -S "$m" -p "$here/pid" -f x.cfg
check "-W: serves" serving "$p1"
check "-W: the pid file names the master, also in the foreground" until_true 5 is "$pid" "$(cat pid)"
check "-W: one worker" until_true 5 sh -c "grep -q '[0-9]' /proc/$pid/task/$pid/children"
w=$(children "$pid")
pids="$pids $w"
check "-W: which is what show proc says" is "$w" "$(worker)"
check "show proc: the master" listed "^$pid +master +0 \[failed: 0\] +0d00h00m0[0-9]s +2\.6"
ask ctl "show info" >info
check "-W: the worker serves" said "^Pid: $w\$" info
ask ctl "show env HAPROXY_MWORKER" >env
check "HAPROXY_MWORKER" said "HAPROXY_MWORKER=1" env
ask ctl "show env HAPROXY_CFGFILES" >env
check "HAPROXY_CFGFILES" said "HAPROXY_CFGFILES=x.cfg" env
ask ctl "show env HAPROXY_CLI" >env
check "HAPROXY_CLI" said "HAPROXY_CLI=unix@$here/ctl" env
ask ctl "show env HAPROXY_MASTER_CLI" >env
check "HAPROXY_MASTER_CLI" said "HAPROXY_MASTER_CLI=unix@$m" env

# ---- the master's socket ----
check "@1" is "Pid: $w" "$(ask "$m" "@1 show info" | grep ^Pid)"
check "@!pid" is "Pid: $w" "$(ask "$m" "@!$w show info" | grep ^Pid)"
check "@1 for all that follows" is "Pid: $w" "$(ask "$m" "@1; show version; show info" | grep ^Pid)"
check "@ for the master again" is "1" "$(ask "$m" "@1; show version; @; show proc" | grep -c master)"
ask "$m" "@7 show info" >answer
check "@7: nobody" said "Can't find the target PID matching the prefix '@7'" answer
ask "$m" "show info" >answer
check "the master has no show info" said "Unknown command" answer
ask "$m" help >answer
check "help" said "^  show proc +: show processes status" answer
printf 'prompt\nshow version\n@1\nshow cli level\nquit\n' | socat -t 5 - "UNIX-CONNECT:$m" >answer
check "prompt: the master" said "^master> 2\.6" answer
check "prompt: a worker" said "^$w> " answer
check "levels: of the session" is "operator" "$(ask "$m" "operator; show cli level" | grep operator)"
check "levels: go along to the worker" is "operator" "$(ask "$m" "operator; @1 show cli level" | grep operator)"
check "levels: too low" is "Permission denied" "$(ask "$m" "user; reload" | grep Perm)"

# ---- reload ----
sed -i 's/"first"/"second"/' x.cfg
"$load" -t "$p1" -C -c 4 -w 0 -d 4 -p / >storm 2>&1 &
storm=$!
sleep 0.3
kill -USR2 "$pid"
check "SIGUSR2: the new configuration serves" until_true 20 sh -c "curl -s http://127.0.0.1:$p1/ | grep -q second"
check "SIGUSR2: a new worker" until_true 5 sh -c "! grep -q '$w ' /proc/$pid/task/$pid/children"
check "SIGUSR2: one reload" listed "^$pid +master +1 \[failed: 0\]"
check "SIGUSR2: the master is the same" is "$pid" "$(cat pid)"
pids="$pids $(children "$pid")"
sed -i 's/"second"/"third"/' x.cfg
ask "$m" reload >answer
check "reload: it is still called haproxy" is haproxy "$(cat "/proc/$pid/comm")"
check "reload: over when the answer ends" is third "$(page "$p1")"
pids="$pids $(children "$pid")"
wait "$storm"
check "reload: no request is lost" said " errors=0 " storm
sed -i 's/"third"/"fourth"/' x.cfg
kill -HUP "$pid"
check "SIGHUP reloads too" until_true 20 sh -c "curl -s http://127.0.0.1:$p1/ | grep -q fourth"
pids="$pids $(children "$pid")"

# ---- reloads that fail ----
w=$(worker)
cp x.cfg good.cfg
echo nonsense >>x.cfg
ask "$m" reload >answer
check "a wrong configuration: the old worker goes on" is "fourth" "$(page "$p1")"
check "a wrong configuration: counted" listed "^$pid +master +4 \[failed: 1\]"
check "a wrong configuration: said" said "unknown keyword 'nonsense'" log
printf 'prompt\nquit\n' | socat -t 5 - "UNIX-CONNECT:$m" >answer
check "a wrong configuration: the prompt shows it" said "^master\[ReloadFailed\]> " answer
sed "s/\(bind.*\)/\1\n    bind 127.0.0.1:$p3/; s/fourth/fifth/" good.cfg >x.cfg
"$give" used="$p3" -- sleep 60 &
taken=$!
pids="$pids $taken"
serving "$p3"
kill -USR2 "$pid"
check "a port in use: counted" until_true 20 listed "^$pid +master +5 \[failed: 2\]"
check "a port in use: the old worker goes on" is "fourth" "$(page "$p1")"
check "a port in use: it is the same" is "$w" "$(worker)"
kill "$taken"
wait "$taken"
kill -USR2 "$pid"
check "once the port is free: reloads" until_true 20 sh -c "curl -s http://127.0.0.1:$p3/ | grep -q fifth"
check "once the port is free: nothing has failed" until_true 5 listed "^$pid +master +6 \[failed: 0\]"
pids="$pids $(children "$pid")"
cp good.cfg x.cfg
kill -USR2 "$pid"
check "a listener that is gone is closed" until_true 20 sh -c "! curl -s http://127.0.0.1:$p3/"
pids="$pids $(children "$pid")"

# ---- the end ----
kill -TERM "$pid"
check "SIGTERM: the master ends with 0" ended 0 "$pid"
for p in $pids; do [ "$p" = "$pid" ] || case $(cat "/proc/$p/comm" 2>/dev/null) in haproxy) alive="$alive $p" ;; esac; done
check "SIGTERM: no worker is left" is "" "$alive"

# end SIGNAL WHOM STATUS NAME
end() {
    start -W -S "$m" -f good.cfg
    serving "$p1"
    until_true 5 listed "^[0-9]+ +worker"
    w=$(children "$pid")
    pids="$pids $w"
    [ "$2" = master ] && whom=$pid || whom=$w
    kill -"$1" "$whom"
    check "$4" ended "$3" "$pid"
}
end INT master 130 "SIGINT: the master ends with 130"
end USR1 master 0 "SIGUSR1: the master ends with 0"
end ABRT worker 134 "a worker that crashes: the master ends with its status"
check "a worker that crashes: said" said "Current worker \($w\) exited with code 134 \(Aborted\)" log
end KILL worker 137 "a worker that is killed"
end TERM worker 0 "a worker that is asked to end"
end KILL master 137 "a master that is killed"
check "a master that is killed: its worker leaves" until_true 5 gone "$w"

# ---- the keyword, -db, draining over a reload ----
{ config "    master-worker"; printf 'listen l\n    bind 127.0.0.1:%s\n    server s 127.0.0.1:%s\n' "$p2" "$p4"; } >keyword.cfg
start -db -S "$m" -f keyword.cfg
check "master-worker: serves" serving "$p2"
check "master-worker: one worker" until_true 5 sh -c "grep -q '[0-9]' /proc/$pid/task/$pid/children"
curl -s --limit-rate 10M --max-time 30 "http://127.0.0.1:$p2/bytes/30000000" -o got &
transfer=$!
until_true 5 test -s got
ask "$m" reload >answer
check "an old worker finishes its transfer" listed "^# old workers"
wait "$transfer"
check "an old worker finishes its transfer completely" is 30000000 "$(wc -c <got)"
check "and then it ends" until_true 5 sh -c "! printf 'show proc\n' | socat -t 5 - UNIX-CONNECT:$m | grep -q old"
pids="$pids $(children "$pid")"
kill "$pid"
wait "$pid"

{ config "    master-worker
    mworker-max-reloads 0"; printf 'listen l\n    bind 127.0.0.1:%s\n    server s 127.0.0.1:%s\n' "$p2" "$p4"; } >impatient.cfg
start -S "$m" -f impatient.cfg
serving "$p2"
until_true 5 listed "^[0-9]+ +worker"
w=$(children "$pid")
curl -s --limit-rate 1M --max-time 30 "http://127.0.0.1:$p2/bytes/90000000" -o got &
transfer=$!
until_true 5 test -s got
ask "$m" reload >answer
check "mworker-max-reloads: an old worker is not waited for" until_true 5 gone "$w"
wait "$transfer"
pids="$pids $(children "$pid")"
kill "$pid"
wait "$pid"

# ---- in the background ----
said=$(timeout 20 "$haproxy" -W -D -S "$m" -p "$here/pid" -f good.cfg 2>&1)
check "-W -D: status, and the output is closed" is 0 $?
pid=$(cat pid)
pids="$pids $pid $(children "$pid")"
check "-W -D: serves at once" is fourth "$(page "$p1")"
check "-W -D: the pid file names the master" listed "^$pid +master"
sed 's/fourth/background/' good.cfg >good2.cfg
mv good2.cfg good.cfg
kill -USR2 "$pid"
check "-W -D: reloads" until_true 20 sh -c "curl -s http://127.0.0.1:$p1/ | grep -q background"
pids="$pids $(children "$pid")"
kill "$pid"
check "-W -D: ends" until_true 5 gone "$pid"

# ---- -C: a reload reads the files of the same directory again ----
mkdir sub
{ config; hello "$p1" "in sub"; } >sub/c.cfg
start -W -C sub -S "$m" -f c.cfg
serving "$p1"
sed -i 's/in sub/still in sub/' sub/c.cfg
ask "$m" reload >answer
check "-C: reloads" until_true 10 sh -c "curl -s http://127.0.0.1:$p1/ | grep -q 'still in sub'"
pids="$pids $(children "$pid")"
kill "$pid"
wait "$pid"

# ---- a binary that stands alone ----
"$BUILD/proxyc" build -q good.cfg -o proxy
./proxy -W -S "$m" >log 2>&1 &
pid=$!
pids="$pids $pid"
check "a binary with -W: serves" serving "$p1"
sed 's/background/alone/' good.cfg >alone.cfg
"$BUILD/proxyc" build -q alone.cfg -o proxy
ask "$m" reload >answer
check "a binary with -W: what is at its place now is started" until_true 10 sh -c "curl -s http://127.0.0.1:$p1/ | grep -q alone"
pids="$pids $(children "$pid")"
kill "$pid"
wait "$pid"

# ---- -Ws ----
socat -u "UNIX-RECV:$here/notify" "OPEN:told,creat,append" &
pids="$pids $!"
until_true 5 test -S notify
sed 's/^global/&\n    daemon/' good.cfg >service.cfg
NOTIFY_SOCKET=$here/notify "$haproxy" -Ws -S "$m" -f service.cfg >log 2>&1 &
pid=$!
pids="$pids $pid"
check "-Ws: ready" until_true 10 grep -q '^READY=1' told
check "-Ws: the master's number, no daemon" said "^MAINPID=$pid\$" told
check "-Ws: serves by then" is background "$(page "$p1")"
ask "$m" reload >answer
check "-Ws: reloading" said '^RELOADING=1' told
check "-Ws: ready again" until_true 10 sh -c '[ "$(grep -c ^READY=1 told)" = 2 ]'
pids="$pids $(children "$pid")"
kill "$pid"
wait "$pid"
check "-Ws: stopping" until_true 5 grep -q '^STOPPING=1' told
