/*
 * Bytes of texts, one or eight at a time, without reading beyond their ends.
 */
#ifndef PX_WORDS_H
#define PX_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PX_EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

static inline uint64_t px_word_at(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* A bit in each byte below n, which is 128 at most: right for the lowest such byte and all before
 * it, so that 0 means that there is none. */
static inline uint64_t px_word_below(uint64_t v, unsigned n)
{
    return (v - PX_EACH_BYTE(n)) & ~v & PX_EACH_BYTE(0x80);
}

/* The same of bytes that are c. */
static inline uint64_t px_word_with(uint64_t v, unsigned char c)
{
    return px_word_below(v ^ PX_EACH_BYTE(c), 1);
}

/* Upper-case ASCII letters as lower-case ones. */
static inline char px_low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline uint64_t px_word_low(uint64_t v)
{
    uint64_t low7 = v & PX_EACH_BYTE(0x7f);
    uint64_t from_a = low7 + PX_EACH_BYTE(0x80 - 'A'), beyond_z = low7 + PX_EACH_BYTE(0x7f - 'Z');
    return v | ((from_a ^ beyond_z) & ~v & PX_EACH_BYTE(0x80)) >> 2;
}

/* A copy with lower-case letters; they must not overlap. */
static inline void px_low_copy(char *to, const char *from, size_t n)
{
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t v = px_word_low(px_word_at(from + i));
        memcpy(to + i, &v, sizeof v);
    }
    for (; i < n; i++)
        to[i] = px_low(from[i]);
}

#endif
