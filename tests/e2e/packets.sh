# Marks and types of service of packets, who is served first, and clients that are forgotten.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
isolated || exit 0
cat >proxy.cfg <<C
global
    nbthread 1
defaults
    mode http
    http-reuse always
    log stdout format raw local0
    timeout client 5s
    timeout server 5s
    timeout connect 2s
frontend server
    bind 127.0.0.1:8001
    http-request return status 200 content-type text/plain lf-string %[src_port] unless { path /wait }
    http-request wait-for-body time 3s if { path /wait }
    http-request return status 200
listen client
    bind 127.0.0.1:8002
    tcp-request connection set-mark 0x11 if { src 127.0.0.2 }
    tcp-request session set-tos 32 if { src 127.0.0.3 }
    tcp-request content set-fc-mark src_port if { src 127.0.0.4 }
    http-request set-fc-tos int(16),add(64) if { src 127.0.0.5 }
    http-response set-mark 5 if { src 127.0.0.6 }
    tcp-request connection set-tos 40 if { src 127.0.0.9 }
    tcp-request session set-mark 0x19 if { src 127.0.0.9 }
    tcp-request connection set-fc-tos int(48) if { src 127.0.0.10 }
    tcp-request session set-fc-mark int(26) if { src 127.0.0.10 }
    tcp-request connection set-fc-mark int(27) if { src 127.0.0.11 }
    tcp-request session set-fc-tos int(56) if { src 127.0.0.11 }
    tcp-request content set-mark 0x1c if { src 127.0.0.12 }
    http-request set-tos 64 if { src 127.0.0.12 }
    tcp-request content set-tos 72 if { src 127.0.0.13 }
    http-request set-mark 0x1d if { src 127.0.0.13 }
    tcp-request content set-fc-tos int(88) if { src 127.0.0.14 }
    http-request set-fc-mark int(30) if { src 127.0.0.14 }
    tcp-response content set-mark 0x1f if { src 127.0.0.15 }
    http-response set-tos 96 if { src 127.0.0.15 }
    tcp-response content set-tos 104 if { src 127.0.0.16 }
    http-response set-mark 0x20 if { src 127.0.0.16 }
    tcp-response content set-fc-mark int(33) if { src 127.0.0.17 }
    http-response set-fc-tos int(112) if { src 127.0.0.17 }
    tcp-response content set-fc-tos int(120) if { src 127.0.0.18 }
    http-response set-fc-mark int(34) if { src 127.0.0.18 }
    server s 127.0.0.1:8001
listen server-side
    bind 127.0.0.1:8003
    tcp-request content set-bc-mark 0x21 if HTTP
    http-request set-bc-tos req.hdr(x-tos) if { req.hdr(x-tos) -m found }
    server s 127.0.0.1:8001
listen other-side
    bind 127.0.0.1:8008
    tcp-request content set-bc-tos int(80) if HTTP
    http-request set-bc-mark 0x22
    server s 127.0.0.1:8001
listen shared
    bind 127.0.0.1:8004
    http-request set-bc-tos 16 if { path /marked }
    server s 127.0.0.1:8001
frontend order
    bind 127.0.0.1:8005
    bind 127.0.0.1:8006 nice 500
    log-format "order %HU"
    http-request set-nice -1000 if { path /warm }
    http-request return status 200
frontend forgets
    bind 127.0.0.1:8007
    http-request silent-drop rst-ttl 3
C
proxy proxy 8001
# held PORT ADDRESS [FIELD]: a request that waits for its answer.
held() {
    { printf 'POST /wait HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n%s\r\n' "$3"; sleep 2; printf x; } |
        socat -t 2 - "TCP:127.0.0.1:$1,bind=$2" >"held.$1.$2" &
    pids="$pids $!"
}
# answered ADDRESS: a client that has its answer, and stays.
answered() {
    { printf 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'; sleep 3; } |
        socat -t 2 - "TCP:127.0.0.1:8002,bind=$1" >"answered.$1" &
    pids="$pids $!"
}
for n in 2 3 4 5 6 9 10 11 12 13 14; do held 8002 127.0.0.$n; done
held 8003 127.0.0.7 'X-Tos: 96
'
held 8003 127.0.0.8
held 8008 127.0.0.8
for n in 15 16 17 18; do answered 127.0.0.$n; done
sleep 0.7
# seen FILTER: mark and type of service of connections, as the kernel has them.
seen() {
    ss -Htne --tos "$@" | tr '\n\t' '  ' | grep -oE ' (fwmark|tos):[^ ]*' | tr -d '\n'
}
mark_of() {
    printf 'fwmark:0x%x' "$(ss -Htn "src 127.0.0.1:8002 and dst $1" | sed 's/.*:\([0-9]*\) *$/\1/')"
}
check "set-mark for a connection" is " fwmark:0x11 tos:0" "$(seen 'src 127.0.0.1:8002 and dst 127.0.0.2')"
check "set-tos for a session" is " tos:0x20" "$(seen 'src 127.0.0.1:8002 and dst 127.0.0.3')"
check "set-fc-mark by a sample" is " $(mark_of 127.0.0.4) tos:0" \
    "$(seen 'src 127.0.0.1:8002 and dst 127.0.0.4')"
check "set-fc-tos for a request" is " tos:0x50" "$(seen 'src 127.0.0.1:8002 and dst 127.0.0.5')"
check "not yet: there is no response" is " tos:0" "$(seen 'src 127.0.0.1:8002 and dst 127.0.0.6')"
# both_of N MARK TOS: what the other actions have made of a client's connection.
both_of() {
    tries=20
    until [ "$(seen "src 127.0.0.1:8002 and dst 127.0.0.$1")" = " fwmark:$2 tos:$3" ] || [ "$tries" = 0 ]; do
        tries=$((tries - 1))
        sleep 0.05
    done
    check "marks of client $1" is " fwmark:$2 tos:$3" "$(seen "src 127.0.0.1:8002 and dst 127.0.0.$1")"
}
both_of 9 0x19 0x28
both_of 10 0x1a 0x30
both_of 11 0x1b 0x38
both_of 12 0x1c 0x40
both_of 13 0x1d 0x48
both_of 14 0x1e 0x58
both_of 15 0x1f 0x60
both_of 16 0x20 0x68
both_of 17 0x21 0x70
both_of 18 0x22 0x78
check "set-bc-mark and set-bc-tos" is " fwmark:0x21 tos:0 fwmark:0x21 tos:0x60 fwmark:0x22 tos:0x50" \
    "$(ss -Htne --tos 'dport = :8001' | grep -o 'fwmark:.*' | sed 's/^/ /; s/ cgroup.* tos/ tos/; s/ class.*//; s/ ino.* tos/ tos/' |
        sort | tr -d '\n')"

# ---- connections with marks are nobody else's ----
port_of() {
    curl -s --max-time 5 "http://127.0.0.1:8004$1"
}
plain=$(port_of /)
check "connections are shared" is "$plain" "$(port_of /)"
marked=$(port_of /marked)
check "but not with marks" test "$marked" != "$plain"
check "nor is one with marks kept" test "$(port_of /)" = "$plain" -a "$(port_of /marked)" != "$marked"

# ---- who is served first ----
# order COMMAND: the paths that are logged for what it asks.
order() {
    : >proxy.log
    asked=
    "$@"
    # shellcheck disable=SC2086
    wait $asked
    sleep 0.3
    grep -a -o 'order .*' proxy.log | cut -d' ' -f2 | tr '\n' ' '
}
# Both are connected, so that the bytes are what the proxy finds when it goes on.
both() {
    mkfifo one two
    socat -t 5 - "TCP:127.0.0.1:$1" <one >/dev/null &
    asked="$asked $!"
    exec 7>one
    socat -t 5 - "TCP:127.0.0.1:$2" <two >/dev/null 7>&- &
    asked="$asked $!"
    exec 8>two
    sleep 0.2
    [ -z "$3" ] || printf 'GET %s HTTP/1.1\r\nHost: h\r\n\r\n' "$3" >&8
    sleep 0.2
    kill -STOP "$pid"
    sleep 0.2
    printf 'GET /first-there HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' >&7
    sleep 0.2
    printf 'GET /second-there HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' >&8
    sleep 0.2
    kill -CONT "$pid"
    exec 7>&- 8>&-
    rm one two
}
check "who was there first" is "/first-there /second-there " "$(order both 8005 8005)"
check "nice of a bind line" is "/second-there /first-there " "$(order both 8006 8005)"
check "set-nice" is "/warm /second-there /first-there " "$(order both 8005 8005 /warm)"

# ---- clients that are forgotten ----
curl -s --max-time 5 http://127.0.0.1:8007/
check "silent-drop rst-ttl resets those who are near" is 56 $?
