/*
 * Tests of compiler/syntax/expr.c and call.c: fetches and converters with their arguments, and the
 * second level of quoting (section 2.2 of HAProxy's manual).
 */
#include "desk.h"

static void put_call(struct text *t, const struct call *c)
{
    text_str(t, c->name);
    if (c->has_parens && !c->nargs)
        text_str(t, STR("()"));
    for (unsigned i = 0; i < c->nargs; i++) {
        text_printf(t, "<" STR_FMT ">", STR_ARG(c->args[i].text));
        ck_assert_int_eq(c->args[i].text.p[c->args[i].text.len], 0);
    }
}

/* "path|regsub<(foo|bar)><blah><g>" */
static const char *shown(const struct expr *x)
{
    struct text t = {.arena = desk.arena};
    put_call(&t, &x->fetch);
    for (unsigned i = 0; i < x->converters.n; i++) {
        text_str(&t, STR("|"));
        put_call(&t, &x->converters.v[i]);
    }
    text_put(&t, "", 1);
    return t.p;
}

static struct expr *parse(const char *line)
{
    struct words words = desk_cut(str_of(line));
    ck_assert_msg(words.n == 1, "[%s] is one word", line);
    return expr_parse(&desk.syntax, &words.v[0], 0, words.v[0].text.len);
}

struct row {
    const char *line, *want; /* want: what it becomes, or the ids of what is wrong with it */
};

static void expect(const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct expr *x = parse(rows[i].line);
        const char *ids = desk_reported();
        ck_assert_msg(x, "[%s]: %s", rows[i].line, ids);
        ck_assert_msg(!strcmp(shown(x), rows[i].want), "[%s] is [%s]", rows[i].line, shown(x));
        ck_assert_msg(!ids[0], "[%s]: %s", rows[i].line, ids);
    }
}

static void expect_errors(const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct expr *x = parse(rows[i].line);
        const char *ids = desk_reported();
        ck_assert_msg(!x, "[%s] is [%s]", rows[i].line, shown(x));
        ck_assert_msg(!strcmp(ids, rows[i].want), "[%s]: %s", rows[i].line, ids);
    }
}

START_TEST(names_and_arguments)
{
    static const struct row rows[] = {
        {"src", "src"},
        {"req.hdr(host),lower", "req.hdr<host>|lower"},
        {"hdr_cnt()", "hdr_cnt()"},
        {"f(,)", "f<><>"},
        {"f(a,,b)", "f<a><><b>"},
        {"f(a,)", "f<a><>"},
        {"src,ipmask(24,64),concat(a)", "src|ipmask<24><64>|concat<a>"},
        {"var(txn.x-y_z)", "var<txn.x-y_z>"},
        {"'str( a , b )'", "str< a >< b >"},
        {"str(a\\ b)", "str<a b>"},
        {"-x+y(1)", "-x+y<1>"},
        {"f((a)", "f<(a>"},
    };
    expect(rows, COUNT(rows));
}
END_TEST

/* The examples of section 2.2. */
START_TEST(the_manuals_examples)
{
    static const struct row rows[] = {
        {"path,regsub(foo,blah,g)", "path|regsub<foo><blah><g>"},
        {"path,regsub(\\\"(foo|bar)\\\",blah,g)", "path|regsub<(foo|bar)><blah><g>"},
        {"'path,regsub(\"(foo|bar)\",blah,g)'", "path|regsub<(foo|bar)><blah><g>"},
        {"'path,regsub(\"^/(here)(/|$)\",\"my/\\1\",g)'", "path|regsub<^/(here)(/|$)><my/\\1><g>"},
        {"str(\"\\\\'foo\\\\'\")", "str<'foo'>"},
        {"str(\\\"\\'foo\\'\\\")", "str<'foo'>"},
        {"str(\\\\\\'foo\\\\\\')", "str<'foo'>"},
    };
    expect(rows, COUNT(rows));
    static const struct row bad[] = {
        {"path,regsub((foo|bar),blah,g)", "E0404"},
        {"path,regsub(\"(foo|bar)\",blah,g)", "E0404"},
    };
    expect_errors(bad, COUNT(bad));
}
END_TEST

START_TEST(quotes_and_escapes_of_the_second_level)
{
    static const struct row rows[] = {
        {"'str(\"a,b\",\"c)d\")'", "str<a,b><c)d>"},
        {"\"str('a,b','c)d')\"", "str<a,b><c)d>"},
        {"'str(a\"b c\"d)'", "str<ab cd>"},
        {"'str(\"\",x)'", "str<><x>"},
        {"'str(a\\nb\\rc\\td)'", "str<a\nb\rc\td>"},
        {"'str(a\\ b\\\\c\\\"d)'", "str<a b\\c\"d>"},
        {"'str(\"a\\\"b\")'", "str<a\"b>"},
        {"\"str('a\\\\nb')\"", "str<a\\nb>"},
        {"'str(\\#\\$\\x41\\q)'", "str<\\#\\$\\x41\\q>"},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(malformed)
{
    static const struct row rows[] = {
        {"''", "E0401"},           {"','", "E0401"},          {"src,", "E0401"},
        {"src,,lower", "E0401"},   {"(a)", "E0401"},          {"' src'", "E0401"},
        {"'src, lower'", "E0401"}, {"'src ,lower'", "E0404"}, {"src)", "E0404"},
        {"f(a)b", "E0404"},        {"f(a)(b)", "E0404"},      {"f(a", "E0402"},
        {"f(a,", "E0402"},         {"f(", "E0402"},           {"src,f(a", "E0402"},
        {"'f(\"a)'", "E0403"},     {"\"f('a)\"", "E0403"},    {"'f(\"a\\\")'", "E0403"},
        {"f(a\\\\,b", "E0402"},
    };
    expect_errors(rows, COUNT(rows));
}
END_TEST

START_TEST(a_backslash_protects_no_delimiter)
{
    static const struct row rows[] = {
        {"'f(a\\,b)'", "f<a\\><b>"},
        {"'f(a\\)'", "f<a\\>"},
    };
    expect(rows, COUNT(rows));
    static const struct row bad[] = {{"'f(a\\)b)'", "E0404"}};
    expect_errors(bad, COUNT(bad));
}
END_TEST

START_TEST(parts_know_where_they_are_from)
{
    struct expr *x = parse("'req.hdr(host)',regsub(\\\"a_b\\\",\"$A\")");
    ck_assert_str_eq(shown(x), "req.hdr<host>|regsub<a_b><alpha>");
    ck_assert(str_is(desk_written(x->fetch.name_span), "req.hdr"));
    ck_assert(str_is(desk_written(x->fetch.span), "req.hdr(host)"));
    ck_assert(str_is(desk_written(x->fetch.args[0].span), "host"));
    const struct call *c = &x->converters.v[0];
    ck_assert(str_is(desk_written(c->name_span), "regsub"));
    ck_assert(str_is(desk_written(c->args[0].span), "\\\"a_b\\\""));
    ck_assert(str_is(desk_written(c->args[1].span), "$A"));
    ck_assert(str_is(desk_written(x->span), "req.hdr(host)',regsub(\\\"a_b\\\",\"$A\")"));
}
END_TEST

START_TEST(a_part_of_a_word)
{
    struct words words = desk_cut(STR("%[src,lower]x"));
    struct expr *x = expr_parse(&desk.syntax, &words.v[0], 2, 11);
    ck_assert_str_eq(shown(x), "src|lower");
    size_t at = 2;
    x = expr_read(&desk.syntax, &words.v[0], &at);
    ck_assert_str_eq(shown(x), "src|lower");
    ck_assert_uint_eq(at, 11);
    ck_assert_str_eq(desk_reported(), "");
}
END_TEST

START_TEST(several_words)
{
    static const struct {
        const char *line, *tree;
        unsigned at;
    } rows[] = {
        {"src, ipmask(24) -m ip", "src|ipmask<24>", 2},
        {"src,lower -m", "src|lower", 1},
        {"src -m", "src", 1},
        {"src, lower, upper x", "src|lower|upper", 3},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct words words = desk_cut(str_of(rows[i].line));
        unsigned at = 0;
        struct expr *x = expr_parse_words(&desk.syntax, words.v, words.n, &at);
        ck_assert_msg(x && !strcmp(shown(x), rows[i].tree), "[%s]", rows[i].line);
        ck_assert_uint_eq(at, rows[i].at);
    }
    struct words words = desk_cut(STR("src,"));
    unsigned at = 0;
    ck_assert_ptr_null(expr_parse_words(&desk.syntax, words.v, words.n, &at));
    ck_assert_uint_eq(at, 1);
    ck_assert_str_eq(desk_reported(), "E0401");
}
END_TEST

START_TEST(actions_are_calls)
{
    struct words words = desk_cut(STR("set-var(txn.x,ifset) deny set-var(a)b set-var(a"));
    struct call c;
    struct text t = {.arena = desk.arena};
    ck_assert(call_parse(&desk.syntax, &words.v[0], &c));
    put_call(&t, &c);
    ck_assert(str_is((struct str){t.p, t.len}, "set-var<txn.x><ifset>"));
    ck_assert(call_parse(&desk.syntax, &words.v[1], &c));
    ck_assert(!c.has_parens && !c.nargs);
    ck_assert(!call_parse(&desk.syntax, &words.v[2], &c));
    ck_assert(!call_parse(&desk.syntax, &words.v[3], &c));
    ck_assert_str_eq(desk_reported(), "E0404 E0402");
}
END_TEST

UNIT_MAIN("expr", desk_open, desk_close, names_and_arguments, the_manuals_examples,
          quotes_and_escapes_of_the_second_level, malformed, a_backslash_protects_no_delimiter,
          parts_know_where_they_are_from, a_part_of_a_word, several_words, actions_are_calls)
