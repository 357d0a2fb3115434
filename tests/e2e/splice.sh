# Bytes that go through the kernel's pipes: when they do, that they are the right ones, and what
# happens when one side gives up halfway.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 8
head -c 10485760 /dev/urandom >big
mkdir bodies
cat >servers <<C
    server {
        listen 127.0.0.1:$p1;
        root $PWD;
        location /chunked/ { alias $PWD/; ssi on; ssi_types *; }
        location /slow/ { alias $PWD/; limit_rate 20k; }
        location /up {
            client_body_in_file_only on;
            client_body_buffer_size 16k;
            proxy_pass http://127.0.0.1:$p1/done;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }
        location /done { return 200 "done\n"; }
        location /refused { return 403 "no\n"; }
    }
C
web "$p1"

# settings NAME HTTP-PORT TCP-PORT GLOBAL PROXIES: a proxy with these settings.
settings() {
    cat >"$1.cfg" <<C
global
    nbthread 1
    stats socket $PWD/$1.sock level admin
    $4
defaults
    timeout client 3s
    timeout server 3s
    timeout connect 1s
    $5
listen http
    mode http
    bind 127.0.0.1:$2
    server web 127.0.0.1:$p1
listen raw
    mode tcp
    bind 127.0.0.1:$3
    server web 127.0.0.1:$p1
C
    proxy "$1" "$2"
}

# info NAME FIELD: of "show info".
info() {
    echo 'show info' | socat - "UNIX-CONNECT:$PWD/$1.sock" | sed -n "s/^$2: //p"
}

# spliced NAME LOW HIGH COMMAND...: so many bytes go through pipes while the command runs.
spliced() {
    proxy=$1 low=$2 high=$3
    shift 3
    before=$(info "$proxy" TotalSplicdedBytesOut)
    "$@" || return 1
    between "$low" "$high" $(($(info "$proxy" TotalSplicdedBytesOut) - before))
}

down() {
    curl -s --max-time 20 "$@" | cmp - big
}
up() {
    is done "$(curl -s --max-time 20 "$@")" || return 1
    cmp "$(ls -t bodies/* | head -n 1)" big
}

settings auto "$p2" "$p3" '' ''
auto=$pid
most=9000000 all=10485760
check "10 MB down, with a length" spliced auto $most $all down "http://127.0.0.1:$p2/big"
check "10 MB down in TCP mode" spliced auto $most 11000000 down "http://127.0.0.1:$p3/big"
check "10 MB down, in chunks" spliced auto 0 $all down "http://127.0.0.1:$p2/chunked/big"
check "10 MB down, for a slow client" spliced auto $most $all \
    down --limit-rate 8M "http://127.0.0.1:$p2/big"
check "10 MB up, with a length" spliced auto 5000000 $all up -T big "http://127.0.0.1:$p2/up"
check "10 MB up in TCP mode" spliced auto 5000000 11000000 up -T big "http://127.0.0.1:$p3/up"
head -c 65536 big >small
check "64 kB are copied" spliced auto 0 0 \
    sh -c "curl -s 'http://127.0.0.1:$p2/small' | cmp - small"
check "what comes slowly is copied" spliced auto 0 0 \
    sh -c "curl -s --max-time 20 -r 0-39999 'http://127.0.0.1:$p2/slow/big' | cmp -n 40000 - big"
check "no pipe is in use then" is 0 "$(info auto PipesUsed)"
check "used pipes are kept" between 1 32 "$(info auto PipesFree)"

# Two that do not take their bytes, until they go away.
stall() {
    for i in 1 2; do
        curl -s --max-time 1 --limit-rate 1k "http://127.0.0.1:$p2/big" >/dev/null &
        stalled="$stalled $!"
    done
    sleep 0.5
    is 2 "$(info auto PipesUsed)" || return 1
    # shellcheck disable=SC2086 # a list
    wait $stalled
    sleep 0.2
    is 0 "$(info auto PipesUsed)"
}
check "clients that go away leave no pipe behind" stall

early() {
    for i in 1 2 3 4; do
        is 403 "$(curl -s -o out -w '%{http_code}' -H 'Expect:' --max-time 10 -T big \
            "http://127.0.0.1:$p2/refused")" || return 1
    done
    is 0 "$(info auto PipesUsed)"
}
check "a server that answers before it has the body" early
check "and the proxy goes on" down "http://127.0.0.1:$p2/big"

{ printf 'HTTP/1.1 200 OK\r\nContent-Length: 20971520\r\n\r\n' && cat big; } >answer
cat >cut.cfg <<C
global
    stats socket $PWD/cut.sock level admin
defaults
    mode http
    timeout client 3s
    timeout server 3s
    timeout connect 1s
    log stdout format raw local0
    option httplog
listen cut
    bind 127.0.0.1:$p5
    server half 127.0.0.1:$p4
C
background socat "TCP-LISTEN:$p4,bind=127.0.0.1,reuseaddr,fork" SYSTEM:'cat answer'
listening "$p4"
proxy cut "$p5"
check "a server that ends halfway" sh -c "curl -s --max-time 10 'http://127.0.0.1:$p5/' | cmp - big"
check "is known as such" said ' 200 10485.* SD-- ' cut.log
check "and leaves no pipe behind" is 0 "$(info cut PipesUsed)"

settings few "$p6" "$p7" 'maxpipes 1' ''
several() {
    fetching=
    for i in 1 2 3 4; do
        curl -s --max-time 20 "http://127.0.0.1:$p6/big" -o "many.$i" &
        fetching="$fetching $!"
    done
    # shellcheck disable=SC2086 # a list
    wait $fetching
    for i in 1 2 3 4; do cmp "many.$i" big || return 1; done
    between 0 1 $(($(info few PipesUsed) + $(info few PipesFree)))
}
check "with one pipe for all, others are copied" several
check "maxpipes is shown" is 1 "$(info few Maxpipes)"
gone "$pid" "$auto"

settings never "$p2" "$p3" '' 'no option splice-auto'
check "no option splice-auto" spliced never 0 0 down "http://127.0.0.1:$p2/big"
gone "$pid"
settings global "$p2" "$p3" nosplice ''
check "nosplice" spliced global 0 0 down "http://127.0.0.1:$p2/big"
check "nosplice in TCP mode" spliced global 0 0 down "http://127.0.0.1:$p3/big"
check "nosplice leaves no pipes" is 0 "$(info global Maxpipes)"
gone "$pid"
settings up "$p2" "$p3" 'tune.pipesize 65536' 'no option splice-response
    option splice-request'
check "splice-request: not the answer" spliced up 0 0 down "http://127.0.0.1:$p2/big"
check "splice-request: the request" spliced up 9000000 $all up -T big "http://127.0.0.1:$p2/up"
