# What the scripts of this suite share; run.sh starts each in a directory of its own.
# shellcheck shell=sh disable=SC2154 # ports sets variables
name=$(basename "$0" .sh)
port=$BUILD/bench/port
theirs=$(command -v haproxy || echo /usr/sbin/haproxy) # Debian's
pids=

# Ends what is still there, and looks for what sanitizers have said.
finish() {
    for pid in $pids; do kill -CONT "$pid" 2>/dev/null; kill "$pid" 2>/dev/null; done
    for pid in $pids; do wait "$pid" 2>/dev/null; done
    if grep -E 'ERROR: |runtime error: ' ./*.log >complaints 2>/dev/null; then
        sed 's/^/# /' complaints
        echo "not ok $name: complaints of a sanitizer"
    fi
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# check NAME COMMAND...: the command succeeds. What it says is shown when it does not.
check() {
    what=$1
    shift
    if "$@" >check.out 2>&1; then
        echo "ok $name: $what"
    else
        { echo "$*"; head -n 40 check.out; } | sed 's/^/# /'
        echo "not ok $name: $what"
    fi
}

# is EXPECTED ACTUAL
is() {
    [ "$1" = "$2" ] && return 0
    printf 'expected %s\ngot      %s\n' "$1" "$2"
    return 1
}

# between LOW HIGH VALUE
between() {
    [ "$3" -ge "$1" ] && [ "$3" -le "$2" ] && return 0
    echo "$3 is not between $1 and $2"
    return 1
}

# said PATTERN FILE: a line of the file matches, perhaps a moment later.
said() {
    tries=40
    while [ "$tries" -gt 0 ]; do
        grep -Eq -- "$1" "$2" && return 0
        tries=$((tries - 1))
        sleep 0.05
    done
    echo "no line matches $1:"
    tail -n 20 "$2"
    return 1
}

# ports COUNT: so many free ports, in $p1, $p2...
ports() {
    n=0
    for p in $("$port" free "$1"); do
        n=$((n + 1))
        eval "p$n=$p"
    done
    [ "$n" = "$1" ] || exit 1
}

# background COMMAND...: its number is $pid.
background() {
    "$@" &
    pid=$!
    pids="$pids $pid"
}

# is_open PORT: somebody listens. It is no connection that would be taken for a client's.
is_open() {
    grep -q "$(printf ':%04X 00000000:0000 0A' "$1")" /proc/net/tcp
}

# listening PORT: waits until somebody does.
listening() {
    tries=500
    until is_open "$1"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.02
    done
}

# gone PID...: ends processes of ours.
gone() {
    for pid; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
}

# proxy NAME PORT: starts NAME.cfg, which listens on PORT; logs to standard output go to NAME.log.
# $options: more of the command line.
proxy() {
    # shellcheck disable=SC2086 # a list of words
    "$BUILD/haproxy" -db ${options-} -f "$1.cfg" >"$1.log" 2>&1 &
    pid=$!
    pids="$pids $pid"
    "$port" wait "127.0.0.1:$2" 20 && return 0
    echo "not ok $name: $1 does not start"
    sed 's/^/# /' "$1.log"
    exit 1
}

# web PORT: nginx with what is in the file "servers".
web() {
    cat >nginx.conf <<C
daemon off;
master_process off;
worker_processes 1;
pid $PWD/nginx.pid;
error_log $PWD/nginx.err;
events { worker_connections 512; }
http {
    log_format connections '\$server_port \$connection \$connection_requests \$request \$status';
    access_log $PWD/access.log connections;
    client_body_temp_path $PWD/bodies; proxy_temp_path $PWD/t2; fastcgi_temp_path $PWD/t3;
    uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;
    client_max_body_size 0;
    keepalive_requests 10000;
$(cat servers)
}
C
    background nginx -c "$PWD/nginx.conf" -e "$PWD/nginx.err"
    "$port" wait "127.0.0.1:$1" 10 || exit 1
}

# connections PORT: how many connections nginx got requests on at that port.
connections() {
    awk -v port="$1" '$1 == port { seen[$2] } END { n = 0; for (c in seen) n++; print n }' access.log
}

ms() {
    echo $(($(date +%s%N) / 1000000))
}
# took COMMAND...: prints for how many milliseconds it ran.
took() {
    began=$(ms)
    "$@" >/dev/null 2>&1
    echo $(($(ms) - began))
}

# memory PID: its peak, in kB.
memory() {
    sed -n 's/^VmHWM: *\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

# isolated: this script runs in network and mount namespaces of its own, where it may do everything;
# false: the kernel does not permit that, and this is said.
isolated() {
    if [ -n "$PX_ISOLATED" ]; then
        ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/netns
        return
    fi
    for how in -nm -Urnm; do
        unshare "$how" sh -c 'ip link set lo up && mount -t tmpfs tmpfs /run' 2>unshare.err || continue
        PX_ISOLATED=1 exec unshare "$how" sh "$0"
    done
    echo "ok $name: skipped, for this user may not make namespaces: $(tail -n 1 unshare.err)"
    return 1
}

# link NAME ADDRESS PEER: a new namespace of that name, with ADDRESS/24 on its interface "eth0", and
# PEER/24 on our interface NAME, by which it reaches everything else.
link() {
    ip netns add "$1" &&
        ip link add "$1" type veth peer name eth0 netns "$1" &&
        ip addr add "$3/24" dev "$1" && ip link set "$1" up &&
        ip -n "$1" addr add "$2/24" dev eth0 && ip -n "$1" link set eth0 up &&
        ip -n "$1" link set lo up && ip -n "$1" route add default via "$3"
}
