/*
 * Looking through heads many bytes at a time.
 *
 * All of them may load, and px_scan_name may store unchanged, up to PX_SCAN - 1 bytes behind the
 * last byte that counts; buffers leave room for that. Each exists twice, for processors with SSE2
 * and for all others, with the same answers.
 */
#ifndef PX_SCAN_H
#define PX_SCAN_H

#include "../base/macros.h"

#include <stdint.h>
#include <string.h>

enum { PX_SCAN = 16 };

#define PX_SCAN_ONES UINT64_C(0x0101010101010101)

static inline uint64_t px_scan_load(const char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

/* NUL, CR and LF are the only bytes that a line cannot hold (RFC 9110 5.5, RFC 9112 2.2). */
static inline int px_scan_is_break(char c)
{
    return c == '\r' || c == '\n' || !c;
}

/* The first break at or behind p; end: there is none before it. */
static inline char *px_scan_break_words(char *p, char *end)
{
    for (; p < end; p += 8) {
        uint64_t v = px_scan_load(p);
        if (!((v - PX_SCAN_ONES * 14) & ~v & PX_SCAN_ONES << 7)) /* no byte below 14 */
            continue;
        for (unsigned i = 0; i < 8 && p + i < end; i++)
            if (px_scan_is_break(p[i]))
                return p + i;
    }
    return end;
}

/* Makes letters lower-case up to the first byte that is neither a letter nor "-"; where that is. */
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
    while (p < end && *p > ' ' && *p < 0x7f && *p != '#')
        p++;
    return p;
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline __m128i px_scan_between(__m128i v, char low, char high)
{
    return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(low - 1))),
                         _mm_cmplt_epi8(v, _mm_set1_epi8((char)(high + 1))));
}

static inline char *px_scan_break(char *p, char *end)
{
    const __m128i most = _mm_set1_epi8('\r');
    for (; p < end; p += PX_SCAN) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned low = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, most), v));
        for (; low; low &= low - 1) {
            char *at = p + PX_LOWEST_BIT(low);
            if (px_scan_is_break(*at))
                return at < end ? at : end;
        }
    }
    return end;
}

static inline char *px_scan_name(char *p)
{
    const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i shift = _mm_set1_epi8(0x20);
    for (;; p += PX_SCAN) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i fold = _mm_and_si128(px_scan_between(v, 'A', 'Z'), shift);
        __m128i good = _mm_or_si128(px_scan_between(_mm_or_si128(v, fold), 'a', 'z'),
                                    _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
        unsigned bad = (unsigned)_mm_movemask_epi8(good) ^ 0xffffu;
        unsigned n = bad ? PX_LOWEST_BIT(bad) : PX_SCAN;
        fold = _mm_and_si128(fold, _mm_cmplt_epi8(places, _mm_set1_epi8((char)n)));
        _mm_storeu_si128((__m128i *)(void *)p, _mm_or_si128(v, fold));
        if (bad)
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
#define px_scan_break px_scan_break_words
#define px_scan_name px_scan_name_bytes
#define px_scan_uri px_scan_uri_bytes
#endif

#endif
