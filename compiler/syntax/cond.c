/*
 * Conditions behind "if" and "unless" (HAProxy manual 7.2).
 *
 * Not for: what ACLs mean; conditions of ".if", which are another language (condition.c).
 * Idea: every word is an operator, a brace or a name. "or" splits terms into groups; all else
 * only makes the term that comes next.
 */
#include "expr.h"

struct reader {
    struct syntax *sx;
    const struct word *words;
    unsigned n, at;
    bool failed;
    struct cond *cond;
    struct group group;         /* being filled */
    const struct word *negator; /* "!" that waits for its term */
    bool negated;
    bool parenthesised; /* and that was reported */
};

static struct diag *fail(struct reader *r, enum diag_id id, struct span at, const char *message)
{
    r->failed = true;
    return diag_add(r->sx->diags, id, at, "%s", message);
}

static bool is_or(const struct word *w)
{
    return str_is(w->text, "or") || str_is(w->text, "||");
}

static void add_term(struct reader *r, struct term t)
{
    t.negated = r->negated;
    r->negated = false;
    r->negator = NULL;
    VEC_ADD(r->sx->arena, &r->group.terms, t);
}

static void check_negator(struct reader *r)
{
    if (r->negator) {
        struct diag *d = fail(r, E0424, r->negator->span, "'!' in front of nothing");
        diag_label(r->sx->diags, d, "the name of an ACL, or '{', must follow");
    }
    r->negator = NULL;
    r->negated = false;
}

/* "or": ends a group, which must not be empty. */
static void read_or(struct reader *r)
{
    const struct word *w = &r->words[r->at++];
    bool dangling = r->negator;
    check_negator(r);
    if (dangling) {
        /* one mistake, one message */
    } else if (!r->group.terms.n) {
        struct diag *d = fail(r, E0423, w->span, "a side of 'or' is empty");
        diag_label(r->sx->diags, d, "nothing in front of it");
    } else if (r->at == r->n) {
        struct diag *d = fail(r, E0423, w->span, "a side of 'or' is empty");
        diag_label(r->sx->diags, d, "nothing behind it");
    }
    VEC_ADD(r->sx->arena, &r->cond->groups, r->group);
    r->group = (struct group){0};
}

static bool ends_with_brace(const struct word *w)
{
    return w->text.len && w->text.p[w->text.len - 1] == '}';
}

/* "{ ... }"; open: the byte of the word at which the brace stands. */
static void read_braces(struct reader *r, size_t open)
{
    const struct word *brace = &r->words[r->at++], *first = brace + 1;
    struct span span = word_span(brace, open, open + 1);
    unsigned n = 0;
    while (r->at < r->n && !str_is(r->words[r->at].text, "}")) {
        r->at++;
        n++;
    }
    if (r->at == r->n) {
        struct diag *d = fail(r, E0421, span, "'{' without '}'");
        if (n && ends_with_brace(&first[n - 1]))
            diag_help(r->sx->diags, d, "put a space in front of the '}'");
        r->negator = NULL;
        return;
    }
    struct term t = {.words = first, .nwords = n};
    t.span = span_join(span, r->words[r->at++].span);
    if (!n)
        fail(r, E0422, t.span, "nothing between the braces");
    add_term(r, t);
}

/* Words that look like conditions of other languages. */
static bool is_foreign(struct reader *r, const struct word *w, size_t from)
{
    char c = w->text.p[from];
    struct span at = word_span(w, from, w->text.len);
    struct diag *d = NULL;
    if (c == '{') {
        d = fail(r, E0421, at, "'{' is not a word of its own");
        diag_help(r->sx->diags, d, "put a space behind the '{'");
    } else if (c == '}') {
        d = fail(r, E0421, at, "'}' without '{'");
    } else if (c == '&') {
        d = fail(r, E0425, at, "unknown operator in a condition");
        diag_help(r->sx->diags, d, "leave it out: terms side by side must all hold");
    } else if (c == '|') {
        d = fail(r, E0425, at, "unknown operator in a condition");
        diag_help(r->sx->diags, d, "write 'or' or '||', with spaces around it");
    } else if ((c == '(' || c == ')') && !r->parenthesised) {
        d = fail(r, E0425, at, "parentheses in a condition");
        diag_note(r->sx->diags, d, "several 'acl' lines of one name hold when any of them does");
        r->parenthesised = true;
    }
    return d || c == '(' || c == ')';
}

static void read_term(struct reader *r)
{
    const struct word *w = &r->words[r->at];
    size_t from = 0;
    while (from < w->text.len && w->text.p[from] == '!') {
        r->negated = !r->negated;
        r->negator = w;
        from++;
    }
    if (from == w->text.len) {
        r->at++;
        return;
    }
    struct str name = str_cut(w->text, from, w->text.len);
    if (str_is(name, "{")) {
        read_braces(r, from);
        return;
    }
    r->at++;
    if (is_foreign(r, w, from))
        r->negator = NULL;
    else
        add_term(r, (struct term){.name = name, .span = word_span(w, from, w->text.len)});
}

struct cond *cond_parse(struct syntax *sx, const struct word *words, unsigned n)
{
    struct cond *c = NEW(sx->arena, struct cond);
    struct reader r = {.sx = sx, .words = words, .n = n, .at = 1, .cond = c};
    c->unless = str_is(words[0].text, "unless");
    c->span = span_join(words[0].span, words[n - 1].span);
    if (n == 1) {
        struct diag *d = fail(&r, E0420, words[0].span, "a condition is missing");
        diag_label(sx->diags, d, "the name of an ACL, or '{', must follow");
    }
    while (r.at < n) {
        if (is_or(&words[r.at]))
            read_or(&r);
        else
            read_term(&r);
    }
    check_negator(&r);
    if (r.group.terms.n)
        VEC_ADD(sx->arena, &c->groups, r.group);
    return r.failed ? NULL : c;
}
