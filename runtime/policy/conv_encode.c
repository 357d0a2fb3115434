/*
 * Converters between bytes and their notations: hexadecimal, base64 (RFC 4648 4) and percent
 * escapes (RFC 3986 2.1).
 */
#include "../abi/out.h"
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

bool px_conv_ub64enc(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *text = px_scratch_get(px_base64_size(s.len) + 1);
    if (!text)
        return false;
    px_set_text(smp, (struct px_str){text, px_base64url_encode(s, text)});
    return true;
}

bool px_conv_ub64dec(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    return px_base64url_sample(smp);
}

bool px_conv_htonl(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    char *bytes = px_scratch_get(4);
    if (!bytes)
        return false;
    for (int i = 0; i < 4; i++)
        bytes[i] = (char)((uint64_t)smp->u.i >> (24 - 8 * i));
    px_set_bytes(smp, (struct px_str){bytes, 4});
    return true;
}

bool px_conv_base2(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *text = px_scratch_get(8 * s.len + 1);
    if (!text)
        return false;
    for (size_t i = 0; i < 8 * s.len; i++)
        text[i] = (unsigned char)s.p[i / 8] >> (7 - i % 8) & 1 ? '1' : '0';
    px_set_text(smp, (struct px_str){text, 8 * s.len});
    return true;
}

/* ---- numbers of several bytes ---- */

enum { DECIMAL_MOST = 20 }; /* digits of 64 bits */

static void put_decimal(struct px_out *out, struct px_str chunk, bool little)
{
    char digits[DECIMAL_MOST];
    unsigned n = 0;
    uint64_t v = 0;
    for (size_t i = 0; i < chunk.len; i++)
        v = v << 8 | (unsigned char)chunk.p[little ? chunk.len - 1 - i : i];
    do
        digits[DECIMAL_MOST - ++n] = (char)('0' + v % 10);
    while (v /= 10);
    px_put(out, digits + DECIMAL_MOST - n, n);
}

static void put_hex(struct px_out *out, struct px_str chunk, bool little)
{
    (void)little;
    for (size_t i = 0; i < chunk.len; i++) {
        px_put(out, &upper_digits[(unsigned char)chunk.p[i] >> 4], 1);
        px_put(out, &upper_digits[chunk.p[i] & 15], 1);
    }
}

struct chunks {
    struct px_str separator;
    size_t size;   /* bytes of each; at least 1 */
    bool truncate; /* a last one that is shorter is left out */
    bool little;   /* the lowest byte comes first */
    size_t most;   /* characters of one */
    void (*put)(struct px_out *out, struct px_str chunk, bool little);
};

static bool put_chunks(struct px_sample *smp, const struct chunks *c)
{
    struct px_str s = smp->u.s;
    if (c->truncate)
        s.len -= s.len % c->size;
    size_t n = (s.len + c->size - 1) / c->size, size = n * (c->most + c->separator.len);
    struct px_out out = {.p = px_scratch_get(size + 1), .cap = size};
    if (!out.p)
        return false;
    for (size_t i = 0; i < s.len; i += c->size) {
        size_t left = s.len - i;
        if (i)
            px_put(&out, c->separator.p, c->separator.len);
        c->put(&out, (struct px_str){s.p + i, left < c->size ? left : c->size}, c->little);
    }
    px_scratch_cut(out.p, out.len);
    px_set_text(smp, (struct px_str){out.p, out.len});
    return true;
}

bool px_conv_be2dec(struct px_txn *t, struct px_sample *smp, struct px_str separator, int64_t size,
                    int64_t truncate)
{
    (void)t;
    return put_chunks(smp, &(struct chunks){.separator = separator,
                                            .size = (size_t)size,
                                            .truncate = truncate,
                                            .most = DECIMAL_MOST,
                                            .put = put_decimal});
}

bool px_conv_le2dec(struct px_txn *t, struct px_sample *smp, struct px_str separator, int64_t size,
                    int64_t truncate)
{
    (void)t;
    return put_chunks(smp, &(struct chunks){.separator = separator,
                                            .size = (size_t)size,
                                            .truncate = truncate,
                                            .little = true,
                                            .most = DECIMAL_MOST,
                                            .put = put_decimal});
}

bool px_conv_be2hex(struct px_txn *t, struct px_sample *smp, struct px_str separator, int64_t size,
                    int64_t truncate)
{
    (void)t;
    if (!size || (uint64_t)size > smp->u.s.len) { /* one piece, which may be too short for itself */
        if (size && truncate)
            smp->u.s.len = 0;
        size = (int64_t)smp->u.s.len + !smp->u.s.len;
    }
    return put_chunks(smp, &(struct chunks){.separator = separator,
                                            .size = (size_t)size,
                                            .truncate = truncate,
                                            .most = 2 * (size_t)size,
                                            .put = put_hex});
}
