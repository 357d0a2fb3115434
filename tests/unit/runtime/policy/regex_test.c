/*
 * Tests of runtime/policy/regex.c: matches, groups, and what is put in their place.
 */
#include "regex_desk.h"
#include "runtime/abi/match.h"
#include "runtime/policy/replace.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct px_str text(const char *s)
{
    return (struct px_str){s, s ? strlen(s) : 0};
}

START_TEST(matches)
{
    ck_assert(px_regex_match(compiled("b+", false), text("abbc")));
    ck_assert(!px_regex_match(compiled("^b", false), text("abbc")));
    ck_assert(!px_regex_match(compiled("B", false), text("abbc")));
    ck_assert(px_regex_match(compiled("B", true), text("abbc")));
    ck_assert(px_regex_match(compiled("^$", false), text("")));
    ck_assert(px_regex_match(compiled("^$", false), text(NULL)));
    ck_assert(px_regex_match(compiled("a.b", false), (struct px_str){"a\0b", 3}));
    ck_assert(!px_regex_match(compiled("c$", false), (struct px_str){"abc", 2}));
    ck_assert(px_regex_match(compiled("\xc3\xa9", false), text("caf\xc3\xa9")));
}
END_TEST

/* An expression that would go on for ever is stopped, and does not match. */
START_TEST(hopeless_expressions_end)
{
    static char as[40];
    memset(as, 'a', sizeof as);
    ck_assert(!px_regex_match(compiled("^(a+)+$b", false), (struct px_str){as, sizeof as}));
    ck_assert(!px_regex_match(compiled("(a|aa)+$", false), (struct px_str){"aaaaaaaaaaaab", 13}));
}
END_TEST

/* So a client cannot hold the proxy with the longest path there is: a second is a hundred times
 * what it takes, even if the expression is not made machine code. */
START_TEST(hostile_paths_take_bounded_time)
{
    static const char *const patterns[] = {
        "^/(a+)+$", "^/(a|a)*$",         "^/(a|aa)+$",          "^/(?:a?a?)*$",
        "(a*)*b",   "(*NO_JIT)^/(a+)+$", "(*NO_JIT)^/(a|aa)+$",
    };
    static char path[16000] = "/";
    memset(path + 1, 'a', sizeof path - 1);
    path[sizeof path - 1] = '!';
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const struct px_regex *re = compiled(patterns[i], false);
        clock_t began = clock();
        ck_assert_msg(!px_regex_match(re, (struct px_str){path, sizeof path}), "%s", patterns[i]);
        ck_assert_msg(clock() - began < CLOCKS_PER_SEC, "%s takes too long", patterns[i]);
    }
}
END_TEST

/* The interpreter keeps every step that it could go back to. */
START_TEST(memory_is_bounded)
{
    static char as[200000];
    memset(as, 'a', sizeof as);
    const struct px_regex *re = compiled("(*NO_JIT)^(?:a|b)*$", false);
    ck_assert(px_regex_match(re, (struct px_str){as, 1000}));
    ck_assert(!px_regex_match(re, (struct px_str){as, sizeof as}));
    ck_assert(px_regex_match(re, (struct px_str){as, 1000}));
}
END_TEST

/* Nor does a deep one overflow the stack. */
START_TEST(long_subjects)
{
    static char as[200000];
    memset(as, 'a', sizeof as);
    px_regex_match(compiled("^(?:a|b)*$", false), (struct px_str){as, sizeof as});
    ck_assert(px_regex_match(compiled("a$", false), (struct px_str){as, sizeof as}));
    ck_assert(px_regex_match(compiled("^a*$", false), (struct px_str){as, sizeof as}));
}
END_TEST

static const char *replaced(const char *pattern, const char *subject, const char *with)
{
    static char room[64];
    struct px_match m;
    struct px_out out = {.p = room, .cap = sizeof room - 1};
    if (!px_regex_find(compiled(pattern, false), text(subject), false, &m))
        return "(no match)";
    if (!px_replace(&out, text(with), &m))
        return "(malformed)";
    room[out.len] = 0;
    return room;
}

START_TEST(groups)
{
    ck_assert_str_eq(replaced("(b)(c)", "abcd", "\\2\\1"), "cb");
    ck_assert_str_eq(replaced("b(c)", "abcd", "<\\0>"), "<bc>");
    ck_assert_str_eq(replaced("(x)?b(c)?", "abcd", "[\\1|\\2]"), "[|c]");
    ck_assert_str_eq(replaced("b", "abc", "\\1\\9"), "");
    ck_assert_str_eq(replaced("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)", "abcdefghij", "\\9\\1"), "ia");
    ck_assert_str_eq(replaced("(a)", "a", "\\10"), "a0");
    ck_assert_str_eq(replaced("x", "abc", ""), "(no match)");
    ck_assert_str_eq(replaced("(b*)", "a", "<\\1>"), "<>");
    ck_assert_str_eq(replaced("a\\Kb", "ab", "<\\0>"), "<b>");
}
END_TEST

START_TEST(escapes)
{
    ck_assert_str_eq(replaced("b", "abc", "\\\\"), "\\");
    ck_assert_str_eq(replaced("b", "abc", "\\n\\a"), "na");
    ck_assert_str_eq(replaced("b", "abc", "\\x41\\x4a\\x4A"), "AJJ");
    ck_assert_str_eq(replaced("b", "abc", "\\x4"), "(malformed)");
    ck_assert_str_eq(replaced("b", "abc", "\\xzz"), "(malformed)");
    ck_assert_str_eq(replaced("b", "abc", "a\\"), "(malformed)");
    ck_assert_str_eq(replaced("b", "abc", ""), "");
}
END_TEST

START_TEST(what_does_not_fit)
{
    char room[4];
    struct px_match m;
    struct px_out out = {.p = room, .cap = sizeof room};
    ck_assert(px_regex_find(compiled("b+", false), text("abbbbbc"), false, &m));
    ck_assert(!px_replace(&out, text("\\0"), &m));
    ck_assert_uint_eq(out.len, 4);
    out = (struct px_out){.p = room, .cap = sizeof room};
    ck_assert(px_replace(&out, text("1234"), &m));
}
END_TEST

START_TEST(the_rest_of_a_text)
{
    struct px_match m;
    ck_assert(px_regex_find(compiled("^a", false), text("aa"), false, &m));
    ck_assert(!px_regex_find(compiled("^a", false), text("aa"), true, &m));
    ck_assert(px_regex_find(compiled("a", false), text("ba"), true, &m));
    ck_assert_uint_eq(m.group[0].from, 1);
    ck_assert_uint_eq(m.group[0].to, 2);
    ck_assert(!m.group[1].set);
}
END_TEST

START_TEST(several_expressions)
{
    static struct px_regex one = {.pattern = PX_STR("^a")}, two = {.pattern = PX_STR("z$")};
    static const struct px_regex *const both[] = {&one, &two};
    px_regex_prepare(&one);
    px_regex_prepare(&two);
    ck_assert(px_any_regex(both, 2, text("ab")) && px_any_regex(both, 2, text("bz")));
    ck_assert(!px_any_regex(both, 2, text("b")) && !px_any_regex(both, 1, text("bz")));
    ck_assert(!px_any_regex(both, 0, text("ab")));
}
END_TEST

UNIT_MAIN("regex", NULL, NULL, matches, hopeless_expressions_end, hostile_paths_take_bounded_time,
          memory_is_bounded, long_subjects, groups, escapes, what_does_not_fit, the_rest_of_a_text,
          several_expressions)
