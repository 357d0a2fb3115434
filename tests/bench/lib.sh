# lib.sh - starts and ends the origin and the proxies, for bench.sh, insn.sh and syscalls.sh.
#
# Sourced, not run. The caller sets `here` (this folder) first. After that:
#   begin                     tools, temporary folder, origin; everything ends with the script
#   start_proxy NAME FAMILY   a proxy under the configuration of that family; status 1 with the
#                             reason in $why if this proxy cannot be had for it
#   stop_proxy NAME FAMILY    ends it
# A started proxy is found in the variables pid_FAMILY_NAME and port_FAMILY_NAME (use `get`).
#
# Keep in mind: everything is started in this shell, never in a subshell that ends, because
# `launch` ties the life of each process to its parent's.

PROXIES='haproxy nginx floor proxyc'
PROXY_CORE=0
LOAD_CORE=1
FILES=60000
started=
why=

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "${0##*/}: $*"
    exit 1
}

get() {
    eval "printf '%s' \"\${$1-}\""
}

# --- rows ------------------------------------------------------------------------------------

rows() {
    grep -v '^#' "$here/rows"
}

# row_field NAME NUMBER: a field of a row; empty if there is no such row.
row_field() {
    rows | awk -F'|' -v name="$1" -v field="$2" '$1 == name { print $field }'
}

# fits NAME ROW: status 1 with the reason in $why where a proxy cannot do what a row is about.
fits() {
    [ "$1/$2" = floor/close16 ] || return 0
    why='keeps no server connections; see new16'
    return 1
}

# --- beginning and end ---------------------------------------------------------------------

begin() {
    root=$(cd "$here/../.." && pwd) || exit 1
    BUILD=${BUILD:-build}
    case $BUILD in
    /*) ;;
    *) BUILD=$root/$BUILD ;;
    esac
    tools=$BUILD/bench
    proxyc=$BUILD/proxyc
    MAKEFLAGS='' make -s -C "$root" -f tests/bench/bench.mk BUILD="$BUILD" bench-tools >&2 ||
        die 'the tools do not build'
    tmp=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP PIPE
    count_limits
    start_origin
}

# Every proxy may need two files for each client connection.
count_limits() {
    files=$("$tools/launch" any $FILES sh -c 'ulimit -n')
    idle_connections=$(((files - 400) / 2))
    [ "$idle_connections" -lt 10000 ] || idle_connections=10000
    maxconn=$((idle_connections + 50))
}

finish() {
    trap - EXIT INT TERM HUP
    trap '' PIPE
    for pid in $started; do
        kill "$pid" 2>/dev/null
    done
    for pid in $started; do
        end_process "$pid"
    done
    rm -rf "$tmp"
}

is_alive() {
    kill -0 "$1" 2>/dev/null
}

# Ends a process of this script: politely, and after $patience twentieths of a second not. Asks
# more than once: nginx loses a signal that comes just before it goes to sleep.
end_process() {
    tries=0
    while is_alive "$1" && [ $tries -lt "${patience:-40}" ]; do
        [ $((tries % 20)) != 0 ] || kill "$1" 2>/dev/null
        sleep 0.05
        tries=$((tries + 1))
    done
    kill -9 "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

free_port() {
    "$tools/port" free 1
}

# launch_on CORE LOG COMMAND...: in the background; the process id is in $pid.
launch_on() {
    core=$1 log=$2
    shift 2
    "$tools/launch" "$core" $FILES "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    started="$started $pid"
}

# wait_ready PORT PID SECONDS: until the process listens; status 1 if it ends or takes too long.
wait_ready() {
    turns=0
    until "$tools/port" wait "127.0.0.1:$1" 0.2; do
        turns=$((turns + 1))
        is_alive "$2" && [ $turns -lt $(($3 * 5)) ] || return 1
    done
}

start_origin() {
    # shellcheck disable=SC2046 # three words are wanted
    set -- $("$tools/port" free 3)
    origin_http=$1 origin_echo=$2 origin_bulk=$3
    launch_on $LOAD_CORE "$tmp/origin.log" \
        "$tools/origin" "$origin_http" "$origin_echo" "$origin_bulk"
    origin_pid=$pid
    wait_ready "$origin_http" "$origin_pid" 5 || die "the origin does not start"
}

# --- families: which configuration, which port of the origin --------------------------------

upstream_of() {
    case $1 in
    ping) printf '%s' "$origin_echo" ;;
    bulk | splice) printf '%s' "$origin_bulk" ;;
    *) printf '%s' "$origin_http" ;;
    esac
}

# fill FILE FAMILY PORT LOG_PORT: the template with its holes filled, on stdout.
fill() {
    keepalive='keepalive 256; keepalive_requests 1000000000;'
    connection='""'
    access_log=off
    case $2 in
    new) keepalive='' connection=close ;;
    log) access_log="syslog:server=127.0.0.1:$4,facility=local0 line" ;;
    esac
    sed -e "s|@PORT@|$3|g" -e "s|@ORIGIN@|$(upstream_of "$2")|g" -e "s|@LOG@|$4|g" \
        -e "s|@MAXCONN@|$maxconn|g" -e "s|@FILES@|$((2 * maxconn + 100))|g" \
        -e "s|@DIR@|$tmp/nginx.$2|g" -e "s|@STREAM@|$(stream_module)|g" \
        -e "s|@KEEPALIVE@|$keepalive|g" -e "s|@CONNECTION@|$connection|g" \
        -e "s|@ACCESS_LOG@|$access_log|g" "$1"
}

# servers_cfg ALGORITHM_N[_MAXCONN]: http.cfg with so many servers, which are all the origin.
servers_cfg() {
    awk -v what="$1" '
        BEGIN {
            split(what, part, "_")
            how["static"] = "static-rr"
            how["map"] = "uri"
            how["consistent"] = "uri\n    hash-type consistent"
            how["bounded"] = how["consistent"] "\n    hash-balance-factor 150"
        }
        $1 != "server" { print; next }
        {
            print "    balance " (part[1] in how ? how[part[1]] : part[1])
            limit = part[3] ? part[3] : part[1] == "first" ? 1000 : 0
            for (i = 1; i <= part[2]; i++)
                print "    server s" i " " $3 (limit ? " maxconn " limit : "")
        }'
}

# write_cfg NAME FAMILY PORT LOG_PORT: the file that HAProxy and proxyc read.
write_cfg() {
    cfg=$tmp/$1.$2.cfg
    case $2 in
    rules) "$tools/gen" "$cfg" "$tmp/$1.$2.map" "$3" "$origin_http" "$maxconn" ;;
    splice) fill "$here/splice.cfg" "$2" "$3" "$4" >"$cfg" ;;
    threads) fill "$here/http.cfg" "$2" "$3" "$4" | sed 's/nbthread 1/nbthread 2/' >"$cfg" ;;
    stick) fill "$here/http.cfg" "$2" "$3" "$4" | sed 's/^ *server .*/    stick-table type ip size 1m expire 1h\n    stick on src\n&/' >"$cfg" ;;
    ping | bulk) fill "$here/tcp.cfg" "$2" "$3" "$4" >"$cfg" ;;
    servers_*) fill "$here/http.cfg" "$2" "$3" "$4" | servers_cfg "${2#servers_}" >"$cfg" ;;
    checks)
        fill "$here/http.cfg" "$2" "$3" "$4" >"$cfg"
        printf 'backend checked\n' >>"$cfg"
        seq -f "    server s%.0f 127.0.0.1:$origin_http check inter 2s" 1000 >>"$cfg"
        ;;
    *) fill "$here/$2.cfg" "$2" "$3" "$4" >"$cfg" ;;
    esac
}

# --- the proxies: each leaves its command in $command, or status 1 and the reason in $why ----

prepare_haproxy() {
    command -v haproxy >/dev/null || { why='not installed' && return 1; }
    write_cfg haproxy "$@"
    command="haproxy -db -f $cfg"
}

# The directive that loads the stream module; status 1 if there is none.
stream_module() {
    configured=$(nginx -V 2>&1)
    case $configured in
    *--with-stream=dynamic*)
        dir=$(printf '%s' "$configured" | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')
        [ -f "$dir/ngx_stream_module.so" ] || return 1
        printf 'load_module %s/ngx_stream_module.so;' "$dir"
        ;;
    *--with-stream*) ;;
    *) return 1 ;;
    esac
}

prepare_nginx() {
    command -v nginx >/dev/null || { why='not installed' && return 1; }
    template=$here/nginx.conf
    case $1 in
    rules | stick | checks | servers_*)
        why='no counterpart of this configuration'
        return 1
        ;;
    threads)
        why='has no threads'
        return 1
        ;;
    ping | bulk | splice)
        stream_module >/dev/null || { why='its stream module is not installed' && return 1; }
        template=$here/nginx-tcp.conf
        ;;
    esac
    mkdir -p "$tmp/nginx.$1"
    fill "$template" "$@" >"$tmp/nginx.$1/nginx.conf"
    command="nginx -e stderr -p $tmp/nginx.$1 -c $tmp/nginx.$1/nginx.conf"
}

prepare_floor() {
    case $1 in
    log | rules | stick | checks | servers_*)
        why='only moves bytes'
        return 1
        ;;
    threads)
        why='has no threads'
        return 1
        ;;
    esac
    command="$tools/floor $2 $(upstream_of "$1")"
}

prepare_proxyc() {
    [ -x "$proxyc" ] || { why="no ${proxyc#"$root"/}" && return 1; }
    write_cfg proxyc "$@"
    timeout 300 "$proxyc" build "$cfg" -o "$tmp/proxyc.$1" >"$tmp/proxyc.$1.log" 2>&1 || {
        why='its build failed'
        sed "s/^/    proxyc: /" "$tmp/proxyc.$1.log" | head -20 >&2
        return 1
    }
    command="$tmp/proxyc.$1 -db"
}

# start_proxy NAME FAMILY: $wrapper, if set, is a command that runs the proxy (a tracer).
start_proxy() {
    port=$(free_port)
    log_port=9
    case $2 in
    log | log_[1-9]*) start_sink "$1" ;;
    esac
    "prepare_$1" "$2" "$port" "$log_port" || return 1
    core=$PROXY_CORE
    [ "$2" != threads ] || core=any
    # shellcheck disable=SC2086 # the commands are lists of words
    launch_on $core "$tmp/$1.$2.log" ${wrapper-} $command
    eval "pid_$2_$1=$pid port_$2_$1=$port"
    if ! wait_ready "$port" "$pid" "${ready_seconds:-10}"; then
        why='does not start'
        sed "s/^/    $1: /" "$tmp/$1.$2.log" | head -20 >&2
        stop_proxy "$1" "$2"
        return 1
    fi
}

stop_proxy() {
    end_process "$(get "pid_$2_$1")"
    eval "pid_$2_$1="
}

start_sink() {
    log_port=$(free_port)
    launch_on $LOAD_CORE "$tmp/sink.$1" "$tools/sink" "$log_port"
    eval "sink_$1=$pid"
}

# load NAME FAMILY OPTIONS...: one run of the load generator against a started proxy.
load() {
    name=$1 family=$2
    shift 2
    "$tools/launch" $LOAD_CORE $FILES "$tools/load" \
        -t "127.0.0.1:$(get "port_${family}_$name")" "$@" </dev/null
}
