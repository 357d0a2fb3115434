/*
 * Parts of a payload. See payload.h.
 */
#include "payload.h"

#include "../base/macros.h"
#include "number.h"

enum px_found px_payload_part(const struct px_payload *in, int64_t at, int64_t len,
                              struct px_str *part)
{
    int64_t most = (int64_t)in->most, have = (int64_t)in->bytes.len;
    if (at < 0 || len < 0 || at > most || len > most - at)
        return PX_ABSENT;
    if (at + (len ? len : 1) > have)
        return at < most ? PX_LATER : PX_ABSENT;
    *part = (struct px_str){in->bytes.p + at, (size_t)(len ? len : have - at)};
    return PX_FOUND;
}

/* A number too large for any buffer stays one. */
static int64_t number_in(struct px_str s, size_t most)
{
    int64_t v = 0;
    for (size_t i = 0; i < s.len && v <= (int64_t)most; i++)
        v = v << 8 | (uint8_t)s.p[i];
    return v;
}

/* false: out of every reach. */
static bool place_of(struct px_str place, int64_t behind, int64_t *at)
{
    if (!place.p) {
        *at = behind;
        return true;
    }
    bool relative = place.len && (place.p[0] == '+' || place.p[0] == '-');
    return !PX_ADD_OVERFLOWS(px_read_int64(place), relative ? behind : 0, at);
}

enum px_found px_payload_counted(const struct px_payload *in, int64_t at, int64_t size,
                                 struct px_str place, struct px_str *part)
{
    struct px_str count;
    if (size <= 0)
        return PX_ABSENT;
    enum px_found found = px_payload_part(in, at, size, &count);
    if (found != PX_FOUND)
        return found;
    int64_t len = number_in(count, in->most), from;
    if (!len || !place_of(place, at + size, &from))
        return PX_ABSENT;
    return px_payload_part(in, from, len, part);
}
