# Shared by the scripts of this suite, which run.sh runs one after the other in a directory of
# their own: configurations, processes, and "ok" or "not ok" for each test.
haproxy=$BUILD/haproxy
theirs=$(command -v haproxy || echo /usr/sbin/haproxy) # Debian's
port=$BUILD/bench/port
give=$BUILD/process/give
load=$BUILD/bench/load
status=0
pids=

# Ends what is still there. A process that is no child of ours is not waited for.
finish() {
    for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
    wait
}
trap 'finish; exit $status' EXIT
trap 'exit 1' HUP INT TERM

# check NAME COMMAND...: the command succeeds. What it says is shown when it does not.
check() {
    name=$1
    shift
    if "$@" >check.out 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        { echo "$*"; cat check.out; } | head -n 40 | sed 's/^/# /'
        status=1
    fi
}

# is EXPECTED ACTUAL
is() {
    [ "$1" = "$2" ] && return 0
    printf 'expected %s\ngot      %s\n' "$1" "$2"
    return 1
}

# code N COMMAND...: the command exits with N. Its output is in the file "said".
code() {
    want=$1
    shift
    "$@" >said 2>&1
    got=$?
    [ "$got" = "$want" ] && return 0
    echo "exit status $got, expected $want:"
    cat said
    return 1
}

# said PATTERN [FILE]: a line of the file matches; unsaid: none does.
said() {
    grep -Eq -- "$1" "${2:-said}" && return 0
    echo "no line matches $1:"
    cat "${2:-said}"
    return 1
}
unsaid() {
    grep -E -- "$1" "${2:-said}" && return 1
    return 0
}

# until_true SECONDS COMMAND...: tries again and again.
until_true() {
    tries=$(($1 * 20))
    shift
    while [ "$tries" -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
        tries=$((tries - 1))
    done
    "$@"
}

# Is this process gone? (A zombie is.)
gone() {
    [ ! -e "/proc/$1/stat" ] || [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" = Z ]
}

# start ARGUMENT...: in the background; its number is $pid, what it says goes to the file "log".
start() {
    "$haproxy" "$@" >log 2>&1 &
    pid=$!
    pids="$pids $pid"
}

# serving PORT: waits until somebody listens there.
serving() {
    "$port" wait "127.0.0.1:$1" 10
}

# ended CODE PID: waits for it, though not for ever.
ended() {
    until_true 20 gone "$2" >/dev/null || kill -9 "$2"
    wait "$2"
    got=$?
    [ "$got" = "$1" ] && return 0
    echo "exit status $got, expected $1"
    cat log
    return 1
}

# page PORT: the body that is served there.
page() {
    curl -s --max-time 5 "http://127.0.0.1:$1/"
}

# ask SOCKET COMMAND: one line to a control socket.
ask() {
    printf '%s\n' "$2" | socat -t 5 - "UNIX-CONNECT:$1"
}

children() {
    tr ' ' '\n' <"/proc/$1/task/$1/children" | grep .
}

# The defaults that all configurations here begin with; $1: text for the global section.
config() {
    cat <<C
global
$1
defaults
    mode http
    timeout client 20s
    timeout server 20s
    timeout connect 5s
C
}

# hello PORT [TEXT]: a frontend that answers by itself.
hello() {
    cat <<C
frontend f
    bind 127.0.0.1:$1
    http-request return status 200 content-type text/plain string "${2:-hello}"
C
}
