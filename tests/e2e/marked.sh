# Sessions of servers that checks find to be down, or up again: "on-marked-down shutdown-sessions" ends
# what a server serves (D in the log) when it goes down, "on-marked-up shutdown-backup-sessions" what
# backup servers serve (U) when it comes up.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 5
cat >proxy.cfg <<C
global
    stats socket $PWD/control.sock mode 600
defaults
    mode tcp
    log stdout format raw local0
    option tcplog
    timeout client 20s
    timeout server 20s
    timeout connect 1s
    default-server inter 50 rise 1 fall 1
listen dies
    bind 127.0.0.1:$p2
    server s 127.0.0.1:$p1 check port $p4 on-marked-down shutdown-sessions
listen rises
    bind 127.0.0.1:$p3
    server s 127.0.0.1:$p1 check port $p5 on-marked-up shutdown-backup-sessions
    server spare 127.0.0.1:$p1 backup
C
background socat TCP-LISTEN:"$p1",bind=127.0.0.1,fork,reuseaddr PIPE
background socat TCP-LISTEN:"$p4",bind=127.0.0.1,fork,reuseaddr PIPE
checked=$pid
listening "$p1"
listening "$p4"
proxy proxy "$p2"
said 'Server rises/s is DOWN.*Running on backup' proxy.log || exit 1

# A client that stays, and says so once it has a server.
client() {
    { echo hello; sleep 10; } | socat -t 10 - TCP:127.0.0.1:"$1" >"answer.$1"
}
background client "$p2"
background client "$p3"
said hello "answer.$p2" && said hello "answer.$p3" || exit 1
gone "$checked"
background socat TCP-LISTEN:"$p5",bind=127.0.0.1,fork,reuseaddr PIPE
check "a server that goes down loses its sessions" said ' dies/s [0-9]+/[0-9]+/[0-9]+ 6 D[-D] ' proxy.log
check "a server that comes up takes those of backup servers" \
    said ' rises/spare [0-9]+/[0-9]+/[0-9]+ 6 U[-D] ' proxy.log
