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
    uint64_t a, b = len;
    memcpy(&a, name, 8);
    if (len < 8)
        a &= (UINT64_C(1) << (8 * len)) - 1;
    else
        memcpy(&b, name + len - 8, 8);
    a = (a ^ (b << 29 | b >> 35)) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)((a ^ a << 11) >> 40);
}

/* memcmp for what is short: most names are compared with one name only, and are equal to it. */
static inline int px_name_same(const char *a, const char *b, size_t len)
{
    uint64_t a8, b8, a_end, b_end;
    if (len < 8 || len > 16)
        return !memcmp(a, b, len);
    memcpy(&a8, a, 8);
    memcpy(&b8, b, 8);
    memcpy(&a_end, a + len - 8, 8);
    memcpy(&b_end, b + len - 8, 8);
    return !((a8 ^ b8) | (a_end ^ b_end));
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
