# The control socket: commands, levels, modes, prompt, timeouts, and forms of statistics.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 4)
p1=$1 p2=$2 p3=$3 p4=$4
here=$(pwd)
{
    config "    stats socket $here/admin level admin mode 600
    stats socket $here/operator mode 666 level operator
    stats socket $here/user level user
    stats socket $here/default
    stats socket ipv4@127.0.0.1:$p2 level user
    stats timeout 1s
    description 'a test'
    node here"
    echo "    option socket-stats"
    hello "$p1"
    cat <<C
backend b
    cookie SRV insert
    server s1 127.0.0.1:$p3 weight 5 maxconn 10 cookie one
    server s2 127.0.0.1:$p3 backup
backend bare
    server s1 127.0.0.1:$p3
C
} >a.cfg
start -f a.cfg
serving "$p1"
page "$p1" >/dev/null

# ---- the socket ----
check "mode 600" is 600 "$(stat -c %a admin)"
check "mode 666" is 666 "$(stat -c %a operator)"
check "over TCP" is "user" "$(printf 'show cli level\n' | socat -t 5 - "TCP:127.0.0.1:$p2" | head -n 1)"
for level in admin operator user; do
    check "level $level" is "$level" "$(ask $level "show cli level" | head -n 1)"
done
check "level operator unless said otherwise" is operator "$(ask default "show cli level" | head -n 1)"
check "a command of a higher level" is "Permission denied" "$(ask user "show env" | head -n 1)"
check "levels go down" is "operator user" "$(ask admin "operator; show cli level; user; show cli level; operator" | grep . | tr '\n' ' ' | sed 's/ $//')"
ask admin "show cli sockets" >answer
check "show cli sockets: a path" said "^unix@$here/operator operator all\$" answer
check "show cli sockets: an address" said "^ipv4@127.0.0.1:$p2 user all\$" answer

# ---- commands ----
check "show version" is "$("$haproxy" -v | sed -n '1s/HAProxy version \([^ ]*\) .*/\1/p')" "$(ask user "show version" | head -n 1)"
check "an answer ends with an empty line" is "" "$(ask user "show version" | tail -n 1)"
check "several commands in a line" is 2 "$(ask user "show version; show version" | grep -c 2.6)"
check "a semicolon ends a command" is 2 "$(printf 'show version;show version;' | socat -t 5 - UNIX:user | grep -c 2.6)"
check "... nothing else does but a line feed" is 1 "$(printf 'show version;show version' | socat -t 5 - UNIX:user | grep -c 2.6)"
check "... nor one without its meaning" is "" "$(printf 'show version\\;' | socat -t 5 - UNIX:user)"
check "the rest of a command is waited for" is 2 "$({ printf 'show version\nshow v' && sleep 0.3 && printf 'ersion\n'; } | socat -t 5 - UNIX:user | grep -c 2.6)"
check "a semicolon without its meaning" is 0 "$(ask user 'nothing\; show version' | grep -c '^2.6')"
check "several lines at once" is 3 "$(printf 'show version\nshow version\nshow version\n' | socat -t 5 - UNIX:user | grep -c 2.6)"
ask user "nonsense" >answer
check "an unknown command" said "^Unknown command" answer
check "an unknown command: what there is" said '^  quit +: disconnect' answer
ask user "show nonsense" >answer
check "an unknown command: what is like it" said '^  show info' answer
check "an unknown command: nothing else" unsaid '^  set' answer
ask user "help show" >answer
check "help: like HAProxy's" said '^  show version +: show version of the current process$' answer
ask user "help" >answer
check "help: not what the level forbids" unsaid 'show env' answer
check "show env" is "HAPROXY_CFGFILES=a.cfg" "$(ask admin "show env HAPROXY_CFGFILES" | head -n 1)"
check "show env: no such variable" is "Variable not found" "$(ask admin "show env NOPE" | head -n 1)"
check "show backend" is "# name b bare" "$(ask user "show backend" | tr -s '\n' ' ' | sed 's/ *$//')"
check "an empty line" is 1 "$(ask user "" | grep -c '^Unknown command. Please')"

# ---- prompt ----
printf 'prompt\nshow version\nquit\n' | socat -t 5 - UNIX:user >answer
check "prompt" said '^> 2\.6' answer
check "prompt: stays until quit" is 2 "$(grep -c '^> ' answer)"
mkfifo in
socat -t 1 - UNIX:user <in >answer &
c1=$!
exec 7>in
printf 'prompt\n' >&7
sleep 0.5
printf 'show version\n' >&7
check "prompt: commands when they come" until_true 3 grep -q '^> 2.6' answer
sleep 1.3
check "stats timeout: the session is over" until_true 3 gone "$c1"
exec 7>&-
wait "$c1"
socat -t 1 - UNIX:user <in >answer &
c1=$!
exec 7>in
printf 'prompt;set timeout cli 10s\n' >&7
sleep 1.5
printf 'show version\n' >&7
check "set timeout cli" until_true 3 grep -q '^> 2.6' answer
exec 7>&-
wait "$c1"
check "set timeout cli: no time" is "Invalid timeout value." "$(ask user "set timeout cli 0" | head -n 1)"
head -c 100000 /dev/zero | tr '\0' x | timeout 5 socat -t 1 - UNIX:user >answer 2>/dev/null
check "a line without end: only its session ends" is user "$(ask user "show cli level" | head -n 1)"

# ---- statistics ----
ask user "show info" >info
check "show info: number" said "^Pid: $pid\$" info
check "show info: description" said "^description: a test\$" info
check "show info: node" said "^node: here\$" info
ask user "show info typed" >info
check "show info typed" said "^6.Pid.1:SGP:u32:$pid\$" info
ask user "show info json" >info
check "show info json" said '^\[\{"field":\{"pos":0,"name":"Name"\},"processNum":1,"tags":\{"origin":"Product","nature":"Output","scope":"Service"\},"value":\{"type":"str","value":"HAProxy"\}\},' info
ask user "show stat" >stat
check "show stat: frontend" said '^f,FRONTEND,,,[0-9]+,1,[0-9]+,2,' stat
check "show stat: listener" said '^f,sock-1,' stat
check "show stat: server" said '^b,s1,0,0,0,0,10,0,' stat
check "show stat: backend" said '^b,BACKEND,' stat
check "show stat: as many columns everywhere" is 1 "$(grep , stat | awk -F, '{ print NF }' | sort -u | wc -l)"
check "show stat: filtered" is "b,s2" "$(ask user "show stat b 4 2" | grep '^b,' | cut -d, -f 1-2)"
check "show stat: no such proxy" is "No such proxy." "$(ask user "show stat nope 4 2" | head -n 1)"
ask user "show stat typed" >typed
check "show stat typed" said '^S\.[0-9]+\.1\.18\.weight\.1:CGP?S?:u32:5$|^S\.[0-9]+\.1\.18\.weight\.1:...:u32:5$' typed
ask user "show stat json" >json
check "show stat json" said '^\[\[\{"objType":"Frontend","proxyId":[0-9]+,"id":0,"field":\{"pos":0,"name":"pxname"\}' json
check "addresses are for operators" is "" "$(ask user "show stat b 4 1" | awk -F, 'NR == 2 { print $74 }')"
check "addresses" is "127.0.0.1:$p3" "$(ask operator "show stat b 4 1" | awk -F, 'NR == 2 { print $74 }')"
check "cookies are for operators" is "" "$(ask user "show stat b 6 -1" | awk -F, 'NR > 1 { printf "%s", $75 }')"
ask operator "show stat b 6 -1" | awk -F, 'NR > 1 { print $2, $75 }' >cookies
check "the cookie of a server" said '^s1 one$' cookies
check "a server without a cookie" said '^s2 $' cookies
check "the cookie of a backend" said '^BACKEND SRV$' cookies

# ---- cookies made of addresses ----
# s2: the cookie of the second server.
s2() {
    ask operator "show stat b 4 -1" | awk -F, '$2 == "s2" { print $75 }'
}
check "set dynamic-cookie-key: no backend" is "A backend name is expected." "$(ask admin "set dynamic-cookie-key backend" | head -n 1)"
check "set dynamic-cookie-key: no such backend" is "No such backend." "$(ask admin "set dynamic-cookie-key backend f x" | head -n 1)"
check "set dynamic-cookie-key: no key" is "String value expected." "$(ask admin "set dynamic-cookie-key backend b" | head -n 1)"
check "enable dynamic-cookie: no such backend" is "No such backend." "$(ask admin "enable dynamic-cookie backend nope" | head -n 1)"
check "enable dynamic-cookie: not for operators" is "Permission denied" "$(ask operator "enable dynamic-cookie backend b" | head -n 1)"
check "enable dynamic-cookie: a backend without a cookie" is "This backend has no cookie." "$(ask admin "enable dynamic-cookie backend bare" | head -n 1)"
ask admin "set dynamic-cookie-key backend b one" >answer
check "a key is not enough" is "" "$(s2)"
ask admin "enable dynamic-cookie backend b" >answer
first=$(s2)
check "enable dynamic-cookie" is 16 "${#first}"
ask admin "set dynamic-cookie-key backend b two" >answer
second=$(s2)
check "another key, another cookie" is 16 "${#second}"
check "another key, another cookie: not the same" test "$first" != "$second"
ask admin "set server b/s2 addr 127.0.0.2" >answer
third=$(s2)
check "another address, another cookie" is 16 "${#third}"
check "another address, another cookie: not the same" test "$second" != "$third"
ask admin "set server b/s2 addr 127.0.0.1" >answer
check "the former address, the former cookie" is "$second" "$(s2)"
ask admin "disable dynamic-cookie backend b" >answer
check "disable dynamic-cookie" is "" "$(s2)"
kill "$pid"
wait "$pid"

# The same names in the same order as HAProxy.
if [ -x "$theirs" ]; then
    "$theirs" -f a.cfg >theirs.log 2>&1 &
    pid=$!
    pids="$pids $pid"
    serving "$p1"
    page "$p1" >/dev/null
    head -n 1 stat >ours
    ask user "show stat" | head -n 1 >theirs
    check "show stat: HAProxy's columns" cmp ours theirs
    ask user "show stat typed" | sed 's/:.*//' >theirs
    sed 's/:.*//' typed | grep -v 'h1_open_streams' >ours
    grep -v 'h1_open_streams' theirs >theirs2
    check "show stat typed: HAProxy's fields" diff ours theirs2
    ask user "show info typed" | sed 's/:[^:]*$//' >theirs
    kill "$pid"
    wait "$pid"
    start -f a.cfg
    serving "$p1"
    ask user "show info typed" | sed 's/:[^:]*$//' >ours
    check "show info typed: HAProxy's fields" diff ours theirs
    kill "$pid"
    wait "$pid"
fi
