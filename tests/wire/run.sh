#!/bin/sh
# The tables of wire cases, through proxyc and Debian's haproxy; usage: run.sh [TABLE...]
# BUILD and TOP come from the environment.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=tests/diff/side_by_side.sh
. "$here/../diff/side_by_side.sh"
begin wire wire
[ $# -gt 0 ] || set -- "$here"/tables/*.table
compare "$BUILD/wire/wire" .table "$@"
