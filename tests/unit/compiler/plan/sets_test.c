/*
 * Tests of compiler/plan/sets.c together with the matchers of runtime/policy/match.c: whatever the
 * patterns are, a set answers what trying one pattern after another answers.
 *
 * Patterns and values come from a generator with a fixed seed, out of few letters and small
 * numbers, so that they are often equal, parts of each other, or neighbours.
 */
#include "compiler/plan/plan.h"
#include "runtime/abi/match.h"
#include "runtime/txn/scratch.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct plan plan;
static uint64_t seed;

static void start(void)
{
    plan = (struct plan){.arena = arena_new()};
    seed = 20;
}

static void stop(void)
{
    arena_free(plan.arena);
}

/* Below n. */
static unsigned dice(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)((seed >> 33) % n);
}

/* ---- strings ---- */

/* The values are folded by the matcher, the patterns by whoever makes the keys. */
static struct str random_text(unsigned longest, bool upper)
{
    static const char letters[] = "ab.AB\0";
    char text[64];
    unsigned len = dice(longest + 1);
    for (unsigned i = 0; i < len; i++) {
        text[i] = letters[dice(sizeof letters - 1)];
        if (!upper && text[i] >= 'A' && text[i] <= 'Z')
            text[i] |= 0x20;
    }
    return str_copy(plan.arena, (struct str){text, len});
}

/* A long text of its own: sets without any two equal keys. */
static struct str numbered_text(unsigned i)
{
    return str_printf(plan.arena, "%u.example.%u", i * 7919, i);
}

/* `each` keys for every test. */
static struct p_set *random_set(enum match_method method, bool fold, unsigned ntests, unsigned each,
                                unsigned longest)
{
    struct p_set *s = NEW(plan.arena, struct p_set);
    *s = (struct p_set){.method = method, .fold = fold, .ntests = ntests};
    for (unsigned i = 0; i < ntests * each; i++)
        VEC_ADD(plan.arena, &s->keys,
                ((struct p_key){.text = longest ? random_text(longest, !fold) : numbered_text(i),
                                .test = i % ntests}));
    return s;
}

static struct px_strings strings_of(const struct p_set *s)
{
    return (struct px_strings){.nkeys = s->nslots,
                               .nbuckets = s->nbuckets,
                               .seed = s->seed,
                               .fold = s->fold,
                               .text = s->text.v ? s->text.v : "",
                               .keys = s->slots.v,
                               .up = s->up.v,
                               .skip = s->skip,
                               .heads = s->heads.v,
                               .pilots = s->pilots.v,
                               .hits = s->hits.v};
}

static const uint16_t *match_text(const struct p_set *s, struct px_str v)
{
    struct px_strings set = strings_of(s);
    switch (s->kind) {
    case SET_FEW:
        return px_match_few(&set, v);
    case SET_HASH:
        return px_match_hash(&set, v);
    case SET_PREFIX:
        return px_match_prefix(&set, v);
    default:
        ck_assert_int_eq(s->kind, SET_SUFFIX);
        return px_match_suffix(&set, v);
    }
}

static int64_t find_text(const struct p_set *s, struct px_str v)
{
    struct px_strings set = strings_of(s);
    int64_t (*const find[])(const struct px_strings *,
                            struct px_str) = {[SET_FEW] = px_find_few,
                                              [SET_HASH] = px_find_hash,
                                              [SET_PREFIX] = px_find_prefix,
                                              [SET_SUFFIX] = px_find_suffix};
    int64_t key = find[s->kind](&set, v);
    return key < 0 ? -1 : (int64_t)set.keys[key].hits;
}

static bool passes_text(const struct p_set *s, const struct p_key *k, struct px_str v)
{
    struct px_str text = {k->text.p, k->text.len};
    if (s->method == MATCH_BEG)
        return px_begins(v, text, s->fold);
    if (s->method == MATCH_END)
        return px_ends(v, text, s->fold);
    return px_is(v, text, s->fold);
}

/* Which tests were passed, by trying the keys one after another. */
static bool passed[70000];

static void expect_hits(const struct p_set *s, const uint16_t *hits)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->ntests; i++) {
        ck_assert_int_eq(px_hit(hits, i), passed[i]);
        n += passed[i];
    }
    ck_assert_uint_eq(hits[0], n);
    for (unsigned i = 2; i <= n; i++)
        ck_assert_uint_lt(hits[i - 1], hits[i]);
}

static void check_text(const struct p_set *s, struct px_str v)
{
    memset(passed, 0, sizeof passed[0] * s->ntests);
    for (unsigned i = 0; i < s->keys.n; i++)
        if (passes_text(s, &s->keys.v[i], v))
            passed[s->keys.v[i].test] = true;
    expect_hits(s, match_text(s, v));
}

static void check_texts(const struct p_set *s, unsigned n, unsigned longest)
{
    check_text(s, (struct px_str){NULL, 0});
    for (unsigned i = 0; i < n; i++) {
        struct str v = random_text(longest, true);
        if (s->keys.n && dice(3) == 0)
            v = s->keys.v[dice(s->keys.n)].text;
        check_text(s, (struct px_str){v.p, v.len});
    }
}

static const unsigned sizes[] = {0, 1, 2, 3, 8, 9, 63, 64, 65, 300};
static const enum match_method text_methods[] = {MATCH_STR, MATCH_BEG, MATCH_END};

START_TEST(texts)
{
    for (unsigned m = 0; m < 3; m++)
        for (unsigned fold = 0; fold < 2; fold++)
            for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
                for (unsigned longest = 1; longest < 12; longest += 3) {
                    struct p_set *s = random_set(text_methods[m], fold, sizes[i], 1, longest);
                    set_build(&plan, s);
                    check_texts(s, 300, longest + 2);
                }
}
END_TEST

START_TEST(tests_with_several_texts)
{
    for (unsigned m = 0; m < 3; m++)
        for (unsigned fold = 0; fold < 2; fold++) {
            struct p_set *s = random_set(text_methods[m], fold, 20, 10, 4);
            set_build(&plan, s);
            check_texts(s, 1000, 6);
        }
}
END_TEST

START_TEST(many_texts)
{
    for (unsigned m = 0; m < 3; m++) {
        struct p_set *s = random_set(text_methods[m], false, 5000, 1, 0);
        set_build(&plan, s);
        check_texts(s, 100, 9);
        s = random_set(text_methods[m], true, 5000, 1, 7);
        set_build(&plan, s);
        check_texts(s, 100, 9);
    }
}
END_TEST

/* Each begins with all that are shorter. */
START_TEST(chains)
{
    for (unsigned m = 1; m < 3; m++) {
        struct p_set *s = NEW(plan.arena, struct p_set);
        *s = (struct p_set){.method = text_methods[m], .ntests = 200};
        char as[201];
        memset(as, 'a', sizeof as);
        for (unsigned i = 0; i < 200; i++)
            VEC_ADD(plan.arena, &s->keys,
                    ((struct p_key){.text = str_copy(plan.arena, (struct str){as, 199 - i}),
                                    .test = i}));
        set_build(&plan, s);
        for (unsigned len = 0; len <= 201; len++)
            check_text(s, (struct px_str){as, len});
        as[100] = 'b';
        check_text(s, (struct px_str){as, 201});
        check_text(s, (struct px_str){as + 50, 51});
    }
}
END_TEST

/* One of a few texts that others begin with, and something more. */
static struct str grown_text(bool upper)
{
    static const char *const starts[] = {"/", "/api/", "/api/v1/", "/api/v1/customers/",
                                         "/api/v1/customers/of/today/"};
    struct str more = random_text(4, upper);
    struct str text = str_printf(plan.arena, "/front%s" STR_FMT, starts[dice(5)], STR_ARG(more));
    for (size_t i = 0; upper && i < text.len; i++)
        if (dice(4) == 0 && text.p[i] >= 'a' && text.p[i] <= 'z')
            ((char *)(uintptr_t)text.p)[i] = (char)(text.p[i] & ~0x20);
    return text;
}

/* What all keys begin with is passed over, and heads of eight bytes are often equal. */
START_TEST(texts_with_the_same_start)
{
    for (unsigned m = 0; m < 3; m++)
        for (unsigned fold = 0; fold < 2; fold++)
            for (unsigned i = 1; i < sizeof sizes / sizeof *sizes; i++) {
                struct p_set *s = random_set(text_methods[m], fold, sizes[i], 1, 1);
                for (unsigned k = 0; k < s->keys.n; k++)
                    s->keys.v[k].text = grown_text(false);
                set_build(&plan, s);
                for (unsigned n = 0; n < 600; n++) {
                    struct str v = grown_text(fold);
                    size_t len = dice(3) ? v.len : dice((unsigned)v.len + 1);
                    check_text(s, (struct px_str){v.p, len});
                }
            }
}
END_TEST

START_TEST(long_values_of_folded_sets)
{
    char value[5000];
    memset(value, 'A', sizeof value);
    for (unsigned m = 0; m < 3; m++) {
        struct p_set *s = NEW(plan.arena, struct p_set);
        *s = (struct p_set){.method = text_methods[m], .fold = true, .ntests = 3};
        static const unsigned lengths[] = {1, 1000, 1024};
        for (unsigned i = 0; i < 3; i++) {
            char *low = memset(arena_get(plan.arena, lengths[i]), 'a', lengths[i]);
            VEC_ADD(plan.arena, &s->keys, ((struct p_key){.text = {low, lengths[i]}, .test = i}));
        }
        set_build(&plan, s);
        for (unsigned len = 999; len < 1027; len++)
            check_text(s, (struct px_str){value, len});
        check_text(s, (struct px_str){value, sizeof value});
    }
}
END_TEST

/* ---- maps of strings ---- */

static void check_map_text(const struct p_set *s, struct px_str v)
{
    int64_t want = -1;
    size_t longest = 0;
    for (unsigned i = 0; i < s->keys.n; i++) {
        const struct p_key *k = &s->keys.v[i];
        if (passes_text(s, k, v) && (want < 0 || k->text.len > longest)) {
            want = k->test;
            longest = k->text.len;
        }
    }
    ck_assert_int_eq(find_text(s, v), want);
}

START_TEST(maps_of_texts)
{
    for (unsigned m = 0; m < 3; m++)
        for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (unsigned longest = 1; longest < 12; longest += 5) {
                struct p_set *s = random_set(text_methods[m], false, sizes[i], 1, longest);
                set_build_map(&plan, s);
                for (unsigned k = 0; k < 300; k++) {
                    struct str v = random_text(longest + 2, true);
                    if (s->keys.n && dice(3) == 0)
                        v = s->keys.v[dice(s->keys.n)].text;
                    check_map_text(s, (struct px_str){v.p, v.len});
                }
            }
}
END_TEST

/* Asked for a value in lower case, as a set that ignores case is. */
START_TEST(maps_of_low_texts)
{
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct p_set *s = random_set(MATCH_STR, true, sizes[i], 1, 3);
        for (unsigned k = 0; k < s->keys.n; k += 2)
            s->keys.v[k].text = grown_text(false);
        s->fold = false;
        set_build_map(&plan, s);
        struct px_strings set = strings_of(s);
        for (unsigned n = 0; n < 500; n++) {
            struct str v = n % 2 ? random_text(4, true) : grown_text(true);
            struct str low = str_lower(plan.arena, v);
            int64_t key = px_find_low(&set, (struct px_str){v.p, v.len});
            ck_assert_int_eq(key < 0 ? -1 : (int64_t)set.keys[key].hits,
                             find_text(s, (struct px_str){low.p, low.len}));
        }
    }
}
END_TEST

/* Maps may have more entries than a set has tests. */
START_TEST(large_maps)
{
    struct p_set *s = random_set(MATCH_STR, false, 100000, 1, 0);
    set_build_map(&plan, s);
    for (unsigned i = 0; i < s->keys.n; i++) {
        struct str v = s->keys.v[i].text;
        ck_assert_int_eq(find_text(s, (struct px_str){v.p, v.len}), i);
    }
    ck_assert_int_eq(find_text(s, (struct px_str){"0.example.1", 11}), -1);
}
END_TEST

/* ---- integers ---- */

static int64_t random_int(void)
{
    static const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    if (dice(6) == 0)
        return edges[dice(7)];
    return (int64_t)dice(60) - 30;
}

static struct p_set *random_ints(unsigned ntests, unsigned each)
{
    struct p_set *s = NEW(plan.arena, struct p_set);
    *s = (struct p_set){.method = MATCH_INT, .ntests = ntests};
    for (unsigned i = 0; i < ntests * each; i++) {
        int64_t a = random_int(), b = dice(2) ? random_int() : a;
        VEC_ADD(plan.arena, &s->keys,
                ((struct p_key){.low = a < b ? a : b, .high = a < b ? b : a, .test = i % ntests}));
    }
    return s;
}

static struct px_ranges ranges_of(const struct p_set *s)
{
    ck_assert_int_eq(s->kind, SET_INT);
    return (struct px_ranges){(uint32_t)s->ranges.n, s->ranges.v, s->hits.v};
}

static void check_int(const struct p_set *s, int64_t v)
{
    struct px_ranges set = ranges_of(s);
    memset(passed, 0, sizeof passed[0] * s->ntests);
    for (unsigned i = 0; i < s->keys.n; i++)
        if (s->keys.v[i].low <= v && v <= s->keys.v[i].high)
            passed[s->keys.v[i].test] = true;
    expect_hits(s, px_match_int(&set, v));
}

START_TEST(integers)
{
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (unsigned each = 1; each < 4; each++) {
            struct p_set *s = random_ints(sizes[i], each);
            set_build(&plan, s);
            for (int64_t v = -33; v < 33; v++)
                check_int(s, v);
            for (unsigned k = 0; k < 30; k++)
                check_int(s, random_int());
        }
}
END_TEST

START_TEST(maps_of_integers)
{
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct p_set *s = random_ints(sizes[i], 1);
        set_build_map(&plan, s);
        struct px_ranges set = ranges_of(s);
        for (unsigned k = 0; k < 200; k++) {
            int64_t v = random_int(), want = -1;
            for (unsigned n = s->keys.n; n-- > 0;)
                if (s->keys.v[n].low <= v && v <= s->keys.v[n].high)
                    want = n;
            int64_t found = px_find_int(&set, v);
            ck_assert_int_eq(found < 0 ? -1 : (int64_t)set.v[found].hits, want);
        }
    }
}
END_TEST

/* ---- addresses ---- */

/* Few bits differ, so that networks hold each other. */
static void random_ip(uint8_t *ip, bool v6)
{
    static const uint8_t starts[5][12] = {{0},
                                          {[10] = 0xff, [11] = 0xff},
                                          {0x20, 0x02, 10, 0},
                                          {0x20, 0x01, 0x0d, 0xb8},
                                          {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    unsigned at = 0;
    if (v6) {
        memcpy(ip, starts[dice(5)], 12);
        at = 12;
    }
    ip[at] = dice(2) ? 10 : 0;
    ip[at + 1] = dice(8) ? 0 : 0xff;
    ip[at + 2] = (uint8_t)dice(4);
    ip[at + 3] = (uint8_t)(dice(2) ? dice(8) : 248 + dice(8));
}

static void random_net(struct p_key *k)
{
    k->v6 = dice(2);
    unsigned bytes = k->v6 ? 16 : 4, len = dice(4) ? 8 * bytes - dice(20) : dice(8 * bytes + 1);
    random_ip(k->ip_low, k->v6);
    for (unsigned i = 0; i < bytes; i++) {
        unsigned keep = len >= 8 * (i + 1) ? 8 : len > 8 * i ? len - 8 * i : 0;
        uint8_t mask = (uint8_t)(0xff00 >> keep);
        k->ip_low[i] &= mask;
        k->ip_high[i] = (uint8_t)(k->ip_low[i] | ~mask);
    }
}

static struct p_set *random_nets(unsigned ntests, unsigned each)
{
    struct p_set *s = NEW(plan.arena, struct p_set);
    *s = (struct p_set){.method = MATCH_IP, .ntests = ntests};
    for (unsigned i = 0; i < ntests * each; i++) {
        struct p_key *k = VEC_PUSH(plan.arena, &s->keys);
        random_net(k);
        k->test = i % ntests;
    }
    return s;
}

static struct px_nets nets_of(const struct p_set *s)
{
    ck_assert_int_eq(s->kind, SET_IP);
    return (struct px_nets){(uint32_t)s->nets4.n, (uint32_t)s->nets6.n, s->nets4.v, s->nets6.v,
                            s->hits.v};
}

static struct px_sample random_address(void)
{
    struct px_sample smp = {.type = dice(2) ? PX_IPV4 : PX_IPV6};
    random_ip((uint8_t *)&smp.u, smp.type == PX_IPV6);
    return smp;
}

static bool holds(const struct p_key *k, const uint8_t *ip)
{
    size_t len = k->v6 ? 16 : 4;
    return memcmp(k->ip_low, ip, len) <= 0 && memcmp(ip, k->ip_high, len) <= 0;
}

/* The address as the other family, if it can be written so (HAProxy manual 7.1.6). */
static bool other_family(const struct px_sample *smp, uint8_t *ip)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, zero[12];
    const uint8_t *is = (const uint8_t *)&smp->u;
    if (smp->type == PX_IPV4) {
        memcpy(ip, mapped, 12);
        memcpy(ip + 12, is, 4);
        return true;
    }
    bool six_to_four = is[0] == 0x20 && is[1] == 0x02;
    memcpy(ip, six_to_four ? is + 2 : is + 12, 4);
    return six_to_four || !memcmp(is, mapped, 12) || !memcmp(is, zero, 12);
}

static bool passes_ip(const struct p_key *k, const struct px_sample *smp)
{
    uint8_t other[16];
    if (k->v6 == (smp->type == PX_IPV6))
        return holds(k, (const uint8_t *)&smp->u);
    return other_family(smp, other) && holds(k, other);
}

START_TEST(addresses)
{
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (unsigned each = 1; each < 4; each++) {
            struct p_set *s = random_nets(sizes[i], each);
            set_build(&plan, s);
            struct px_nets set = nets_of(s);
            for (unsigned n = 0; n < 500; n++) {
                struct px_sample smp = random_address();
                px_scratch_reset();
                memset(passed, 0, sizeof passed[0] * s->ntests);
                for (unsigned k = 0; k < s->keys.n; k++)
                    if (passes_ip(&s->keys.v[k], &smp))
                        passed[s->keys.v[k].test] = true;
                expect_hits(s, px_match_ip(&set, &smp));
            }
        }
}
END_TEST

static unsigned breadth(const struct p_key *k)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < (k->v6 ? 16 : 4); i++)
        bits += (unsigned)__builtin_popcount(k->ip_low[i] ^ k->ip_high[i]);
    return bits;
}

/* The smallest network counts; of the same one, the first. The family of the sample goes first. */
static int64_t smallest(const struct p_set *s, const struct px_sample *smp, bool v6)
{
    int64_t best = -1;
    for (unsigned k = 0; k < s->keys.n; k++)
        if (s->keys.v[k].v6 == v6 && passes_ip(&s->keys.v[k], smp) &&
            (best < 0 || breadth(&s->keys.v[k]) < breadth(&s->keys.v[best])))
            best = k;
    return best;
}

START_TEST(maps_of_addresses)
{
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct p_set *s = random_nets(sizes[i], 1);
        set_build_map(&plan, s);
        struct px_nets set = nets_of(s);
        for (unsigned n = 0; n < 500; n++) {
            struct px_sample smp = random_address();
            int64_t want = smallest(s, &smp, smp.type == PX_IPV6);
            if (want < 0)
                want = smallest(s, &smp, smp.type != PX_IPV6);
            ck_assert_int_eq(px_find_ip(&set, &smp), want);
        }
    }
}
END_TEST

/* The bounds of every interval, and what is beside them. */
START_TEST(edges_of_networks)
{
    struct p_set *s = random_nets(300, 1);
    set_build(&plan, s);
    struct px_nets set = nets_of(s);
    for (unsigned i = 0; i < set.n4; i++) {
        ck_assert_uint_le(set.v4[i].low, set.v4[i].high);
        ck_assert(!i || set.v4[i - 1].high < set.v4[i].low);
    }
    for (unsigned i = 0; i < set.n6; i++) {
        ck_assert_int_le(memcmp(set.v6[i].low, set.v6[i].high, 16), 0);
        ck_assert(!i || memcmp(set.v6[i - 1].high, set.v6[i].low, 16) < 0);
    }
}
END_TEST

UNIT_MAIN("sets", start, stop, texts, tests_with_several_texts, many_texts, chains,
          texts_with_the_same_start, long_values_of_folded_sets, maps_of_texts, maps_of_low_texts,
          large_maps, integers, maps_of_integers, addresses, maps_of_addresses, edges_of_networks)
