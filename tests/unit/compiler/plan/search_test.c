/*
 * Tests of compiler/plan/search.c, automaton.c and regex.c together with the matcher of
 * runtime/policy/automaton.c: whatever the patterns are, one pass over a value answers what PCRE2
 * and the comparison of single strings answer one after another.
 *
 * Patterns and values come from a generator with a fixed seed, out of few letters.
 */
#include "compiler/plan/automaton.h"
#include "compiler/plan/parts.h"
#include "runtime/abi/match.h"
#include "runtime/txn/scratch.h"
#include "tests/unit/unit.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

static struct plan plan;
static struct p_scope scope;
static struct map codes; /* pcre2_code by pattern */
static uint64_t seed;

static void start(void)
{
    plan = (struct plan){.arena = arena_new()};
    scope = (struct p_scope){0};
    seed = 20;
}

static void stop(void)
{
    for (unsigned i = 0; i < codes.entries.n; i++)
        pcre2_code_free(codes.entries.v[i].value);
    codes = (struct map){0};
    arena_free(plan.arena);
}

/* Below n. */
static unsigned dice(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)((seed >> 33) % n);
}

/* ---- patterns one after another ---- */

/* NULL: PCRE2 does not compile it. */
static pcre2_code *compiled(struct str pattern, bool fold)
{
    int error;
    PCRE2_SIZE at;
    return pcre2_compile((PCRE2_SPTR)pattern.p, pattern.len, fold ? PCRE2_CASELESS : 0, &error, &at,
                         NULL);
}

static bool pcre2_finds(const pcre2_code *code, struct px_str v)
{
    static pcre2_match_data *data;
    if (!data)
        data = pcre2_match_data_create(1, NULL);
    int n = pcre2_match(code, (PCRE2_SPTR)(v.p ? v.p : ""), v.len, 0, 0, data, NULL);
    ck_assert(n >= 0 || n == PCRE2_ERROR_NOMATCH);
    return n >= 0;
}

/* Compiled once; they stay until the test ends. */
static const pcre2_code *code_of(const struct p_key *k)
{
    void **at =
        map_at(plan.arena, &codes, str_printf(plan.arena, "%d" STR_FMT, k->fold, STR_ARG(k->text)));
    if (!*at)
        *at = compiled(k->text, k->fold);
    return *at;
}

static bool passes(const struct p_key *k, struct px_str v)
{
    struct px_str text = {k->text.p, k->text.len};
    switch (k->method) {
    case MATCH_SUB:
        return px_contains(v, text, k->fold);
    case MATCH_END:
        return px_ends(v, text, k->fold);
    case MATCH_DIR:
        return px_has_part(v, text, "/?", k->fold);
    case MATCH_DOM:
        return px_has_part(v, text, "/?.:", k->fold);
    default:
        return pcre2_finds(code_of(k), v);
    }
}

/* ---- sets ---- */

static struct p_set *set_new(void)
{
    struct p_set *s = NEW(plan.arena, struct p_set);
    *s = (struct p_set){.kind = SET_SEARCH, .method = MATCH_REG, .name = STR("search")};
    scope = (struct p_scope){0};
    VEC_ADD(plan.arena, &scope.sets, s);
    return s;
}

static void key_add(struct p_set *s, enum match_method method, struct str text, bool fold,
                    bool new_test)
{
    if (new_test || !s->ntests) {
        struct p_test *t = NEW(plan.arena, struct p_test);
        struct m_test *m = NEW(plan.arena, struct m_test);
        m->method = method;
        *t = (struct p_test){.kind = TEST_SET, .test = m, .set = s, .number = s->ntests++};
        VEC_ADD(plan.arena, &s->tests, t);
    }
    struct p_key *k = VEC_PUSH(plan.arena, &s->keys);
    *k = (struct p_key){
        .text = str_copy(plan.arena, text), .method = method, .fold = fold, .test = s->ntests - 1};
}

static struct px_automaton automaton_of(const struct p_set *s)
{
    return (struct px_automaton){.nclasses = s->nclasses,
                             .start = s->start,
                             .first_here = s->first_here,
                             .classes = s->classes.v,
                             .next = s->next.v,
                             .here = s->here.v,
                             .end = s->end.v,
                             .hits = s->hits.v};
}

static const uint16_t *hits_in(const struct p_set *s, struct px_str v)
{
    struct px_automaton a = automaton_of(s);
    const uint16_t *hits = px_match_automaton(&a, v);
    ck_assert_int_eq(px_find_automaton(&a, v), hits[0] ? hits[1] : -1);
    return hits;
}

static void check_value(struct px_str v)
{
    for (unsigned i = 0; i < scope.sets.n; i++) {
        const struct p_set *s = scope.sets.v[i];
        const uint16_t *hits = hits_in(s, v);
        for (unsigned t = 0; t < s->ntests; t++) {
            bool want = false;
            for (unsigned k = 0; k < s->keys.n; k++)
                if (s->keys.v[k].test == t)
                    want = want || passes(&s->keys.v[k], v);
            ck_assert_msg(px_hit(hits, t) == want, "'%.*s' of length %zu: test %u, first '%.*s' %s",
                          (int)v.len, v.p, v.len, t, (int)s->keys.v[0].text.len,
                          s->keys.v[0].text.p, want ? "is not found" : "is found");
        }
        for (unsigned n = 2; n <= hits[0]; n++)
            ck_assert_uint_lt(hits[n - 1], hits[n]);
        px_scratch_reset();
    }
}

/* ---- random patterns and values ---- */

static const char letters[] = "abA/.?\n\0";

static struct str random_value(unsigned longest)
{
    char text[64];
    unsigned len = dice(longest + 1);
    for (unsigned i = 0; i < len; i++)
        text[i] = letters[dice(sizeof letters - 1)];
    return str_copy(plan.arena, (struct str){text, len});
}

static void put_random_regex(struct text *t, unsigned depth);

static void put_random_atom(struct text *t, unsigned depth)
{
    static const char *const atoms[] = {"a",     "b",      "A",      "/",     ".",          "\\.",
                                        "[ab]",  "[^a]",   "[a-c/]", "\\w",   "\\W",        "\\s",
                                        "\\x61", "[\\w.]", "\\n",    "[]/b]", "[[:alpha:]]"};
    if (depth && dice(4) == 0) {
        text_printf(t, "%s", dice(2) ? "(" : dice(3) ? "(?:" : "(?i:");
        put_random_regex(t, depth - 1);
        text_printf(t, ")");
    } else if (dice(12) == 0) {
        text_printf(t, "%s", dice(2) ? "^" : "$");
    } else {
        text_printf(t, "%s", atoms[dice(sizeof atoms / sizeof *atoms)]);
    }
}

static void put_random_regex(struct text *t, unsigned depth)
{
    static const char *const repetitions[] = {"*", "+", "?", "*?", "{2}", "{1,2}", "{0,1}", "{1,}"};
    unsigned branches = dice(4) ? 1 : 2;
    for (unsigned b = 0; b < branches; b++) {
        text_printf(t, "%s", b ? "|" : "");
        for (unsigned n = dice(4) + !depth; n; n--) {
            put_random_atom(t, depth);
            if (dice(4) == 0)
                text_printf(t, "%s", repetitions[dice(sizeof repetitions / sizeof *repetitions)]);
        }
    }
}

/* One that both sides know. */
static struct str random_regex(bool fold)
{
    for (;;) {
        struct text t = {.arena = plan.arena};
        text_printf(&t, "%s", dice(3) ? "" : "^");
        put_random_regex(&t, 2);
        text_printf(&t, "%s", dice(3) ? "" : "$");
        struct str re = {t.p, t.len};
        pcre2_code *code = compiled(re, fold);
        pcre2_code_free(code);
        if (code && !automaton_refuses(&(struct au_key){MATCH_REG, re, fold, 0}))
            return re;
    }
}

static void add_random(struct p_set *s, enum match_method m, bool new_test)
{
    bool fold = dice(2);
    struct str text = m == MATCH_REG ? random_regex(fold) : random_value(4);
    key_add(s, m, text, fold, new_test);
}

static void check_random_values(unsigned n)
{
    check_value((struct px_str){NULL, 0});
    for (unsigned i = 0; i < n; i++) {
        struct str v = random_value(9);
        check_value((struct px_str){v.p, v.len});
    }
}

START_TEST(single_expressions)
{
    for (unsigned i = 0; i < 3000; i++) {
        struct p_set *s = set_new();
        add_random(s, MATCH_REG, true);
        searches_build(&plan, &scope);
        check_random_values(30);
    }
}
END_TEST

START_TEST(mixed_patterns)
{
    static const enum match_method methods[] = {MATCH_SUB, MATCH_DIR, MATCH_DOM, MATCH_REG,
                                                MATCH_END};
    for (unsigned i = 0; i < 100; i++) {
        struct p_set *s = set_new();
        for (unsigned n = 2 + dice(12); n; n--)
            add_random(s, methods[dice(5)], dice(2));
        searches_build(&plan, &scope);
        check_random_values(60);
    }
}
END_TEST

START_TEST(strings)
{
    static const enum match_method methods[] = {MATCH_SUB, MATCH_DIR, MATCH_DOM};
    for (unsigned m = 0; m < 3; m++)
        for (unsigned n = 2; n < 200; n = n * 2 + 1) {
            struct p_set *s = set_new();
            for (unsigned i = 0; i < n; i++)
                add_random(s, methods[m], true);
            searches_build(&plan, &scope);
            check_random_values(200);
        }
}
END_TEST

/* Of many substrings, a table of states that is not much longer than the texts. */
START_TEST(many_substrings)
{
    struct p_set *s = set_new();
    size_t bytes = 0;
    for (unsigned i = 0; i < 2000; i++) {
        struct str text = str_printf(plan.arena, "%u-word-%u", i * 7919 % 10007, i);
        bytes += text.len;
        key_add(s, MATCH_SUB, text, false, true);
    }
    searches_build(&plan, &scope);
    ck_assert_uint_eq(scope.sets.n, 1);
    ck_assert_uint_lt(s->nstates, bytes);
    for (unsigned i = 0; i < 200; i++) {
        struct str v = str_printf(plan.arena, "/x/%.*s/y", (int)s->keys.v[i * 10].text.len,
                                  s->keys.v[i * 10].text.p);
        check_value((struct px_str){v.p, v.len});
    }
}
END_TEST

/* ---- what is too large together ---- */

/* Whether the first half of each has been seen doubles the states with every expression. */
START_TEST(too_large_together)
{
    struct p_set *s = set_new();
    enum { ALL = 60 };
    for (unsigned i = 0; i < ALL; i++)
        key_add(s, MATCH_REG,
                str_printf(plan.arena, "%c%u.*%c%u", 'a' + (int)i % 26, i, 'z' - (int)i % 26, i),
                false, true);
    searches_build(&plan, &scope);
    ck_assert_uint_gt(scope.sets.n, 1);
    ck_assert_uint_lt(scope.sets.n, ALL / 4);
    unsigned tests = 0;
    for (unsigned i = 0; i < scope.sets.n; i++) {
        tests += scope.sets.v[i]->ntests;
        for (unsigned t = 0; t < scope.sets.v[i]->ntests; t++) {
            ck_assert_ptr_eq(scope.sets.v[i]->tests.v[t]->set, scope.sets.v[i]);
            ck_assert_uint_eq(scope.sets.v[i]->tests.v[t]->number, t);
        }
    }
    ck_assert_uint_eq(tests, ALL);
    for (unsigned i = 0; i < 300; i++) {
        unsigned a = dice(ALL), b = dice(ALL);
        struct str v = str_printf(plan.arena, "%c%u%c%u%c%u", 'a' + (int)a % 26, a,
                                  'a' + (int)b % 26, b, 'z' - (int)a % 26, a);
        check_value((struct px_str){v.p, v.len});
    }
}
END_TEST

/* One text is compared by itself: that is faster. */
START_TEST(one_text)
{
    struct p_set *s = set_new();
    key_add(s, MATCH_SUB, STR("abc"), false, true);
    struct p_test *t = s->tests.v[0];
    searches_build(&plan, &scope);
    ck_assert_uint_eq(scope.sets.n, 0);
    ck_assert_int_eq(t->kind, TEST_PATTERNS);
    ck_assert(t->name.len);
}
END_TEST

/* ---- what stays with PCRE2 ---- */

START_TEST(refusals)
{
    static const struct {
        const char *pattern, *why;
    } rows[] = {
        {"(a)\\1", "a reference to a group"},
        {"\\bfoo", "a word boundary"},
        {"a(?=b)", "a look-around"},
        {"a(?!b)", "a look-around"},
        {"(?<=a)b", "a look-around"},
        {"(?<!a)b", "a look-around"},
        {"(?>a*)b", "an atomic group"},
        {"a*+b", "a possessive repetition"},
        {"(?|(a)|(b))", "a special group"},
        {"(?s).", "a special group"},
        {"(?#note)a", "a special group"},
        {"(*ANYCRLF)a", "a verb"},
        {"\\Ka", "an escape that is not one byte"},
        {"\\Qa.b\\E", "an escape that is not one byte"},
        {"a{,3}", "a brace that PCRE2 has read in different ways"},
        {"a$\\nb", "something behind its end"},
        {"a$$", "something behind its end"},
        {"(^a|b$)+", "something behind its end"},
        {"(a{1,200}){1,200}", "its repetitions have too many parts"},
        {"a.{15}b.{15}c", "its automaton would be too large"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why =
            automaton_refuses(&(struct au_key){MATCH_REG, str_of(rows[i].pattern), false, 0});
        ck_assert_msg(why, "%s is not refused", rows[i].pattern);
        ck_assert_str_eq(why, rows[i].why);
    }
}
END_TEST

START_TEST(what_is_understood)
{
    static const char *const patterns[] = {
        "^/api/v[0-9]+/users17/[a-z0-9-]+$",
        "\\.(?:png|jpe?g|gif)$",
        "^(.*\\.)?example\\.com(:[0-9]+)?$",
        "(^|/)\\.git(/|$)",
        "(?i)union.*select",
        "^[^/]*$",
        "^$",
        "$",
        "^",
        "",
        "a|",
        "(?<name>a)(?P<other>b)",
        "[a-]x",
        "[^]]",
        "[\\]-a]",
        "x{2}y{1,3}z{0,}",
        "x{",
        "x{a}",
        "{1",
        "\\/\\-\\_\\\\",
        "\\x41\\x{42}\\0\\07",
        "\\d\\D\\s\\S\\w\\W",
        "[[:^digit:]][[:punct:]][[:space:]]?",
        "\\Aab\\z|b\\Z",
        "(?i)a(?-i)b",
        "(a(?i)b|c)d",
        "((((a))))*",
        "(a*)*b",
        "(|a)+b",
    };
    static const char *const values[] = {
        "",
        "a",
        "b",
        "ab",
        "AB\0\a",
        "/api/v1/users17/x-1",
        "/x.png",
        "x.jpg\n",
        "x]a",
        "[",
        "x{",
        "xx",
        "x{a}y",
        "{1",
        "cd",
        "Cd",
        "aBd",
        "abD",
        "ACd",
        "a\n",
        "\nb",
        "b\n",
        "x-y",
        "/.git/config",
        "/.gitx",
        "xxyyz",
        "Union x SELECT",
        "www.example.com:80",
        "example.com.org",
        "/-_\\",
        "1a b_!",
        "aaab",
        "-x",
        "!",
        "a-x",
    };
    for (unsigned i = 0; i < sizeof patterns / sizeof *patterns; i++)
        for (unsigned fold = 0; fold < 2; fold++) {
            struct au_key key = {MATCH_REG, str_of(patterns[i]), fold, 0};
            const char *why = automaton_refuses(&key);
            ck_assert_msg(!why, "%s: %s", patterns[i], why);
            struct p_set *s = set_new();
            key_add(s, MATCH_REG, key.text, fold, true);
            searches_build(&plan, &scope);
            for (unsigned k = 0; k < sizeof values / sizeof *values; k++)
                check_value((struct px_str){values[k], strlen(values[k])});
            check_random_values(50);
        }
}
END_TEST

UNIT_MAIN("search", start, stop, single_expressions, mixed_patterns, strings, many_substrings,
          too_large_together, one_text, refusals, what_is_understood)
