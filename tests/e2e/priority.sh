# set-priority-class and set-priority-offset: who leaves a queue first.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 3
cat >proxy.cfg <<C
global
    nbthread 1
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
    timeout queue 60s
    log stdout format raw local0
frontend www
    bind 127.0.0.1:$p1
    http-request set-priority-class url_param(class)
    http-request set-priority-offset url_param(offset)
    log-format "left %HQ after %bq as %[prio_class]/%[prio_offset]"
    default_backend app
frontend waiting
    bind 127.0.0.1:$p2
    no log
    http-request return status 200 content-type text/plain lf-string "%[srv_conn(app/s)] %[queue(app)]"
backend app
    option abortonclose
    server s 127.0.0.1:$p3 maxconn 1
frontend origin
    bind 127.0.0.1:$p3
    http-request pause 60s if { path /hold }
    http-request return status 200
    log-format "served %HQ"
C
proxy proxy "$p2"
# waits COUNT: one request is served, and so many are in the queue.
waits() {
    tries=200
    while [ "$(curl -s --max-time 5 "http://127.0.0.1:$p2/")" != "1 $1" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.02
    done
}
background curl -s -o /dev/null "http://127.0.0.1:$p1/hold"
holder=$pid
waits 0
i=0
for query in class=5 class=0 'class=0&offset=-60000' class=-7 'class=0&offset=60000' class=-3000; do
    background curl -s -o /dev/null "http://127.0.0.1:$p1/?$query"
    i=$((i + 1))
    check "$query waits" waits "$i"
done
gone "$holder"
check "all are served" said 'served [?]class=5$' proxy.log
is_order() {
    is "$1" "$(sed -n 's/^served [?]//p' proxy.log | tr '\n' ' ')"
}
check "by class, then by time with its offset" is_order \
    'class=-3000 class=-7 class=0&offset=-60000 class=0 class=0&offset=60000 class=5 '
check "how many were served before" said '^left [?]class=-7 after 2 as -7/0$' proxy.log
check "classes have bounds" said '^left [?]class=-3000 after 1 as -2047/0$' proxy.log
check "the last" said '^left [?]class=5 after 6 as 5/0$' proxy.log
