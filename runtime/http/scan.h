/*
 * Looking through heads many bytes at a time.
 *
 * All of them may load, and px_scan_name may store unchanged, up to PX_SCAN - 1 bytes behind the
 * last byte that counts; buffers leave room for that, and for a word more. Each exists twice, for
 * processors with SSE2 and for all others, with the same answers.
 */
#ifndef PX_SCAN_H
#define PX_SCAN_H

#include "../base/macros.h"
#include "../base/words.h"

#include <stdint.h>
#include <string.h>

enum { PX_SCAN = 16, PX_SCAN_SLACK = PX_SCAN + 8 };

/* NUL, CR and LF are the only bytes that a line cannot hold (RFC 9110 5.5, RFC 9112 2.2). */
static inline int px_scan_is_break(char c)
{
    return c == '\r' || c == '\n' || !c;
}

/* The first byte below 14 at or behind p: a break, or nearly one. There must be one. */
static inline char *px_scan_low_bytes(char *p)
{
    while ((uint8_t)*p > '\r')
        p++;
    return p;
}

/* The first break at or behind p; end: there is none before it. */
static inline char *px_scan_break_words(char *p, char *end)
{
    for (; p < end; p += 8) {
        if (!px_word_below(px_word_at(p), '\r' + 1))
            continue;
        for (unsigned i = 0; i < 8 && p + i < end; i++)
            if (px_scan_is_break(p[i]))
                return p + i;
    }
    return end;
}

/* Makes letters lower-case up to the first byte that is neither a letter nor "-"; where that is.
 * There must be one. */
static inline char *px_scan_name_bytes(char *p)
{
    for (;; p++) {
        char low = (char)(*p | 0x20);
        if (low >= 'a' && low <= 'z')
            *p = low;
        else if (*p != '-')
            return p;
    }
}

/* The first byte that is not printable ASCII, or is '#'; end: there is none before it. */
static inline char *px_scan_uri_bytes(char *p, char *end)
{
    for (; p < end; p++)
        if (*p <= ' ' || *p >= 0x7f || *p == '#')
            break;
    return p;
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline __m128i px_scan_between(__m128i v, char low, char high)
{
    return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(low - 1))),
                         _mm_cmplt_epi8(v, _mm_set1_epi8((char)(high + 1))));
}

static inline unsigned px_scan_low_bits(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8('\r')), v));
}

static inline char *px_scan_low(char *p)
{
    unsigned low;
    while (!(low = px_scan_low_bits(p)))
        p += PX_SCAN;
    return p + PX_LOWEST_BIT(low);
}

static inline char *px_scan_break(char *p, char *end)
{
    for (; p < end; p += PX_SCAN) {
        unsigned low = px_scan_low_bits(p);
        for (; low; low &= low - 1) {
            char *at = p + PX_LOWEST_BIT(low);
            if (px_scan_is_break(*at))
                return at < end ? at : end;
        }
    }
    return end;
}

/* A bit that makes letters lower-case, and leaves "-" as it is: for the first bytes only. */
static const uint8_t px_scan_fold[2 * PX_SCAN] = {32, 32, 32, 32, 32, 32, 32, 32,
                                                  32, 32, 32, 32, 32, 32, 32, 32};

static inline char *px_scan_name(char *p)
{
    const __m128i bit = _mm_set1_epi8(0x20);
    const __m128i from_a = _mm_set1_epi8((char)(128 - 'a')); /* makes "a" the least */
    const __m128i to_z = _mm_set1_epi8(-128 + 25);
    const __m128i hyphen = _mm_set1_epi8('-');
    for (;; p += PX_SCAN) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i place = _mm_add_epi8(_mm_or_si128(v, bit), from_a);
        __m128i other = _mm_andnot_si128(_mm_cmpeq_epi8(v, hyphen), _mm_cmpgt_epi8(place, to_z));
        unsigned ends = (unsigned)_mm_movemask_epi8(other);
        size_t n = ends ? PX_LOWEST_BIT(ends) : PX_SCAN;
        const void *fold = px_scan_fold + PX_SCAN - n;
        _mm_storeu_si128((__m128i *)(void *)p, _mm_or_si128(v, _mm_loadu_si128(fold)));
        if (ends)
            return p + n;
    }
}

static inline char *px_scan_uri(char *p, char *end)
{
    for (; p < end; p += PX_SCAN) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hash = _mm_cmpeq_epi8(v, _mm_set1_epi8('#'));
        __m128i good = _mm_andnot_si128(hash, px_scan_between(v, '!', '~'));
        unsigned bad = (unsigned)_mm_movemask_epi8(good) ^ 0xffffu;
        char *at = p + (bad ? PX_LOWEST_BIT(bad) : PX_SCAN);
        if (bad)
            return at < end ? at : end;
    }
    return end;
}
#else
#define px_scan_low px_scan_low_bytes
#define px_scan_break px_scan_break_words
#define px_scan_name px_scan_name_bytes
#define px_scan_uri px_scan_uri_bytes
#endif

#endif
