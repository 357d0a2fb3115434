# High availability: a server that is killed loses no request that may be repeated, backups take over
# and hand back, monitors see it, and who stops the proxy disturbs nobody.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 8
cat >proxy.cfg <<C
global
    nbthread 2
    stats socket $PWD/admin level admin
    log stdout format raw local0
    spread-checks 0
defaults
    mode http
    timeout client 20s
    timeout server 10s
    timeout connect 5s
frontend www
    bind 127.0.0.1:$p1
    default_backend app
frontend probe
    bind 127.0.0.1:$p2
    monitor-uri /alive
    monitor fail if { nbsrv(app) lt 2 }
    http-request return status 200 content-type text/plain lf-string %[nbsrv(app)]/%[nbsrv(pair)]
frontend two
    bind 127.0.0.1:$p3
    default_backend pair
backend app
    retries 3
    option redispatch 1
    retry-on all-retryable-errors
    http-reuse always
    default-server check inter 100ms rise 1 fall 1
    server a 127.0.0.1:$p4
    server b 127.0.0.1:$p5
    server c 127.0.0.1:$p6
backend pair
    log global
    retries 3
    option redispatch 1
    http-response set-header x-server %s
    default-server check inter 100ms rise 1 fall 1
    server a 127.0.0.1:$p4
    server spare 127.0.0.1:$p6 backup
backend cautious
    log global
    default-server check inter 100ms rise 2
    server a 127.0.0.1:$p4 init-state fully-down
    server b 127.0.0.1:$p4
C
# serve PORT: a server; its number is $pid.
serve() {
    background "$BUILD/bench/origin" "127.0.0.1:$1"
    listening "$1"
}
# Without a message of the shell about it.
slay() {
    kill -9 "$1"
    wait "$1" 2>/dev/null
}
status() {
    curl -s -o /dev/null -w '%{http_code}' --max-time 5 "http://127.0.0.1:$1"
}
# sees WHAT PORT/PATH PATTERN: a field or the body of the answer becomes that.
becomes() {
    tries=200
    until curl -s -i --max-time 5 "http://127.0.0.1:$1" | tr -d '\r' | grep -q "$2"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.03
    done
}
serve "$p4" && a=$pid
serve "$p5" && b=$pid
serve "$p6"
proxy proxy "$p1"
proxy=$pid
check "all servers are up" becomes "$p2/" '^3/1$'
check "one has proved it first" said 'Server cautious/a is UP, reason: Layer4 check passed' proxy.log

"$BUILD/bench/load" -t "127.0.0.1:$p1" -c 32 -w 0 -n 4000 -r 2000 >load.out 2>&1 &
load=$!
sleep 0.7
slay "$b"
wait "$load"
check "a server dies under load" is 0 $?
check "... and no request is lost" grep -Eq 'requests=4000 .*errors=0' load.out
check "... though it is down" becomes "$p2/" '^2/1$'

check "a monitor sees enough servers" is 200 "$(status "$p2/alive")"
check "clients get the first server" becomes "$p3/small" '^x-server: a$'
slay "$a"
check "a backup takes over" becomes "$p3/small" '^x-server: spare$'
check "... as the log says" said 'Server pair/a is DOWN, .* 0 active and 1 backup servers left[.] Running on backup[.]' proxy.log
check "a monitor sees too few servers" becomes "$p2/alive" '^HTTP/1.1 503 '
serve "$p4"
check "the server gets its clients back" becomes "$p3/small" '^x-server: a$'
check "... and the monitor sees it" becomes "$p2/alive" '^HTTP/1.1 200 '

# answers STATUS: those of the frontend become that; 000 is none.
answers() {
    tries=200
    until [ "$(status "$p3/small")" = "$1" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.02
    done
}
ask() {
    echo "$1" | socat - UNIX-CONNECT:admin >reply
}
ask 'disable frontend two'
check "a frontend that is disabled refuses clients" answers 000
ask 'enable frontend two'
check "... until it is enabled" answers 200
ask 'disable frontend two; shutdown frontend two'
check "one that was shut down refuses them" answers 000
ask 'enable frontend two'
check "... for good" said '^Frontend was previously shut down, cannot enable.$' reply
check "... and alone" is 200 "$(status "$p2/")"
gone "$proxy"

# A stop that nobody notices.
cat >slow.cfg <<C
global
    pidfile $PWD/pid
defaults
    mode http
    timeout client 20s
    timeout server 20s
    timeout connect 5s
frontend www
    bind 127.0.0.1:$p7
    default_backend slow
backend slow
    server s 127.0.0.1:$p8
C
mkfifo go
background socat "TCP-LISTEN:$p8,bind=127.0.0.1,reuseaddr" "SYSTEM:read line; touch asked; read x <go; echo HTTP/1.0 200 OK; echo; echo whole"
listening "$p8"
"$BUILD/haproxy" -D -f slow.cfg >slow.log 2>&1
listening "$p7"
pid=$(cat pid)
pids="$pids $pid"
curl -s --max-time 10 "http://127.0.0.1:$p7/" >answer &
client=$!
until [ -e asked ]; do sleep 0.02; done
kill -USR1 "$pid"
stops() {
    tries=200
    while is_open "$p7"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.02
    done
}
check "no client is taken any more" stops
check "... but who has asked is still served" kill -0 "$pid"
echo >go
wait "$client"
check "... to the end" is whole "$(cat answer)"
leaves() {
    tries=200
    while kill -0 "$pid" 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.02
    done
}
check "then the process is gone" leaves
