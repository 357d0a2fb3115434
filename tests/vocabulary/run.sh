#!/bin/sh
# Every row of the vocabulary: its example compiles where the row says it may be used, and its
# function exists in the runtime.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
proxyc=$BUILD/proxyc
status=0
cd "$dir" || exit 1
"$proxyc" keywords --format tsv >rows

for map in $(grep -o '[a-z_]*\.map' rows | sort -u); do
    case $map in
    ports.map) echo "80 web" ;;
    port_ints.map) echo "80 1" ;;
    port_ips.map) echo "80 ::1" ;;
    net_ints.map) echo "10.0.0.0/8 1" ;;
    net_ips.map) echo "10.0.0.0/8 10.0.0.1" ;;
    ips.map) echo "x 192.0.2.1" ;;
    nets.map) echo "10.0.0.0/8 inside" ;;
    *) echo "x 1" ;;
    esac >"$map"
done
echo x >names.lst
# A proxy that all examples find what they name in: users, app/s1, www.
preamble() {
    printf 'global\n    maxconn 100\n    expose-experimental-directives\n%s\n' "$1"
    printf 'userlist users\n    group admin\n    user joe insecure-password x groups admin\n'
    printf 'defaults\n    mode http\n    timeout client 1s\n    timeout server 1s\n    timeout connect 1s\n'
    printf 'backend app\n    server s1 127.0.0.1:9\n    stick-table type ip size 1k expire 1m\n    stick on src\n'
    printf 'listen www\n    bind 127.0.0.1:8\n    default_backend app\n'
    printf '    filter bwlim-out slow default-limit 1m default-period 1s\n'
    printf '    declare capture request len 10\n    declare capture response len 10\n'
    printf '    acl in_names path -f names.lst\n    http-request set-header x %%[path,map(urls.map)] if in_names\n'
}

# One file with all examples is fast; when it fails, each is tried by itself to name the culprit.
# try NAME FILE-OF-LINES (label TAB line)
try_all() {
    { preamble; cut -f2- "$2"; } >all.cfg
    if "$proxyc" check -q all.cfg 2>errors; then
        awk -F'\t' -v what="$1" '{ print "ok " what " " $1 }' "$2"
        return
    fi
    while IFS="$(printf '\t')" read -r label line; do
        { preamble; printf '%s\n' "$line"; } >one.cfg
        if "$proxyc" check -q one.cfg 2>errors; then
            echo "ok $1 $label"
        else
            sed 's/^/# /' errors
            echo "not ok $1 $label: $line"
            status=1
        fi
    done <"$2"
}

# kind, name, status, type, arguments, where, example, description
tab=$(printf '\t')
awk -F'\t' '$1 == "fetch" && $3 == "supported" {
    words = $7; flags = ""
    if (match(words, / -m /)) { flags = substr(words, RSTART); words = substr(words, 1, RSTART - 1) }
    at = $6 ~ /(^| )http-request/ ? "http-request" : $6 ~ /(^| )http-response/ ? "http-response" : "tcp-request content"
    print $2 "\t    " at " set-var(txn.v) " words
}' rows >fetches
try_all fetch fetches
awk -F'\t' '$1 == "fetch" && $3 == "supported" && $7 ~ / -m / { print $2 " in a condition\t    http-request deny if { " $7 " }" }' rows >conditions
[ -s conditions ] && try_all fetch conditions
awk -F'\t' '$1 == "shorthand" {
    at = $6 ~ /(^| )http-request/ ? "http-request" : "http-response"
    pattern = $8 ~ / -m / ? "41" : "-m found"
    print $2 "\t    " at " deny if { " $7 " " pattern " }"
}' rows >shorthands
try_all shorthand shorthands
awk -F'\t' '$1 == "fetch" && $3 == "supported" && $6 ~ /(^| )log( |$)/ { w = $7; sub(/ -m .*/, "", w); n++; print $2 " in a log line\t    http-response set-header x-" n " %[" w "]" }' rows >logs
try_all fetch logs
awk -F'\t' '$1 == "converter" && $3 == "supported" {
    print $2 "\t    http-request set-var(txn.v) '"'"'" $7 "'"'"'"
}' rows >converters
try_all converter converters
awk -F'\t' '$1 == "action" && $3 == "supported" {
    n = split($6, at, " ")
    for (i = 1; i <= n; i++) {
        set = at[i]
        if (set == "init" || set == "log") continue
        sub(/^tcp-request-/, "tcp-request ", set)
        sub(/^tcp-response$/, "tcp-response content", set)
        args = ($7 ~ /^\(/ ? "" : " ") $7
        if ($2 == "capture" && set ~ /^http-.*response$/) args = " src id 0" # has no other form there
        print $2 " in " set "\t    " set " " $2 args " if { always_true }"
    }
}' rows >actions
try_all action actions
awk -F'\t' '$1 == "alias" && $3 == "supported" { print "%" $2 "\t    log-format \"%" $2 " %{+Q}" $2 "\"" }' rows |
    while IFS="$tab" read -r label line; do
        { preamble; printf '%s\n' "$line"; } >one.cfg
        if "$proxyc" check -q one.cfg 2>errors; then echo "ok alias $label"; else
            sed 's/^/# /' errors
            echo "not ok alias $label"
        fi
    done >aliases
cat aliases
grep -q '^not ok' aliases && status=1

# What they compile to is as clean as any.
{ preamble; cut -f2- fetches conditions shorthands logs converters actions; } >all.cfg
if "$proxyc" emit all.cfg >all.c 2>errors && gcc -std=c17 -O1 -Wall -Wextra -Werror -pedantic \
    -I "$BUILD/lib/proxyc/include" -c all.c -o all.o 2>errors; then
    echo "ok all examples make clean C"
else
    grep -A3 error: errors | head -n 20 | sed 's/^/# /'
    echo "not ok all examples make clean C"
    status=1
fi

# A name is supported, or in the list of those that are not.
awk -F'\t' '$3 == "supported" { print $1 "\t" $2 }' rows | sort >supported
sed -n 's/^KNOWN(\([A-Z]*\), [A-Z]*, "\([^"]*\)".*/\1\t\2/p' "$TOP/compiler/sema/known.def" |
    awk -F'\t' '{ print ($1 == "CONV" ? "converter" : tolower($1)) "\t" $2 }' | sort >unsupported
both=$(comm -12 supported unsupported)
if [ -s unsupported ] && [ -z "$both" ]; then
    echo "ok what is supported is not listed as unsupported"
else
    echo "$both" | sed 's/^/# /'
    echo "not ok what is supported is not listed as unsupported"
    status=1
fi

# One file with all words that are not supported: each of them is refused, and none passes.
awk -F'\t' '$3 == "not yet" && ($1 == "server" || $1 == "bind") { print $1 "\t" $2 }' rows >later
{
    printf 'backend later\n'
    awk -F'\t' '$1 == "server" { n++; print "    server s" n " 127.0.0.1:9 " $2 }' later
    printf 'frontend later_too\n'
    awk -F'\t' '$1 == "bind" { n++; print "    bind 127.0.0.1:" 1000 + n " " $2 }' later
} >all.cfg
"$proxyc" check --format=gnu all.cfg 2>&1 | sed -n "s/.* '\([^']*\)' is not supported yet.*/\1/p" | sort -u >refused
missed=$(cut -f2 later | sort -u | comm -23 - refused)
if [ -s refused ] && [ -z "$missed" ]; then
    echo "ok what is said to be unsupported is refused"
else
    echo "$missed" | sed 's/^/# /'
    echo "not ok what is said to be unsupported is refused"
    status=1
fi

# Functions and rows belong together: one object names all rows, and links.
cat >all.c <<'C'
#include "abi.h"
#define ARGS0
#define ARGS1(a)
#define ARGS2(a, b)
#define ARGS3(a, b, c)
#define ARGS4(a, b, c, d)
typedef void (*any)(void);
const any all[] = {
#define PX_FETCH(name, sym, ...) (any)px_fetch_##sym,
#define PX_FETCH_EACH(name, sym, ...) (any)px_fetch_##sym, (any)px_each_##sym,
#include "fetches.def"
#define PX_CONV(name, sym, ...) (any)px_conv_##sym,
#include "converters.def"
#define PX_ACTION(name, sym, ...) (any)px_act_##sym,
#include "actions.def"
#define PX_ALIAS(name, sym, ...) (any)px_log_##sym,
#include "logformat.def"
};
const struct px_program px_program;
C
sanitize=$(sed -n 's/.*\(-fsanitize=[^ ]*\).*/\1/p' "$BUILD/flags")
# shellcheck disable=SC2086
if gcc -std=c17 $sanitize -I "$BUILD/lib/proxyc/include" all.c "$BUILD/lib/proxyc/libpxrt.a" \
    -lpcre2-8 -lcrypt -lcrypto -pthread -o all 2>errors; then
    echo "ok every row has its function"
else
    sed 's/^/# /' errors
    echo "not ok every row has its function"
    status=1
fi

# A function without a row would be an echo of a row that is gone.
nm --defined-only "$BUILD/lib/proxyc/libpxrt.a" 2>/dev/null | awk '$2 == "T" && $3 ~ /^px_(fetch|each|conv|act)_/ { print $3 }' | sort -u >have
gcc -std=c17 -I "$BUILD/lib/proxyc/include" -c all.c -o all.o && nm all.o | awk '$1 == "U" { print $2 }' | sort -u >need
orphans=$(comm -23 have need)
if [ -z "$orphans" ]; then
    echo "ok every function has its row"
else
    echo "$orphans" | sed 's/^/# /'
    echo "not ok every function has its row"
    status=1
fi
exit $status
