#!/bin/sh
# The error tests: what `proxyc check` says about configurations with mistakes in them.
#
# ID[-NAME].cfg is checked, and what is printed has to be ID[-NAME].err, to the byte. There is at
# least one for each diagnostic. Beside NAME.cfg may stand: NAME.args, the arguments to use instead of
# NAME.cfg; NAME.gnu and NAME.haproxy, the same in these formats; NAME.colour, with colours.
# `sh tests/errors/run.sh --update` writes the expected files anew; read the difference.
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
proxyc=$BUILD/proxyc
update=
[ "$1" = --update ] && update=1
cd "$TOP/tests/errors" || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

ok() {
    echo "ok $1"
}

not_ok() {
    echo "not ok $1"
    failed=1
}

# expect NAME WANTED GOT: two words are the same.
expect() {
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        not_ok "$1"
        echo "# expected '$2', got '$3'"
    fi
}

# run ARGUMENT...: the exit status is in $status, what was printed in $tmp/out. The environment is
# empty, and the number of the process is hidden.
run() {
    env -i PATH="$PATH" LC_ALL=C XDG_CACHE_HOME="$tmp/cache" \
        "$proxyc" "$@" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null
    status=$?
    sed '/^\[/s/([0-9]*)/(PID)/' "$tmp/stderr" >"$tmp/out"
    cat "$tmp/stdout" >>"$tmp/out"
}

# same NAME FILE: what was printed is what the file holds.
same() {
    if [ -n "$update" ]; then
        cp "$tmp/out" "$2"
    elif diff "$2" "$tmp/out" >"$tmp/diff" 2>&1; then
        ok "$1"
    else
        not_ok "$1"
        sed 's/^/# /' "$tmp/diff"
    fi
}

# ---- one file, one test ----

# What the exit status has to be, from what is expected to be printed.
status_of() {
    if grep -q '^error' "$1"; then
        echo 1
    else
        echo 0
    fi
}

# The other formats of NAME that have a file.
check_formats() {
    for format in gnu haproxy; do
        [ -e "$1.$format" ] || continue
        run check --format=$format "$1.cfg"
        same "$1 in format $format" "$1.$format"
    done
    [ -e "$1.colour" ] || return
    run check --color=always "$1.cfg"
    same "$1 in colour" "$1.colour"
    run check --color=never "$1.cfg"
    same "$1 without colour" "$1.err"
}

# check NAME [ARGUMENT...]
check() {
    name=$1
    shift
    run check "$@"
    same "$name" "$name.err"
    [ -n "$update" ] || expect "$name: exit status" "$(status_of "$name.err")" $status
    id=${name%%-*}
    case $id in
    [EW]0*) grep -q "\[$id\]" "$name.err" || not_ok "$name shows no $id" ;;
    esac
    check_formats "$name"
}

for file in *.cfg *.args; do
    name=${file%.*}
    if [ "$file" = "$name.args" ]; then
        check "$name" $(cat "$file")
    elif [ ! -e "$name.args" ]; then
        check "$name" "$file"
    fi
done

for file in *.err; do
    [ -e "${file%.err}.cfg" ] || [ -e "${file%.err}.args" ] || not_ok "$file belongs to no test"
done
if [ -n "$update" ]; then
    git diff --stat -- . 2>/dev/null
    exit 0
fi

# ---- every diagnostic ----

ids=$(sed -n 's/^DIAG(\([EW][0-9]*\),.*/\1/p' "$TOP/compiler/base/diagnostics.def")
missing=
unexplained=
for id in $ids; do
    ls "$id".err "$id"-*.err >"$tmp/list" 2>/dev/null
    [ -s "$tmp/list" ] || missing="$missing $id"
    run explain "$id"
    lines=$(wc -l <"$tmp/stdout")
    [ $status = 0 ] && grep -q "^$id: ." "$tmp/stdout" && [ "$lines" -ge 3 ] ||
        unexplained="$unexplained $id"
done
expect "every diagnostic has a test" "" "$missing"
expect "every diagnostic is explained" "" "$unexplained"
run explain E9999
expect "no explanation of what does not exist" 2 $status
run explain e0300 W0201
expect "several explanations, in either case" 2 "$(grep -c '^[EW]0[0-9]*: ' "$tmp/stdout")"

# ---- warnings ----

run check --werror W0201.cfg
expect "--werror refuses warnings" 1 $status
run check --werror W0102.cfg
expect "--werror lets notices pass" 0 $status
{ printf 'global\n    zero-warning\n\n' && cat W0201.cfg; } >"$tmp/zero.cfg"
run check "$tmp/zero.cfg"
expect "zero-warning refuses warnings" 1 $status
run check -q W0102.cfg
expect "-q says nothing about what is valid" "" "$(cat "$tmp/stdout")"

# ---- several files, directories, standard input ----

# Where the errors are, as one line of "file:line".
places() {
    sed -n 's/^\([^ ]*\):\([0-9]*\):[0-9]*: error: .*/\1:\2/p' "$tmp/stderr" | tr '\n' ' '
}

mkdir "$tmp/conf"
printf 'global\n    maxcon 1\n' >"$tmp/conf/20-b.cfg"
printf 'global\n    maxconn 1\n    nbthread x\n' >"$tmp/conf/10-a.cfg"
printf 'not a configuration\n' >"$tmp/conf/README"
printf 'not one either\n' >"$tmp/conf/.hidden.cfg"
cp "$tmp/conf/20-b.cfg" "$tmp/b.cfg"
both="$tmp/conf/10-a.cfg:3 $tmp/conf/20-b.cfg:2 "

run check --format=gnu "$tmp/conf"
expect "a directory: its .cfg files in order" "$both" "$(places)"
run check --format=gnu -f "$tmp/conf"
expect "a directory behind -f" "$both" "$(places)"
run check --format=gnu -f "$tmp/conf/20-b.cfg" "$tmp/conf/10-a.cfg"
expect "files in the order of the command line" \
    "$tmp/conf/20-b.cfg:2 $tmp/conf/10-a.cfg:3 " "$(places)"
for input in '-' '-f -'; do
    env -i PATH="$PATH" LC_ALL=C "$proxyc" check --format=gnu $input \
        <"$tmp/b.cfg" >"$tmp/stdout" 2>"$tmp/stderr"
    expect "standard input by '$input': exit status" 1 $?
    expect "standard input by '$input'" "-:2 " "$(places)"
done
run check
expect "no file at all" 2 $status
run check --format=xml E0300.cfg
expect "an unknown format" 2 $status

# ---- building what is wrong ----

run build E0300.cfg -o "$tmp/new"
expect "building what is wrong: exit status" 1 $status
expect "building what is wrong leaves nothing" "conf" "$(cd "$tmp" && ls -d conf new* 2>/dev/null)"
echo older >"$tmp/older"
run build E0300.cfg -o "$tmp/older"
expect "building what is wrong leaves the older binary" older "$(cat "$tmp/older")"
run build --werror W0201.cfg -o "$tmp/older"
expect "building with --werror leaves the older binary" older "$(cat "$tmp/older")"
run emit E0300.cfg
expect "no C is printed for what is wrong" "" "$(cat "$tmp/stdout")"
run run E0300.cfg
expect "what is wrong is not started" 1 $status

exit $failed
