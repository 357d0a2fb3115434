/*
 * Tests of compiler/syntax/condition.c, after section 2.4 of HAProxy's manual: what the conditions
 * of ".if" come to, and which are malformed.
 */
#include "desk.h"

static const struct config_options options = {
    .version = "2.6.12",
    .features = "+EPOLL -KQUEUE +OPENSSL -LUA +ZLIB",
    .enabled = "+EPOLL -SPLICE",
    .ssllib = "OpenSSL 3.0.17 1 Jul 2025",
};

enum { MALFORMED = -1 };

struct row {
    const char *text;
    int truth;
};

static int eval_with(const struct config_options *o, const char *text)
{
    struct words words = desk_cut(str_printf(desk.arena, "x %s", text));
    if (words.n < 2)
        return condition_eval(desk.arena, &desk.diags, desk.env, o,
                              &(struct word){.text = STR("")});
    struct word w = words_join(desk.arena, words.v + 1, words.n - 1);
    return condition_eval(desk.arena, &desk.diags, desk.env, o, &w);
}

static void expect(const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        int truth = eval_with(&options, rows[i].text);
        bool reported = desk.diags.errors;
        const char *ids = desk_reported();
        ck_assert_msg(truth == rows[i].truth, "[%s] is %d (%s)", rows[i].text, truth, ids);
        ck_assert_msg(reported == (truth == MALFORMED), "[%s] reports '%s'", rows[i].text, ids);
    }
}

START_TEST(numbers_and_nothing)
{
    static const struct row rows[] = {
        {"", 0},          {"\"\"", 0},        {"\"$NONE\"", 0},
        {"' '", 0},       {"0", 0},           {"1", 1},
        {"00", 0},        {"42", 1},          {"-1", 1},
        {"+0", 0},        {"4294967296", 1},  {"1x", MALFORMED},
        {"-", MALFORMED}, {"1 1", MALFORMED}, {"18446744073709551616", 1},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(operators)
{
    static const struct row rows[] = {
        {"!0", 1},
        {"!1", 0},
        {"! 1", 0},
        {"!!1", 1},
        {"1 && 1", 1},
        {"1&&0", 0},
        {"0 || 1", 1},
        {"0||0", 0},
        {"1 || 1 && 0", 1},
        {"0 && 0 || 1", 1},
        {"1 && 0 || 0 && 1", 0},
        {"(1 || 1) && 0", 0},
        {"0 && (0 || 1)", 0},
        {"!(1 && 0)", 1},
        {"((1))", 1},
        {"!( ! ( 0 ) )", 0},
        {"1 && !0 && 1", 1},
        {"!0 && !1", 0},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(malformed_operators)
{
    static const struct row rows[] = {
        {"(1", MALFORMED},
        {"1)", MALFORMED},
        {"()", MALFORMED},
        {"1 &&", MALFORMED},
        {"&& 1", MALFORMED},
        {"1 & 1", MALFORMED},
        {"1 | 1", MALFORMED},
        {"!", MALFORMED},
        {"1 and 1", MALFORMED},
        {"1 or 0", MALFORMED},
        {"1 || || 1", MALFORMED},
        {"((1)", MALFORMED},
        {"1 && && 1", MALFORMED},
        {"0 && bogus(1)", MALFORMED},
        {"1 || bogus(1)", MALFORMED},
        {"1 !0", MALFORMED},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(predicates_about_variables)
{
    static const struct row rows[] = {
        {"defined(A)", 1},
        {"defined(EMPTY)", 1},
        {"defined(NONE)", 0},
        {"defined()", 0},
        {"!defined(NONE) && defined(B)", 1},
        {"streq(\"$A\",alpha)", 1},
        {"streq(\"$A\",beta)", 0},
        {"strneq(\"$A\",beta)", 1},
        {"strneq(\"$A\",alpha)", 0},
        {"streq(\"$NONE\",)", 1},
        {"streq(,)", 1},
        {"streq(a,A)", 0},
        {"streq(a,a )", 0},
        {"streq( a,a)", 0},
        {"streq(\"$NONE\",yes) || (streq(\"$A\",alpha) && !streq(\"$B\",x))", 1},
        {"'streq(\"a,b\",\"a,b\")'", 1},
        {"'streq(\"a)b\",a)'", 0},
        {"strstr(abc,b)", 1},
        {"strstr(abc,x)", 0},
        {"strstr(abc,)", 1},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(predicates_about_the_build)
{
    static const struct row rows[] = {
        {"feature(OPENSSL)", 1},
        {"feature(LUA)", 0},
        {"feature(SSL)", 0},
        {"feature(openssl)", 0},
        {"feature(OPEN)", 0},
        {"feature(+OPENSSL)", 0},
        {"feature()", 0},
        {"!feature(LUA)", 1},
        {"enabled(EPOLL)", 1},
        {"enabled(SPLICE)", 0},
        {"ssllib_name_startswith(OpenSSL)", 1},
        {"ssllib_name_startswith(LibreSSL)", 0},
        {"openssl_version_atleast(3.0.0)", 1},
        {"openssl_version_atleast(3.1)", 0},
        {"openssl_version_before(1.1.1)", 0},
        {"openssl_version_before(3.0.18)", 1},
        {"awslc_api_atleast(1)", 0},
        {"awslc_api_before(1)", 0},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(predicates_about_the_version)
{
    static const struct row rows[] = {
        {"version_atleast(2.6.12)", 1},
        {"version_atleast(2.6)", 1},
        {"version_atleast(2)", 1},
        {"version_atleast(2.6.13)", 0},
        {"version_atleast(2.7)", 0},
        {"version_atleast(2.7-dev1)", 0},
        {"version_atleast(2.4-dev19)", 1},
        {"version_atleast(10.0)", 0},
        {"version_atleast(2.6.12-dev3)", 1},
        {"version_atleast(2.6.12-1)", 0},
        {"version_before(2.6.12)", 0},
        {"version_before(2.6.13)", 1},
        {"version_before(2.7-dev0)", 1},
        {"version_before(2.6)", 0},
        {"version_atleast(x)", MALFORMED},
        {"version_atleast()", MALFORMED},
        {"version_before(2.6.x)", MALFORMED},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(malformed_predicates)
{
    static const struct row rows[] = {
        {"foo", MALFORMED},
        {"foo()", MALFORMED},
        {"A", MALFORMED},
        {"streq(a)", MALFORMED},
        {"streq(a,b,c)", MALFORMED},
        {"streq(a,b", MALFORMED},
        {"streq", MALFORMED},
        {"defined", MALFORMED},
        {"defined (A)", MALFORMED},
        {"defined(A) x", MALFORMED},
        {"defined(A,B)", MALFORMED},
        {"'streq(\"a,b)'", MALFORMED},
        {"streq(a\\,b,c)", MALFORMED},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(each_mistake_has_its_id)
{
    static const struct {
        const char *text, *id;
    } rows[] = {
        {"(1", "E0126"},
        {"1 x", "E0126"},
        {"foo(1)", "E0127"},
        {"streq(a)", "E0128"},
        {"version_before(x)", "E0129"},
        {"defined(A", "E0402"},
        {"'streq(\"a,b)'", "E0403"},
        {"&& 1", "E0401"},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        ck_assert_int_eq(eval_with(&options, rows[i].text), MALFORMED);
        const char *ids = desk_reported();
        ck_assert_msg(!strcmp(ids, rows[i].id), "[%s]: %s", rows[i].text, ids);
    }
}
END_TEST

START_TEST(a_misspelt_predicate_is_put_right)
{
    eval_with(&options, "define(A)");
    ck_assert_uint_eq(desk.diags.all.n, 1);
    ck_assert_uint_ge(desk.diags.all.v[0]->notes.n, 1);
    ck_assert(str_is(desk.diags.all.v[0]->notes.v[0].text, "did you mean 'defined'?"));
}
END_TEST

START_TEST(parentheses_nest_100_deep)
{
    for (unsigned depth = 100; depth <= 101; depth++) {
        struct text t = {.arena = desk.arena};
        for (unsigned i = 0; i < depth; i++)
            text_put(&t, "(", 1);
        text_put(&t, "1", 1);
        for (unsigned i = 0; i < depth; i++)
            text_put(&t, ")", 1);
        text_put(&t, "", 1);
        ck_assert_int_eq(eval_with(&options, t.p), depth == 100 ? 1 : MALFORMED);
    }
}
END_TEST

START_TEST(a_build_that_says_nothing_of_itself)
{
    static const struct config_options bare = {0};
    ck_assert_int_eq(eval_with(&bare, "feature(OPENSSL)"), 0);
    ck_assert_int_eq(eval_with(&bare, "ssllib_name_startswith(OpenSSL)"), 0);
    ck_assert_int_eq(eval_with(&bare, "openssl_version_before(3)"), 0);
    ck_assert_int_eq(eval_with(&bare, "openssl_version_atleast(0)"), 0);
    ck_assert_int_eq(eval_with(&bare, "version_before(0.1)"), 1);
}
END_TEST

UNIT_MAIN("condition", desk_open, desk_close, numbers_and_nothing, operators, malformed_operators,
          predicates_about_variables, predicates_about_the_build, predicates_about_the_version,
          malformed_predicates, each_mistake_has_its_id, a_misspelt_predicate_is_put_right,
          parentheses_nest_100_deep, a_build_that_says_nothing_of_itself)
