/*
 * Tests of runtime/policy/match.c: lists of hits and the rules that they lead to. How patterns are
 * found is tested together with what builds the sets (compiler/plan/sets_test.c).
 */
#include "runtime/abi/match.h"
#include "runtime/txn/scratch.h"
#include "tests/unit/unit.h"

#include <string.h>

static void start(void)
{
    px_scratch_reset();
}

static uint64_t seed = 3;

static unsigned dice(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)((seed >> 33) % n);
}

#define HITS(...) ((const uint16_t[]){__VA_ARGS__})

static void expect(const uint16_t *hits, const uint16_t *want)
{
    ck_assert_uint_eq(hits[0], want[0]);
    ck_assert_mem_eq(hits, want, (want[0] + 1u) * sizeof *want);
}

START_TEST(asking_for_tests)
{
    const uint16_t *hits = HITS(3, 0, 5, 65533);
    ck_assert(px_hit(hits, 0) && px_hit(hits, 5) && px_hit(hits, 65533));
    ck_assert(!px_hit(hits, 1) && !px_hit(hits, 6) && !px_hit(hits, 65534) && !px_hit(hits, 65535));
    ck_assert(!px_hit(px_no_hits, 0) && !px_hit(px_no_hits, 65535));
}
END_TEST

START_TEST(open_hits_are_not_known)
{
    const uint16_t *closed = HITS(2, 1, 4), *open = px_hits_open(closed);
    expect(open, HITS(3, 1, 4, PX_OPEN_HIT));
    ck_assert_int_eq(px_hit3(closed, 1), PX_TRUE);
    ck_assert_int_eq(px_hit3(closed, 2), PX_FALSE);
    ck_assert_int_eq(px_hit3(open, 1), PX_TRUE);
    ck_assert_int_eq(px_hit3(open, 4), PX_TRUE);
    ck_assert_int_eq(px_hit3(open, 0), PX_UNKNOWN);
    ck_assert_int_eq(px_hit3(open, 5), PX_UNKNOWN);
    ck_assert_int_eq(px_hit3(px_later, 0), PX_UNKNOWN);
    ck_assert_int_eq(px_hit3(px_no_hits, 0), PX_FALSE);
    expect(px_hits_open(px_no_hits), px_later);
    expect(px_hits_open(open), open);
    ck_assert(px_hit(open, 4) && !px_hit(open, 5));
}
END_TEST

START_TEST(negation_of_three_values)
{
    ck_assert_int_eq(px_not(PX_TRUE), PX_FALSE);
    ck_assert_int_eq(px_not(PX_FALSE), PX_TRUE);
    ck_assert_int_eq(px_not(PX_UNKNOWN), PX_UNKNOWN);
}
END_TEST

START_TEST(joining)
{
    const uint16_t *a = HITS(3, 1, 3, 5), *b = HITS(2, 3, 9);
    expect(px_hits_join(a, b), HITS(4, 1, 3, 5, 9));
    expect(px_hits_join(b, a), HITS(4, 1, 3, 5, 9));
    ck_assert_ptr_eq(px_hits_join(a, a), a);
    ck_assert_ptr_eq(px_hits_join(a, px_no_hits), a);
    ck_assert_ptr_eq(px_hits_join(px_no_hits, a), a);
    ck_assert_ptr_eq(px_hits_join(a, HITS(1, 5)), a);
}
END_TEST

static const uint16_t *random_hits(uint16_t *hits, unsigned ntests, unsigned most)
{
    unsigned n = dice(most + 1);
    hits[0] = 0;
    for (unsigned i = 0; i < ntests; i++)
        if (dice(ntests) < n)
            hits[++hits[0]] = (uint16_t)i;
    return hits;
}

START_TEST(joining_is_a_union)
{
    enum { TESTS = 40 };
    uint16_t a[TESTS + 1], b[TESTS + 1];
    for (unsigned round = 0; round < 2000; round++) {
        px_scratch_reset();
        random_hits(a, TESTS, TESTS);
        random_hits(b, TESTS, TESTS);
        const uint16_t *both = px_hits_join(a, b);
        for (unsigned i = 0; i < TESTS; i++)
            ck_assert_int_eq(px_hit(both, i), px_hit(a, i) || px_hit(b, i));
    }
}
END_TEST

/* A header with many values: none of them is forgotten because there were many before. */
START_TEST(joining_many)
{
    enum { TESTS = 2000 };
    const uint16_t *all = px_no_hits;
    static uint16_t one[TESTS][2];
    for (unsigned i = 0; i < TESTS; i++) {
        one[i][0] = 1;
        one[i][1] = (uint16_t)((i * 7) % TESTS);
        all = px_hits_join(all, one[i]);
        all = px_hits_join(all, one[i / 2]);
    }
    ck_assert_uint_eq(all[0], TESTS);
    for (unsigned i = 0; i < TESTS; i++)
        ck_assert(px_hit(all, i));
}
END_TEST

/* As many as there can be. */
START_TEST(joining_the_most)
{
    static uint16_t even[40000], odd[40000];
    for (unsigned i = 0; i < 65534; i++) {
        uint16_t *hits = i % 2 ? odd : even;
        hits[++hits[0]] = (uint16_t)i;
    }
    const uint16_t *all = px_hits_open(px_hits_join(even, odd));
    ck_assert_uint_eq(all[0], 65535);
    ck_assert(px_hit(all, 0) && px_hit(all, 65533));
    ck_assert_int_eq(px_hit3(all, 65533), PX_TRUE);
    ck_assert_int_eq(px_hit3(all, 65534), PX_UNKNOWN);
}
END_TEST

/* ---- rules by index ---- */

enum { RULES = 60, TESTS = 30 };

struct index {
    uint32_t first[TESTS + 1];
    uint16_t rules[TESTS * RULES];
    bool needs[TESTS][RULES];
};

static struct px_rule_index random_index(struct index *x)
{
    uint32_t n = 0;
    for (unsigned i = 0; i < TESTS; i++) {
        x->first[i] = n;
        for (unsigned r = 0; r < RULES; r++) {
            x->needs[i][r] = dice(12) == 0;
            if (x->needs[i][r])
                x->rules[n++] = (uint16_t)r;
        }
    }
    x->first[TESTS] = n;
    return (struct px_rule_index){x->first, x->rules};
}

/* Memory in proportion to the hits: what a client sends must not use it up. */
START_TEST(joining_one_after_another)
{
    enum { HITS = 12000 };
    static uint16_t one[HITS][2];
    const uint16_t *all = px_no_hits;
    px_scratch_reset();
    for (unsigned i = 0; i < HITS; i++) {
        one[i][0] = 1;
        one[i][1] = (uint16_t)(i * 7919 % HITS);
        all = px_hits_join(all, one[i]);
    }
    ck_assert(!px_scratch_failed());
    ck_assert_uint_eq(all[0], HITS);
    for (unsigned i = 0; i < HITS; i++)
        ck_assert_uint_eq(all[i + 1], i);
}
END_TEST

/* Two lists that grow in turns are not mixed up, and neither is one of before a reset. */
START_TEST(joining_in_turns)
{
    const uint16_t *a = px_no_hits, *b = px_no_hits;
    static uint16_t one[200][2], two[200][3];
    for (unsigned i = 0; i < 200; i++) {
        memcpy(one[i], (const uint16_t[]){1, (uint16_t)(2 * i)}, sizeof one[i]);
        memcpy(two[i], (const uint16_t[]){2, (uint16_t)i, (uint16_t)(i + 1)}, sizeof two[i]);
        a = px_hits_join(a, one[i]);
        b = px_hits_join(b, two[i]);
    }
    ck_assert_uint_eq(a[0], 200);
    ck_assert_uint_eq(b[0], 201);
    ck_assert(px_hit(a, 398) && !px_hit(a, 399) && px_hit(b, 200) && !px_hit(b, 202));
    px_scratch_reset();
    uint16_t *piece = (uint16_t *)(void *)px_scratch_get(4 * sizeof *piece);
    memcpy(piece, (const uint16_t[]){1, 5, 0xaaaa, 0xaaaa}, 8);
    uint16_t *guard = (uint16_t *)(void *)px_scratch_get(8);
    memset(guard, 0x55, 8);
    const uint16_t many[] = {9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
    const uint16_t *joined = px_hits_join(piece, many);
    ck_assert_uint_eq(joined[0], 10);
    ck_assert_uint_eq(guard[0], 0x5555);
}
END_TEST

START_TEST(candidates_of_several_sets)
{
    static struct index x[3];
    for (unsigned round = 0; round < 500; round++) {
        struct px_candidates c = {.n = 0};
        bool want[RULES] = {false};
        px_scratch_reset();
        for (unsigned k = 0; k < 3; k++) {
            uint16_t hits[TESTS + 1];
            struct px_rule_index index = random_index(&x[k]);
            px_candidates_add(&c, &index, random_hits(hits, TESTS, 6));
            for (unsigned i = 1; i <= hits[0]; i++)
                for (unsigned r = 0; r < RULES; r++)
                    want[r] = want[r] || x[k].needs[hits[i]][r];
        }
        unsigned n = 0;
        for (unsigned r = 0; r < RULES; r++)
            if (want[r])
                ck_assert(n < c.n && c.v[n++] == r);
        ck_assert_uint_eq(n, c.n);
    }
}
END_TEST

START_TEST(no_candidates)
{
    static const uint32_t first[] = {0, 0, 1};
    static const uint16_t rules[] = {7};
    const struct px_rule_index index = {first, rules};
    struct px_candidates c = {.n = 0};
    px_candidates_add(&c, &index, px_no_hits);
    px_candidates_add(&c, &index, HITS(1, 0));
    ck_assert_uint_eq(c.n, 0);
    px_candidates_add(&c, &index, HITS(2, 0, 1));
    px_candidates_add(&c, &index, HITS(1, 1));
    ck_assert_uint_eq(c.n, 1);
    ck_assert_uint_eq(c.v[0], 7);
}
END_TEST

UNIT_MAIN("match", start, NULL, asking_for_tests, open_hits_are_not_known, negation_of_three_values,
          joining, joining_is_a_union, joining_many, joining_the_most, joining_one_after_another,
          joining_in_turns, candidates_of_several_sets, no_candidates)
