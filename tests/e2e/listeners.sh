# Options of bind lines, as the kernel sees them.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 4
cat >proxy.cfg <<C
global
    nbthread 1
defaults
    mode http
    timeout client 2s
    timeout server 2s
    timeout connect 1s
frontend line
    maxconn 55
    backlog 66
    bind 127.0.0.1:$p1 backlog 77
frontend section
    maxconn 55
    backlog 66
    bind 127.0.0.1:$p2
frontend conns
    maxconn 55
    bind 127.0.0.1:$p3 maxconn 44
frontend most
    maxconn 55
    bind 127.0.0.1:$p4
C
proxy proxy "$p1"

# queue PORT: how many connections may wait there.
queue() {
    ss -Hltn "src 127.0.0.1 and sport = :$1" | awk '{ print $3 }'
}
check "backlog of a bind line" is 77 "$(queue "$p1")"
check "backlog of a frontend" is 66 "$(queue "$p2")"
check "without, maxconn of the bind line" is 44 "$(queue "$p3")"
check "or of the frontend" is 55 "$(queue "$p4")"

# ---- threads and shards ----
ports 8
# shellcheck disable=SC2037
on() {
    cat <<C
frontend $1
    bind 127.0.0.1:$2 $3
    http-request return status 200 content-type text/plain lf-string %[thread]
C
}
{
    cat <<C
global
    nbthread 4
    tune.listener.default-shards by-group
    stats socket $PWD/ctl level admin thread 3
defaults
    mode http
    timeout client 2s
    timeout server 2s
    timeout connect 1s
C
    on one "$p1" "thread 2"
    on some "$p2" "thread 1 thread 3-4"
    on odd "$p3" "process 1/odd shards by-thread"
    on two "$p4" "shards 2"
    on many "$p5" "thread 3- shards 9"
    on beyond "$p6" "thread 4-60"
    on plain "$p7" ""
    on first "$p8" "thread 1/1"
    echo "    bind 127.0.0.1:$p8 thread even shards by-thread"
} >threads.cfg
proxy threads "$p1"
# threads PORT: those that answer, of 40 connections.
threads() {
    curl -s --max-time 10 -H 'Connection: close' "http://127.0.0.1:$1/[1-40]" -w '\n' | sort -u |
        tr '\n' ' '
}
# sockets PORT: how many listen there.
sockets() {
    ss -Hltn "src 127.0.0.1 and sport = :$1" | wc -l
}
# within SET THREADS: all of these threads belong to the set.
within() {
    for t in $2; do
        case " $1 " in *" $t "*) ;; *) echo "thread $t answered"; return 1 ;; esac
    done
    [ -n "$2" ]
}
check "a thread" is "1 " "$(threads "$p1")"
check "a set of threads" within "0 2 3" "$(threads "$p2")"
check "which share a socket by default" is 1 "$(sockets "$p2")"
check "odd threads" is "0 2 " "$(threads "$p3")"
check "with a socket for each" is 2 "$(sockets "$p3")"
check "shards" is 2 "$(sockets "$p4")"
check "no more shards than threads" is 2 "$(sockets "$p5")"
check "of those threads" is "2 3 " "$(threads "$p5")"
check "a range that begins within nbthread" is "3 " "$(threads "$p6")"
check "the default of shards" is 1 "$(sockets "$p7")"
check "two lines for one address" is "3 0 1 3 " "$(sockets "$p8") $(threads "$p8")"
check "a control socket" said '^Nbthread: 4' "$(echo "show info" |
    socat -t 5 - UNIX-CONNECT:"$PWD/ctl" >info; echo info)"
gone "$pid"
sed 's/nbthread 4/nbthread 4\n    noreuseport/; /thread even/d' threads.cfg >alone.cfg
proxy alone "$p1"
check "noreuseport" is 1 "$(sockets "$p3")"
check "whose threads share it" within "0 2" "$(threads "$p3")"
gone "$pid"
sed '/nbthread/d; s/thread 2$/thread 64/' threads.cfg >none.cfg
check "threads that there are not" said 'Binding .*none of its threads exists' \
    "$(taskset -c 0 "$BUILD/haproxy" -db -f none.cfg >none.log 2>&1; echo none.log)"

# ---- UNIX sockets ----
mkdir sockets
owners=
[ "$(id -u)" = 0 ] && owners=" user nobody group daemon"
cat >unix.cfg <<C
global
    unix-bind prefix $PWD/sockets mode 640 uid $(id -u)
    stats socket $PWD/plain mode 600
defaults
    mode http
    timeout client 2s
frontend www
    bind 127.0.0.1:$p1
    bind /common
    bind unix@/own mode 606
    bind unix@/theirs$owners
    bind abns@px-prefix-$$
    http-request return status 200 content-type text/plain string hello
C
proxy unix "$p1"
check "a prefix" is hello "$(curl -s --max-time 5 --unix-socket sockets/common http://h/)"
check "a common mode" is 640 "$(stat -c %a sockets/common)"
check "a mode of one's own" is 606 "$(stat -c %a sockets/own)"
[ -z "$owners" ] || check "an owner of one's own" is "nobody daemon" "$(stat -c '%U %G' sockets/theirs)"
check "control sockets have no prefix" is 600 "$(stat -c %a plain)"
check "nor do abstract sockets" is hello "$(printf 'GET / HTTP/1.0\r\n\r\n' |
    socat -t 2 - "ABSTRACT-CONNECT:px-prefix-$$,unix-tightsocklen=0" | tail -n 1)"

gone "$pid"

# ---- names of one family ----
cat >names.cfg <<C
defaults
    mode http
    timeout client 2s
frontend www
    bind ipv4@localhost:$p1
    http-request return status 200 content-type text/plain lf-string %[dst]
C
proxy names "$p1"
check "a name, as an IPv4 address" is 127.0.0.1 "$(curl -s --max-time 5 "http://127.0.0.1:$p1/")"
gone "$pid"

# ---- what the system may refuse ----
other=$(cat /proc/sys/net/ipv4/tcp_allowed_congestion_control)
cat >cc.cfg <<C
defaults
    mode http
    timeout client 2s
    timeout server 2s
    timeout connect 1s
listen www
    bind 127.0.0.1:$p1 cc reno
    server s 127.0.0.1:$p2 cc reno
frontend wait
    bind 127.0.0.1:$p2
    http-request wait-for-body time 2s
    http-request return status 200
listen syn
    bind 127.0.0.1:$p3 tcp-ss 1
    tcp-request connection set-var(sess.first) fc_saved_syn,hex,length
    http-request return status 200 content-type text/plain lf-string "%[fc_saved_syn,hex] %[var(sess.first)]"
frontend none
    bind 127.0.0.1:$p4
    http-request return status 200 content-type text/plain lf-string "none%[fc_saved_syn,hex]"
C
case " $other " in
*" reno "*)
    proxy cc "$p1"
    { printf 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n'; sleep 1.5; printf x; } |
        socat -t 2 - "TCP:127.0.0.1:$p1" >/dev/null &
    pids="$pids $!"
    sleep 0.5
    check "cc of clients" said ' reno ' "$(ss -Htni "sport = :$p1" >cc.client; echo cc.client)"
    check "cc of servers" said ' reno ' "$(ss -Htni "dport = :$p2" >cc.server; echo cc.server)"
    # Version 4, protocol 6, our address twice; then the port and the flag of a SYN.
    check "tcp-ss" said "^45.{16}06.{4}7F0000017F000001.{4}$(printf %04X "$p3").{18}02.* 1[0-9][0-9]$" \
        "$(curl -s --max-time 5 "http://127.0.0.1:$p3/" >syn; echo syn)"
    check "again and again" is 1 \
        "$(curl -s --max-time 5 "http://127.0.0.1:$p3/[1-3]" -w '\n' | grep . | sort -u | wc -l)"
    check "without tcp-ss" is none "$(curl -s --max-time 5 "http://127.0.0.1:$p4/")"
    gone "$pid"
    ;;
esac
sed 's/\(bind.*\)cc reno/\1cc no-such-thing/' cc.cfg >bad.cfg
"$BUILD/haproxy" -db -f bad.cfg >bad.log 2>&1
check "an algorithm of listeners that there is not" said \
    'cannot set the congestion control algorithm \(No such file' bad.log
sed 's/\(server.*\)cc reno/\1cc no-such-thing/' cc.cfg >bad.cfg
"$BUILD/haproxy" -db -f bad.cfg >bad.log 2>&1
check "an algorithm of servers that there is not" said "'cc' or 'tcp-md5sig' is not possible: No such file" bad.log

cat >signed.cfg <<C
defaults
    mode http
    retries 0
    timeout client 2s
    timeout server 2s
    timeout connect 500ms
listen good
    bind 127.0.0.1:$p5
    server s 127.0.0.1:$p6 tcp-md5sig secret
listen wrong
    bind 127.0.0.1:$p7
    server s 127.0.0.1:$p6 tcp-md5sig other
listen unsigned
    bind 127.0.0.1:$p8
    server s 127.0.0.1:$p6
frontend signed
    bind 127.0.0.1:$p6 tcp-md5sig secret
    http-request return status 200 content-type text/plain string signed
C
"$BUILD/haproxy" -db -f signed.cfg >signed.log 2>&1 &
pid=$!
pids="$pids $pid"
if "$port" wait "127.0.0.1:$p5" 10 2>/dev/null; then
    check "signed segments" is signed "$(curl -s --max-time 5 "http://127.0.0.1:$p5/")"
    for at in "$p7" "$p8"; do
        check "segments that are not signed with the same password" is 503 \
            "$(curl -s -o /dev/null -w '%{http_code}' --max-time 5 "http://127.0.0.1:$at/")"
    done
else # a kernel without them
    check "signatures that the kernel does not know" said 'cannot sign segments|is not possible' signed.log
fi
