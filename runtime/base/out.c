/*
 * Appending to a px_out. See abi/out.h.
 */
#include "../abi/out.h"

#include <string.h>

void px_put(struct px_out *out, const char *p, size_t len)
{
    if (len > out->cap - out->len) {
        len = out->cap - out->len;
        out->full = true;
    }
    if (len)
        memcpy(out->p + out->len, p, len);
    out->len += len;
}

void px_put_space(struct px_out *out)
{
    if (out->len && out->p[out->len - 1] != ' ')
        px_put(out, " ", 1);
}

void px_put_sint(struct px_out *out, int64_t v)
{
    char digits[24];
    char *end = digits + sizeof digits, *p = end;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        *--p = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0)
        *--p = '-';
    px_put(out, p, (size_t)(end - p));
}
