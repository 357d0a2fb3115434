#!/bin/sh
# The tables of wire cases, through proxyc and Debian's haproxy; usage: run.sh [TABLE...]
# BUILD and TOP come from the environment. Tables run side by side, for they mostly wait.
here=$(dirname "$0")
TOP=${TOP:-$(cd "$here/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
if ! command -v haproxy >/dev/null; then
    echo "not ok wire: there is no haproxy to compare with"
    exit 1
fi
make -s -C "$TOP" -f tests/wire/wire.mk BUILD="$BUILD" CC="${CC:-cc}" wire || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
export BUILD work XDG_CACHE_HOME="$work/cache"
[ $# -gt 0 ] || set -- "$here"/tables/*.table
printf '%s\n' "$@" | xargs -P "${WIRE_JOBS:-4}" -I{} sh -c '
    name=$(basename "$1" .table)
    mkdir -p "$work/$name"
    "$BUILD/wire/wire" -p "$BUILD/proxyc" -d "$work/$name" "$1" >"$work/$name.out" 2>&1
    echo $? >"$work/$name.status"' sh {}
failed=0
for file; do
    name=$(basename "$file" .table)
    sed -E "s,^(ok|not ok) .*/$name[.]table: ,\1 wire/$name: ," "$work/$name.out"
    [ "$(cat "$work/$name.status")" = 0 ] || failed=1
done
exit $failed
