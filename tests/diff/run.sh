#!/bin/sh
# Compares proxies made by proxyc with Debian's haproxy; usage: run.sh [CASEFILE...]
# BUILD and TOP come from the environment. Case files run side by side, for they mostly wait.
here=$(dirname "$0")
TOP=${TOP:-$(cd "$here/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
if ! command -v haproxy >/dev/null; then
    echo "not ok diff: there is no haproxy to compare with"
    exit 1
fi
make -s -C "$TOP" -f tests/diff/diff.mk BUILD="$BUILD" CC="${CC:-cc}" differ || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
export BUILD work XDG_CACHE_HOME="$work/cache"
if [ $# = 0 ]; then
    # A table of expressions becomes a case file of the same name.
    mkdir "$work/tables" || exit 1
    for table in "$here"/expressions/*.expr; do
        awk -f "$here/expressions.awk" "$table" >"$work/tables/$(basename "$table" .expr)-table.case" || exit 1
    done
    set -- "$here"/cases/*.case "$work"/tables/*.case
fi
# A file of its own for each output, so that they do not mix.
printf '%s\n' "$@" | xargs -P "${DIFF_JOBS:-4}" -I{} sh -c '
    name=$(basename "$1" .case)
    mkdir -p "$work/$name"
    "$BUILD/diff/differ" -p "$BUILD/proxyc" -d "$work/$name" "$1" >"$work/$name.out" 2>&1
    echo $? >"$work/$name.status"' sh {}
failed=0
for file; do
    name=$(basename "$file" .case)
    sed -E "s,^(ok|not ok) .*/$name[.]case: ,\1 diff/$name: ," "$work/$name.out"
    [ "$(cat "$work/$name.status")" = 0 ] || failed=1
done
exit $failed
