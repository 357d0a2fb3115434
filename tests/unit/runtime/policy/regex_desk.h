/*
 * Compiled expressions for tests. They stay until the test ends, as they do in a proxy.
 */
#ifndef REGEX_DESK_H
#define REGEX_DESK_H

#include "runtime/abi/regex.h"
#include "tests/unit/unit.h"

#include <string.h>

static inline const struct px_regex *compiled(const char *pattern, bool fold)
{
    enum { MOST = 100 };
    static struct px_regex all[MOST];
    static unsigned n;
    ck_assert_uint_lt(n, MOST);
    struct px_regex *re = &all[n++];
    *re = (struct px_regex){.pattern = {pattern, strlen(pattern)}, .fold = fold};
    px_regex_prepare(re);
    return re;
}

#endif
