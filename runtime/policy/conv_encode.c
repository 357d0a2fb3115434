/*
 * Converters between bytes and their notations: hexadecimal, base64 (RFC 4648 4) and percent
 * escapes (RFC 3986 2.1).
 */
#include "../txn/scratch.h"
#include "base64.h"
#include "number.h"
#include "sample.h"

static const char upper_digits[] = "0123456789ABCDEF";

bool px_conv_hex(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *hex = px_scratch_get(2 * s.len + 1);
    if (!hex)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        hex[2 * i] = upper_digits[(unsigned char)s.p[i] >> 4];
        hex[2 * i + 1] = upper_digits[s.p[i] & 15];
    }
    px_set_text(smp, (struct px_str){hex, 2 * s.len});
    return true;
}

/* Digits beyond the 64 bits of an integer push the first ones out. */
bool px_conv_hex2i(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    uint64_t n = 0;
    for (size_t i = 0; i < smp->u.s.len; i++) {
        int digit = px_hex_value(smp->u.s.p[i]);
        if (digit < 0)
            return false;
        n = n << 4 | (unsigned)digit;
    }
    px_set_int(smp, (int64_t)n);
    return true;
}

bool px_conv_base64(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *text = px_scratch_get(px_base64_size(s.len) + 1);
    if (!text)
        return false;
    px_set_text(smp, (struct px_str){text, px_base64_encode(s, text)});
    return true;
}

bool px_conv_b64dec(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *bytes = px_scratch_get(s.len / 4 * 3 + 1);
    ptrdiff_t len = bytes ? px_base64_decode(s, bytes) : -1;
    if (len < 0)
        return false;
    px_set_bytes(smp, (struct px_str){bytes, (size_t)len});
    return true;
}

/* RFC 3986 2.3: characters that are never escaped. */
static bool is_unreserved(char c)
{
    char low = (char)(c | 0x20);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

bool px_conv_url_enc(struct px_txn *t, struct px_sample *smp, struct px_str kind)
{
    (void)t;
    (void)kind; /* "query" is the only one */
    struct px_str s = smp->u.s;
    char *text = px_scratch_get(3 * s.len + 1);
    if (!text)
        return false;
    char *p = text;
    for (size_t i = 0; i < s.len; i++) {
        if (is_unreserved(s.p[i])) {
            *p++ = s.p[i];
            continue;
        }
        *p++ = '%';
        *p++ = upper_digits[(unsigned char)s.p[i] >> 4];
        *p++ = upper_digits[s.p[i] & 15];
    }
    px_scratch_cut(text, (size_t)(p - text));
    smp->u.s = (struct px_str){text, (size_t)(p - text)};
    return true;
}

/* A plus sign is a space in forms, that is behind the question mark, or everywhere if asked. */
bool px_conv_url_dec(struct px_txn *t, struct px_sample *smp, int64_t form)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *text = px_scratch_get(s.len + 1), *p = text;
    if (!text)
        return false;
    bool plus_is_space = form;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.len ? px_hex_value(s.p[i + 1]) : -1;
            int low = i + 2 < s.len ? px_hex_value(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '?') {
            plus_is_space = true;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        *p++ = c;
    }
    smp->u.s = (struct px_str){text, (size_t)(p - text)};
    return true;
}
