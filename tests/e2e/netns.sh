# Listening in other network namespaces, and reaching servers in them.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
isolated || exit 0
# The same address and port in each of them, and somebody else behind it.
for ns in front red blue; do
    ip netns add "$ns" && ip -n "$ns" link set lo up || exit 1
done
serves() {
    cat >"$1.cfg" <<C
defaults
    mode http
    timeout client 5s
frontend www
    bind 127.0.0.1:80
    http-request return status 200 content-type text/plain string $1
C
    ip netns exec "$1" "$BUILD/haproxy" -db -f "$1.cfg" >"$1.log" 2>&1 &
    pids="$pids $!"
    ip netns exec "$1" "$port" wait 127.0.0.1:80 10 || exit 1
}
serves red
serves blue
cat >proxy.cfg <<C
global
    stats socket $PWD/ctl level admin expose-fd listeners
namespace_list
    namespace blue
    namespace grey
defaults
    mode http
    retries 0
    http-reuse always
    timeout client 5s
    timeout server 5s
    timeout connect 2s
frontend front
    bind 127.0.0.1:80 namespace front
    use_backend blue if { path /blue }
    use_backend here if { path /here }
    default_backend red
listen told
    bind 127.0.0.1:8001 accept-proxy
    server s 127.0.0.1:80 namespace *
listen here
    bind 127.0.0.1:8002
    server s 127.0.0.1:80
backend red
    server s 127.0.0.1:80 namespace red
backend blue
    default-server namespace blue
    server s 127.0.0.1:80
C
ip netns add grey
proxy proxy 8001
old=$pid
# get PATH CURLARGUMENT...: asks in the namespace "front".
get() {
    path=$1
    shift
    ip netns exec front curl -s --max-time 5 "$@" "http://127.0.0.1$path"
}
check "listening in a namespace, a server in another one" is red "$(get /red)"
check "default-server" is blue "$(get /blue)"
check "a server where the process is, nobody listens there" is 503 \
    "$(get /here -o /dev/null -w '%{http_code}')"
check "nor does the proxy" is "" "$(curl -s --max-time 5 http://127.0.0.1/)"

# ---- namespace * ----
# told NAME: a PROXY header that names a namespace, and a request behind it.
told() {
    { printf '\r\n\r\n\000\r\nQUIT\n\041\021'
      printf "\\000\\$(printf %03o $((15 + ${#1})))"
      printf '\300\000\002\001\300\000\002\002\020\000\000\120'
      printf "\\060\\000\\$(printf %03o ${#1})%s" "$1"
      printf 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'; } |
        socat -t 3 - TCP:127.0.0.1:8001 | sed -n '1s/^HTTP.1.1 \([0-9]*\).*/\1/p; $p' | tr -d '\r' | tr '\n' ' '
}
check "the namespace of the PROXY header" is "200 blue" "$(told blue)"
check "another one" said '^503 ' "$(told grey >grey.told; echo grey.told)"
check "one that no namespace_list names is that of the process" said '^503 ' \
    "$(told front >front.told; echo front.told)"

# ---- from one process to the next ----
sed "s/ namespace front$//; s|$PWD/ctl|&2|" proxy.cfg >elsewhere.cfg
"$BUILD/haproxy" -db -f elsewhere.cfg -x "$PWD/ctl" >elsewhere.log 2>&1 &
pid=$!
pids="$pids $pid"
"$port" wait 127.0.0.1:80 10
check "without a namespace, the socket of another one is not taken over" is red \
    "$(curl -s --max-time 5 http://127.0.0.1/)"
gone "$pid"
# until_gone PID: waits for it, though not for ever.
until_gone() {
    tries=100
    while [ "$tries" -gt 0 ] && kill -0 "$1" 2>/dev/null && ! grep -q '^State:.*zombie' "/proc/$1/status"; do
        tries=$((tries - 1))
        sleep 0.1
    done
    [ "$tries" -gt 0 ]
}
before=$(ip netns exec front ss -Hltne 'sport = :80' | sed 's/.* ino:\([0-9]*\) .*/\1/' | sort)
"$BUILD/haproxy" -db -f proxy.cfg -x "$PWD/ctl" -sf "$old" >new.log 2>&1 &
pids="$pids $!"
check "the old process ends" until_gone "$old"
check "a new process serves there" is red "$(get /red)"
check "with the sockets of the old one" is "$before" \
    "$(ip netns exec front ss -Hltne 'sport = :80' | sed 's/.* ino:\([0-9]*\) .*/\1/' | sort)"

sed 's/namespace red/namespace none/' proxy.cfg >none.cfg
"$BUILD/haproxy" -db -f none.cfg >none.log 2>&1
check "a namespace that does not exist" said "Cannot open namespace 'none': No such file" none.log

# ---- TCP Fast Open ----
cat >tfo.cfg <<C
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 2s
listen client
    bind 127.0.0.1:8003
    server s 127.0.0.1:8004 tfo
listen plain
    bind 127.0.0.1:8005
    default-server tfo
    server s 127.0.0.1:8004 no-tfo
frontend server
    bind 127.0.0.1:8004 tfo
    http-request return status 200 content-type text/plain string fast
C
if echo 3 >/proc/sys/net/ipv4/tcp_fastopen 2>/dev/null; then
    proxy tfo 8003
    # fast PORT: requests there that went along with a SYN, of three.
    fast() {
        was=$(nstat -asz TcpExtTCPFastOpenPassive | awk '/FastOpenPassive/ { print $2 }')
        for _ in 1 2 3; do curl -s --max-time 5 -H 'Connection: close' "http://127.0.0.1:$1/"; done >fast
        echo "$(cat fast) $(($(nstat -asz TcpExtTCPFastOpenPassive |
            awk '/FastOpenPassive/ { print $2 }') - was))"
    }
    sed -i 's/timeout connect 2s/&\n    option httpclose/' tfo.cfg
    fast 8003 >/dev/null # the first one fetches the cookie
    check "no-tfo" is "fastfastfast 0" "$(fast 8005)"
    gone "$pid"
    proxy tfo 8003
    fast 8003 >/dev/null
    check "a server with tfo" is "fastfastfast 3" "$(fast 8003)"
fi
