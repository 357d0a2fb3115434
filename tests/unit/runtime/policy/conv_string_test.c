/*
 * Tests of runtime/policy/conv_string.c: texts, and what an expression replaces in them.
 */
#include "conv_desk.h"
#include "regex_desk.h"
#include "runtime/policy/replace.h"
#include "runtime/policy/vars.h"

static bool regsub(struct px_txn *txn, struct px_sample *smp, const char *pattern, bool fold,
                   const char *text, struct px_str flags)
{
    return px_conv_regsub(txn, smp, compiled(pattern, fold), px_text_of(text), flags);
}

START_TEST(length_values)
{
    TEXT_TO_INT(px_conv_length(t, s), "", 0);
    TEXT_TO_INT(px_conv_length(t, s), "abc", 3);
}
END_TEST

START_TEST(lower_values)
{
    TEXT_TO_TEXT(px_conv_lower(t, s), "", "");
    TEXT_TO_TEXT(px_conv_lower(t, s), "aZ@[`{-", "az@[`{-");
    TEXT_TO_TEXT(px_conv_lower(t, s), "\300\311\377", "\300\311\377");
}
END_TEST

START_TEST(upper_values)
{
    TEXT_TO_TEXT(px_conv_upper(t, s), "", "");
    TEXT_TO_TEXT(px_conv_upper(t, s), "aZ@[`{-", "AZ@[`{-");
    TEXT_TO_TEXT(px_conv_upper(t, s), "\340\351\377", "\340\351\377");
}
END_TEST

START_TEST(ltrim_values)
{
    TEXT_TO_TEXT(px_conv_ltrim(t, s, S("/")), "", "");
    TEXT_TO_TEXT(px_conv_ltrim(t, s, S("/")), "//a//b//", "a//b//");
    TEXT_TO_TEXT(px_conv_ltrim(t, s, S("/a")), "/a/aa//a", "");
}
END_TEST

START_TEST(rtrim_values)
{
    TEXT_TO_TEXT(px_conv_rtrim(t, s, S("/")), "", "");
    TEXT_TO_TEXT(px_conv_rtrim(t, s, S("/")), "//a//b//", "//a//b");
    TEXT_TO_TEXT(px_conv_rtrim(t, s, S("/b")), "//a//b//", "//a");
}
END_TEST

START_TEST(iif_values)
{
    BOOL_TO_TEXT(px_conv_iif(t, s, S("y"), S("n")), 1, "y");
    BOOL_TO_TEXT(px_conv_iif(t, s, S("y"), S("n")), 0, "n");
    BOOL_TO_TEXT(px_conv_iif(t, s, S("y"), NONE), 0, "");
    BOOL_TO_TEXT(px_conv_iif(t, s, NONE, S("n")), 1, "");
}
END_TEST

START_TEST(regsub_values)
{
    TEXT_TO_TEXT(regsub(t, s, "a", false, "b", NONE), "banana", "bbnana");
    TEXT_TO_TEXT(regsub(t, s, "a", false, "b", S("g")), "banana", "bbnbnb");
    TEXT_TO_TEXT(regsub(t, s, "A", true, "x", S("gi")), "banana", "bxnxnx");
    TEXT_TO_TEXT(regsub(t, s, "A", true, "x", S("i")), "banana", "bxnana");
    TEXT_TO_TEXT(regsub(t, s, "A", false, "x", S("g")), "banana", "banana");
    TEXT_TO_TEXT(regsub(t, s, "x*", false, "-", S("g")), "baxac", "-b-a--a-c-");
    TEXT_TO_TEXT(regsub(t, s, "^a", false, "x", S("g")), "aaa", "xaa");
    TEXT_TO_TEXT(regsub(t, s, "a$", false, "x", S("g")), "aaa", "aax");
    TEXT_TO_TEXT(regsub(t, s, "^", false, "x", NONE), "", "x");
    TEXT_TO_TEXT(regsub(t, s, ".", false, "", S("g")), "abc", "");
    TEXT_TO_TEXT(regsub(t, s, "(a)(n)", false, "\\2\\1", S("g")), "banana", "bnanaa");
    TEXT_TO_TEXT(regsub(t, s, "(a)(n)", false, "<\\0>", S("g")), "banana", "b<an><an>a");
    TEXT_TO_TEXT(regsub(t, s, "(a)(x)?", false, "[\\2]", S("g")), "axa", "[x][]");
    TEXT_TO_TEXT(regsub(t, s, "a", false, "\\9", S("g")), "axa", "x");
    TEXT_TO_TEXT(regsub(t, s, "a", false, "", NONE), "axa", "xa");
    TEXT_TO_TEXT(regsub(t, s, "b|", false, "-", S("g")), "abba", "-a---a-");
    TEXT_TO_TEXT(regsub(t, s, "", false, "-", S("g")), "ab", "-a-b-");
    TEXT_TO_TEXT(regsub(t, s, "^b", false, "-", S("g")), "abb", "abb");
    TEXT_TO_TEXT(regsub(t, s, "a", false, "\\x41", S("g")), "banana", "bAnAnA");
    TEXT_TO_TEXT(regsub(t, s, "a", false, "\n", NONE), "banana", "b\012nana");
    TEXT_TO_TEXT(regsub(t, s, "é", false, "e", S("g")), "\303\251\303\251", "ee");
}
END_TEST

static void keep(unsigned var, const char *text)
{
    struct px_sample v;
    px_set_text(&v, px_text_of(text));
    ck_assert(px_var_set(&desk, var, &v));
}

START_TEST(concat_takes_what_there_is)
{
    desk_target("/");
    TEXT_TO_TEXT(px_conv_concat(t, s, S("<"), DESK_TXN, S(">")), "a", "a<>");
    keep(DESK_TXN, "v");
    TEXT_TO_TEXT(px_conv_concat(t, s, S("<"), DESK_TXN, S(">")), "a", "a<v>");
    TEXT_TO_TEXT(px_conv_concat(t, s, NONE, DESK_TXN, NONE), "", "v");
    TEXT_TO_TEXT(px_conv_concat(t, s, NONE, -1, NONE), "a", "a");
    TEXT_TO_TEXT(px_conv_concat(t, s, S("x"), -1, S("y")), "a", "axy");
    struct px_sample number;
    px_set_int(&number, -5);
    ck_assert(px_var_set(&desk, DESK_TXN, &number));
    TEXT_TO_TEXT(px_conv_concat(t, s, NONE, DESK_TXN, NONE), "a", "a-5");
}
END_TEST

START_TEST(strcmp_orders_bytes)
{
    desk_target("/");
    TEXT_TO_NONE(px_conv_strcmp(t, s, DESK_TXN), "abc");
    keep(DESK_TXN, "abc");
    TEXT_TO_INT(px_conv_strcmp(t, s, DESK_TXN), "abc", 0);
    ck_assert(px_conv_strcmp(t, (conv_text_in("abcd", 4), s), DESK_TXN) && s->u.i > 0);
    ck_assert(px_conv_strcmp(t, (conv_text_in("ab", 2), s), DESK_TXN) && s->u.i < 0);
    ck_assert(px_conv_strcmp(t, (conv_text_in("", 0), s), DESK_TXN) && s->u.i < 0);
    ck_assert(px_conv_strcmp(t, (conv_text_in("\377", 1), s), DESK_TXN) && s->u.i > 0);
}
END_TEST

/* Converters that write work on a copy: a sample may be a part of the message. */
START_TEST(reverse_values)
{
    TEXT_TO_TEXT(px_conv_reverse(t, s), "", "");
    TEXT_TO_TEXT(px_conv_reverse(t, s), "abc", "cba");
    TEXT_TO_TEXT(px_conv_reverse_dom(t, s), "", "");
    TEXT_TO_TEXT(px_conv_reverse_dom(t, s), "www.example.org", "org.example.www");
    TEXT_TO_TEXT(px_conv_reverse_dom(t, s), ".a..b.", ".b..a.");
}
END_TEST

START_TEST(samples_are_not_written_to)
{
    char text[] = "aBc";
    conv_text_in(text, 3);
    ck_assert(px_conv_upper(t, s) && px_conv_lower(t, s));
    ck_assert(regsub(t, s, "b", false, "x", S("g")));
    conv_text_out(true, "regsub", text, "axc", 3);
    ck_assert_str_eq(text, "aBc");
}
END_TEST

/* A text that does not fit into a buffer any more is no result, not a shorter one. */
START_TEST(what_grows_too_long_is_none)
{
    static char text[16384];
    memset(text, 'a', sizeof text);
    conv_text_in(text, sizeof text);
    ck_assert(regsub(t, s, "a", false, "b", S("g")));
    ck_assert_uint_eq(s->u.s.len, sizeof text);
    conv_text_in(text, sizeof text);
    ck_assert(!regsub(t, s, "a", false, "bb", S("g")));
    conv_text_in(text, sizeof text);
    ck_assert(!regsub(t, s, "^", false, "b", NONE));
}
END_TEST

UNIT_MAIN("conv_string", NULL, NULL, reverse_values, length_values, lower_values, upper_values,
          ltrim_values, rtrim_values, iif_values, regsub_values, concat_takes_what_there_is,
          strcmp_orders_bytes, samples_are_not_written_to, what_grows_too_long_is_none)
