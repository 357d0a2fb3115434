# Log lines in rings: what log servers get over TCP, as from HAProxy; reconnection; full rings; and
# "show events".
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 5

# config SIZE SERVER-OPTIONS...
config() {
    cat <<C
global
    nbthread 1
    stats socket $PWD/control.sock mode 600 level operator
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 1s
    option dontlognull
ring counted
    description "with counts"
    format priority
    maxlen 40
    size $1
    timeout connect 5s
    timeout server 5s
    server s1 127.0.0.1:$p2 log-proto octet-count
ring plain
    format raw
    size $1
    timeout connect 5s
    timeout server 5s
    server s1 127.0.0.1:$p3
frontend www
    bind 127.0.0.1:$p1
    log ring@counted local0 notice
    log ring@counted local3 info info
    log ring@plain len 80 sample 1:2 daemon
    log ring@plain local0
    log-format "%HM %HU $(printf '%080d' 0)"
    http-request return status 200
C
}
# collect PORT FILE: a log server for one connection.
collect() {
    : >"$2"
    background socat -u "TCP-LISTEN:$1,bind=127.0.0.1,reuseaddr" "OPEN:$2,append"
    listening "$1"
}
get() {
    for path; do curl -s -o answer -w '%{http_code}\n' "http://127.0.0.1:$p1/$path"; done
}
ask() {
    printf '%s\n' "$1" | socat -t 5 - UNIX-CONNECT:"$PWD/control.sock"
}
# has N FILE: the file has so many bytes, perhaps a moment later, and no more.
has() {
    tries=100
    until [ "$(wc -c <"$2")" -ge "$1" ] || [ "$tries" = 0 ]; do
        tries=$((tries - 1))
        sleep 0.05
    done
    is "$1" "$(wc -c <"$2")"
}

# ---- the same lines from both ----
config 32768 >proxy.cfg
for side in theirs ours; do
    collect "$p2" counted.$side
    c1=$pid
    collect "$p3" plain.$side
    c2=$pid
    if [ $side = ours ]; then
        proxy proxy "$p1"
        proxy=$pid
    else
        background "$theirs" -db -f proxy.cfg 2>theirs.err
        "$port" wait "127.0.0.1:$p1" 20 || exit 1
    fi
    check "$side: answers" is "200 200 200" "$(get a second c | tr '\n' ' ' | sed 's/ $//')"
    check "$side: all lines are sent" has 129 counted.$side
    check "$side: in the other ring, too" has 431 plain.$side
    ask "show events plain" >events.$side
    [ $side = ours ] || gone "$pid" "$c1" "$c2"
done
check "counted lines are the same" cmp counted.theirs counted.ours
check "lines that end with a line feed are the same" cmp plain.theirs plain.ours
check "show events: the same" cmp events.theirs events.ours

# ---- a server that goes and comes back ----
gone "$c2"
check "a server that is gone keeps nobody waiting" is 2 "$(get lost1 lost2 | grep -c 200)"
collect "$p3" again
said '^GET /lost2 0{80}$' again >said.out
check "what it has missed is sent later, in order" is "GET /lost1 GET /lost2" \
    "$(grep -oE '^GET /lost[12] 0{80}$' again | cut -c1-10 | tr '\n' ' ' | sed 's/ $//')"
gone "$pid" "$c1"

# ---- rings that are full ----
gone "$proxy"
config 1024 >small.cfg
proxy small "$p1"
proxy=$pid
check "a full ring keeps nobody waiting" is 40 "$(get $(seq -f n%02.0f 40) | grep -c 200)"
ask "show events" >events
check "show events: the rings, and what servers have not got" said \
    '^    plain      : type=buffer, [1-9][0-9]* dropped, plain$' events
check "show events: a description" said '^    counted    : type=buffer, 17 dropped, with counts$' events
check "what servers have not got is counted" is \
    "$(awk '/dropped/ { n += $4 } END { print n }' events)" \
    "$(ask "show info" | sed -n 's/^DroppedLogs: //p')"
ask "show events plain" | grep . >kept
collect "$p3" late
said '^GET /n40 ' late >said.out
check "the newest lines are kept, and sent" cmp late kept
check "nothing more was dropped" is "$(grep dropped events)" "$(ask "show events" | grep dropped)"

# ---- show events ----
for wrong in "plain -x" "plain x" "plain -" "plain -w x"; do
    check "show events $wrong" is "unknown option" "$(ask "show events $wrong" | head -n 1)"
done
check "show events: no such ring" is "No such event sink" "$(ask "show events none" | head -n 1)"
check "show events: not for users" is "Permission denied" \
    "$(ask "user; show events plain" | grep .)"
check "show events: users may see which there are" is 2 \
    "$(ask "user; show events" | grep -c dropped)"
check "show events -n: what is there is not shown" is "" "$(ask "show events plain -n")"
: >followed
mkfifo in
exec 7<>in
socat -t 5 - UNIX-CONNECT:"$PWD/control.sock" <in >followed 7>&- &
follower=$!
pids="$pids $follower"
printf 'prompt\nshow events plain -nw\n' >&7
said '^> ' followed >said.out
sleep 0.2
get new1 >answers
check "show events -w: lines as they come" said '^(> )?GET /new1 0{80}$' followed
get new2 >answers
check "show events -w: and again" said '^GET /new2 0{80}$' followed
check "show events -n: nothing older" is 0 "$(grep -c /n40 followed)"
printf 'any\n' >&7
check "show events -w: ends with any input" said '^> $' followed
printf 'show version\n' >&7
check "and commands are commands again" said '^(> )?2\.6' followed
printf 'show events plain -w\nany\n' >&7
check "show events -w: a line that is there already ends it, too" said '^> > $|^> $' followed
printf 'quit\n' >&7
exec 7>&-
wait "$follower"

# ---- a server that takes nothing ----
gone "$pid" "$proxy"
cat >stalled.cfg <<C
global
    nbthread 2
    stats socket $PWD/control.sock mode 600 level operator
    tune.bufsize 65536
defaults
    mode http
    timeout client 10s
    option dontlognull
ring long
    format raw
    maxlen 65535
    size 1m
    timeout connect 5s
    timeout server 300ms
    server s1 127.0.0.1:$p4
frontend www
    bind 127.0.0.1:$p1
    log ring@long len 65535 local0
    log-format "$(printf '%060000d' 0) %HU"
    http-request return status 200
C
collect "$p4" stalled
stalled=$pid
proxy stalled "$p1"
get first >answers
said '0 /first$' stalled >said.out
kill -STOP "$stalled"
check "a server that takes nothing keeps nobody waiting" is 200 \
    "$(get $(seq -f n%03.0f 200) | grep -c 200)"
check "what it has not got is counted" said \
    '^    long       : type=buffer, [1-9][0-9]* dropped, long$' \
    "$(ask "show events" >events; echo events)"
# The connection to it ends, and the next server gets what is in the ring.
collect "$p4" next
check "it is given up after 'timeout server'" said '0 /n200$' next
check "every line is whole" is 0 "$(awk 'length != 60006 { n++ } END { print n + 0 }' next)"
check "they come in order" is "$(sort next | cksum)" "$(cksum <next)"
kill -CONT "$stalled"
