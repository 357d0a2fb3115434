#!/bin/sh
# Calls go down: a file includes only headers of its own floor and of those below it.
cd "$TOP" || exit 1
status=0

# check NAME ROOT FLOOR... (from the bottom up)
check() {
    name=$1 root=$2
    shift 2
    floors=$*
    bad=$(find "$root" -name '*.[ch]' | sort | while read -r file; do
        dir=$(dirname "$file")
        sed -n 's/^#include "\(.*\)"/\1/p' "$file" | while read -r include; do
            target=$(realpath -m --relative-to=. "$dir/$include")
            echo "$file $target"
        done
    done | awk -v root="$root" -v list="$floors" '
        BEGIN { n = split(list, f, " "); for (i = 1; i <= n; i++) rank[f[i]] = i }
        function floor_of(path, parts) {
            split(path, parts, "/")
            return parts[1] == root ? rank[parts[2]] : parts[1] "/" parts[2] == "runtime/abi" ? 0.5 : 0
        }
        {
            from = floor_of($1); to = floor_of($2)
            if (!from || !to || to > from) print $1 " includes " $2
        }')
    if [ -z "$bad" ]; then
        echo "ok $name"
    else
        echo "$bad" | sed 's/^/# /'
        echo "not ok $name"
        status=1
    fi
}

check "compiler floors" compiler base syntax sema plan emit driver
check "runtime floors" runtime abi base loop net tls http upstream stick txn policy ops

# Compiler extensions are named in two files only.
bad=$(grep -rln '__attribute__\|__builtin_\|__asm__' compiler runtime --include='*.[ch]' |
    grep -vx 'runtime/base/macros.h\|compiler/base/attr.h')
if [ -z "$bad" ]; then
    echo "ok compiler extensions are named in one place"
else
    echo "$bad" | sed 's/^/# /'
    echo "not ok compiler extensions are named in one place"
    status=1
fi
exit $status
