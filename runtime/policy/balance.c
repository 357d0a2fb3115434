/*
 * Keys of balancing algorithms that hash (HAProxy manual, "balance").
 *
 * Not here: the target (balance_uri.c), which proxies without HTTP do not have.
 */
#include "balance.h"

#include "../base/hash.h"
#include "number.h"
#include "sample.h"

#include <arpa/inet.h>
#include <string.h>

static uint32_t spread(const struct px_balance *b, uint32_t hash)
{
    return b->avalanche ? px_hash_spread(hash) : hash;
}

uint32_t px_balance_hash(const struct px_balance *b, struct px_str key)
{
    uint32_t h;
    switch (b->function) {
    case PX_HASH_DJB2:
        h = px_hash_djb2(key);
        break;
    case PX_HASH_WT6:
        h = px_hash_wt6(key);
        break;
    case PX_HASH_CRC32:
        h = px_hash_crc32(key);
        break;
    case PX_HASH_NONE:
        h = (uint32_t)px_read_int64(key);
        break;
    default:
        h = px_hash_sdbm(0, key);
    }
    return spread(b, h);
}

/* The address in words of 32 bits, one over the other; the function of hash-type is not asked. */
bool px_balance_source(struct px_txn *t, const struct px_balance *b, uint32_t *hash)
{
    const struct px_addr *addr = &t->client->src;
    if (!px_addr_is_ip(addr))
        return false;
    uint32_t h = 0, word;
    size_t len = addr->family == AF_INET6 ? 16 : 4;
    for (size_t i = 0; i < len; i += 4) {
        memcpy(&word, addr->ip + i, 4);
        h ^= ntohl(word);
    }
    *hash = spread(b, h);
    return true;
}

/* Of www.example.com, "example": what stands between the last two dots, or before the only one. */
static struct px_str domain_of(struct px_str name)
{
    const char *end = memrchr(name.p, '.', name.len);
    if (!end)
        return name;
    const char *dot = memrchr(name.p, '.', (size_t)(end - name.p));
    const char *from = dot ? dot + 1 : name.p;
    return (struct px_str){from, (size_t)(end - from)};
}

bool px_balance_key(struct px_txn *t, const struct px_balance *b, uint32_t *hash)
{
    struct px_sample s;
    if (b->key(t, &s) != PX_FOUND)
        return false;
    if (b->function == PX_HASH_NONE && !px_is_bytes(&s) && px_cast(&s, PX_SINT)) {
        *hash = spread(b, (uint32_t)s.u.i);
        return true;
    }
    if (!px_cast(&s, PX_BIN) || !s.u.s.len)
        return false;
    *hash = px_balance_hash(b, b->domain_only ? domain_of(s.u.s) : s.u.s);
    return true;
}
