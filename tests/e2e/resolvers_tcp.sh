# Name servers over TCP, as HAProxy asks them; and what it does not do: answers that were cut over UDP
# are asked for over TCP. Servers may close, drop, stall and talk nonsense.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 5

# config PORT DNS NAMESERVER: what a name means is asked for on the port.
config() {
    cat <<C
global
    nbthread 1
    stats socket $PWD/$1.sock mode 600 level admin
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
resolvers ns
    nameserver one $3
    accepted_payload_size 4096
    timeout retry 300ms
    resolve_retries 3
    hold valid 1h
frontend www
    bind 127.0.0.1:$1
    http-request do-resolve(txn.ip,ns,ipv4) req.hdr(x-name)
    http-request return status 200 content-type text/plain lf-string "%[var(txn.ip)]"
C
}
# meaning PORT NAME
meaning() {
    curl -s --max-time 8 -H "x-name: $2" "http://127.0.0.1:$1/"
}
# meanings PORT NAME...: of all of them at once.
meanings() {
    to=$1
    shift
    asking=
    for host; do
        meaning "$to" "$host" >"meaning.$host" &
        asking="$asking $!"
    done
    for one in $asking; do wait "$one"; done
    for host; do echo "$host $(cat "meaning.$host")"; done
}
cat >names <<C
plain.test A 127.0.0.1
many.test A 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2
six.test AAAA ::1
bytes.test A bytes 127.0.0.3
close.test A close 127.0.0.4
close2.test A close 127.0.0.5
empty.test A empty 127.0.0.6
torn.test A torn 127.0.0.7
other.test A other 127.0.0.8
mute.test A mute
mute.test AAAA mute
drop.test A drop
drop.test AAAA drop
stall.test A stall 127.0.0.9
stall.test AAAA stall ::9
long.test A long 127.0.0.10
longclose.test A long close 127.0.0.11
longdrop.test A long drop
longdrop.test AAAA 2001:db8::1
longmute.test A long mute
longmute.test AAAA mute
cut.test A cut 127.0.0.12
cut.test AAAA 2001:db8::2
C
background "$BUILD/e2e/dns" "$p1" names >>asked
config "$p2" "$p1" "tcp@127.0.0.1:$p1" >theirs.cfg
config "$p3" "$p1" "tcp4@127.0.0.1:$p1 maxconn 4" >ours.cfg
config "$p4" "$p1" "127.0.0.1:$p1" >udp.cfg
config "$p5" "$p1" "tcp@127.0.0.1:$p5" >wrong.cfg
background "$theirs" -db -f theirs.cfg >theirs.log 2>theirs.err
proxy ours "$p3"
proxy udp "$p4"
proxy wrong "$p5"
"$port" wait "127.0.0.1:$p2" 20 || exit 1
meaning "$p5" plain.test >wrong.is &
wrong=$!
meaning "$p4" longmute.test >longmute.is &
longmute=$!

# ---- over TCP ----
set -- plain.test many.test six.test none.test bytes.test close.test torn.test other.test mute.test
meanings "$p2" "$@" >theirs.is
meanings "$p3" "$@" >ours.is
check "the same as HAProxy over TCP" diff theirs.is ours.is
check "which is something" grep -q 'bytes.test 127.0.0.3' ours.is
check "messages that are none" is 127.0.0.6 "$(meaning "$p3" empty.test)"
: >asked
meanings "$p3" PLAIN.test MANY.test SIX.test plain.test. many.test. six.test. >ours.is
check "questions share a connection" between 0 1 "$(grep -c '^connection' asked)"
check "what is known is not asked again" is 3 "$(grep -ci '^1 [psm]' asked)"
check "a server that closes is asked again" \
    is 'close2.test 127.0.0.5 Close.test 127.0.0.4 empty.test. 127.0.0.6' \
    "$(meanings "$p3" close2.test Close.test empty.test. | tr '\n' ' ' | sed 's/ $//')"
check "nobody says anything" is 'drop.test  mute.test ' \
    "$(meanings "$p3" drop.test mute.test | tr '\n' ' ' | sed 's/ $//')"
check "a server that stalls" is '' "$(meaning "$p3" stall.test)"
check "... is asked again by another connection" is ::1 "$(meaning "$p3" six.test)"
wait "$wrong"
check "somebody else is there" is '' "$(cat wrong.is)"

# ---- behind UDP ----
check "cut answers are asked for over TCP" is 'long.test 127.0.0.10 longclose.test 127.0.0.11 plain.test 127.0.0.1' \
    "$(meanings "$p4" long.test longclose.test plain.test | tr '\n' ' ' | sed 's/ $//')"
check "where there is none, the other family counts" is 2001:db8::1 "$(meaning "$p4" longdrop.test)"
check "it may be cut there, too" is 2001:db8::2 "$(meaning "$p4" cut.test)"
wait "$longmute"
check "or be missing" is '' "$(cat longmute.is)"
printf 'show resolvers\n' | socat -t 5 - UNIX-CONNECT:"$PWD/$p4.sock" >counters
check "counted" grep -Eq 'truncated: +[4-9]' counters
