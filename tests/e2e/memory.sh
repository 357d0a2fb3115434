# Each allocation of a proxy fails once; memory.c says how.
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
check "an allocation that fails costs one connection" "$BUILD/e2e/memory" "$PWD"
