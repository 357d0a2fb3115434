#!/bin/sh
# Differential tests of health checks; see README.md.
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
here=$TOP/tests/checks
export LC_ALL=C
work=$(mktemp -d) || exit 1
pids=
finish() {
    for pid in $pids; do kill "$pid" 2>/dev/null; done
    for pid in $pids; do wait "$pid" 2>/dev/null; done
    pids=
}
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# Processes here end by signals, with connections open.
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$work/cache}"

# waits FILE WORD: until it has such a line.
waits() {
    tries=1500
    until grep -qx "$2" "$1" 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.02
    done
}

# side NAME PROGRAM TABLE: starts the servers and the proxy of one side. The servers end with us.
side() {
    awk -v want=scripts -f "$here/table.awk" "$3" >"$1.scripts"
    "$BUILD/checks/scripted" "$1.scripts" "$1.ports" <stop >"$1.said" 2>"$1.undone" &
    pids="$pids $!"
    waits "$1.said" ready || return 1
    awk -v want=config -v ports="$1.ports" -f "$here/table.awk" "$3" |
        sed "s|@DIR@|$PWD|g; s|@SIDE@|$1|g; s|@TESTS@|$here|g" >"$1.cfg"
    "$2" -db -f "$1.cfg" >"$1.log" 2>"$1.err" &
    pids="$pids $!"
}

# tell SIDE COMMAND: to its control socket.
tell() {
    echo "$2" | socat -t 2 - UNIX-CONNECT:"$PWD/$1.sock" 2>"$1.socat"
}

gather() {
    tell "$1" "show stat typed" >"$1.stat"
    awk -v agents="$1.agents" -f "$here/gather.awk" "$2" "$1.log" "$1.stat" |
        cat - "$1.replies" | sort -s -t"$(printf '\t')" -k1,1 >"$1.all"
}

agree() {
    gather haproxy "$1"
    gather proxyc "$1"
    grep -q 'check_status' proxyc.all && ! grep -q 'check_status.*:INI$' haproxy.all proxyc.all &&
        cmp -s haproxy.all proxyc.all
}

# Until both say the same; on a busy machine checks are late.
settle() {
    tries=100
    until agree "$1"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return
        sleep 0.1
    done
}

# ask ROW COMMAND: of both sides, and keep what they reply. @NAME@ is a port of a server.
ask() {
    for side in haproxy proxyc; do
        command=$(echo "$2" | sed "$(sed 's|^\([^ ]*\) \(.*\)|s/@\1@/\2/g|' $side.ports)")
        tell "$side" "$command" | sed "/./!d; s|^|$1	> |" >>"$side.replies"
    done
}

# logged SIDE EXPRESSION: until it has.
logged() {
    tries=150
    until grep -Eq -- "$2" "$1.log"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return
        sleep 0.1
    done
}

# What is done once the servers have had their conversations.
afterwards() {
    grep '^ask \|^until ' "$1" >todo
    while read -r verb who what; do
        case $verb in
        ask) ask "$who" "$what" ;;
        until) logged "$who" "$what" ;;
        esac
    done <todo
}

# One line of output for each row of the table.
judge() {
    diff haproxy.all proxyc.all >differences
    sed -n 's/^row  *\([^ ]*\).*/\1/p' "$1" | while read -r row; do
        grep "^[<>] $row	" differences >why
        sed -n "s/^proxyc  *$row  *//p" "$1" | while read -r wanted; do
            grep -Eq -- "$wanted" proxyc.log || echo "no line of proxyc: $wanted"
        done >>why
        [ -s why ] || { echo "ok $name: $row"; continue; }
        sed 's/^/# /' why
        echo "not ok $name: $row"
    done
}

# In a subshell.
table() {
    trap finish EXIT
    name=$(basename "$1" .table)
    mkdir "$work/$name" && cd "$work/$name" && mkfifo stop || return
    exec 7<>stop
    : >haproxy.replies
    : >proxyc.replies
    if side haproxy haproxy "$1" && side proxyc "$BUILD/haproxy" "$1" &&
        waits haproxy.said "done" && waits proxyc.said "done"; then
        settle "$1"
        afterwards "$1"
        settle "$1"
        judge "$1"
    else
        tail -n 20 ./*.undone ./*.err | sed 's/^/# /'
        echo "not ok $name: not all servers have had their connections"
    fi
    exec 7>&-
}

if [ $# -eq 0 ]; then
    set -- "$here"/*.table
fi
for file; do
    (table "$(cd "$(dirname "$file")" && pwd)/$(basename "$file")")
done | tee "$work/all"
! grep -q '^not ok' "$work/all"
