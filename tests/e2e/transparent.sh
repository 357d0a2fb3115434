# Servers are reached from the addresses that "source" and "usesrc" say, foreign ones included.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
isolated || exit 0
if ! { link clients 10.1.0.2 10.1.0.1 && link servers 10.2.0.2 10.2.0.1; } 2>link.err; then
    echo "ok $name: skipped, for the kernel has no pairs of interfaces: $(head -n 1 link.err)"
    exit 0
fi
ip -n clients addr add 10.1.0.3/24 dev eth0
# What comes from the servers is ours, whoever it is for.
ip rule add iif servers lookup 100 && ip route add local default dev lo table 100

cat >server.cfg <<C
defaults
    mode http
    timeout client 5s
frontend www
    bind 10.2.0.2:80
    http-request wait-for-body time 2s if { path /wait }
    http-request return status 200 content-type text/plain lf-string %[src]:%[src_port]\n
C
ip netns exec servers "$BUILD/haproxy" -db -f server.cfg >server.log 2>&1 &
pids="$pids $!"

cat >proxy.cfg <<C
defaults
    mode http
    retries 0
    http-reuse always
    timeout client 5s
    timeout server 5s
    timeout connect 2s
    source 10.2.0.1:4001
listen defaults
    bind 10.1.0.1:8001
    server s 10.2.0.2:80
listen backend
    bind 10.1.0.1:8002
    source 10.2.0.1:4002
    server s 10.2.0.2:80
listen server
    bind 10.1.0.1:8003
    source 10.2.0.1:4002
    server s 10.2.0.2:80 source 10.2.0.1:4003
listen clientip
    bind 10.1.0.1:8004
    source 0.0.0.0 usesrc clientip
    server s 10.2.0.2:80
listen client
    bind 10.1.0.1:8005
    server s 10.2.0.2:80 source 0.0.0.0 usesrc client
listen address
    bind 10.1.0.1:8006
    server s 10.2.0.2:80 source 0.0.0.0 usesrc 192.0.2.77
listen port
    bind 10.1.0.1:8007
    server s 10.2.0.2:80 source 0.0.0.0 usesrc 192.0.2.77:4321
listen header
    bind 10.1.0.1:8008
    server s 10.2.0.2:80 source 0.0.0.0 usesrc hdr_ip(x-from)
listen position
    bind 10.1.0.1:8009
    source 0.0.0.0 usesrc hdr_ip(x-from,1)
    server s 10.2.0.2:80
listen nowhere
    bind 10.1.0.1:8010
    server s 10.2.0.2:80 source 0.0.0.0 usesrc hdr_ip(x-from,0)
listen set
    bind 10.1.0.1:8011
    http-request set-src hdr(x-from)
    server s 10.2.0.2:80 source 0.0.0.0 usesrc clientip
listen interface
    bind 10.1.0.1:8012
    server s 10.2.0.2:80 source 0.0.0.0 interface servers
listen elsewhere
    bind 10.1.0.1:8013
    server s 10.2.0.2:80 source 0.0.0.0 interface clients
listen range
    bind 10.1.0.1:8014
    server s 10.2.0.2:80 source 10.2.0.1:5001-5002
listen unix
    bind $PWD/in.sock
    server s 10.2.0.2:80 source 0.0.0.0 usesrc clientip
listen tcp
    mode tcp
    bind 10.1.0.1:8015
    server s 10.2.0.2:80 source 0.0.0.0 usesrc clientip
frontend ready
    bind 127.0.0.1:8000
C
proxy proxy 8000
# from PORT CURLARGUMENT...: what the server sees.
from() {
    at=$1
    shift
    ip netns exec clients curl -s --max-time 5 "$@" "http://10.1.0.1:$at/"
}
# ip PORT...: the same without the port.
ip_from() {
    from "$@" | cut -d: -f1 | tr '\n' ' '
}
# three PORT FIELD...: three requests on one connection, each with a field; whom the server sees.
three() {
    at=$1
    shift
    printf 'GET / HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n' "$@" |
        ip netns exec clients socat -t 2 - TCP:10.1.0.1:"$at" | sed -n 's/^\([0-9.]*\):[0-9]*$/\1/p' |
        tr '\n' ' '
}
tries=50
until ip netns exec servers curl -s http://10.2.0.2/ >/dev/null || [ "$tries" = 0 ]; do
    tries=$((tries - 1))
    sleep 0.1
done
check "of defaults" is 10.2.0.1:4001 "$(from 8001)"
check "of a backend" is 10.2.0.1:4002 "$(from 8002)"
check "of a server" is 10.2.0.1:4003 "$(from 8003)"
check "clientip" is "10.1.0.2 " "$(ip_from 8004)"
check "clientip, another client" is "10.1.0.3 " "$(ip_from 8004 --interface 10.1.0.3)"
check "clientip has its own port" test "$(from 8004 --local-port 6001)" != 10.1.0.2:6001
check "client, with its port" is 10.1.0.2:6002 "$(from 8005 --local-port 6002)"
check "an address" is "192.0.2.77 " "$(ip_from 8006)"
check "an address and a port" is 192.0.2.77:4321 "$(from 8007)"
check "a header" is "192.0.2.88 " "$(ip_from 8008 -H 'X-From: 192.0.2.5, 192.0.2.88')"
check "its position" is "192.0.2.5 " "$(ip_from 8009 -H 'X-From: 192.0.2.5, 192.0.2.88')"
check "no header" is "10.2.0.1 " "$(ip_from 8008)"
check "no address in it" is "10.2.0.1 " "$(ip_from 8008 -H 'X-From: me')"
check "position 0" is "10.2.0.1 " "$(ip_from 8010 -H 'X-From: 192.0.2.5')"
check "each request of a connection has its own" is "192.0.2.1 192.0.2.2 10.2.0.1 " \
    "$(three 8008 'X-From: 192.0.2.1' 'X-From: 192.0.2.2' 'X-To: me')"
check "a client keeps its connection" is 1 \
    "$(from 8004 "http://10.1.0.1:8004/" "http://10.1.0.1:8004/" | sort -u | wc -l)"
check "set-src" is "192.0.2.9 192.0.2.10 10.1.0.2 " \
    "$(three 8011 'X-From: 192.0.2.9' 'X-From: 192.0.2.10' 'X-To: me')"
check "an interface" is "10.2.0.1 " "$(ip_from 8012)"
check "an interface that leads elsewhere" is 503 "$(from 8013 -o /dev/null -w '%{http_code}')"
check "who has no address cannot be pretended to be" is 503 "$(curl -s --max-time 5 -o /dev/null \
    -w '%{http_code}' --unix-socket in.sock http://h/)"
check "mode tcp" is "10.1.0.2 " "$(ip_from 8015)"

# ---- a range of ports ----
# hold: a request that keeps its server connection busy.
hold() {
    { printf 'POST /wait HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n'; sleep 1.5; printf x; } |
        ip netns exec clients socat -t 3 - TCP:10.1.0.1:8014 >"hold.$1"
}
background hold 1
one=$pid
background hold 2
two=$pid
sleep 0.5
check "a range that is used up" is 503 "$(from 8014 -o /dev/null -w '%{http_code}')"
wait "$one" "$two"
check "each port once" is "10.2.0.1:5001 10.2.0.1:5002 " \
    "$(grep -h ^10 hold.1 hold.2 | sort | tr '\n' ' ')"
