/*
 * Hash converters (HAProxy manual 7.3.1). The results are those of HAProxy, because balancing and
 * stickiness of neighbouring proxies depend on them.
 */
#include "../base/hash.h"
#include "sample.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static uint32_t sdbm(struct px_str s)
{
    return px_hash_sdbm(0, s);
}

/* CRC-32C (RFC 9260, appendix A). */
static uint32_t crc32c(struct px_str s)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    return px_hash_reflected(table, s);
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
    return hash(smp, px_hash_djb2, avalanche);
}

bool px_conv_wt6(struct px_txn *t, struct px_sample *smp, int64_t avalanche)
{
    (void)t;
    return hash(smp, px_hash_wt6, avalanche);
}

bool px_conv_crc32(struct px_txn *t, struct px_sample *smp, int64_t avalanche)
{
    (void)t;
    return hash(smp, px_hash_crc32, avalanche);
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
