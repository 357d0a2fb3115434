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
