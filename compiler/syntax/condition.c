/*
 * Conditions of ".if" and "-cc" (HAProxy manual 2.4).
 *
 * Not for: blocks (block.c); conditions of rules, which are another language (cond.c).
 * Idea: a recursive descent that evaluates as it goes, and goes through all of the text even when
 * the outcome is clear, so that a mistake in a branch not taken is found as well.
 */
#include "config.h"
#include "expr.h"
#include "version.h"

#include <string.h>

enum { DEEPEST = 100 };

struct parser {
    struct syntax sx;
    const struct env *env;
    const struct config_options *options;
    const struct word *word;
    size_t at;
    unsigned depth;
    bool failed;
};

static struct str option(const char *value)
{
    return str_of(value ? value : "");
}

static struct diag *fail(struct parser *p, enum diag_id id, struct span at, const char *message)
{
    p->failed = true;
    return diag_add(p->sx.diags, id, at, "%s", message);
}

/* Is "+name" one of the words of a list? */
static bool lists(struct str list, struct str name)
{
    for (size_t at = 0, end; at < list.len; at = end + 1) {
        end = at;
        while (end < list.len && list.p[end] != ' ')
            end++;
        if (end > at && list.p[at] == '+' && str_eq(str_cut(list, at + 1, end), name))
            return true;
    }
    return false;
}

/* ---- predicates: what they answer about their arguments ---- */

static bool defined(struct parser *p, const struct call *c)
{
    return env_get(p->env, c->args[0].text).p != NULL;
}

static bool feature(struct parser *p, const struct call *c)
{
    return lists(option(p->options->features), c->args[0].text);
}

static bool enabled(struct parser *p, const struct call *c)
{
    return lists(option(p->options->enabled), c->args[0].text);
}

static bool streq(struct parser *p, const struct call *c)
{
    (void)p;
    return str_eq(c->args[0].text, c->args[1].text);
}

static bool strneq(struct parser *p, const struct call *c)
{
    return !streq(p, c);
}

static bool str_in_str(struct parser *p, const struct call *c)
{
    (void)p;
    return strstr(c->args[0].text.p, c->args[1].text.p) != NULL;
}

static bool ssllib_name_startswith(struct parser *p, const struct call *c)
{
    return str_begins(option(p->options->ssllib), c->args[0].text.p);
}

/* Below, equal to or above 0: how the version that we have compares with the argument. */
static int compare_versions(struct parser *p, const struct call *c, struct str have)
{
    struct version ours = {0}, asked;
    version_parse(have, &ours);
    if (version_parse(c->args[0].text, &asked))
        return version_cmp(&ours, &asked);
    struct diag *d = fail(p, E0129, c->args[0].span, "not a version");
    diag_help(p->sx.diags, d, "versions look like 2.6, 2.6.12 or 2.7-dev3");
    return 0;
}

static bool version_atleast(struct parser *p, const struct call *c)
{
    return compare_versions(p, c, option(p->options->version)) >= 0;
}

static bool version_before(struct parser *p, const struct call *c)
{
    return compare_versions(p, c, option(p->options->version)) < 0;
}

/* The second word of "OpenSSL 3.0.17 1 Jul 2025"; nothing unless it is OpenSSL. */
static struct str openssl_version(const struct parser *p)
{
    struct str lib = option(p->options->ssllib);
    if (!str_begins(lib, "OpenSSL "))
        return STR("");
    size_t from = STR("OpenSSL ").len, to = from;
    while (to < lib.len && lib.p[to] != ' ')
        to++;
    return str_cut(lib, from, to);
}

static bool openssl_version_atleast(struct parser *p, const struct call *c)
{
    struct str have = openssl_version(p);
    return compare_versions(p, c, have) >= 0 && have.len;
}

static bool openssl_version_before(struct parser *p, const struct call *c)
{
    struct str have = openssl_version(p);
    return compare_versions(p, c, have) < 0 && have.len;
}

/* This program never has that library, whatever version is asked for. */
static bool awslc_api(struct parser *p, const struct call *c)
{
    (void)p, (void)c;
    return false;
}

struct predicate {
    struct str name;
    unsigned nargs;
    bool (*eval)(struct parser *p, const struct call *c);
};

#define NAMED(s)                                                                                   \
    {                                                                                              \
        s, sizeof s - 1                                                                            \
    }
static const struct predicate predicates[] = {
    {NAMED("awslc_api_atleast"), 1, awslc_api},
    {NAMED("awslc_api_before"), 1, awslc_api},
    {NAMED("defined"), 1, defined},
    {NAMED("enabled"), 1, enabled},
    {NAMED("feature"), 1, feature},
    {NAMED("openssl_version_atleast"), 1, openssl_version_atleast},
    {NAMED("openssl_version_before"), 1, openssl_version_before},
    {NAMED("ssllib_name_startswith"), 1, ssllib_name_startswith},
    {NAMED("streq"), 2, streq},
    {NAMED("strneq"), 2, strneq},
    {NAMED("strstr"), 2, str_in_str},
    {NAMED("version_atleast"), 1, version_atleast},
    {NAMED("version_before"), 1, version_before},
};

static void unknown_predicate(struct parser *p, const struct call *c)
{
    struct str names[COUNT(predicates)];
    for (unsigned i = 0; i < COUNT(predicates); i++)
        names[i] = predicates[i].name;
    struct diag *d = diag_add(p->sx.diags, E0127, c->name_span, "unknown predicate '" STR_FMT "'",
                              STR_ARG(c->name));
    p->failed = true;
    diag_suggest(p->sx.diags, d, c->name, names, COUNT(names));
    if (!c->has_parens)
        diag_note(p->sx.diags, d,
                  "to test a variable, write defined(NAME) or streq(\"$NAME\",yes)");
}

static void wrong_count(struct parser *p, const struct call *c, unsigned want)
{
    struct diag *d = diag_add(p->sx.diags, E0128, c->span, "'" STR_FMT "' takes %u argument%s",
                              STR_ARG(c->name), want, want == 1 ? "" : "s");
    p->failed = true;
    diag_label(p->sx.diags, d, "%u given", c->nargs);
    if (c->nargs > want)
        diag_help(p->sx.diags, d, "quote an argument that has a comma in it");
}

static bool eval_predicate(struct parser *p)
{
    struct call c;
    unsigned i = 0;
    if (!call_read(&p->sx, p->word, &p->at, "a predicate", &c)) {
        p->failed = true;
        return false;
    }
    while (i < COUNT(predicates) && !str_eq(c.name, predicates[i].name))
        i++;
    /* "()" is one argument here, the empty string: streq(,) and defined() are meant to work. */
    struct arg empty = {{"", 0}, c.span};
    if (c.has_parens && !c.nargs) {
        c.args = &empty;
        c.nargs = 1;
    }
    if (i == COUNT(predicates)) {
        unknown_predicate(p, &c);
        return false;
    }
    if (c.nargs != predicates[i].nargs) {
        wrong_count(p, &c, predicates[i].nargs);
        return false;
    }
    return predicates[i].eval(p, &c);
}

/* ---- operators ---- */

static bool eval_or(struct parser *p);

static void skip_spaces(struct parser *p)
{
    while (p->at < p->word->text.len && strchr(" \t", p->word->text.p[p->at]))
        p->at++;
}

static bool take(struct parser *p, const char *operator)
{
    skip_spaces(p);
    if (!str_begins(str_cut(p->word->text, p->at, p->word->text.len), operator))
        return false;
    p->at += strlen(operator);
    return true;
}

static bool is_digit(const struct parser *p, size_t at)
{
    return at < p->word->text.len && p->word->text.p[at] >= '0' && p->word->text.p[at] <= '9';
}

static bool at_number(const struct parser *p)
{
    bool sign = p->at < p->word->text.len && strchr("+-", p->word->text.p[p->at]);
    return is_digit(p, p->at + sign);
}

/* Every number but zero is true, however long. */
static bool eval_number(struct parser *p)
{
    bool truth = false;
    for (p->at += !is_digit(p, p->at); is_digit(p, p->at); p->at++)
        truth |= p->word->text.p[p->at] != '0';
    return truth;
}

static bool eval_parentheses(struct parser *p, size_t open)
{
    bool truth = eval_or(p);
    if (!p->failed && !take(p, ")")) {
        struct diag *d = fail(p, E0126, word_span(p->word, open, open + 1), "'(' without ')'");
        diag_label(p->sx.diags, d, "opened here");
    }
    return truth;
}

static bool eval_operand(struct parser *p)
{
    bool negated = false;
    while (take(p, "!"))
        negated = !negated;
    size_t start = p->at;
    if (at_number(p))
        return eval_number(p) != negated;
    if (!take(p, "("))
        return eval_predicate(p) != negated;
    if (p->depth == DEEPEST) {
        fail(p, E0126, word_span(p->word, start, start + 1), "more than 100 nested parentheses");
        return false;
    }
    p->depth++;
    bool truth = eval_parentheses(p, start);
    p->depth--;
    return truth != negated;
}

static bool eval_and(struct parser *p)
{
    bool truth = eval_operand(p);
    while (!p->failed && take(p, "&&"))
        truth &= eval_operand(p);
    return truth;
}

static bool eval_or(struct parser *p)
{
    bool truth = eval_and(p);
    while (!p->failed && take(p, "||"))
        truth |= eval_and(p);
    return truth;
}

int condition_eval(struct arena *a, struct diags *diags, const struct env *env,
                   const struct config_options *options, const struct word *w)
{
    struct parser p = {{a, diags}, env, options, w, 0, 0, false};
    skip_spaces(&p);
    if (p.at == w->text.len)
        return 0;
    bool truth = eval_or(&p);
    skip_spaces(&p);
    if (!p.failed && p.at < w->text.len) {
        struct diag *d =
            fail(&p, E0126, word_span(w, p.at, w->text.len), "unexpected text in a condition");
        diag_label(diags, d, "expected '&&', '||' or the end");
    }
    return p.failed ? -1 : truth;
}
