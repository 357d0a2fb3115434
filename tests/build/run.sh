#!/bin/sh
# What is promised about building: the same bytes each time, clean C, nothing unused in the binary,
# no half-made files, an installation that needs no source tree.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export XDG_CACHE_HOME="$dir/cache"
proxyc=$BUILD/proxyc
status=0
cd "$dir" || exit 1

# test NAME COMMAND...
test_that() {
    name=$1
    shift
    if "$@" >"$dir/log" 2>&1; then
        echo "ok $name"
    else
        sed 's/^/# /' "$dir/log"
        echo "not ok $name"
        status=1
    fi
}

cat >tcp.cfg <<'C'
defaults
    timeout client 5s
    timeout server 5s
    timeout connect 5s
listen echo
    mode tcp
    bind 127.0.0.1:9
    server a 127.0.0.1:10
C
{
    sed 's/^\( *server a\) .*/\1 _x._tcp.test resolvers r resolve-net 10.0.0.0\/8,::1/' tcp.cfg
    printf 'resolvers r\n    nameserver n 127.0.0.1\n    parse-resolv-conf\n'
} >names.cfg
cp "$TOP/examples/quickstart.cfg" quickstart.cfg

emitted_twice_is_the_same() {
    "$proxyc" emit quickstart.cfg >a.c && "$proxyc" emit quickstart.cfg >b.c && cmp a.c b.c
}
built_twice_is_the_same() {
    XDG_CACHE_HOME=$dir/c1 "$proxyc" build -q quickstart.cfg -o a &&
        XDG_CACHE_HOME=$dir/c2 "$proxyc" build -q quickstart.cfg -o b && cmp a b
}
# From another directory, by an absolute name.
built_elsewhere_is_the_same() {
    mkdir -p other && cp quickstart.cfg other/ && "$proxyc" emit "$dir/other/quickstart.cfg" >c.c && cmp a.c c.c
}
is_clean_with() {
    for cfg in "$TOP"/examples/*.cfg tcp.cfg names.cfg; do
        (cd "$(dirname "$cfg")" && "$proxyc" emit "$(basename "$cfg")") >p.c || return 1
        "$1" -std=c17 -O1 -Wall -Wextra -Werror -pedantic -I "$BUILD/lib/proxyc/include" -c p.c -o p.o || {
            echo "of $cfg"
            return 1
        }
    done
}
rules_are_mapped_to_lines() {
    "$proxyc" emit quickstart.cfg | grep -q '^#line [0-9]* "quickstart.cfg"'
}
sanitized() {
    nm "$BUILD/lib/proxyc/libpxrt.a" 2>/dev/null | grep -q __asan_
}
# Names of functions that the binary holds; a debug build keeps them.
functions_of() {
    "$proxyc" build -q --debug "$1" -o "$1.bin" && nm --defined-only "$1.bin" | awk '{print $3}'
}
tcp_has_no_http() {
    functions_of tcp.cfg >tcp.names && functions_of quickstart.cfg >http.names || return 1
    grep -q '^px_h1_' http.names || { echo "the other proxy has no px_h1_ either"; return 1; }
    ! grep '^px_h1_\|^px_http_\|^px_fetch_\|^px_regex\|^px_log_' tcp.names
}
names_where_they_are_resolved() {
    ! grep '^px_dns_\|^px_resolver_\|^px_named_' http.names && functions_of names.cfg | grep -q '^px_dns_'
}
# PROXY headers are read by who accepts them, and written by who sends them.
pp_functions_of() {
    functions_of "$1" | grep '^px_pp_' | tr '\n' ' '
}
proxy_protocol_where_it_is_used() {
    sed 's/^\( *server .*\)/\1 send-proxy/' tcp.cfg >sends.cfg
    sed 's/^\( *bind .*\)/\1 accept-proxy/' tcp.cfg >accepts.cfg
    [ "$(pp_functions_of tcp.cfg)" = "" ] && [ "$(pp_functions_of sends.cfg)" = "px_pp_write_v1 " ] &&
        [ "$(pp_functions_of accepts.cfg)" = "px_pp_parse " ]
}
tcp_has_no_openssl() {
    ! readelf -d tcp.cfg.bin | grep 'NEEDED.*\(ssl\|crypto\|pcre\|libcrypt\.\|libz\)'
}
tcp_is_smaller() {
    "$proxyc" build -q tcp.cfg -o t && "$proxyc" build -q quickstart.cfg -o h &&
        [ "$(stat -c %s t)" -lt "$(stat -c %s h)" ]
}
error_leaves_the_old_binary() {
    echo old >proxy
    echo "frontend f" >bad.cfg
    echo "  bind nowhere" >>bad.cfg
    "$proxyc" build -q bad.cfg -o proxy
    [ $? = 1 ] && [ "$(cat proxy)" = old ]
}
error_leaves_no_binary() {
    rm -f proxy
    "$proxyc" build -q bad.cfg -o proxy
    [ $? = 1 ] && [ ! -e proxy ] && [ "$(find . -maxdepth 1 -name 'proxy.*' | wc -l)" = 0 ]
}
compiler_failure_is_ours() {
    mkdir -p tmp
    printf '#!/bin/sh\necho "proxy.c:1: error: no" >&2\nexit 1\n' >badcc && chmod +x badcc
    XDG_CACHE_HOME=$dir/c3 TMPDIR=$dir/tmp "$proxyc" build -q --cc "$dir/badcc" quickstart.cfg -o proxy 2>said
    [ $? = 70 ] && grep -q 'bug of proxyc' said && [ -s tmp/*/proxy.c ] && [ ! -e proxy ]
}
no_compiler_is_said() {
    XDG_CACHE_HOME=$dir/c4 "$proxyc" build -q --cc "$dir/no-such-cc" quickstart.cfg -o proxy 2>said
    [ $? = 70 ] && grep -q 'cannot start the C compiler' said
}
# fails_for WORDS SAYING: a C compiler that prints the words and fails; the reason is said, and nothing
# stays behind.
fails_for() {
    printf '#!/bin/sh\necho "%s"; exit 1\n' "$1" >lame
    chmod +x lame
    mkdir -p tmp2
    XDG_CACHE_HOME=$dir/c5 TMPDIR=$dir/tmp2 "$proxyc" build -q --cc "$dir/lame" quickstart.cfg -o proxy 2>said
    [ $? = 70 ] && cat said && grep -q "$2" said && [ -z "$(ls tmp2)" ]
}
no_binary_is_said() {
    XDG_CACHE_HOME=$dir/c5 "$proxyc" build -q --cc true quickstart.cfg -o proxy 2>said
    [ $? = 70 ] && grep -q "'true' made nothing" said
}
a_run_is_called_as_its_configuration() {
    "$proxyc" run quickstart.cfg -- -zz 2>said
    [ $? = 1 ] && grep -q "^quickstart: '-zz' is not an option" said
}
second_build_comes_from_the_cache() {
    "$proxyc" build -q quickstart.cfg -o a && "$proxyc" build -q --cc /bin/false quickstart.cfg -o b
    [ $? = 70 ] || return 1 # another compiler is another binary
    PATH=/nowhere "$proxyc" build -q quickstart.cfg -o b && cmp a b
}
builds_without_a_cache() {
    env -u XDG_CACHE_HOME -u HOME HOME=/proc TMPDIR="$dir" "$proxyc" build -q tcp.cfg -o nocache && [ -x nocache ]
}
warnings_can_be_errors() {
    printf 'frontend f\n    bind 127.0.0.1:1\n' >warn.cfg
    "$proxyc" check -q warn.cfg && ! "$proxyc" check -q --werror warn.cfg
}
installed_works_without_the_tree() {
    make -s -C "$TOP" BUILD="$BUILD" install PREFIX="$dir/inst" >/dev/null || return 1
    (cd "$dir/inst/bin" && env -i PATH="$PATH" XDG_CACHE_HOME="$dir/c5" ./proxyc build -q "$dir/tcp.cfg" -o "$dir/i") &&
        [ -x i ] && [ -L inst/bin/haproxy ] && [ -s inst/share/man/man1/proxyc.1 ] &&
        [ -s inst/share/fish/vendor_completions.d/proxyc.fish ] &&
        [ -s inst/share/zsh/site-functions/_proxyc ] &&
        ! strings -a "$dir/i" | grep -F "$TOP/"
}
uninstall_leaves_nothing() {
    make -s -C "$TOP" BUILD="$BUILD" uninstall PREFIX="$dir/inst" && [ -z "$(find inst -type f -o -type l)" ]
}
manual_page_is_clean() {
    "$proxyc" help man >p.1 && [ -s p.1 ] && ! grep -n '^\.[^A-Zb\\]' p.1 && grep -q '^\.SH OPTIONS$' p.1
}
completion_is_valid() {
    "$proxyc" help bash >c.bash && bash -n c.bash && "$proxyc" help fish | grep -q 'complete -c proxyc' &&
        "$proxyc" help zsh | grep -q '#compdef proxyc'
}
standard_input_is_read() {
    "$proxyc" check - <quickstart.cfg | grep -q 'Configuration file is valid'
}
directories_are_read_in_order() {
    mkdir -p conf.d && printf 'defaults\n    mode http\n    timeout client 1s\n    timeout server 1s\n    timeout connect 1s\n' >conf.d/10.cfg
    printf 'frontend f\n    bind 127.0.0.1:1\n    http-request deny\n' >conf.d/20.cfg
    printf 'nonsense\n' >conf.d/30.txt
    "$proxyc" check --werror -f conf.d
}
keywords_are_json() {
    "$proxyc" keywords --format json >k.json && node_or_awk
}
# No JSON parser is at hand everywhere: quotes, braces and brackets have to balance.
node_or_awk() {
    awk '{ for (i = 1; i <= length($0); i++) { c = substr($0, i, 1)
             if (q) { if (c == "\\") i++; else if (c == "\"") q = 0 }
             else if (c == "\"") q = 1
             else if (c == "{" || c == "[") d++
             else if (c == "}" || c == "]") { if (--d < 0) exit 1 } } if (q) exit 1 }
         END { exit d != 0 || q || NR < 100 }' k.json
}
mistyped_command_is_helped() {
    "$proxyc" chek x 2>said
    [ $? = 2 ] && grep -q "did you mean 'check'" said
}

test_that "emitting twice gives the same bytes" emitted_twice_is_the_same
test_that "building twice gives the same bytes" built_twice_is_the_same
test_that "the directory does not matter" built_elsewhere_is_the_same
test_that "generated C is clean with gcc" is_clean_with gcc
test_that "generated C is clean with clang" is_clean_with clang
test_that "rules are mapped to configuration lines" rules_are_mapped_to_lines
if sanitized; then
    test_that "a TCP proxy is smaller" tcp_is_smaller
else
    test_that "a TCP proxy has no HTTP in it" tcp_has_no_http
    test_that "names are resolved only where that is asked for" names_where_they_are_resolved
    test_that "the PROXY protocol is where it is used" proxy_protocol_where_it_is_used
    test_that "a TCP proxy needs neither OpenSSL nor PCRE2" tcp_has_no_openssl
    test_that "a TCP proxy is smaller" tcp_is_smaller
    test_that "an installed proxyc needs no source tree" installed_works_without_the_tree
    test_that "uninstalling leaves nothing" uninstall_leaves_nothing
fi
test_that "an error leaves an older binary alone" error_leaves_the_old_binary
test_that "an error leaves no binary behind" error_leaves_no_binary
test_that "a failure of the C compiler is reported as ours" compiler_failure_is_ours
test_that "a C compiler that is missing is said" no_compiler_is_said
test_that "a library that is missing is said" fails_for "ld: cannot find -lpcre2-8" "apt-get install"
test_that "a lack of memory is said" fails_for "gcc: fatal error: Killed signal terminated program cc1" "want of memory"
test_that "a C compiler that makes nothing is none" no_binary_is_said
test_that "a proxy that is run is called as its configuration" a_run_is_called_as_its_configuration
test_that "a second build comes from the cache" second_build_comes_from_the_cache
test_that "building works without a cache" builds_without_a_cache
test_that "--werror makes warnings errors" warnings_can_be_errors
test_that "the manual page is made" manual_page_is_clean
test_that "shell completion is made" completion_is_valid
test_that "standard input is read" standard_input_is_read
test_that "directories are read in order" directories_are_read_in_order
test_that "the vocabulary is printed as JSON" keywords_are_json
test_that "a mistyped command is helped" mistyped_command_is_helped
exit $status
