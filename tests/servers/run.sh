#!/bin/sh
# Health checks of real servers: PostgreSQL, MariaDB, Redis, OpenLDAP and Exim from Debian's packages,
# and nginx, checked by Debian's haproxy and by the proxy that proxyc makes of the same configuration,
# both at once. Compared are the log lines in their order and what "show stat" says, first while the
# servers are there and then when they are gone. servers.table has the checks and what has to come out.
#
# The packages are fetched and unpacked, never installed (fetch.sh): that needs no root, starts no
# service, and works where a machine has no init. They stay in BUILD for the next time. The servers run
# as an ordinary user (nobody, for root) on free ports of 127.0.0.1, with their data in a temporary
# directory. Where the packages are not to be had the tests are skipped, and the closing line says so.
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
export TOP BUILD LC_ALL=C
here=$TOP/tests/servers
checks=$TOP/tests/checks
servers="postgresql mariadb redis redis_password slapd slapd_named exim nginx"
work=$(mktemp -d) || exit 1
chmod 755 "$work" && cd "$work" || exit 1
# shellcheck source=tests/e2e/lib.sh
. "$TOP/tests/e2e/lib.sh"
# shellcheck source=tests/servers/servers.sh
. "$here/servers.sh"
name=servers
root=$work/root
trap 'finish; rm -rf "$work"' EXIT
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$work/cache}"

skip() {
    for server in $servers; do
        echo "ok $name: $server: skipped, $1"
    done
    exit 0
}

# until_true SECONDS COMMAND...
until_true() {
    end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -le "$end" ] || return
        sleep 0.1
    done
}

start_servers() {
    # shellcheck disable=SC2046 # numbers
    set -- $("$port" free 8)
    for server in $servers; do
        "$server" "$1" >"$server.out" 2>&1 &
        pids="$pids $!"
        eval "pid_$server=$! port_$server=$1"
        shift
    done
    for server in $servers; do
        eval "ready $server \$port_$server" && continue
        sed "s/^/# $server: /" "$server.out"
        echo "not ok $name: $server does not start"
        exit 1
    done
}

# ready SERVER PORT. PostgreSQL listens before it serves.
ready() {
    until_true 60 is_open "$2" || return
    [ "$1" != postgresql ] || until_true 60 grep -q 'ready to accept connections' postgresql.out
}

# PostgreSQL ends its own processes when it is told to quit at once; the others are killed.
end_servers() {
    for server in $servers; do
        eval "pid=\$pid_$server"
        case $server in
        postgresql) kill -QUIT "$pid" ;;
        *) kill -KILL "$pid" ;;
        esac
        wait "$pid" 2>/dev/null
    done
    pids=$pids_of_proxies
}

start_side() {
    awk -v want=config -v ports=ports -f "$checks/table.awk" "$here/servers.table" |
        sed "s|@DIR@|$PWD|g; s|@SIDE@|$1|g" >"$1.cfg"
    background "$2" -db -f "$1.cfg" >"$1.log" 2>"$1.err"
}

ask() {
    socat -t 5 - UNIX-CONNECT:"$PWD/$1.sock" 2>"$1.socat"
}

# gather SIDE [STATISTICS]: its log and its statistics, a line for each thing that is compared.
gather() {
    awk -f "$checks/gather.awk" "$here/servers.table" "$1.log" "${2:-/dev/null}" |
        sort -s -t"$(printf '\t')" -k1,1 >"$1.all"
}

logs_agree() {
    gather haproxy
    gather proxyc
    cmp -s haproxy.all proxyc.all
}

agree() {
    for side in haproxy proxyc; do
        echo "show stat typed" | ask "$side" >"$side.stat"
        gather "$side" "$side.stat"
    done
    cmp -s haproxy.all proxyc.all
}

# What the log of proxyc has to say of a row and does not: what the table wants, and at the end that
# nobody is there.
lacking() {
    { sed -n "s/^proxyc  *$1  *//p" "$here/servers.table"
      [ "$phase" = up ] || echo "server $1/s failed, reason: Layer4 connection problem, .*Connection refused.* 0/2 DOWN"
    } | while read -r wanted; do
        grep -Eq -- "$wanted" proxyc.log || echo "no line of proxyc: $wanted"
    done
}

nothing_lacks() {
    for row in $rows; do
        [ -z "$(lacking "$row")" ] || return
    done
}

# One line of output for each row, once its checks have said all there is to say. Then no check runs:
# how one ends whose server just goes away is a matter of chance.
judge() {
    phase=$1
    until_true 20 nothing_lacks
    until_true 10 logs_agree
    health disable
    until_true 15 no_check_runs || echo "not ok $name: checks do not end"
    until_true 2 agree
    diff haproxy.all proxyc.all >differences
    for row in $rows; do
        { grep "^[<>] $row	" differences; lacking "$row"; } >why
        [ -s why ] || { echo "ok $name: $row, servers $phase"; continue; }
        sed 's/^/# /' why
        echo "not ok $name: $row, servers $phase"
    done
}

health() {
    for side in haproxy proxyc; do
        { for row in $rows; do printf '%s' "$1 health $row/s;"; done; echo; } | ask "$side" >"$side.$1"
    done
}

# The state of a check is a sum of bits, of which 1 is: in progress.
no_check_runs() {
    for side in haproxy proxyc; do
        echo "show servers state" | ask "$side" | awk '
            $4 == "s" { n++; if ($14 % 2) { running++ } }
            END { exit !n || running }' || return
    done
}

rows=$(sed -n 's/^row  *\([^ ]*\).*/\1/p' "$here/servers.table")
sh "$here/fetch.sh" "$BUILD/servers" "$root" 2>fetch.err
case $? in
0) users || exit 1 ;;
3) skip "$(tail -n 1 fetch.err)" ;;
*) sed 's/^/# /' fetch.err
   exit 1 ;;
esac
start_servers
sed -n 's/^row  *//p' "$here/servers.table" | while read -r row server; do
    eval "echo $row \$port_$server"
done >ports
start_side haproxy haproxy
pids_of_proxies=$pid
start_side proxyc "$BUILD/haproxy"
pids_of_proxies="$pids_of_proxies $pid"
judge up
end_servers
health enable
judge gone
