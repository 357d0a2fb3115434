/*
 * Tests of runtime/abi/keyhash.h. That sets find their keys by it is tested with what builds them.
 */
#include "runtime/abi/keyhash.h"
#include "tests/unit/unit.h"

static uint64_t seed = 1;

static uint64_t next(void)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return seed ^ seed >> 31;
}

START_TEST(products_with_and_without_wide_numbers)
{
    static const uint64_t edges[] = {0, 1, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
    for (unsigned i = 0; i < 25; i++)
        ck_assert_uint_eq(px_fold_product(edges[i / 5], edges[i % 5]),
                          px_fold_product_by_parts(edges[i / 5], edges[i % 5]));
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t a = next() >> i % 40, b = next();
        ck_assert_uint_eq(px_fold_product(a, b), px_fold_product_by_parts(a, b));
    }
    ck_assert_uint_eq(px_fold_product_by_parts(UINT64_MAX, UINT64_MAX), UINT64_MAX);
}
END_TEST

static int sign(int c)
{
    return (c > 0) - (c < 0);
}

/* Every byte counts, and none beyond the length. */
START_TEST(ends_are_equal_if_texts_are)
{
    for (size_t len = 0; len <= 16; len++) {
        char text[17] = "abcdefghijklmnop";
        struct px_key_ends whole = px_key_ends_of(text, len);
        text[len] = '!';
        struct px_key_ends again = px_key_ends_of(text, len);
        ck_assert(whole.first == again.first && whole.last == again.last);
        for (size_t i = 0; i < len; i++) {
            text[i] ^= 1;
            struct px_key_ends other = px_key_ends_of(text, len);
            ck_assert(whole.first != other.first || whole.last != other.last);
            ck_assert(px_key_hash_of(text, len, 7) != px_key_hash(px_key_start(7, len), whole));
            text[i] ^= 1;
        }
    }
}
END_TEST

START_TEST(heads_are_in_the_order_of_texts)
{
    for (unsigned i = 0; i < 100000; i++) {
        unsigned char a[9], b[9];
        size_t x = next() % 9, y = next() % 9;
        for (unsigned k = 0; k < 9; k++) {
            a[k] = (unsigned char)(next() % 3 * 127 + 1);
            b[k] = i % 4 ? a[k] : (unsigned char)(next() % 3 * 127 + 1);
        }
        uint64_t p = px_key_head((char *)a, x), q = px_key_head((char *)b, y);
        int c = memcmp(a, b, x < y ? x : y);
        ck_assert_int_eq((p > q) - (p < q), c ? sign(c) : (x > y) - (x < y));
    }
}
END_TEST

UNIT_MAIN("keyhash", NULL, NULL, products_with_and_without_wide_numbers,
          ends_are_equal_if_texts_are, heads_are_in_the_order_of_texts)
