/*
 * Lower case for comparisons that ignore case (ASCII only, as HAProxy does it).
 */
#ifndef PX_FOLD_H
#define PX_FOLD_H

#include "../abi/match.h"
#include "../base/words.h"

/* *v in lower case, in `low` (PX_FOLD_MAX bytes). false: it is too long. */
static inline bool px_fold(struct px_str *v, char *low)
{
    if (v->len > PX_FOLD_MAX)
        return false;
    px_low_copy(low, v->p, v->len);
    v->p = low;
    return true;
}

/* The same for the beginning and the end of a value that may be longer. */
static inline bool px_fold_start(struct px_str *v, char *low)
{
    if (v->len > PX_FOLD_MAX)
        v->len = PX_FOLD_MAX;
    return px_fold(v, low);
}

static inline bool px_fold_end(struct px_str *v, char *low)
{
    if (v->len > PX_FOLD_MAX) {
        v->p += v->len - PX_FOLD_MAX;
        v->len = PX_FOLD_MAX;
    }
    return px_fold(v, low);
}

#endif
