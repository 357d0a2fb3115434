/*
 * How a header name finds its slot. The compiler builds the table, the parser asks it; both use
 * this one hash.
 */
#ifndef PX_ABI_NAMES_H
#define PX_ABI_NAMES_H

#include "tables.h"

#include <string.h>

#define PX_NAME(symbol, text) PX_H_##symbol,
enum px_known_name {
    PX_H_NONE,
#include "names.def"
    PX_NKNOWN_NAMES
};
#undef PX_NAME

/* Bytes behind a name that must be readable for px_name_hash. */
enum { PX_NAME_SLACK = 8 };

/* name: lower case, len > 0, with PX_NAME_SLACK readable bytes behind it. */
static inline uint32_t px_name_hash(const char *name, size_t len)
{
    uint32_t first, last = 0;
    memcpy(&first, name, 4);
    if (len < 4)
        first &= (UINT32_C(1) << (8 * len)) - 1;
    else
        memcpy(&last, name + len - 4, 4);
    uint64_t all = ((uint64_t)last << 32 | first) + len;
    return (uint32_t)(all * UINT64_C(0x9e3779b97f4a7c15) >> 52);
}

/* memcmp for names, which are short, and most often equal here. */
static inline int px_name_same(const char *a, const char *b, size_t len)
{
    uint32_t x, y, differs = 0;
    if (len < 4)
        return !memcmp(a, b, len);
    for (size_t at = 0; at < len; at += 4) {
        size_t from = at + 4 < len ? at : len - 4;
        memcpy(&x, a + from, 4);
        memcpy(&y, b + from, 4);
        differs |= x ^ y;
    }
    return !differs;
}

/* The slot of a name, 0 when it has none. */
static inline uint8_t px_name_slot(const struct px_name_table *t, const char *name, size_t len)
{
    for (uint32_t at = px_name_hash(name, len);; at++) {
        uint8_t slot = t->index[at & t->mask];
        if (!slot || (t->names[slot].len == len && px_name_same(t->names[slot].p, name, len)))
            return slot;
    }
}

#endif
