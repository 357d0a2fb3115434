# A process that may open no more descriptors: requests are answered, and the log says whose limit that
# is, the system's (RC) or the configuration's (PC).
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 2
mkfifo in
# exhausted LETTERS [GLOBAL]: what the log says, with that line in the configuration.
exhausted() {
    cat >proxy.cfg <<C
global
    nbthread 1
    log stdout format raw local0
    $2
defaults
    mode http
    log global
    option dontlognull
    timeout client 10s
    timeout server 10s
    timeout connect 1s
    retries 1
frontend www
    bind 127.0.0.1:$p1
    log-format "%s %ts %ST %rc %HU"
    default_backend b
backend b
    server s1 127.0.0.1:$p2
C
    proxy proxy "$p1"
    proxy=$pid
    : >answer
    exec 7<>in
    socat -t 5 - "TCP:127.0.0.1:$p1" <in >answer 7>&- &
    client=$!
    pids="$pids $client"
    # The connection is there once this is answered, whatever the answer is.
    printf 'GET /refused HTTP/1.1\r\nHost: h\r\n\r\n' >&7
    check "no server" said '^s1 SC 503 1 /refused$' proxy.log
    prlimit --pid "$proxy" --nofile=3:
    printf 'GET /exhausted HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' >&7
    check "no descriptor, $1" said "^s1 $1 503 0 /exhausted\$" proxy.log
    exec 7>&-
    wait "$client"
    gone "$proxy"
    check "both are answered" is 2 "$(grep -c '^HTTP/1.1 503' answer)"
}
exhausted RC ""
exhausted PC "ulimit-n 200"
