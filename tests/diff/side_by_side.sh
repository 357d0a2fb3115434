# side_by_side.sh - runs the files of a suite that compares with Debian's haproxy, several at a time,
# for they mostly wait; sourced, with BUILD and TOP set or not.
#   begin SUITE TARGET     looks for haproxy, builds the target of tests/SUITE/SUITE.mk, makes $work
#   compare COMMAND ENDING FILE...
#                          COMMAND -p PROXYC -d DIR FILE for each; status 1 if one of them fails
# shellcheck shell=sh
begin() {
    suite=$1
    TOP=${TOP:-$(cd "$here/../.." && pwd)}
    BUILD=${BUILD:-$TOP/build}
    if ! command -v haproxy >/dev/null; then
        echo "not ok $suite: there is no haproxy to compare with"
        exit 1
    fi
    make -s -C "$TOP" -f "tests/$suite/$suite.mk" BUILD="$BUILD" CC="${CC:-cc}" "$2" || exit 1
    work=$(mktemp -d) || exit 1
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' INT TERM
}

# A file of its own for each output, so that they do not mix.
compare() {
    command=$1 ending=$2
    shift 2
    export BUILD work command ending XDG_CACHE_HOME="$work/cache"
    printf '%s\n' "$@" | xargs -P "${DIFF_JOBS:-4}" -I{} sh -c '
        name=$(basename "$1" "$ending")
        mkdir -p "$work/$name"
        "$command" -p "$BUILD/proxyc" -d "$work/$name" "$1" >"$work/$name.out" 2>&1
        echo $? >"$work/$name.status"' sh {}
    failed=0
    for file; do
        name=$(basename "$file" "$ending")
        sed -E "s,^(ok|not ok) .*/$name[.]${ending#.}: ,\1 $suite/$name: ," "$work/$name.out"
        [ "$(cat "$work/$name.status")" = 0 ] || failed=1
    done
    return $failed
}
