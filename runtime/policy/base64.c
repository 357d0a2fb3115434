/*
 * Base64. See base64.h.
 */
#include "base64.h"

#include "../txn/scratch.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t px_base64_encode(struct px_str s, char *text)
{
    char *to = text;
    for (size_t i = 0; i < s.len; i += 3) {
        size_t left = s.len - i;
        uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;
        if (left > 1)
            v |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
        if (left > 2)
            v |= (unsigned char)s.p[i + 2];
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = left > 1 ? digits[v >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[v & 63] : '=';
    }
    return (size_t)(to - text);
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* A group of four. Answers how many bytes it stands for, -1: malformed. */
static int decode_group(const char *p, char *bytes)
{
    uint32_t v = 0;
    int padding = 0;
    for (int i = 0; i < 4; i++) {
        int digit = p[i] == '=' ? 0 : digit_value(p[i]);
        if (p[i] == '=')
            padding++;
        else if (padding)
            return -1;
        if (digit < 0)
            return -1;
        v = v << 6 | (uint32_t)digit;
    }
    for (int i = 0; i < 3 - padding; i++)
        bytes[i] = (char)(v >> (16 - 8 * i));
    return 3 - padding;
}

ptrdiff_t px_base64_decode(struct px_str s, char *bytes)
{
    char *to = bytes;
    if (s.len % 4)
        return -1;
    for (size_t i = 0; i < s.len; i += 4) {
        int n = decode_group(s.p + i, to);
        if (n < 0)
            return -1;
        to += n;
    }
    return to - bytes;
}

/* ---- base64url ---- */

size_t px_base64url_encode(struct px_str s, char *text)
{
    size_t len = px_base64_encode(s, text);
    while (len && text[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
    return len;
}

static int url_digit(char c)
{
    if (c == '-' || c == '_')
        return c == '-' ? 62 : 63;
    return c == '+' || c == '/' ? -1 : digit_value(c);
}

static size_t without_padding(struct px_str s)
{
    size_t len = s.len;
    if (!(s.len % 4))
        while (len && s.len - len < 2 && s.p[len - 1] == '=')
            len--;
    return len;
}

ptrdiff_t px_base64url_decode(struct px_str s, char *bytes)
{
    size_t len = without_padding(s);
    char *to = bytes;
    uint32_t v = 0;
    if (len % 4 == 1)
        return -1;
    for (size_t i = 0; i < len; i++) {
        int digit = url_digit(s.p[i]);
        if (digit < 0)
            return -1;
        v = v << 6 | (uint32_t)digit;
        if (i % 4)
            *to++ = (char)(v >> (6 - 2 * (i % 4)));
    }
    return to - bytes;
}

bool px_base64url_sample(struct px_sample *smp)
{
    char *bytes = px_scratch_get(smp->u.s.len + 1);
    ptrdiff_t len = bytes ? px_base64url_decode(smp->u.s, bytes) : -1;
    if (len < 0)
        return false;
    smp->type = PX_BIN;
    smp->u.s = (struct px_str){bytes, (size_t)len};
    return true;
}
