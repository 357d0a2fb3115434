# Lists of rules so long that their functions are cut in pieces: every rule runs, in its turn.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 1
# rules FORMAT: 300 lines, with the number of each.
rules() {
    awk -v format="$1" 'BEGIN { for (i = 1; i <= 300; i++) { s = format; gsub(/@/, i, s); print s } }'
}
{
    cat <<C
defaults
    mode http
    timeout client 2s
    timeout server 1s
    timeout connect 1s
frontend f
    bind 127.0.0.1:$p1
    tcp-request inspect-delay 2s
C
    rules '    tcp-request content reject if { path /reject@ }'
    echo '    http-request early-hint Link </hint> if { path_beg /hint }'
    # found by index; two of them by one host, and one that ends the list
    rules '    http-request set-header x-host @ if { hdr(host) h@ }' |
        sed 's/h1 }/h1 both }/; s/h280 }/h280 both }/; s/h300 }/h300 stop }/' |
        sed '/ h20 }/i\    http-request return status 200 content-type text/plain string stopped if { hdr(host) stop }'
    # tried in order
    rules '    http-request set-header x-path @ if !{ path_end /@ }'
    echo '    http-request return status 200 content-type text/plain lf-string %[req.hdr(x-host)]/%[req.hdr(x-path)]'
} >proxy.cfg
proxy proxy "$p1"

# asked HOST PATH EXPECTED
asked() {
    is "$3" "$(curl -s -m 10 -H "Host: $1" "http://127.0.0.1:$p1$2")"
}
by_index() {
    for i in 2 255 256 257 258 299 300; do
        asked h$i / $i/300 || return 1
    done
}
while_waiting() {
    for i in 1 256 257 300; do
        asked h1 /reject$i "" || return 1
    done
}
check "by index, in each piece" by_index
check "by index, two of them" asked both / 280/300
check "by index, none of them" asked other / /300
check "by index, one that ends the list" asked stop / stopped
check "in order, the last one that holds" asked h1 /300 1/299
check "in order, all" asked h1 /299 1/300
check "while waiting, in each piece" while_waiting
check "while waiting, none of them" asked h1 /reject301 1/300
check "hints end before what follows" is "103 200" "$(curl -si -m 10 -H 'Host: h1' \
    "http://127.0.0.1:$p1/hint" | sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' | paste -sd' ' -)"
