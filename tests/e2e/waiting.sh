# What cannot go on at once: a server that does not accept, clients and servers that stall or die.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 5
echo hello >hello
head -c 4000000 /dev/zero >zeros
cat >servers <<C
    server { listen 127.0.0.1:$p1 backlog=1; root $PWD; }
C
web "$p1"
nginx=$pid
cat >proxy.cfg <<C
global
    nbthread 1
    stats socket $PWD/control.sock level admin
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    timeout client 400ms
    timeout server 400ms
    timeout connect 300ms
    retries 0
frontend www
    bind 127.0.0.1:$p2
    use_backend dies if { path /dies }
    use_backend patient if { path /patient }
    default_backend web
backend web
    server web 127.0.0.1:$p1
backend patient
    timeout connect 10s
    server web 127.0.0.1:$p1
backend dies
    server dies 127.0.0.1:$p3
C
proxy proxy "$p2"
url=http://127.0.0.1:$p2
check "to begin with" is hello "$(curl -s --max-time 5 "$url/hello")"

# A client that has said all it wants to say gets its answers.
check "half-closed clients" is "hello hello " "$(printf 'GET /hello HTTP/1.1\r\nHost: h\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n' |
    socat -t 2 - "TCP:127.0.0.1:$p2" | grep '^hello$' | tr '\n' ' ')"

# A client that does not read is cut off; one that reads a little is not.
check "a client that stalls" between 300 1200 \
    "$(took sh -c "(printf 'GET /zeros HTTP/1.1\r\nHost: h\r\n\r\n'; sleep 1) | socat -u - TCP:127.0.0.1:$p2,rcvbuf=4096")"
check "... logged" said 'web/web [-0-9/]+ 200 [0-9]+ - - cD-- .*/zeros' proxy.log
check "a client that is slow" is 4000000 \
    "$(curl -s --max-time 10 --limit-rate 4M "$url/zeros" | wc -c)"

# A server that is killed in the middle of a body.
cat >dies.sh <<'C'
read -r request
printf 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc'
sleep 0.1
C
background socat "TCP-LISTEN:$p3,bind=127.0.0.1,reuseaddr" EXEC:'sh dies.sh'
listening "$p3"
sleep 0.2
check "a server that dies" is "abc 18" "$(curl -s --max-time 5 "$url/dies"; echo " $?")"
check "... logged" said 'dies/dies [-0-9/]+ 200 [0-9]+ - - SD-- .*/dies' proxy.log

# A stopped server: its kernel takes a few connections, then lets calls time out.
kill -STOP "$nginx"
check "a server that does not answer" is 504 \
    "$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' "$url/hello")"
for i in 1 2 3 4; do
    background socat -u "TCP:127.0.0.1:$p1" /dev/null
done
sleep 0.2
took=$(took curl -s --max-time 5 -o code -w '%{http_code}' "$url/connect")
check "a server that does not accept ($took ms)" between 250 900 "$took"
check "... logged" said 'web/web [0-9]+/[0-9]+/-1/-1/[3-9][0-9][0-9] 503 [0-9]+ - - sC-- .*/connect' proxy.log

# Meanwhile, its sessions are ended.
background curl -s --max-time 9 -o ended "$url/patient"
client=$pid
tries=0
until echo 'show stat patient 4 1' | socat - "UNIX:$PWD/control.sock" | grep -q '^patient,web,[^,]*,[^,]*,1,'; do
    tries=$((tries + 1))
    [ $tries -lt 50 ] || break
    sleep 0.1
done
echo 'shutdown sessions server patient/web' | socat - "UNIX:$PWD/control.sock" >/dev/null
wait "$client"
check "a request that is cut while it connects" said \
    'patient/web [0-9]+/[0-9]+/-1/-1/[0-9]+ 503 [0-9]+ - - KC-- .*/patient' proxy.log
check "... and answered" grep -q '503 Service Unavailable' ended
kill -CONT "$nginx"
sleep 0.2
check "when it goes on" is hello "$(curl -s --max-time 5 --retry 3 "$url/hello")"
