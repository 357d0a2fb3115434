#!/bin/sh
# Compares proxies made by proxyc with Debian's haproxy; usage: run.sh [CASEFILE...]
# BUILD and TOP come from the environment.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=tests/diff/side_by_side.sh
. "$here/side_by_side.sh"
begin diff differ
if [ $# = 0 ]; then
    # A table of expressions becomes a case file of the same name.
    mkdir "$work/tables" || exit 1
    for table in "$here"/expressions/*.expr; do
        awk -f "$here/expressions.awk" "$table" \
            >"$work/tables/$(basename "$table" .expr)-table.case" || exit 1
    done
    set -- "$here"/cases/*.case "$work"/tables/*.case
fi
compare "$BUILD/diff/differ" .case "$@"
