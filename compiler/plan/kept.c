/*
 * Which samples are kept: those that are asked for more than once in a phase, by tests or by what
 * rules write.
 */
#include "parts.h"

bool expr_is_fleeting(const struct plan *p, const struct m_expr *e)
{
    for (unsigned i = 0; i < e->convs.n; i++) {
        const struct m_map *m = e->convs.v[i].conv->nargs ? e->convs.v[i].args[0].map : NULL;
        if (m && m->list && m->list->by_rules)
            return true;
    }
    bool fresh = (e->reads & READS_FRESH) == READS_FRESH;
    return fresh || e->has_effect || (p->model->vars_fleeting && (e->reads & READS_VARS));
}

static bool is_at_hand(const struct m_expr *e)
{
    return !e->convs.n && ((e->fetch->reads & READS_AT_HAND) ||
                           !(e->reads & ~(unsigned)(READS_SESSION | READS_ADDR | READS_VARS)));
}

/* Frontends and backends that a request may go through in one phase. */
static bool meets(struct p_sample *s, const struct p_scope *sc)
{
    if (!sc->proxy || (sc->side != SIDE_REQUEST && sc->side != SIDE_RESPONSE))
        return false;
    unsigned caps = sc->proxy->caps;
    const struct p_scope **front = &s->front[sc->side], **back = &s->back[sc->side];
    bool met = ((caps & PX_FRONTEND) && *back && *back != sc) ||
               ((caps & PX_BACKEND) && *front && *front != sc);
    if ((caps & PX_FRONTEND) && !*front)
        *front = sc;
    if ((caps & PX_BACKEND) && !*back)
        *back = sc;
    return met;
}

static struct str key_of(struct arena *a, const struct m_expr *e, bool each)
{
    return each ? str_printf(a, "each " STR_FMT, STR_ARG(e->key)) : e->key;
}

void sample_use(struct plan *p, struct p_scope *sc, const struct m_expr *e, bool each)
{
    if (is_at_hand(e) || expr_is_fleeting(p, e))
        return;
    struct str key = key_of(p->arena, e, each);
    void **at = map_at(p->arena, &p->by_sample, key), **here;
    if (!*at) {
        struct p_sample *fresh = NEW(p->arena, struct p_sample);
        *fresh = (struct p_sample){.expr = e, .each = each};
        *at = fresh;
    }
    struct p_sample *s = *at;
    here = map_at(p->arena, &sc->by_sample, key);
    bool again = *here || meets(s, sc);
    *here = s;
    s->uses++;
    if (!again || s->name.len)
        return;
    s->name = plan_identifier(p, "kept_" STR_FMT, STR_ARG(key));
    VEC_ADD(p->arena, &p->kept, s);
    p->keeps_volatile = p->keeps_volatile || (e->reads & READS_VOLATILE);
}

static void use_fmt(struct plan *p, struct p_scope *sc, const struct m_fmt *f)
{
    for (unsigned i = 0; f && i < f->items.n; i++)
        if (f->items.v[i].kind == FMT_EXPR)
            sample_use(p, sc, f->items.v[i].expr, false);
}

static void use_rule(struct plan *p, struct p_scope *sc, const struct m_rule *r)
{
    for (unsigned i = 0; i < r->action->nargs; i++) {
        const struct m_arg *a = &r->args[i];
        use_fmt(p, sc, a->kind == ARG_REDIRECT ? a->redirect->target : a->fmt);
        if (a->expr)
            sample_use(p, sc, a->expr, false);
    }
}

void samples_of_step(struct plan *p, struct p_scope *sc, const struct p_step *s)
{
    if (s->rule)
        use_rule(p, sc, s->rule);
    if (s->route)
        use_fmt(p, sc, s->route->name);
    if (s->stick)
        sample_use(p, sc, s->stick->key, false);
}

const struct p_sample *plan_sample(const struct plan *p, const struct m_expr *e, bool each)
{
    const struct p_sample *s = map_get(&p->by_sample, key_of(p->arena, e, each));
    return s && s->name.len ? s : NULL;
}
