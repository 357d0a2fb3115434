# The command line without a proxy: versions, checks, conditions.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 2)
p1=$1 p2=$2
{ config; hello "$p1"; } >good.cfg
{ config; hello "$p1"; echo '    nonsense here'; } >bad.cfg
{ printf 'frontend f\n    mode http\n    bind 127.0.0.1:%s\n' "$p1"; } >warned.cfg
{ printf 'global\n    zero-warning\n'; cat warned.cfg; } >zero.cfg

# ---- -v and -vv ----
check "-v" code 0 "$haproxy" -v
check "-v: names the compatible version in its first line" said '^HAProxy version 2\.[0-9]+'
check "-vv" code 0 "$haproxy" -vv
check "-vv: first line" is "HAProxy version" "$(head -n 1 said | cut -d ' ' -f 1-2)"
check "-vv: target" said '^  TARGET  = linux-glibc$'
check "-vv: features" said '^Feature list : .*\+EPOLL'
check "-vv: defaults" said 'bufsize = 16384'
check "-v: needs no configuration" code 0 "$haproxy" -v -f nowhere.cfg

# ---- -c ----
check "-c: valid" code 0 "$haproxy" -c -f good.cfg
check "-c -V: says so" code 0 "$haproxy" -c -V -f good.cfg
check "-c -V: in HAProxy's words" said '^Configuration file is valid$'
check "-c -q: says nothing" code 0 "$haproxy" -c -q -f good.cfg
check "-c -q: nothing at all" is "" "$(cat said)"
check "-c: not valid" code 1 "$haproxy" -c -f bad.cfg
check "-c: names the line" said "^\[ALERT\] +\([0-9]+\) : config : parsing \[bad.cfg:11\]"
check "-c -q: not valid" code 1 "$haproxy" -c -q -f bad.cfg
check "-c: no such file" code 1 "$haproxy" -c -f nowhere.cfg
check "-c: names the file" said 'nowhere.cfg'
check "-c: a warning is no error" code 0 "$haproxy" -c -f warned.cfg
check "-c: shows the warning" said '^\[WARNING\]'
check "-c -dW: a warning is one" code 1 "$haproxy" -c -dW -f warned.cfg
check "-c -dW: says why" said "Some warnings were found"
check "-c -dW: no warning, no error" code 0 "$haproxy" -c -dW -f good.cfg
check "-c: zero-warning" code 1 "$haproxy" -c -f zero.cfg
check "-dW: does not start" code 1 "$haproxy" -dW -f warned.cfg
check "-c: does not bind" code 0 "$give" used="$p1" -- "$haproxy" -c -f good.cfg

# ---- files ----
mkdir confs && config >confs/1.cfg && hello "$p1" >confs/2.cfg && echo garbage >confs/3.txt
check "-f: a directory" code 0 "$haproxy" -c -f confs
check "-f: repeated" code 0 "$haproxy" -c -f confs/1.cfg -f confs/2.cfg
check "--: files behind it" code 0 "$haproxy" -c -- confs/1.cfg confs/2.cfg
check "-C: files as seen from there" code 0 "$haproxy" -c -C confs -f 1.cfg -f 2.cfg
check "-C: nowhere" code 1 "$haproxy" -c -C nowhere -f 1.cfg
check "no file" code 1 "$haproxy" -c
check "no file: usage" said '^Usage : haproxy'
check "-f without a name" code 1 "$haproxy" -f
check "an unknown option" code 1 "$haproxy" -zz -f good.cfg
check "an unknown option: named" said "'-zz'"
check "-n is a number" code 1 "$haproxy" -n many -f good.cfg

# ---- -cc ----
while read -r want condition; do
    check "-cc $condition" code "$want" "$haproxy" -cc "$condition"
done <<'C'
0 version_atleast(2.4)
1 version_atleast(9.0)
0 version_before(9.0)
0 feature(EPOLL)
1 feature(QUIC)
0 !feature(QUIC) && feature(EPOLL)
0 feature(QUIC) || feature(EPOLL)
1 feature(QUIC) && feature(EPOLL) || 0
0 streq(a,a)
1 streq(a,b)
0 strneq(a,b)
0 defined(PATH)
1 defined(NO_SUCH_VARIABLE)
0 (1)
1 0
2 nonsense(1)
2 streq(a
C
GREETING=hi
export GREETING
check "-cc: the environment" code 0 "$haproxy" -cc 'streq("$GREETING",hi)'
check "-cc: needs no files" code 0 "$haproxy" -cc 'version_atleast(2.4)' -f nowhere.cfg
check "-cc without a condition" code 1 "$haproxy" -cc

# ---- variables that tell about the start ----
{
    cat <<'C'
global
.if defined(HAPROXY_MWORKER)
.notice "supervised"
.endif
.notice "peer=${HAPROXY_LOCALPEER} version=${HAPROXY_STARTUP_VERSION}"
C
    config | tail -n +3
    hello "$p1"
} >vars.cfg
check "-L: a name" code 0 "$haproxy" -c -L node7 -f vars.cfg
check "-L: in the configuration" said "peer=node7 version=2\."
check "-W: unknown without it" unsaid "supervised"
check "-W: with it" code 0 "$haproxy" -c -W -f vars.cfg
check "-W: in the configuration" said "supervised"

# ---- lists ----
check "-dKfetch" code 0 "$haproxy" -c -q -dKfetch -f good.cfg
check "-dKfetch: fetches" said '^fetch.path'
check "-dKnonsense" code 1 "$haproxy" -c -q -dKnonsense -f good.cfg
check "-dL -c" code 0 "$haproxy" -c -q -dL -f good.cfg
check "-dL -c: the C library" said '/libc\.so'
check "-dMx" code 1 "$haproxy" -dMx -f good.cfg
check "-dMx: says why" said '\-dM'

# ---- names of servers ----
{ config; printf 'listen l\n    bind 127.0.0.1:%s\n    server s no-such-host.invalid:80\n' "$p1"; } >names.cfg
check "-c: a host that is unknown" code 1 "$haproxy" -c -f names.cfg
check "-c: it is named" said "no-such-host.invalid"
check "-c -dr: is let through" code 0 "$haproxy" -c -dr -f names.cfg
check "a host that is unknown: no start" code 1 "$haproxy" -f names.cfg
check "a host that is unknown: said" said "could not resolve address 'no-such-host.invalid'"
names() # names METHODS: the server begins with what these find
{
    config >names2.cfg
    printf 'listen l\n    bind 127.0.0.1:%s\n    server s no-such-host.invalid:80 init-addr %s\n' \
        "$p1" "$1" >>names2.cfg
}
names last
check "init-addr last: no start" code 1 "$haproxy" -f names2.cfg
check "init-addr last: said" said "no method found to resolve address 'no-such-host.invalid'"
check "init-addr last: a valid configuration" code 0 "$haproxy" -c -f names2.cfg
names libc,127.0.0.1
check "-c, init-addr with an address" code 0 "$haproxy" -c -f names2.cfg
start -f names2.cfg
serving "$p1"
check "init-addr: falls back" until_true 5 said "falling back to configured address" log
kill "$pid"
wait "$pid"
start -dr -f names.cfg
serving "$p1"
check "-dr: starts" is 503 "$(curl -s -o /dev/null -w '%{http_code}' --max-time 5 "http://127.0.0.1:$p1/")"
check "-dr: said" until_true 5 said "disabling server" log
kill "$pid"
wait "$pid"
