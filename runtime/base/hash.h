/*
 * Hashes of texts, with HAProxy's results: those of fetches and converters, and those that choose
 * servers.
 */
#ifndef PX_HASH_H
#define PX_HASH_H

#include "../abi/types.h"

/* SDBM, continued from h; 0 at first. */
static inline uint32_t px_hash_sdbm(uint32_t h, struct px_str s)
{
    for (size_t i = 0; i < s.len; i++)
        h = h * 65599 + (unsigned char)s.p[i];
    return h;
}

uint32_t px_hash_djb2(struct px_str s);
uint32_t px_hash_wt6(struct px_str s);
/* CRC-32 of IEEE 802.3. */
uint32_t px_hash_crc32(struct px_str s);
/* A reflected CRC by its table for four bits. */
uint32_t px_hash_reflected(const uint32_t table[16], struct px_str s);

/* Makes all bits of a hash depend on all bits of it (an integer hash by Bob Jenkins), then spreads
 * the values over 32 bits. */
static inline uint32_t px_hash_spread(uint32_t h)
{
    h = (h + 0x7ed55d16) + (h << 12);
    h = (h ^ 0xc761c23c) ^ (h >> 19);
    h = (h + 0x165667b1) + (h << 5);
    h = (h + 0xd3a2646c) ^ (h << 9);
    h = (h + 0xfd7046c5) + (h << 3);
    h = (h ^ 0xb55a4f09) ^ (h >> 16);
    return h * UINT32_C(3221225473);
}

#endif
