/*
 * Log formats and format strings: aliases looked up, expressions checked.
 */
#include "context.h"

static struct m_fmt *fmt_new(struct sema *s, struct span at)
{
    struct m_fmt *f = NEW(s->arena, struct m_fmt);
    f->span = at;
    f->number = s->model->fmts.n;
    VEC_ADD(s->arena, &s->model->fmts, f);
    return f;
}

/* Text behind text becomes one item. */
static void add_text(struct sema *s, struct m_fmt *f, struct str text)
{
    struct m_fmt_item *last = f->items.n ? &f->items.v[f->items.n - 1] : NULL;
    if (last && last->kind == FMT_TEXT)
        last->text = str_printf(s->arena, STR_FMT STR_FMT, STR_ARG(last->text), STR_ARG(text));
    else if (text.len)
        VEC_ADD(s->arena, &f->items, ((struct m_fmt_item){.kind = FMT_TEXT, .text = text}));
}

struct m_fmt *fmt_constant(struct sema *s, struct str text)
{
    struct m_fmt *f = fmt_new(s, (struct span){0});
    add_text(s, f, text);
    f->is_constant = true;
    return f;
}

static const struct vocab_alias *find_alias(struct sema *s, const struct fmt_item *item)
{
    const struct vocab_entry *e = vocab_find(s->vocab, SPACE_ALIAS, item->text);
    if (e && e->status == VOCAB_ON)
        return e->row;
    if (e) {
        vocab_refuse(s->vocab, s->diags, SPACE_ALIAS, item->text, item->span, "log alias");
        return NULL;
    }
    struct diag *d = diag_add(s->diags, E0443, item->span, "'%%" STR_FMT "' is no log alias",
                              STR_ARG(item->text));
    struct str *names;
    unsigned n = vocab_names(s->vocab, SPACE_ALIAS, &names);
    struct str near = diag_nearest(item->text, names, n);
    if (near.len)
        diag_help(s->diags, d, "did you mean '%%" STR_FMT "'?", STR_ARG(near));
    diag_note(s->diags, d, "a percent sign itself is written '%%%%'");
    return NULL;
}

static void add_alias(struct sema *s, struct m_fmt *f, const struct fmt_item *item, bool tcp)
{
    const struct vocab_alias *alias = find_alias(s, item);
    if (!alias)
        return;
    if (tcp && alias->http_only)
        diag_add(s->diags, E0701, item->span, "'%%%s' is only known in mode http", alias->name);
    f->needs |= alias->needs;
    VEC_ADD(s->arena, &f->items,
            ((struct m_fmt_item){.kind = FMT_ALIAS, .alias = alias, .flags = item->flags}));
}

static void add_expr(struct sema *s, struct m_fmt *f, const struct fmt_item *item,
                     enum px_phase phase)
{
    struct m_expr *e = expr_check(s, item->expr, phase);
    if (!e)
        return;
    if (!expr_exists(e, s->proxy, phase)) {
        diag_add(s->diags, E0433, item->span, "sample fetch '%s' is not available in %s",
                 e->fetch->name, place_name(s, e, phase));
        return;
    }
    VEC_ADD(s->arena, &f->items,
            ((struct m_fmt_item){.kind = FMT_EXPR, .expr = e, .flags = item->flags}));
}

/* merge: several spaces are one. tcp: a log line of a proxy in that mode. */
static struct m_fmt *check(struct sema *s, const struct word *w, enum px_phase phase, bool merge,
                           bool tcp)
{
    struct fmt *x = fmt_parse(&s->syntax, w, merge);
    if (!x)
        return NULL;
    struct m_fmt *f = fmt_new(s, w->span);
    f->is_log = phase == PX_AT_LOG;
    for (unsigned i = 0; i < x->items.n; i++) {
        const struct fmt_item *item = &x->items.v[i];
        if (item->kind == FMT_ALIAS && phase == PX_AT_CHECK)
            diag_add(s->diags, E0433, item->span, "log aliases say nothing in %s",
                     phase_name(phase));
        else if (item->kind == FMT_ALIAS)
            add_alias(s, f, item, tcp);
        else if (item->kind == FMT_EXPR)
            add_expr(s, f, item, phase);
        else
            add_text(s, f, item->kind == FMT_SPACE ? STR(" ") : item->text);
    }
    f->is_constant = !f->items.n || (f->items.n == 1 && f->items.v[0].kind == FMT_TEXT);
    return f;
}

struct m_fmt *fmt_check(struct sema *s, const struct word *w, enum px_phase phase)
{
    struct m_fmt *f = check(s, w, phase, false, false);
    if (f)
        s->model->log_needs |= f->needs & PX_LOG_URI;
    return f;
}

struct m_fmt *id_fmt_check(struct sema *s, const struct word *w, bool http)
{
    return check(s, w, http ? PX_AT_REQ_HTTP : PX_AT_REQ_TCP, true, !http);
}

struct m_fmt *log_fmt_check(struct sema *s, const struct word *w, bool http)
{
    return check(s, w, PX_AT_LOG, true, !http);
}
