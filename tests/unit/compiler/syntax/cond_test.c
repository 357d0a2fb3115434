/*
 * Tests of compiler/syntax/cond.c, after section 7.2 of HAProxy's manual: terms, groups, braces.
 */
#include "desk.h"

static void put_term(struct text *t, const struct term *term)
{
    text_str(t, term->negated ? STR("!") : STR(""));
    if (term->name.len) {
        text_str(t, term->name);
        return;
    }
    text_str(t, STR("<"));
    for (unsigned i = 0; i < term->nwords; i++)
        text_printf(t, i ? " " STR_FMT : STR_FMT, STR_ARG(term->words[i].text));
    text_str(t, STR(">"));
}

/* "unless a&!<src 10.0.0.0/8>|b" */
static const char *shown(const struct cond *c)
{
    struct text t = {.arena = desk.arena};
    text_str(&t, c->unless ? STR("unless ") : STR("if "));
    for (unsigned i = 0; i < c->groups.n; i++) {
        text_str(&t, i ? STR("|") : STR(""));
        for (unsigned k = 0; k < c->groups.v[i].terms.n; k++) {
            text_str(&t, k ? STR("&") : STR(""));
            put_term(&t, &c->groups.v[i].terms.v[k]);
        }
    }
    text_put(&t, "", 1);
    return t.p;
}

static struct cond *parse(const char *line)
{
    struct words words = desk_cut(str_of(line));
    return cond_parse(&desk.syntax, words.v, words.n);
}

struct row {
    const char *line, *want;
};

START_TEST(well_formed)
{
    static const struct row rows[] = {
        {"if a", "if a"},
        {"unless a", "unless a"},
        {"if a b", "if a&b"},
        {"if a or b", "if a|b"},
        {"if a || b", "if a|b"},
        {"if a b or c !d || e", "if a&b|c&!d|e"},
        {"if HTTP_URL_STAR !METH_OPTIONS || METH_POST missing_cl",
         "if HTTP_URL_STAR&!METH_OPTIONS|METH_POST&missing_cl"},
        {"if !a", "if !a"},
        {"if ! a", "if !a"},
        {"if !!a", "if a"},
        {"if ! ! a", "if a"},
        {"if { src 10.0.0.0/8 }", "if <src 10.0.0.0/8>"},
        {"if !{ src 10.0.0.0/8 } b", "if !<src 10.0.0.0/8>&b"},
        {"if ! { path / } or b", "if !<path />|b"},
        {"if METH_POST { req.hdr_cnt(Content-length) eq 0 }",
         "if METH_POST&<req.hdr_cnt(Content-length) eq 0>"},
        {"if { nbsrv(dynamic) lt 2 } || { nbsrv(static) lt 2 }",
         "if <nbsrv(dynamic) lt 2>|<nbsrv(static) lt 2>"},
        {"if { path or || !x if }", "if <path or || !x if>"},
        {"if { path '{' }", "if <path {>"},
        {"if { path -m str '' x }", "if <path -m str  x>"},
        {"if or_else", "if or_else"},
        {"unless { always_true }", "unless <always_true>"},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct cond *c = parse(rows[i].line);
        const char *ids = desk_reported();
        ck_assert_msg(c && !ids[0], "[%s]: %s", rows[i].line, ids);
        ck_assert_msg(!strcmp(shown(c), rows[i].want), "[%s] is [%s]", rows[i].line, shown(c));
    }
}
END_TEST

START_TEST(malformed)
{
    static const struct row rows[] = {
        {"if", "E0420"},
        {"unless", "E0420"},
        {"if { src 1", "E0421"},
        {"if { src 1}", "E0421"},
        {"if {src 1 }", "E0421 E0421"},
        {"if }", "E0421"},
        {"if { }", "E0422"},
        {"if !{ }", "E0422"},
        {"if or a", "E0423"},
        {"if a or", "E0423"},
        {"if a or or b", "E0423"},
        {"if a || || b", "E0423"},
        {"if !", "E0424"},
        {"if a !", "E0424"},
        {"if ! or a", "E0424"},
        {"if a && b", "E0425"},
        {"if a & b", "E0425"},
        {"if a | b", "E0425"},
        {"if ( a )", "E0425"},
        {"if (a", "E0425"},
        {"if a ||b", "E0425"},
        {"if !(a)", "E0425"},
        {"if a {", "E0421"},
        {"if ! }", "E0421"},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct cond *c = parse(rows[i].line);
        const char *ids = desk_reported();
        ck_assert_msg(!c, "[%s] is [%s]", rows[i].line, shown(c));
        ck_assert_msg(!strcmp(ids, rows[i].want), "[%s]: %s", rows[i].line, ids);
    }
}
END_TEST

START_TEST(terms_know_where_they_are_from)
{
    struct cond *c = parse("if !'a'  ! { src  1 } or b");
    ck_assert_ptr_nonnull(c);
    ck_assert(str_is(desk_written(c->span), "if !'a'  ! { src  1 } or b"));
    ck_assert(str_is(desk_written(c->groups.v[0].terms.v[0].span), "a"));
    ck_assert(str_is(desk_written(c->groups.v[0].terms.v[1].span), "{ src  1 }"));
    ck_assert(str_is(desk_written(c->groups.v[1].terms.v[0].span), "b"));
}
END_TEST

UNIT_MAIN("cond", desk_open, desk_close, well_formed, malformed, terms_know_where_they_are_from)
