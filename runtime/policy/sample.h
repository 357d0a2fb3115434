/*
 * Filling samples, as fetches and converters do it in one line.
 */
#ifndef PX_SAMPLE_H
#define PX_SAMPLE_H

#include "../abi/policy.h"

#include <string.h>

static inline struct px_str px_text_of(const char *s)
{
    return (struct px_str){s, s ? strlen(s) : 0};
}

/* What a converter has read is complete, or not: bytes to come change nothing if it is. */
static inline void px_set_complete(struct px_sample *smp, enum px_found read)
{
    if (read != PX_LATER)
        smp->open = false;
}

/* *smp becomes this value. Bytes are not copied. */
static inline void px_set_int(struct px_sample *smp, int64_t v)
{
    smp->type = PX_SINT;
    smp->u.i = v;
}

static inline void px_set_bool(struct px_sample *smp, bool v)
{
    smp->type = PX_BOOL;
    smp->u.i = v;
}

static inline void px_set_text(struct px_sample *smp, struct px_str s)
{
    smp->type = PX_STRING;
    smp->u.s = s;
}

static inline void px_set_bytes(struct px_sample *smp, struct px_str s)
{
    smp->type = PX_BIN;
    smp->u.s = s;
}

/* The same, as the answer of a fetch. */
static inline enum px_found px_found_int(struct px_sample *out, int64_t v)
{
    px_set_int(out, v);
    return PX_FOUND;
}

static inline enum px_found px_found_bool(struct px_sample *out, bool v)
{
    px_set_bool(out, v);
    return PX_FOUND;
}

/* s.p == NULL: absent. */
static inline enum px_found px_found_text(struct px_sample *out, struct px_str s)
{
    if (!s.p)
        return PX_ABSENT;
    px_set_text(out, s);
    return PX_FOUND;
}

static inline bool px_text_is(struct px_str s, const char *text)
{
    return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

/* Microseconds in one unit of time: s (also when none is given), ms or us. 0: no such unit. */
static inline int64_t px_unit_us(struct px_str unit)
{
    if (!unit.p || (unit.len == 1 && unit.p[0] == 's'))
        return 1000000;
    if (unit.len != 2 || unit.p[1] != 's')
        return 0;
    return unit.p[0] == 'm' ? 1000 : unit.p[0] == 'u' ? 1 : 0;
}

/* Types whose value is u.s. */
static inline bool px_is_bytes(const struct px_sample *smp)
{
    return smp->type == PX_STRING || smp->type == PX_BIN || smp->type == PX_METH;
}

#endif
