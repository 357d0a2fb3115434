/*
 * Tests of runtime/policy/balance.c: what the hash is made of, after "balance" in HAProxy's manual.
 */
#include "runtime/policy/balance.h"

#include "runtime/base/hash.h"
#include "runtime/policy/sample.h"
#include "tests/unit/runtime/http/program.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct px_client client;
static struct px_txn txn;

static void start(void)
{
    memset(&client, 0, sizeof client);
    memset(&txn, 0, sizeof txn);
    txn.client = &client;
}

START_TEST(addresses)
{
    uint32_t hash;
    struct px_balance plain = {.function = PX_HASH_CRC32}, mixed = {.avalanche = true};
    client.src = (struct px_addr){.family = AF_INET, .ip = {10, 1, 2, 3, 0xff}};
    ck_assert(px_balance_source(&txn, &plain, &hash));
    ck_assert_uint_eq(hash, 0x0a010203);
    ck_assert(px_balance_source(&txn, &mixed, &hash));
    ck_assert_uint_eq(hash, px_hash_spread(0x0a010203));
    client.src = (struct px_addr){.family = AF_INET6, .ip = {1, 0, 0, 0, 2, 0, 0, 0, [15] = 5}};
    ck_assert(px_balance_source(&txn, &plain, &hash));
    ck_assert_uint_eq(hash, 0x03000005);
    client.src = (struct px_addr){.family = AF_UNIX};
    ck_assert(!px_balance_source(&txn, &plain, &hash));
}
END_TEST

static const char *value;

static enum px_found key(struct px_txn *t, struct px_sample *s)
{
    (void)t;
    if (!value)
        return PX_ABSENT;
    *s = (struct px_sample){.type = PX_STRING, .u.s = {value, strlen(value)}};
    return PX_FOUND;
}

/* Is the hash of the value that of the text? */
static bool counts(const char *of, const char *text, bool domain_only)
{
    uint32_t hash;
    struct px_balance b = {.key = key, .domain_only = domain_only};
    value = of;
    ck_assert(px_balance_key(&txn, &b, &hash));
    return hash == px_hash_sdbm(0, (struct px_str){text, strlen(text)});
}

START_TEST(domains)
{
    ck_assert(counts("www.example.com", "www.example.com", false));
    ck_assert(counts("www.example.com", "example", true));
    ck_assert(counts("a.b.c.example.com:80", "example", true));
    ck_assert(counts("example.com", "example", true));
    ck_assert(counts("example", "example", true));
    ck_assert(counts(".com", "", true));
    ck_assert(counts("a..com", "", true));
}
END_TEST

START_TEST(no_key)
{
    uint32_t hash;
    struct px_balance b = {.key = key};
    value = NULL;
    ck_assert(!px_balance_key(&txn, &b, &hash));
    value = "";
    ck_assert(!px_balance_key(&txn, &b, &hash));
}
END_TEST

START_TEST(functions)
{
    struct px_str text = {"some text", 9};
    struct px_balance b = {.function = PX_HASH_DJB2};
    ck_assert_uint_eq(px_balance_hash(&b, text), px_hash_djb2(text));
    b.function = PX_HASH_WT6;
    ck_assert_uint_eq(px_balance_hash(&b, text), px_hash_wt6(text));
    b.function = PX_HASH_CRC32;
    ck_assert_uint_eq(px_balance_hash(&b, text), px_hash_crc32(text));
    b.avalanche = true;
    ck_assert_uint_eq(px_balance_hash(&b, text), px_hash_spread(px_hash_crc32(text)));
}
END_TEST

static enum px_found number(struct px_txn *t, struct px_sample *s)
{
    (void)t;
    px_set_int(s, INT64_C(-5));
    return PX_FOUND;
}

START_TEST(a_key_that_is_the_hash)
{
    uint32_t hash;
    struct px_balance b = {.function = PX_HASH_NONE, .key = key};
    value = "4294967297";
    ck_assert(px_balance_key(&txn, &b, &hash));
    ck_assert_uint_eq(hash, 1);
    value = "17x";
    ck_assert(px_balance_key(&txn, &b, &hash));
    ck_assert_uint_eq(hash, 17);
    value = "";
    ck_assert(!px_balance_key(&txn, &b, &hash));
    b.key = number;
    ck_assert(px_balance_key(&txn, &b, &hash));
    ck_assert_uint_eq(hash, UINT32_MAX - 4);
    b.avalanche = true;
    ck_assert(px_balance_key(&txn, &b, &hash));
    ck_assert_uint_eq(hash, px_hash_spread(UINT32_MAX - 4));
}
END_TEST

UNIT_MAIN("balance", start, NULL, addresses, domains, no_key, functions,
          a_key_that_is_the_hash)
