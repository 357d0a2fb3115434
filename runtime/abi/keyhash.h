/*
 * The hash by which texts find their places in sets. The compiler places the keys, the proxy looks
 * for values; both use this one hash.
 *
 * A perfect hash asks little of it: the compiler tries seeds until all keys fit. So it is made to
 * be short for short texts, of which two words are all that there is.
 */
#ifndef PX_ABI_KEYHASH_H
#define PX_ABI_KEYHASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The first and the last bytes of a text, with those that are not there as 0. Texts of one length,
 * 16 at most, are equal if these are. */
struct px_key_ends {
    uint64_t first, last;
};

static inline uint64_t px_key_word(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline struct px_key_ends px_short_key_ends(const char *p, size_t len)
{
    uint32_t first, last;
    if (len < 4) {
        const unsigned char *b = (const unsigned char *)p;
        uint64_t v = len ? (uint64_t)b[0] << 16 | (uint64_t)b[len / 2] << 8 | b[len - 1] : 0;
        return (struct px_key_ends){v, 0};
    }
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + len - sizeof last, sizeof last);
    return (struct px_key_ends){first, last};
}

static inline struct px_key_ends px_key_ends_of(const char *p, size_t len)
{
    if (len < 8)
        return px_short_key_ends(p, len);
    return (struct px_key_ends){px_key_word(p), px_key_word(p + len - 8)};
}

/* The first eight bytes of a text as a number that is in the order of texts, but for those that are
 * equal in it. */
static inline uint64_t px_key_head(const char *p, size_t len)
{
    const unsigned char *b = (const unsigned char *)p;
    uint64_t v = 0;
    if (len >= 8)
        return (uint64_t)b[0] << 56 | (uint64_t)b[1] << 48 | (uint64_t)b[2] << 40 |
               (uint64_t)b[3] << 32 | (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16 |
               (uint64_t)b[6] << 8 | b[7];
    for (size_t i = 0; i < len; i++)
        v |= (uint64_t)b[i] << (56 - 8 * i);
    return v;
}

/* The two halves of a product of 128 bits, one upon the other. */
static inline uint64_t px_fold_product_by_parts(uint64_t a, uint64_t b)
{
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX), high = (a >> 32) * (b >> 32);
    uint64_t one = (a >> 32) * (b & UINT32_MAX), other = (a & UINT32_MAX) * (b >> 32);
    uint64_t middle = (low >> 32) + (one & UINT32_MAX) + other;
    high += (one >> 32) + (middle >> 32);
    return high ^ (middle << 32 | (low & UINT32_MAX));
}

static inline uint64_t px_fold_product(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
#else
    return px_fold_product_by_parts(a, b);
#endif
}

/* Continued with the ends of what is left, or of 16 bytes in a row. */
static inline uint64_t px_key_hash(uint64_t h, struct px_key_ends e)
{
    return px_fold_product(e.first ^ h, e.last ^ (h << 32 | h >> 32));
}

/* What a hash begins with. */
static inline uint64_t px_key_start(uint64_t seed, size_t len)
{
    return (seed + len) * UINT64_C(0xd6e8feb86659fd93) ^ UINT64_C(0xa0761d6478bd642f);
}

/* Of a text as it is. */
static inline uint64_t px_key_hash_of(const char *p, size_t len, uint64_t seed)
{
    uint64_t h = px_key_start(seed, len);
    for (; len > 16; p += 16, len -= 16)
        h = px_key_hash(h, px_key_ends_of(p, 16));
    return px_key_hash(h, px_key_ends_of(p, len));
}

#endif
