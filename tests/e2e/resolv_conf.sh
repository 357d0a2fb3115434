# "parse-resolv-conf": the name servers of the system, as HAProxy finds them; port 53 is one of a
# namespace.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
isolated || exit 0
cat >resolv.conf <<C
# nameserver 127.0.0.9
search example.test
 nameserver 127.0.0.6
nameserver	127.0.0.1
options ndots:2
nameserver ::1
nameserver not-an-address
;nameserver 127.0.0.8
C
[ -e /etc/resolv.conf ] || : >/etc/resolv.conf
mount --bind resolv.conf /etc/resolv.conf || exit 1
echo "here.test A 127.0.0.7" >names
# config PORT
config() {
    cat <<C
global
    stats socket $PWD/$1.sock level admin
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
resolvers system
    parse-resolv-conf
    timeout retry 300ms
frontend www
    bind 127.0.0.1:$1
    http-request do-resolve(txn.ip,system,ipv4) str(here.test)
    http-request return status 200 content-type text/plain lf-string "%[var(txn.ip)]"
C
}
# known PORT: the name servers of the section.
known() {
    echo "show resolvers" | socat -t 5 - UNIX-CONNECT:"$PWD/$1.sock" |
        awk '/^Resolvers/ { ours = $3 == "system" } ours && $1 == "nameserver"' | sort
}
background "$BUILD/e2e/dns" 53 names >asked
config 81 >theirs.cfg
config 82 >ours.cfg
background "$theirs" -db -f theirs.cfg >theirs.log 2>theirs.err
"$port" wait 127.0.0.1:81 20 || exit 1
proxy ours 82
known 81 >theirs.knows
known 82 >ours.knows
check "the name servers of the system" diff theirs.knows ours.knows
check "which are these" is "127.0.0.1: ::1:" "$(awk '{ print $2 }' ours.knows | paste -sd ' ')"
check "they are asked" is 127.0.0.7 "$(curl -s --max-time 8 http://127.0.0.1:82/)"
check "by whoever needs them" grep -q '^1 here.test' asked
