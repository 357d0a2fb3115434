# Servers are reached from the address that "source" names.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 6
cat >servers <<C
    server {
        listen 127.0.0.1:$p1;
        location / { return 200 "\$remote_addr:\$remote_port\n"; }
    }
C
web "$p1"
cat >proxy.cfg <<C
defaults
    mode http
    log stdout format raw local0
    retries 0
    timeout client 2s
    timeout server 2s
    timeout connect 1s
frontend www
    bind 127.0.0.1:$p2
    log-format "from %bi"
    http-response set-header x-times "%[bc_rtt(us)] %[bc_rttvar(us)] %[bc_rtt]"
    default_backend two
backend two
    default-server source 127.0.0.2
    server s 127.0.0.1:$p1
listen port
    bind 127.0.0.1:$p3
    server s 127.0.0.1:$p1 source 127.0.0.3:$p6
listen any
    bind 127.0.0.1:$p4
    server s 127.0.0.1:$p1 source 0.0.0.0
listen foreign
    bind 127.0.0.1:$p5
    server s 127.0.0.1:$p1 source 192.0.2.1
C
proxy proxy "$p2"
# from PORT: what the server sees.
from() {
    curl -s --max-time 5 "http://127.0.0.1:$1/"
}
check "an address" is 127.0.0.2 "$(from "$p2" | cut -d: -f1)"
check "logs show it" said '^from 127[.]0[.]0[.]2$' proxy.log
check "an address and a port" is "127.0.0.3:$p6" "$(from "$p3")"
check "any address" is 127.0.0.1 "$(from "$p4" | cut -d: -f1)"
check "an address of somebody else" is 503 \
    "$(curl -s -o /dev/null -w '%{http_code}' --max-time 5 "http://127.0.0.1:$p5/")"
times=$(curl -s -D - -o /dev/null --max-time 5 "http://127.0.0.1:$p2/" | tr -d '\r' |
    sed -n 's/^x-times: //p')
check "round trips" between 1 100000 "${times%% *}"
check "and their variance" said '^[0-9]+ [0-9]+ [0-9]+$' "$(echo "$times" >times; echo times)"
# What the machine has to do meanwhile makes them long, in both units.
whole=$((${times%% *} / 1000))
check "which are milliseconds unless said otherwise" between "$((whole - 1))" "$((whole + 1))" "${times##* }"
