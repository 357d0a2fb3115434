/*
 * Hash converters (HAProxy manual 7.3.1). The results are those of HAProxy, because balancing and
 * stickiness of neighbouring proxies depend on them.
 */
#include "hash.h"
#include "sample.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static uint32_t sdbm(struct px_str s)
{
    return px_hash_sdbm(0, s);
}

static uint32_t djb2(struct px_str s)
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
static uint32_t wt6(struct px_str s)
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
static uint32_t reflected(const uint32_t table[16], struct px_str s)
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
static uint32_t crc32(struct px_str s)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    return reflected(table, s);
}

/* CRC-32C (RFC 9260, appendix A). */
static uint32_t crc32c(struct px_str s)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    return reflected(table, s);
}

static bool hash(struct px_sample *smp, uint32_t (*function)(struct px_str), int64_t avalanche)
{
    uint32_t h = function(smp->u.s);
    px_set_int(smp, avalanche ? px_hash_spread(h) : h);
    return true;
}

bool px_conv_sdbm(struct px_txn *t, struct px_sample *smp, int64_t avalanche)
{
    (void)t;
    return hash(smp, sdbm, avalanche);
}

bool px_conv_djb2(struct px_txn *t, struct px_sample *smp, int64_t avalanche)
{
    (void)t;
    return hash(smp, djb2, avalanche);
}

bool px_conv_wt6(struct px_txn *t, struct px_sample *smp, int64_t avalanche)
{
    (void)t;
    return hash(smp, wt6, avalanche);
}

bool px_conv_crc32(struct px_txn *t, struct px_sample *smp, int64_t avalanche)
{
    (void)t;
    return hash(smp, crc32, avalanche);
}

bool px_conv_xxh32(struct px_txn *t, struct px_sample *smp, int64_t seed)
{
    (void)t;
    px_set_int(smp, XXH32(smp->u.s.p, smp->u.s.len, (uint32_t)seed));
    return true;
}

bool px_conv_xxh64(struct px_txn *t, struct px_sample *smp, int64_t seed)
{
    (void)t;
    px_set_int(smp, (int64_t)XXH64(smp->u.s.p, smp->u.s.len, (uint64_t)seed));
    return true;
}

bool px_conv_crc32c(struct px_txn *t, struct px_sample *smp, int64_t avalanche)
{
    (void)t;
    return hash(smp, crc32c, avalanche);
}

bool px_conv_xxh3(struct px_txn *t, struct px_sample *smp, int64_t seed)
{
    (void)t;
    px_set_int(smp, (int64_t)XXH3_64bits_withSeed(smp->u.s.p, smp->u.s.len, (uint64_t)seed));
    return true;
}
