# From one process to the next: -sf, -st, -x, and HAProxy's own way of asking for sockets.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 3)
p1=$1 p2=$2 p3=$3
here=$(pwd)

# one FILE TEXT: what process TEXT is made from.
one() {
    { config "    stats socket $here/$2.ctl level admin expose-fd listeners"
    hello "$p1" "$2"
    printf '    bind abns@%s-%s\n    bind [::1]:%s v6only\n' "$(basename "$here")" "$$" "$p1"; } >"$1"
}
one old.cfg old
one new.cfg new
{ config; hello "$p1" new; } >plain.cfg
{ config; hello "$p1" old; } >plainold.cfg

# storm SECONDS: a new connection for each request, all the time; result in the file "storm".
storm() {
    "$load" -t "$p1" -C -c 4 -w 0 -d "$1" -p / >storm 2>&1 &
    storm=$!
    sleep 0.3
}
# calm [MOST]: at most so many requests failed, none if nothing is said.
calm() {
    wait "$storm"
    failures=$(sed -n 's/.* errors=\([0-9]*\) .*/\1/p' storm)
    [ -n "$failures" ] && [ "$failures" -le "${1:-0}" ] && return 0
    cat storm
    return 1
}

# ---- -sf ----
start -f plainold.cfg
serving "$p1"
old=$pid
storm 3
start -f plain.cfg -sf "$old"
check "-sf: the old one ends" ended 0 "$old"
check "-sf: the new one serves" is new "$(page "$p1")"
# The kernel resets whoever connects between the last accept() and close(): that can be each of four
# clients, at each of two sockets. Only -x is free of that.
check "-sf: hardly a request is lost" calm 8
kill "$pid"
wait "$pid"

# ---- -st ----
start -f plainold.cfg
serving "$p1"
old=$pid
start -f plain.cfg -st "$old"
check "-st: the old one is ended" ended 143 "$old"
check "-st: the new one serves" is new "$(page "$p1")"
new=$pid
check "-sf: without numbers" code 1 timeout 5 "$haproxy" -c -zz -sf
check "-sf: without numbers, before an option" code 0 "$haproxy" -f plain.cfg -sf -c
{ config; hello "$p1" new; echo "    bind 192.0.2.1:$p1"; } >nowhere.cfg
check "-sf: an address of somebody else" code 1 "$haproxy" -f nowhere.cfg -sf "$new"
check "-sf: it still serves" is new "$(page "$p1")"
check "-sf: a failed start leaves the old one" code 1 "$haproxy" -f plain.cfg -p /nonexistent/pid -D -sf "$new"
check "-sf: it still serves" is new "$(page "$p1")"
kill "$new"
wait "$new"

# ---- -dR: the old one has to make room ----
start -dR -f plainold.cfg
serving "$p1"
old=$pid
check "-dR: nobody else may listen" code 1 "$haproxy" -dR -f plain.cfg
start -dR -f plain.cfg -sf "$old"
check "-dR -sf: the old one ends" ended 0 "$old"
check "-dR -sf: the new one serves" until_true 5 is new "$(page "$p1")"
check "-dR -sf: really" is new "$(page "$p1")"
kill "$pid"
wait "$pid"

# ---- -x ----
start -f old.cfg
serving "$p1"
old=$pid
storm 3
start -f new.cfg -x "$here/old.ctl" -sf "$old"
check "-x: the old one ends" ended 0 "$old"
check "-x: the new one serves" is new "$(page "$p1")"
check "-x: no request is lost" calm
storm 1
check "-x: all sockets that were given are served" calm
kill "$pid"
wait "$pid"
check "-x: nobody there" code 1 "$haproxy" -f new.cfg -x "$here/nowhere.ctl"
check "-x: said" said "Failed to get the sockets from the old process"
start -f new.cfg -x /dev/null
check "-x /dev/null: there is no old process" serving "$p1"
kill "$pid"
wait "$pid"
sed 's/ expose-fd listeners//' old.cfg >closed.cfg
start -f closed.cfg
serving "$p1"
check "-x: the old one does not give" code 1 timeout 20 "$haproxy" -f new.cfg -x "$here/old.ctl"
check "_getsocks: refused without expose-fd" is "Permission denied" "$(ask old.ctl _getsocks | head -n 1)"
kill "$pid"
wait "$pid"

# ---- -x from and to HAProxy ----
"$theirs" -f old.cfg >theirs.log 2>&1 &
old=$!
pids="$pids $old"
serving "$p1"
storm 3
start -f new.cfg -x "$here/old.ctl" -sf "$old"
check "-x from HAProxy: it ends" until_true 10 gone "$old"
check "-x from HAProxy: the new one serves" is new "$(page "$p1")"
check "-x from HAProxy: no request is lost" calm
old=$pid
"$theirs" -f old.cfg -x "$here/new.ctl" -sf "$old" >theirs.log 2>&1 &
new=$!
pids="$pids $new"
check "-x to HAProxy: we end" ended 0 "$old"
check "-x to HAProxy: it serves" until_true 5 sh -c "curl -s http://127.0.0.1:$p1/ | grep -q old"
check "-x to HAProxy: it complains about nothing" unsaid "ALERT" theirs.log
kill "$new"
