# Stick tables through the control socket: HAProxy's answers, and what they do to requests, with
# several threads.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 3)
p1=$1 p2=$2 p3=$3
here=$(pwd)
{
    config "    stats socket $here/admin level admin
    stats socket $here/operator level operator
    stats socket $here/user level user
    nbthread 3"
    cat <<C
frontend f
    bind 127.0.0.1:$p1
    stick-table type integer size 1k
    use_backend %[path,field(2,/)]
    default_backend ip
backend ip
    stick-table type ip size 1m expire 30m
    stick on src
    server a 127.0.0.1:$p2
    server b 127.0.0.1:$p3
backend ipv6
    stick-table type ipv6 size 10k expire 1h srvkey addr
    stick on src
    server a 127.0.0.1:$p2
    server b 127.0.0.1:$p3
backend text
    stick-table type string len 9 size 100
    stick on req.hdr(x)
    server a 127.0.0.1:$p2
    server b 127.0.0.1:$p3
backend number
    stick on req.hdr(x) table f
    server a 127.0.0.1:$p2
    server b 127.0.0.1:$p3
backend bytes
    stick-table type binary len 4 size 100
    stick on req.hdr(x)
    server a 127.0.0.1:$p2
    server b 127.0.0.1:$p3
backend plain
    stick-table type string size 100
backend short
    stick-table type string size 100 expire 100ms store server_id
frontend a
    bind 127.0.0.1:$p2
    http-request return status 200 content-type text/plain string a
frontend b
    bind 127.0.0.1:$p3
    http-request return status 200 content-type text/plain string b
C
} >a.cfg
get() {
    curl -s --max-time 5 "http://127.0.0.1:$p1$1" -H "x: $2"
}

# ---- answers ----
cat >commands <<'C'
help show table
help set table
help clear table
show table
show table ip
show table ipv6
show table text
show table f
show table bytes
show table plain
show table nope
show table ip key 127.0.0.1
show table ip key 1.2.3.4
show table ip key
show table f key 5
show table f key -1
show table f key 4294967296
show table text key abc
show table bytes key 6162
show table ip data.server_id eq 1
show table ip data.server_id ne 1
show table ip data.server_id ge 1
show table f data.server_id lt 2 data.server_id gt 0
show table f data.server_id le 1
show table ip data.foo eq 1
show table plain data.server_id eq 1
show table ip data.server_key eq a
show table ip data.server_id xx 1
show table ip data.server_id eq
show table ip data.server_id
show table ip data.server_id gt 0 foo
show table ip foo
set table
set table nope key 1
set table ip key
set table ip foo 1
set table ip data.server_id 3
set table ip key 10.0.0.1
set table ip key 10.0.0.2 data.server_id 2
set table ip key 10.0.0.2 foo 1
set table ip key 10.0.0.2 data.server_id x
set table ip key 10.0.0.2 data.server_id
set table ip key 10.0.0.2 data.server_key a
set table ip key 10.0.0.2 data.foo 1
set table plain key x data.server_id 1
set table ip key 10.0.0.3 data.server_id 1 data.server_id 7
set table f key abc data.server_id 1
set table f key -3
set table f key 77 data.server_id -1
set table bytes key 6162 data.server_id 1
set table text key 1234567890123 data.server_id 9
set table text key a\ =\\b
set table ipv6 key 2001:db8::1 data.server_id 1
set table ipv6 key xyz data.server_id 1
show table ip
show table ipv6
show table text
clear table
clear table nope
clear table ip foo
clear table ip key
clear table ip key 10.0.0.1
clear table ip key 10.0.0.99
clear table bytes key 6162
clear table ip data.server_id eq 2
show table ip
clear table ip
show table ip
clear table text data.server_id gt 100
show table text
C
# Places in memory and times are what they are, and HAProxy's entries are in the order of keys.
masked() {
    sed 's/^0x[0-9a-f]*: /PTR: /; s/ exp=[1-9][0-9]*/ exp=N/' | awk '
        /^PTR: / { v[++n] = $0; next }
        { flush_all(); print }
        function flush_all(i, j, t) {
            for (i = 1; i <= n; i++)
                for (j = i; j > 1 && v[j] < v[j - 1]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
            for (i = 1; i <= n; i++) print v[i]
            n = 0
        }
        END { flush_all() }'
}
fill() {
    for each in ip ipv6 ipv6; do get "/$each" none; done
    for each in abcdefghijkl '' 'a b=c\' $(printf 'x\001\002y'); do get /text "$each"; done
    for each in 5 -1 name 5; do get /number "$each"; done
    for each in ab abcdefgh; do get /bytes "$each"; done
}
answers() {
    { echo prompt && cat commands && echo quit; } | socat -t 5 - UNIX:admin | masked
}
start -f a.cfg
serving "$p1"
fill >ours.filled
answers >ours
kill "$pid"
wait "$pid"
if [ -x "$theirs" ]; then
    "$theirs" -f a.cfg >theirs.log 2>&1 &
    pid=$!
    pids="$pids $pid"
    serving "$p1"
    fill >theirs.filled
    answers >theirs
    kill "$pid"
    wait "$pid"
    check "keys stick to the servers that they stick to with HAProxy" diff theirs.filled ours.filled
    check "commands about stick tables answer as HAProxy's" diff theirs ours
fi

# ---- effects ----
start -f a.cfg
serving "$p1"
check "a new client" is a "$(get /ip)"
check "comes back to its server" is a "$(get /ip)"
ask admin "set table ip key 127.0.0.1 data.server_id 2" >/dev/null
check "set table sends it to another one" is b "$(get /ip)"
ask admin "show table ip" >said
check "which the table learns" said 'key=127.0.0.1 use=0 exp=[0-9]* server_id=2 server_key=b$'
ask admin "clear table ip key 127.0.0.1" >/dev/null
check "clear table forgets" is 0 "$(ask admin "show table ip" | grep -c key=)"
ask admin "set table short key x data.server_id 5" >said
ask admin "show table short key x" >said
check "an entry that expires soon" said 'key=x use=0 exp=[0-9]* server_id=5$'
expired() {
    ask admin "show table short" | grep -q 'used:0$'
}
check "has expired soon" until_true 5 expired
awk 'BEGIN { for (i = 0; i < 300; i++) printf "set table plain key k%d;", i; print "show table plain" }' |
    socat -t 5 - UNIX:admin >said
check "no more entries than the size" said '^# table: plain, type: string, size:100, used:100$'
check "no more entries than the size: the last ones" is 100 "$(grep -c 'key=k2' said)"
check "set table: nothing is changed by a wrong word" is 0 \
    "$(ask admin "set table ip key 10.9.9.9 data.server_id x; show table ip" | grep -c 10.9.9.9)"
check "set table: a wrong address" is "Invalid key" "$(ask admin "set table ip key name" | head -n 1)"
check "set table: no key" is 'Required arguments: <table> key <key> [data.<store_data_type> <value>]*' \
    "$(ask admin "set table ip" | head -n 1)"

# ---- who may ----
get /ip >/dev/null
check "level user: the tables" is 7 "$(ask user "show table" | grep -c '^# table')"
check "level user: no keys" is "# contents not dumped due to insufficient privileges" \
    "$(ask user "show table ip" | sed -n 2p)"
for command in "set table ip key 10.0.0.1" "clear table ip"; do
    check "level user: $command" is "Permission denied" "$(ask user "$command" | head -n 1)"
done
check "level operator: keys" is 1 "$(ask operator "show table ip" | grep -c key=127.0.0.1)"
check "level operator: set" is "" "$(ask operator "set table ip key 10.0.0.1" | head -n 1)"
check "level operator: clear" is 0 "$(ask operator "clear table ip; show table ip" | grep -c key=)"
kill "$pid"
wait "$pid"
