/*
 * Tests of compiler/base/excerpt.c: what is shown of a line, and that marks stand under it.
 */
#include "compiler/base/excerpt.h"
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

static const char *shown(const struct excerpt *e)
{
    struct text out = {.arena = arena};
    excerpt_text(e, &out);
    text_put(&out, "", 1);
    return out.p;
}

/* The excerpt for the bytes of `line` that `part` stands at, its text and its marks. */
static void expect(const char *line, const char *part, const char *text, unsigned blanks,
                   unsigned width)
{
    struct source *s = source_from(arena, "a.cfg", str_of(line));
    const char *at = strstr(line, part);
    ck_assert_ptr_nonnull(at);
    struct span span = {s, (uint32_t)(at - line), (uint32_t)(at - line + (long)strlen(part))};
    struct excerpt e = excerpt_of(span);
    struct marks m = excerpt_marks(&e, span);
    ck_assert_str_eq(shown(&e), text);
    ck_assert_msg(m.blanks == blanks && m.width == width, "'%s' in '%s': %u blanks, %u wide", part,
                  text, m.blanks, m.width);
    ck_assert(excerpt_shows(&e, span));
}

START_TEST(marks_stand_under_words)
{
    expect("bind :80", ":80", "bind :80", 5, 3);
    expect("bind :80\r\n", "bind", "bind :80", 0, 4);
    expect("a\nbind :80\nb", ":80", "bind :80", 5, 3);
}
END_TEST

START_TEST(tabs_are_four_spaces)
{
    expect("\tbind\t:80", "bind", "    bind    :80", 4, 4);
    expect("\tbind\t:80", ":80", "    bind    :80", 12, 3);
    expect("a\tb", "\t", "a    b", 1, 4);
}
END_TEST

START_TEST(characters_of_several_bytes_take_their_columns)
{
    expect("\xc3\xa4\xc3\xb6 x", "x", "\xc3\xa4\xc3\xb6 x", 3, 1);
    expect("\xc3\xa4\xc3\xb6 x", "\xc3\xb6", "\xc3\xa4\xc3\xb6 x", 1, 1);
    expect("\xe4\xb8\xad x", "x", "\xe4\xb8\xad x", 3, 1);
    expect("\xe4\xb8\xad x", "\xe4\xb8\xad", "\xe4\xb8\xad x", 0, 2);
    expect("\xf0\x9f\x98\x80 x", "x", "\xf0\x9f\x98\x80 x", 3, 1);
    expect("e\xcc\x81 x", "x", "e\xcc\x81 x", 2, 1);
}
END_TEST

START_TEST(what_cannot_be_seen_is_named)
{
    expect("a\033[1m b", "b", "a<1B>[1m b", 9, 1);
    expect("a\x7f b", "b", "a<7F> b", 6, 1);
    expect("a\xe2\x80\xae b", "b", "a<U+202E> b", 10, 1);
    expect("a\xe2\x80\x8b b", "\xe2\x80\x8b", "a<U+200B> b", 1, 8);
    expect("a\rb", "b", "a<0D>b", 5, 1);
}
END_TEST

START_TEST(malformed_utf8_is_shown_byte_by_byte)
{
    expect("a\xff b", "b", "a<FF> b", 6, 1);
    expect("a\xc3", "a", "a<C3>", 0, 1);
    expect("\xc0\xaf x", "x", "<C0><AF> x", 9, 1);
    expect("\xed\xa0\x80 x", "x", "<ED><A0><80> x", 13, 1);
    expect("\xf5\x80\x80\x80 x", "x", "<F5><80><80><80> x", 17, 1);
}
END_TEST

START_TEST(an_empty_span_gets_one_mark)
{
    struct source *s = source_from(arena, "a.cfg", STR("bind\n"));
    struct span end = {s, 4, 4};
    struct excerpt e = excerpt_of(end);
    struct marks m = excerpt_marks(&e, end);
    ck_assert_uint_eq(m.blanks, 4);
    ck_assert_uint_eq(m.width, 1);
}
END_TEST

START_TEST(long_lines_are_cut_around_the_mark)
{
    char line[5001];
    memset(line, 'x', 5000);
    line[5000] = '\0';
    memcpy(line + 3000, "HERE", 4);
    struct source *s = source_from(arena, "a.cfg", str_of(line));
    struct span span = {s, 3000, 3004};
    struct excerpt e = excerpt_of(span);
    struct marks m = excerpt_marks(&e, span);
    const char *text = shown(&e);
    ck_assert(e.cut_left && e.cut_right);
    ck_assert_uint_le(strlen(text), 120);
    ck_assert_uint_eq(m.width, 4);
    ck_assert_mem_eq(text + m.blanks, "HERE", 4);
    ck_assert_mem_eq(text, "...", 3);
    ck_assert_str_eq(text + strlen(text) - 3, "...");
}
END_TEST

START_TEST(a_cut_does_not_split_characters)
{
    struct text line = {.arena = arena};
    for (unsigned i = 0; i < 400; i++)
        text_put(&line, "\xe4\xb8\xad", 3);
    for (uint32_t at = 300; at < 310; at++) {
        struct source *s = source_from(arena, "a.cfg", (struct str){line.p, line.len});
        struct excerpt e = excerpt_of((struct span){s, at, at + 1});
        ck_assert_ptr_null(strchr(shown(&e), '<'));
    }
}
END_TEST

START_TEST(a_second_place_must_be_on_the_line)
{
    struct source *s = source_from(arena, "a.cfg", STR("one two\nthree\n"));
    struct excerpt e = excerpt_of((struct span){s, 0, 3});
    ck_assert(excerpt_shows(&e, (struct span){s, 4, 7}));
    ck_assert(!excerpt_shows(&e, (struct span){s, 8, 13}));
    ck_assert(!excerpt_shows(&e, (struct span){source_from(arena, "b", STR("one two")), 4, 7}));
}
END_TEST

START_TEST(printable_is_bounded)
{
    struct text out = {.arena = arena};
    printable(STR("a\nb\tc"), 100, &out);
    ck_assert(str_is((struct str){out.p, out.len}, "a<0A>b    c"));
    out.len = 0;
    printable(STR("abcdef"), 3, &out);
    ck_assert(str_is((struct str){out.p, out.len}, "abc..."));
    out.len = 0;
    printable(STR("ab\xc3\xa4"), 3, &out);
    ck_assert(str_is((struct str){out.p, out.len}, "ab..."));
    out.len = 0;
    printable((struct str){NULL, 0}, 3, &out);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

UNIT_MAIN("excerpt", setup, teardown, marks_stand_under_words, tabs_are_four_spaces,
          characters_of_several_bytes_take_their_columns, what_cannot_be_seen_is_named,
          malformed_utf8_is_shown_byte_by_byte, an_empty_span_gets_one_mark,
          long_lines_are_cut_around_the_mark, a_cut_does_not_split_characters,
          a_second_place_must_be_on_the_line, printable_is_bounded)
