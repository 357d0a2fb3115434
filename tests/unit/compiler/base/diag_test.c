/*
 * Tests of compiler/base/diag.c and diag_print.c: collecting, suggesting, and the three formats.
 */
#include "compiler/base/diag.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct arena *arena;
static struct diags diags;

static void setup(void)
{
    arena = arena_new();
    diags = (struct diags){.arena = arena};
}

static void teardown(void)
{
    arena_free(arena);
}

static const char *printed(enum diag_format format, bool colour)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    diag_print_all(&diags, out, format, colour);
    fclose(out);
    const char *copy = str_cstr(arena, (struct str){text, len});
    free(text);
    return copy;
}

static struct span span_at(const struct source *s, const char *part)
{
    const char *at = strstr(s->text.p, part);
    ck_assert_ptr_nonnull(at);
    uint32_t start = (uint32_t)(at - s->text.p);
    return (struct span){s, start, start + (uint32_t)strlen(part)};
}

START_TEST(the_place_is_underlined)
{
    struct source *s = source_from(arena, "a.cfg", STR("global\n\tmaxcon 5\n"));
    struct diag *d = diag_add(&diags, E0300, span_at(s, "maxcon"), "unknown keyword '%s'", "x");
    diag_label(&diags, d, "not known");
    diag_help(&diags, d, "did you mean '%s'?", "maxconn");
    diag_note(&diags, d, "a note");
    ck_assert_str_eq(printed(DIAG_PRETTY, false), "error[E0300]: unknown keyword 'x'\n"
                                                  " --> a.cfg:2:2\n"
                                                  "  |\n"
                                                  "2 |     maxcon 5\n"
                                                  "  |     ^^^^^^ not known\n"
                                                  "  |\n"
                                                  "  = help: did you mean 'maxconn'?\n"
                                                  "  = note: a note\n"
                                                  "\n");
}
END_TEST

START_TEST(marks_stand_under_wide_characters)
{
    struct source *s = source_from(arena, "a.cfg", STR("\xe4\xb8\xad \xc3\xa4 x\n"));
    diag_add(&diags, W0101, span_at(s, "\xc3\xa4"), "look");
    ck_assert_str_eq(printed(DIAG_PRETTY, false), "warning[W0101]: look\n"
                                                  " --> a.cfg:1:5\n"
                                                  "  |\n"
                                                  "1 | \xe4\xb8\xad \xc3\xa4 x\n"
                                                  "  |    ^\n"
                                                  "\n");
}
END_TEST

START_TEST(a_second_place_on_the_same_line)
{
    struct source *s = source_from(arena, "a.cfg", STR("one two\n"));
    struct diag *d = diag_add(&diags, E0300, span_at(s, "two"), "again");
    diag_other(&diags, d, span_at(s, "one"), "first");
    ck_assert_str_eq(printed(DIAG_PRETTY, false), "error[E0300]: again\n"
                                                  " --> a.cfg:1:5\n"
                                                  "  |\n"
                                                  "1 | one two\n"
                                                  "  |     ^^^\n"
                                                  "  | --- first\n"
                                                  "\n");
}
END_TEST

START_TEST(a_second_place_elsewhere)
{
    struct text t = {.arena = arena};
    text_str(&t, STR("one\n"));
    for (unsigned i = 0; i < 10; i++)
        text_str(&t, STR("\n"));
    text_str(&t, STR("two\n"));
    struct source *s = source_from(arena, "a.cfg", (struct str){t.p, t.len});
    struct diag *d = diag_add(&diags, E0300, span_at(s, "two"), "again");
    diag_other(&diags, d, span_at(s, "one"), "first");
    ck_assert_str_eq(printed(DIAG_PRETTY, false), "error[E0300]: again\n"
                                                  "  --> a.cfg:12:1\n"
                                                  "   |\n"
                                                  "12 | two\n"
                                                  "   | ^^^\n"
                                                  "  ::: a.cfg:1:1\n"
                                                  "   |\n"
                                                  " 1 | one\n"
                                                  "   | --- first\n"
                                                  "\n");
}
END_TEST

START_TEST(editors_get_one_line_for_each)
{
    struct source *s = source_from(arena, "a.cfg", STR("global\n\tmaxcon 5\n"));
    struct diag *d = diag_add(&diags, E0300, span_at(s, "maxcon"), "unknown keyword");
    diag_help(&diags, d, "did you mean 'maxconn'?");
    diag_other(&diags, d, span_at(s, "global"), "in this section");
    diag_add(&diags, E0112, (struct span){0}, "cannot read");
    ck_assert_str_eq(printed(DIAG_GNU, false), "proxyc: error: cannot read [E0112]\n"
                                               "a.cfg:2:2: error: unknown keyword [E0300]\n"
                                               "a.cfg:1:1: note: in this section\n"
                                               "a.cfg:2:2: note: did you mean 'maxconn'?\n");
}
END_TEST

START_TEST(the_way_of_haproxy)
{
    struct source *s = source_from(arena, "a.cfg", STR("global\n\tmaxcon 5\n"));
    struct diag *d = diag_add(&diags, E0300, span_at(s, "maxcon"), "unknown keyword");
    diag_help(&diags, d, "did you mean 'maxconn'?");
    struct str want = str_printf(
        arena,
        "[ALERT]    (%d) : config : parsing [a.cfg:2] : unknown keyword; did you mean 'maxconn'?\n",
        (int)getpid());
    ck_assert_str_eq(printed(DIAG_HAPROXY, false), want.p);
}
END_TEST

START_TEST(colours_only_when_asked_for)
{
    struct source *s = source_from(arena, "a.cfg", STR("a\033[31m b\n"));
    diag_add(&diags, E0300, span_at(s, "b"), "bad \033[31m");
    ck_assert_ptr_null(strchr(printed(DIAG_PRETTY, false), '\033'));
    ck_assert_ptr_null(strchr(printed(DIAG_GNU, true), '\033'));
    const char *text = printed(DIAG_PRETTY, true);
    ck_assert_ptr_nonnull(strstr(text, "\033[1;31merror[E0300]\033[0m"));
    ck_assert_ptr_nonnull(strstr(text, "bad <1B>[31m"));
}
END_TEST

START_TEST(order_is_that_of_places)
{
    struct source *s = source_from(arena, "a.cfg", STR("one two three\n"));
    struct source *later = source_from(arena, "b.cfg", STR("x\n"));
    later->order = 1;
    diag_add(&diags, E0300, span_at(later, "x"), "5");
    diag_add(&diags, E0300, span_at(s, "three"), "4");
    diag_add(&diags, E0300, span_at(s, "one"), "2");
    diag_add(&diags, W0101, span_at(s, "one"), "3");
    diag_add(&diags, E0300, (struct span){0}, "1");
    const char *text = printed(DIAG_GNU, false);
    const char *at = text;
    for (char digit = '1'; digit <= '5'; digit++) {
        char want[] = {':', ' ', digit, ' ', '[', '\0'};
        at = strstr(at, want);
        ck_assert_msg(at, "%c is not in its place in\n%s", digit, text);
    }
    ck_assert_uint_eq(diags.errors, 4);
    ck_assert_uint_eq(diags.warnings, 1);
}
END_TEST

START_TEST(the_same_is_said_once)
{
    struct source *s = source_from(arena, "a.cfg", STR("one two\n"));
    diag_add(&diags, E0300, span_at(s, "one"), "same");
    struct diag *again = diag_add(&diags, E0300, span_at(s, "one"), "same");
    ck_assert_ptr_nonnull(again);
    diag_help(&diags, again, "shown nowhere");
    diag_add(&diags, E0300, span_at(s, "one"), "other");
    diag_add(&diags, E0300, span_at(s, "two"), "same");
    ck_assert_uint_eq(diags.all.n, 3);
    ck_assert_uint_eq(diags.errors, 3);
    ck_assert_ptr_null(strstr(printed(DIAG_GNU, false), "nowhere"));
}
END_TEST

START_TEST(near_spellings_are_found)
{
    static const struct str words[] = {{"backend", 7},  {"frontend", 8}, {"global", 6},
                                       {"defaults", 8}, {"bind", 4},     {"log", 3}};
    static const struct {
        const char *word, *near;
    } rows[] = {
        {"bakcend", "backend"},
        {"fronted", "frontend"},
        {"GLOBAL", "global"},
        {"dfaults", "defaults"},
        {"bnid", "bind"},
        {"bound", ""},
        {"lg", "log"},
        {"x", ""},
        {"", ""},
        {"LOG", "log"},
        {"xyz", ""},
        {"hinterland", ""},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct str near = diag_nearest(str_of(rows[i].word), words, COUNT(words));
        ck_assert_msg(str_is(near, rows[i].near), "'%s': '" STR_FMT "'", rows[i].word,
                      STR_ARG(near));
    }
    ck_assert_uint_eq(diag_nearest(STR("log"), words, 0).len, 0);
}
END_TEST

START_TEST(suggestions_are_help)
{
    static const struct str words[] = {{"bind", 4}};
    struct diag *d = diag_add(&diags, E0300, (struct span){0}, "unknown");
    diag_suggest(&diags, d, STR("timeout"), words, 1);
    ck_assert_uint_eq(d->notes.n, 0);
    diag_suggest(&diags, d, STR("bin"), words, 1);
    ck_assert_uint_eq(d->notes.n, 1);
    ck_assert(d->notes.v[0].help);
    ck_assert(str_is(d->notes.v[0].text, "did you mean 'bind'?"));
}
END_TEST

START_TEST(ids_have_names_and_explanations)
{
    ck_assert_str_eq(diag_name(E0103), "E0103");
    ck_assert_int_eq(diag_by_name("E0103"), E0103);
    ck_assert_int_eq(diag_by_name("e0103"), E0103);
    ck_assert_int_eq(diag_by_name("E9999"), DIAG_COUNT);
    ck_assert_int_eq(diag_by_name(""), DIAG_COUNT);
    for (unsigned id = 0; id < DIAG_COUNT; id++) {
        const char *name = diag_name((enum diag_id)id);
        ck_assert_int_eq(diag_by_name(name), id);
        ck_assert_msg(diag_title((enum diag_id)id)[0], "%s has no title", name);
        ck_assert_msg(strlen(diag_explanation((enum diag_id)id)) > 30, "%s is not explained", name);
    }
}
END_TEST

UNIT_MAIN("diag", setup, teardown, the_place_is_underlined, marks_stand_under_wide_characters,
          a_second_place_on_the_same_line, a_second_place_elsewhere, editors_get_one_line_for_each,
          the_way_of_haproxy, colours_only_when_asked_for, order_is_that_of_places,
          the_same_is_said_once, near_spellings_are_found, suggestions_are_help,
          ids_have_names_and_explanations)
