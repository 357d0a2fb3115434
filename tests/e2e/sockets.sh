# Where the proxy listens and connects: UNIX sockets, abstract ones, IPv6, ranges of ports.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 4
echo hello >hello
v6=
grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null && v6=yes
abstract=px-e2e-$$
cat >servers <<C
    server { listen 127.0.0.1:$p1; listen unix:$PWD/web.sock; root $PWD;
             location /who { return 200 "\$server_addr \$http_x_forwarded_for\n"; } }
C
web "$p1"
# A range needs neighbours.
while :; do
    low=$("$port" free 1)
    busy=
    for p in $((low + 1)) $((low + 2)); do
        "$port" wait "127.0.0.1:$p" 0 2>/dev/null && busy=yes
    done
    [ -z "$busy" ] && [ "$low" != "$p2" ] && break
done
cat >proxy.cfg <<C
global
    nbthread 1
defaults
    mode http
    option forwardfor
    timeout client 1s
    timeout server 1s
    timeout connect 1s
frontend www
    bind 127.0.0.1:$p2
    ${v6:+bind [::1]:$p2}
    bind $PWD/in.sock mode 600
    bind abns@$abstract
    bind 127.0.0.1:$low-$((low + 2))
    use_backend by_name if { path_beg /unix/ }
    use_backend chain if { path_beg /chain/ }
    default_backend web
backend web
    server web 127.0.0.1:$p1
backend by_name
    http-request set-path /%[path,field(3,/)]
    server web unix@$PWD/web.sock
backend chain
    http-request set-path /%[path,field(3,/)]
    server self abns@$abstract
C
proxy proxy "$p2"
get() {
    curl -s --max-time 5 "$@"
}
check "127.0.0.1" is hello "$(get "http://127.0.0.1:$p2/hello")"
if [ -n "$v6" ]; then
    check "::1" is hello "$(get "http://[::1]:$p2/hello")"
    check "the address of an IPv6 client" is "127.0.0.1 ::1" "$(get "http://[::1]:$p2/who")"
fi
check "a UNIX socket" is hello "$(get --unix-socket in.sock http://h/hello)"
check "its mode" is 600 "$(stat -c %a in.sock)"
check "clients there have no address" is "127.0.0.1 " "$(get --unix-socket in.sock http://h/who)"
# Such a name is as long as it can be, filled up with zero bytes.
check "an abstract socket" is hello "$(printf 'GET /hello HTTP/1.0\r\n\r\n' |
    socat -t 2 - "ABSTRACT-CONNECT:$abstract,unix-tightsocklen=0" | tail -n 1)"
for p in $low $((low + 1)) $((low + 2)); do
    check "port $((p - low + 1)) of a range" is hello "$(get "http://127.0.0.1:$p/hello")"
done
check "a server behind a UNIX socket" is hello "$(get "http://127.0.0.1:$p2/unix/hello")"
check "a server behind an abstract socket" is hello "$(get "http://127.0.0.1:$p2/chain/hello")"
