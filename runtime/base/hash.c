/*
 * Hashes of texts. See hash.h.
 */
#include "hash.h"

uint32_t px_hash_djb2(struct px_str s)
{
    uint32_t h = 5381;
    for (size_t i = 0; i < s.len; i++)
        h = h * 33 + (unsigned char)s.p[i];
    return h;
}

static uint32_t rotate(uint32_t v, unsigned by)
{
    return v << by | v >> (-by & 31);
}

/* Two words that are mixed with each byte and rotated into each other by distances that depend on
 * them (Willy Tarreau, 2006). */
uint32_t px_hash_wt6(struct px_str s)
{
    uint32_t a = 0xa53c965a, b = 0x5ca6953a;
    unsigned left = 6, right = 18;
    for (size_t i = 0; i < s.len; i++) {
        uint32_t byte = (unsigned char)s.p[i];
        a = ~(a ^ byte);
        b = ~(b + byte);
        uint32_t turned = rotate(b, left);
        b = rotate(a, right);
        a = turned;
        uint32_t mix = (a >> 16 ^ b) & 0xffff;
        left = mix & 31;
        right = mix >> 11;
    }
    return a ^ b;
}

/* A reflected CRC, four bits at a time. */
uint32_t px_hash_reflected(const uint32_t table[16], struct px_str s)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.len; i++) {
        crc ^= (unsigned char)s.p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* CRC-32 of IEEE 802.3. */
uint32_t px_hash_crc32(struct px_str s)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    return px_hash_reflected(table, s);
}
