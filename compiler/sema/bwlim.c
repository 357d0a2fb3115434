/*
 * Bandwidth limits: "filter bwlim-in", "filter bwlim-out", and the rules that name them.
 *
 * Not here yet: limits that streams share by an entry of a stick table.
 */
#include "context.h"
#include "proxy.h"

#include <string.h>

static struct m_bwlim *bwlim_find(const struct m_proxy *p, struct str name)
{
    for (unsigned i = 0; i < p->bwlims.n; i++)
        if (str_eq(p->bwlims.v[i]->name, name))
            return p->bwlims.v[i];
    return NULL;
}

static void two_of_a_name(struct sema *s, const struct word *name, const struct m_bwlim *other)
{
    struct diag *d = diag_add(s->diags, E0588, name->span,
                              "two bandwidth limits are named '" STR_FMT "'", STR_ARG(name->text));
    diag_other(s->diags, d, other->span, "the other one is here");
}

static bool measure(struct sema *s, struct line *l, const char *option, enum setting_kind kind,
                    int64_t *out)
{
    struct m_setting set = {0};
    const struct word *w = line_expect(s, l, kind == SETTING_TIME ? "a time" : "a size");
    if (!w || !setting_value(s, w, kind, option, &set))
        return false;
    *out = set.number;
    if (!set.number)
        diag_add(s->diags, E0371, w->span, "%s: " STR_FMT " is too little", option,
                 STR_ARG(w->text));
    return set.number;
}

static void refuse_option(struct sema *s, const struct word *w)
{
    static const struct str shared[] = {{"limit", 5}, {"key", 3}, {"table", 5}};
    static const struct str names[] = {
        {"default-limit", 13}, {"default-period", 14}, {"min-size", 8}};
    for (unsigned i = 0; i < COUNT(shared); i++)
        if (str_eq(w->text, shared[i])) {
            diag_add(s->diags, E0301, w->span,
                     "'" STR_FMT "': limits that several streams share are not supported yet",
                     STR_ARG(w->text));
            return;
        }
    struct diag *d =
        diag_add(s->diags, E0383, w->span, "unexpected '" STR_FMT "'", STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, names, COUNT(names));
    diag_note(s->diags, d, "possible are: default-limit, default-period, min-size");
}

static bool take_option(struct sema *s, struct line *l, struct m_bwlim *b)
{
    if (line_take(l, "default-limit"))
        return measure(s, l, "default-limit", SETTING_SIZE, &b->limit);
    if (line_take(l, "default-period"))
        return measure(s, l, "default-period", SETTING_TIME, &b->period);
    if (line_take(l, "min-size"))
        return measure(s, l, "min-size", SETTING_SIZE, &b->min_size);
    refuse_option(s, line_peek(l));
    return false;
}

static void bwlim_parse(struct sema *s, struct line *l, bool upload)
{
    const struct word *name = line_expect(s, l, "a name");
    struct m_bwlim *b = NEW(s->arena, struct m_bwlim);
    if (!name)
        return;
    *b = (struct m_bwlim){.name = name->text, .upload = upload, .span = l->span};
    const struct m_bwlim *other = bwlim_find(s->proxy, name->text);
    if (other)
        two_of_a_name(s, name, other);
    VEC_ADD(s->arena, &s->proxy->bwlims, b); /* rules that name it are not wrong */
    while (line_peek(l))
        if (!take_option(s, l, b))
            return;
    if (!b->limit || !b->period)
        diag_add(s->diags, E0310, l->span, "'%s' expects 'default-limit' and 'default-period'",
                 l->keyword);
}

void bwlim_in_parse(struct sema *s, struct line *l)
{
    bwlim_parse(s, l, true);
}

void bwlim_out_parse(struct sema *s, struct line *l)
{
    bwlim_parse(s, l, false);
}

void resolve_bwlim(struct sema *s, const struct m_proxy *p, struct m_arg *a)
{
    a->bwlim = bwlim_find(p, a->text);
    if (a->bwlim)
        return;
    struct str *names = NEW_N(s->arena, struct str, p->bwlims.n + 1);
    for (unsigned i = 0; i < p->bwlims.n; i++)
        names[i] = p->bwlims.v[i]->name;
    struct diag *d =
        diag_add(s->diags, E0587, a->span, "%s '" STR_FMT "' has no bandwidth limit '" STR_FMT "'",
                 p->what, STR_ARG(p->name), STR_ARG(a->text));
    diag_suggest(s->diags, d, a->text, names, p->bwlims.n);
}
