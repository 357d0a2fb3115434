/*
 * Sample expressions: a fetch, and converters behind commas.
 *
 * Not for: looking names up, checking types (sema).
 * Idea: expr_read goes as far as an expression can go and leaves what follows to its caller: the
 * end of the word, a bracket in a format, the next word of a line.
 */
#include "expr.h"

static bool at_comma(const struct word *w, size_t at)
{
    return at < w->text.len && w->text.p[at] == ',';
}

/* Adds the converter at *at. */
static bool read_converter(struct syntax *sx, const struct word *w, size_t *at, struct expr *x)
{
    struct call call;
    if (!call_read(sx, w, at, "a converter", &call))
        return false;
    VEC_ADD(sx->arena, &x->converters, call);
    x->span = span_join(x->span, call.span);
    return true;
}

struct expr *expr_read(struct syntax *sx, const struct word *w, size_t *at)
{
    struct expr *x = NEW(sx->arena, struct expr);
    if (!call_read(sx, w, at, "a sample fetch", &x->fetch))
        return NULL;
    x->span = x->fetch.span;
    while (at_comma(w, *at)) {
        ++*at;
        if (!read_converter(sx, w, at, x))
            return NULL;
    }
    return x;
}

static void unexpected(struct syntax *sx, const struct word *w, size_t at)
{
    struct diag *d = diag_add(sx->diags, E0404, word_span(w, at, w->text.len),
                              "unexpected text behind an expression");
    diag_label(sx->diags, d, "expected ',' and a converter, or the end");
    if (w->text.p[at] == ')' || (at && w->text.p[at - 1] == ')'))
        diag_help(sx->diags, d, "quote an argument that has a ')' in it");
}

struct expr *expr_parse(struct syntax *sx, const struct word *w, size_t from, size_t to)
{
    struct word part = *w;
    part.text.len = to;
    struct expr *x = expr_read(sx, &part, &from);
    if (x && from < to) {
        unexpected(sx, &part, from);
        x = NULL;
    }
    return x;
}

struct expr *expr_parse_words(struct syntax *sx, const struct word *words, unsigned n, unsigned *at)
{
    const struct word *w = &words[*at];
    size_t i = 0;
    struct expr *x = NEW(sx->arena, struct expr);
    bool good = call_read(sx, w, &i, "a sample fetch", &x->fetch);
    x->span = x->fetch.span;
    while (good && at_comma(w, i)) {
        i++;
        if (i == w->text.len && *at + 1 < n) {
            w = &words[++*at];
            i = 0;
        }
        good = read_converter(sx, w, &i, x);
    }
    if (good && i < w->text.len) {
        unexpected(sx, w, i);
        good = false;
    }
    ++*at;
    return good ? x : NULL;
}
