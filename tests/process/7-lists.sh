# Maps and files of patterns through the control socket: HAProxy's answers, and what they do to
# requests, with several threads.
. "$LIB"
# shellcheck disable=SC2046
set -- $("$port" free 1)
p1=$1
here=$(pwd)
printf '/one 1\n/two two words\n/one once more\n/x/y 3\n' >a.map
printf '127.0.0.0/8 loop\n10.0.0.0/8 ten\n10.1.0.0/16 ten one\n::1 six\n' >ips.map
printf '1 a\n2:5 b\n' >ints.map
printf '^/r([0-9]) number\n^/r letter\n' >exprs.map
printf '/listed\n/Other\n/listed\n' >names.lst
printf '10.0.0.0/8\n' >nets.lst
{
    config "    stats socket $here/admin level admin
    stats socket $here/operator
    nbthread 3"
    cat <<C
frontend f
    bind 127.0.0.1:$p1
    acl written path /here
    acl names path -f names.lst
    acl begins path_beg -i -f names.lst -u 40
    acl nets src -f nets.lst
    acl keys path -M -f a.map
    http-request set-header ip %[src,map_ip(ips.map)]
    http-request set-header int %[path,length,map_int(ints.map)]
    http-request set-header reg %[path,map_reg(exprs.map)]
    http-request deny if written or nets
    http-request return status 200 content-type text/plain lf-string "%[path,map(a.map,none)] %[path,map_beg(a.map,none)] plain" unless names or begins or keys
    http-request return status 200 content-type text/plain lf-string "%[path,map(a.map,none)] %[path,map_beg(a.map,none)] listed" if names
    http-request return status 200 content-type text/plain lf-string "%[path,map(a.map,none)] begins or key"
C
} >a.cfg
get() {
    curl -s --max-time 5 "http://127.0.0.1:$p1$1"
}

# ---- answers ----
cat >commands <<'C'
show map
show acl
show map #0
show map a.map
show map names.lst
show map nope
show map #
show acl names.lst
show acl nope
show map @0 a.map
show map @1 a.map
show acl a.map
get map a.map /one
get map a.map /nope
get map ips.map 10.1.2.3
get map ips.map 10.2.2.3
get map ips.map ::1
get map ips.map name
get map exprs.map /r7
get map exprs.map /s
get map ints.map 3
get map ints.map x
get map ints.map
get map
get map nope x
get acl names.lst /listed
get acl names.lst /LISTED
get acl names.lst
get acl nope x
help add map
add map a.map /new value here
add map a.map /new2
add map a.map
add map nope a b
add map ips.map xx y
add map ips.map 10.1.1.0/24 inner
add map ips.map fe80::/300 y
get map ips.map 10.1.1.1
add map ints.map 7:x z
add map ints.map 8:9 z
get map ints.map 9
add map exprs.map ^/(a z
add map a.map /esc\ aped a\;b
show map a.map
add acl names.lst /more
add acl names.lst
add acl a.map /more
add acl nope /more
add acl nets.lst name
show acl names.lst
set map a.map /one new
set map a.map /none new
set map a.map /none
set map nope /one x
set map a.map #0x1 new
set map ints.map 1 set
show map a.map
show map ints.map
get map a.map /one
del map a.map /one
del map a.map /none
del map a.map
del map nope x
del map a.map #0x1
del map
del acl names.lst /listed
del acl names.lst /none
del acl names.lst
del acl nope x
show map a.map
show acl names.lst
prepare map
prepare map nope
prepare acl nope
prepare acl names.lst
prepare map a.map
prepare map a.map
add map @1 a.map /v one
add map @2 a.map /v two
add map @9 a.map /v nine
show map @1 a.map
show map @2 a.map
show map a.map
get map a.map /v
commit map
commit map a.map
commit map @9 a.map
commit map @1 nope
commit map @1 a.map
commit map @1 a.map
show map a.map
show map @2 a.map
get map a.map /v
clear map @2 a.map
show map @2 a.map
clear map
clear map nope
clear map a.map
show map a.map
clear acl names.lst
clear acl
clear acl nope
add acl @1 names.lst /c
show acl names.lst
commit acl @1 names.lst
show acl names.lst
add map a.map <<
/p1 one
/p2 two words

show map a.map
C
# Addresses are what they are, and so are counts that HAProxy does not lower.
masked() {
    sed 's/0x[0-9a-f]\{6,\}/PTR/g; s/entry_cnt=[0-9]*/entry_cnt=N/' |
        grep -v "^[0-9]* () acl '"
}
answers() {
    { echo prompt && cat commands && echo quit; } | socat -t 5 - UNIX:admin | masked
}
start -f a.cfg
serving "$p1"
answers >ours
kill "$pid"
wait "$pid"
if [ -x "$theirs" ]; then
    "$theirs" -f a.cfg >theirs.log 2>&1 &
    pid=$!
    pids="$pids $pid"
    serving "$p1"
    answers >theirs
    kill "$pid"
    wait "$pid"
    check "commands about lists answer as HAProxy's" diff theirs ours
fi

# ---- effects ----
start -f a.cfg
serving "$p1"
check "a map as it was built" is "1 1 begins or key" "$(get /one | sed 's/^\(.\) /\1 \1 /')"
check "add acl: before" is "none none plain" "$(get /p)"
ask admin "add acl names.lst /p" >/dev/null
check "add acl" is "none none listed" "$(get /p)"
check "add acl: all who use the file" is "none begins or key" "$(get /P/x)"
ask admin "add map a.map /q first" >/dev/null
ask admin "del acl names.lst /p" >/dev/null
check "del acl" is "none none plain" "$(get /p)"
check "add map: all who use the file" is "first begins or key" "$(get /q)"
check "add map: another way of comparing" is "none first plain" "$(get /q/more)"
line=$(ask admin "show map a.map" | sed -n 's/ \/q first$//p')
ask admin "set map a.map #$line second" >/dev/null
check "set map by reference" is "none second plain" "$(get /q/more)"
line=$(ask admin "show map a.map" | sed -n 's/ \/two two words$//p')
check "del map by reference" is "" "$(ask admin "del map a.map #$line" | head -n 1)"
check "del map by reference: it is gone" is 0 "$(ask admin "show map a.map" | grep -c two)"
ask admin "prepare map a.map; add map @1 a.map /q third" >/dev/null
check "a prepared version is not seen" is "none second plain" "$(get /q/more)"
ask admin "commit map @1 a.map" >/dev/null
check "a committed version" is "none third plain" "$(get /q/more)"
check "a committed version: nothing else" is "none none plain" "$(get /x/y)"
awk 'BEGIN { print "add map a.map <<"; for (i = 0; i < 20000; i++) printf "/key/%d value %d\n", i, i; print "" }' |
    socat -t 5 - UNIX:admin >answer
check "a payload of 20000 lines" is "value 19999 begins or key" "$(get /key/19999)"
check "a payload of 20000 lines: all are shown" is 20001 "$(ask admin "show map a.map" | grep -c 'value\|third')"
printf 'add map a.map <<\n/k1 one\n  /k2\ttwo\n/k3\n/k4 four\n\n' | socat -t 5 - UNIX:admin >answer
check "a payload: a key without a value ends it" said "^Missing value for key '/k3'\\.\$" answer
check "a payload: lines before it count" is "two" "$(get /k2 | cut -d ' ' -f 1)"
check "a payload: lines behind it do not" is "none" "$(get /k4 | cut -d ' ' -f 1)"

# ---- who may ----
for command in "add map a.map /a b" "set map a.map /q x" "del map a.map /q" "clear map a.map" \
    "prepare map a.map" "commit map @2 a.map" "add acl names.lst /a" "del acl names.lst /a" \
    "clear acl names.lst" "prepare acl names.lst" "commit acl @1 names.lst"; do
    check "level operator: $command" is "Permission denied" "$(ask operator "$command" | head -n 1)"
done
check "level operator: looks" is 1 "$(ask operator "show map a.map" | grep -c third)"
kill "$pid"
wait "$pid"

# Nobody may: lists stay as they were built, and can be looked at.
sed 's/ level admin//' a.cfg >b.cfg
start -f b.cfg
serving "$p1"
check "no admin: looks" is 'type=beg, case=sensitive, found=yes, idx=tree, key="/one", value="1", type="str"' "$(ask operator "get map a.map /one/more" | sed -n 3p)"
check "no admin: looks at addresses" is 'type=ip, case=sensitive, found=yes, idx=tree, key="10.1.0.0/16", value="ten one", type="str"' "$(ask operator "get map ips.map 10.1.2.3" | head -n 1)"
kill "$pid"
wait "$pid"

# Through the master.
start -W -S "$here/master" -f a.cfg
serving "$p1"
printf '@1 add map a.map <<\n/m1 first\n/m2 second words\n\n' | socat -t 5 - "UNIX-CONNECT:$here/master" >answer
check "the master hands a payload on" is "second words" "$(ask "$here/master" "@1 show map a.map" | sed -n 's/.* \/m2 //p')"
kill "$pid"
wait "$pid"
