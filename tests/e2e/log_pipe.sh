# Log lines that are longer than a pipe takes at once come whole, or are counted as dropped.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 1
cat >proxy.cfg <<C
global
    nbthread 2
    stats socket $PWD/control.sock mode 600
    log stdout len 16384 format raw local0
defaults
    mode http
    log global
    option dontlognull
    timeout client 10s
    timeout server 10s
    timeout connect 1s
frontend www
    bind 127.0.0.1:$p1
    capture request header X-Long len 9500
    log-format "begin %hr end"
    http-request return status 200
C
mkfifo lines || exit 1
# Nobody reads until the file "read" is there.
{ until [ -e read ]; do sleep 0.1; done; cat; } <lines >got &
pids="$pids $!"
"$BUILD/haproxy" -db -f proxy.cfg >lines 2>proxy.log &
pids="$pids $!"
"$port" wait "127.0.0.1:$p1" 20 || exit 1

long=$(head -c 9000 /dev/zero | tr '\0' x)
ask() {
    curl -s -o answer -H "X-Long: $long" "http://127.0.0.1:$p1/$1?[1-$2]" -w '%{http_code}\n'
}
dropped() {
    echo "show info" | socat -t 2 - UNIX-CONNECT:"$PWD/control.sock" | sed -n 's/^DroppedLogs: //p'
}
check "a full pipe keeps nobody waiting" is 40 "$(ask full 40 | grep -c 200)"
# A pipe has room for 16 pages: five such lines, and a part of the next one.
full=$(dropped)
check "what it has no room for is counted" between 33 35 "$full"
: >read
tries=50
until [ "$(grep -c . got)" -ge $((40 - full - 1)) ] || [ "$tries" = 0 ]; do
    tries=$((tries - 1))
    sleep 0.1
done
check "later lines find room again" is 2 "$(ask empty 2 | grep -c 200)"
said 'x} end$' got >said.out
sleep 0.3
check "every line is whole" is "0 $((42 - full))" \
    "$(grep -cvE '^begin [{]x{9000}[}] end$' got) $(grep -cE '^begin [{]x{9000}[}] end$' got)"
check "nothing more was dropped" is "$full" "$(dropped)"
