/*
 * Tests of compiler/base/str.c: strings with a length, distances between words, maps, texts.
 */
#include "compiler/base/str.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

static const struct str none = {NULL, 0};

START_TEST(comparing)
{
    ck_assert(str_eq(STR("abc"), STR("abc")));
    ck_assert(!str_eq(STR("abc"), STR("ab")));
    ck_assert(!str_eq(STR("abc"), STR("abd")));
    ck_assert(str_eq(STR("a\0b"), STR("a\0b")));
    ck_assert(!str_eq(STR("a\0b"), STR("a\0c")));
    ck_assert(str_eq(none, STR("")));
    ck_assert(str_is(none, ""));
    ck_assert(!str_is(STR("a\0"), "a"));
    ck_assert(str_is_nocase(STR("HoSt"), "host"));
    ck_assert(!str_is_nocase(STR("HoSts"), "host"));
    ck_assert(str_begins(STR("frontend"), "front"));
    ck_assert(str_begins(none, ""));
    ck_assert(!str_begins(STR("fro"), "front"));
}
END_TEST

START_TEST(order_is_that_of_bytes)
{
    ck_assert_int_eq(str_cmp(STR("a"), STR("a")), 0);
    ck_assert_int_lt(str_cmp(STR("a"), STR("b")), 0);
    ck_assert_int_lt(str_cmp(STR("a"), STR("ab")), 0);
    ck_assert_int_gt(str_cmp(STR("b"), STR("ab")), 0);
    ck_assert_int_lt(str_cmp(STR("z"), STR("\xff")), 0);
    ck_assert_int_lt(str_cmp(none, STR("a")), 0);
    ck_assert_int_eq(str_cmp(none, none), 0);
}
END_TEST

START_TEST(copies_end_with_a_nul)
{
    struct str cut = str_cut(STR("abcdef"), 2, 4);
    ck_assert(str_is(cut, "cd"));
    struct str copy = str_copy(arena, cut);
    ck_assert_ptr_ne(copy.p, cut.p);
    ck_assert_str_eq(copy.p, "cd");
    ck_assert_uint_eq(copy.len, 2);
    ck_assert_str_eq(str_cstr(arena, none), "");
    ck_assert_uint_eq(str_cut(none, 0, 0).len, 0);
    ck_assert(str_is(str_printf(arena, "%d-" STR_FMT, 42, STR_ARG(cut)), "42-cd"));
}
END_TEST

START_TEST(distance_counts_edits)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } rows[] = {
        {"", "", 0},
        {"a", "", 1},
        {"", "abc", 3},
        {"abc", "abc", 0},
        {"abc", "abd", 1},
        {"abc", "abcd", 1},
        {"abc", "bc", 1},
        {"abc", "acb", 1},
        {"bakend", "backend", 1},
        {"fornted", "frontend", 2},
        {"kitten", "sitting", 3},
        {"ab", "ba", 1},
        {"abcd", "badc", 2},
        {"timeout", "maxconn", 6},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct str a = str_of(rows[i].a), b = str_of(rows[i].b);
        ck_assert_msg(str_distance(a, b, 10) == rows[i].distance, "%s - %s: %u", rows[i].a,
                      rows[i].b, str_distance(a, b, 10));
        ck_assert_uint_eq(str_distance(b, a, 10), rows[i].distance);
    }
}
END_TEST

START_TEST(distance_stops_above_most)
{
    ck_assert_uint_eq(str_distance(STR("kitten"), STR("sitting"), 3), 3);
    ck_assert_uint_eq(str_distance(STR("kitten"), STR("sitting"), 2), 3);
    ck_assert_uint_eq(str_distance(STR("kitten"), STR("sitting"), 0), 1);
    char word[65];
    memset(word, 'a', sizeof word);
    struct str longest = {word, 64}, longer = {word, 65};
    ck_assert_uint_eq(str_distance(longest, longest, 1), 0);
    ck_assert_uint_eq(str_distance(longer, longer, 1), 2);
}
END_TEST

START_TEST(maps_find_what_was_put_in)
{
    struct map m = {0};
    static int values[2000];
    ck_assert_ptr_null(map_get(&m, STR("k0")));
    for (unsigned i = 0; i < COUNT(values); i++) {
        void **place = map_at(arena, &m, str_printf(arena, "k%u", i));
        ck_assert_ptr_null(*place);
        *place = &values[i];
    }
    ck_assert_uint_eq(m.entries.n, COUNT(values));
    for (unsigned i = 0; i < COUNT(values); i++) {
        struct str key = str_printf(arena, "k%u", i);
        ck_assert_ptr_eq(map_get(&m, key), &values[i]);
        ck_assert_ptr_eq(*map_at(arena, &m, key), &values[i]);
        ck_assert_msg(str_eq(m.entries.v[i].key, key), "the order of insertion is lost");
    }
    ck_assert_uint_eq(m.entries.n, COUNT(values));
    ck_assert_ptr_null(map_get(&m, STR("k")));
    ck_assert_ptr_null(map_get(&m, none));
}
END_TEST

START_TEST(texts_grow)
{
    char room[4];
    struct text t = {.arena = arena, .p = room, .cap = sizeof room};
    text_str(&t, STR("ab"));
    ck_assert_ptr_eq(t.p, room);
    text_printf(&t, "%d", 1234567);
    text_put(&t, "\0c", 2);
    text_str(&t, none);
    ck_assert_uint_eq(t.len, 11);
    ck_assert_mem_eq(t.p, "ab1234567\0c", 11);
    for (unsigned i = 0; i < 10000; i++)
        text_put(&t, "0123456789", 10);
    ck_assert_uint_eq(t.len, 100011);
    ck_assert_mem_eq(t.p + 100001, "0123456789", 10);
    ck_assert_mem_eq(t.p, "ab1234567\0c", 11);
}
END_TEST

UNIT_MAIN("str", setup, teardown, comparing, order_is_that_of_bytes, copies_end_with_a_nul,
          distance_counts_edits, distance_stops_above_most, maps_find_what_was_put_in, texts_grow)
