/*
 * Tests of compiler/plan/backtrack.c and positions.c: which expressions are called traps.
 */
#include "compiler/plan/backtrack.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct arena *arena;

static void open_arena(void)
{
    arena = arena_new();
}

static void close_arena(void)
{
    arena_free(arena);
}

/* The repetition that makes it a trap; "": it is none. */
static const char *loop(const char *pattern, bool fold)
{
    struct trap trap;
    if (!regex_has_trap(arena, str_of(pattern), fold, &trap))
        return "";
    ck_assert_uint_gt(trap.pump.len, 0);
    return str_cstr(arena, trap.loop);
}

START_TEST(traps)
{
    static const char *const all[][2] = {
        {"(a+)+b", "(a+)+"},
        {"^(a+)+$", "(a+)+"},
        {"(a*)*b", "(a*)*"},
        {"(a+){2,}b", "(a+){2,}"},
        {"((a+)+)?b", "(a+)+"},
        {"(a|a)*b", "(a|a)*"},
        {"(a|aa)+$", "(a|aa)+"},
        {"(ab|a|b)*c", "(ab|a|b)*"},
        {"(a?b?)*c", "(a?b?)*"},
        {"(x+x+)+y", "(x+x+)+"},
        {"(\\w{1,3}\\.?)+!", "(\\w{1,3}\\.?)+"},
        {"^/(\\w+/?)+$", "(\\w+/?)+"},
        {"^(.*/)*[^/]+\\.php$", "(.*/)*"},
        {"^(\\s*\\w+\\s*)*$", "(\\s*\\w+\\s*)*"},
        {"[[:alpha:]]+([[:alnum:]]+)*=", "([[:alnum:]]+)*"},
        {"\\b(\\w+\\s?)+$", "(\\w+\\s?)+"},
        {"^(?!foo)(.*)+x$", "(.*)+"},
        {"(?i)(a|A)*x", "(a|A)*"},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        ck_assert_str_eq(loop(all[i][0], false), all[i][1]);
    ck_assert_str_eq(loop("(a|A)*x", true), "(a|A)*");
}
END_TEST

START_TEST(no_traps)
{
    static const char *const all[] = {
        /* one way to read any text */
        "^/api/v[0-9]+/users17/[a-z0-9-]+$",
        "^(([0-9]{1,3}\\.){3}[0-9]{1,3})$",
        "([a-z]+\\.)+example\\.com$",
        "^(/[^/]+)+/?$",
        "(/[^/]*)*\\.png$",
        "(?:[a-z]+-)*[a-z]+$",
        "(a|b)*c",
        "((a|b)?)*c",
        "(()a)*b",
        "(\\([^)]*\\)|[^()])*x",
        "(a|A)*x",
        "(\\d+,)*\\d+$",
        /* bounded */
        "(a+){3}b",
        "^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.|$)){4}",
        /* nothing behind it can fail */
        "(a+)+",
        "^(a+)+.",
        "^(a+)+.*$",
        "^(.*)*$",
        "((a+)+)?.*$",
        /* never gives back */
        "(?>a+)+b",
        "(a++)+b",
        "(a+)++b",
        /* too large, or not understood */
        "(?:[a-z]{1,63}[0-9]{1,400}\\.?)+x{500}$",
        "(a+)+\\1b",
        "((){1000}){1000}",
        "",
    };
    for (size_t i = 0; i < COUNT(all); i++)
        ck_assert_str_eq(loop(all[i], false), "");
    ck_assert_str_eq(loop("(a|A)*x", false), "");
}
END_TEST

/* What is said to be read in two ways is what the subject is made of. */
START_TEST(subjects)
{
    struct trap trap;
    ck_assert(regex_has_trap(arena, STR("^/(\\d+x?)+b$"), false, &trap));
    ck_assert(str_is(trap.lead, "/9"));
    ck_assert(str_is(trap.pump, "9"));
    ck_assert(memchr(trap.end.p, 'b', trap.end.len)); /* PCRE2 looks for it first */
}
END_TEST

UNIT_MAIN("backtrack", open_arena, close_arena, traps, no_traps, subjects)
