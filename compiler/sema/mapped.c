/*
 * Names of backends that a map gives: all that can come out of it is known.
 */
#include "proxy.h"

enum { ENOUGH = 10 };

/* Backends by name; made once. */
static const struct map *backends(struct sema *s)
{
    for (unsigned i = s->backends.entries.n ? s->model->proxies.n : 0; i < s->model->proxies.n; i++)
        if (s->model->proxies.v[i]->caps & PX_BACKEND)
            *map_at(s->arena, &s->backends, s->model->proxies.v[i]->name) = s->model->proxies.v[i];
    return &s->backends;
}

static void no_such_backend(struct sema *s, struct str name, struct span at)
{
    struct diag *d =
        diag_add(s->diags, W0510, at, "no backend is named '" STR_FMT "'", STR_ARG(name));
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < backends(s)->entries.n; i++)
        VEC_ADD(s->arena, &names, backends(s)->entries.v[i].key);
    diag_suggest(s->diags, d, name, names.v, names.n);
}

static bool is_backend(struct sema *s, struct str name)
{
    return map_get(backends(s), name) || map_get(&s->lost, name);
}

/* The first entry of every name that there is no backend of. */
static void mind_values(struct sema *s, const struct m_map *m)
{
    struct map seen = {0};
    for (unsigned i = 0; i < m->entries.n && seen.entries.n < ENOUGH; i++) {
        const struct m_map_entry *e = &m->entries.v[i];
        if (!e->value.len || is_backend(s, e->value))
            continue;
        void **place = map_at(s->arena, &seen, e->value);
        if (!*place)
            no_such_backend(s, e->value, e->value_span);
        *place = s;
    }
}

void mind_mapped_backends(struct sema *s, const struct m_fmt *name)
{
    const struct m_expr *e = name->items.n == 1 ? name->items.v[0].expr : NULL;
    const struct m_conv *last = e && e->convs.n ? &e->convs.v[e->convs.n - 1] : NULL;
    if (!last || !last->conv->nargs || !last->args[0].map)
        return;
    mind_values(s, last->args[0].map);
    const struct m_arg *otherwise = &last->args[1];
    if (last->conv->nargs > 1 && otherwise->given && !is_backend(s, otherwise->text))
        no_such_backend(s, otherwise->text, otherwise->span);
}
