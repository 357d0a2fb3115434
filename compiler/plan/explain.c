/*
 * What the plan chose and why, for people: "proxyc build --explain".
 */
#include "plan.h"

static const char *kind_text(enum set_kind kind)
{
    static const char *const texts[] = {
        [SET_FEW] = "compared one after another: few strings",
        [SET_HASH] = "perfect hash: exact strings",
        [SET_PREFIX] = "sorted prefixes: binary search for the longest",
        [SET_SUFFIX] = "sorted suffixes: binary search for the longest",
        [SET_INT] = "sorted disjoint ranges: binary search",
        [SET_IP] = "sorted disjoint networks: binary search",
    };
    return texts[kind];
}

static void explain_sets(const struct plan *p, const struct p_scope *sc, struct text *out)
{
    (void)p;
    for (unsigned i = 0; i < sc->sets.n; i++) {
        const struct p_set *s = sc->sets.v[i];
        text_printf(out, "  " STR_FMT " -m %s%s: %u pattern%s of %u test%s\n      %s\n",
                    STR_ARG(s->expr->key), match_method_name(s->method), s->fold ? " -i" : "",
                    s->keys.n, s->keys.n == 1 ? "" : "s", s->ntests, s->ntests == 1 ? "" : "s",
                    kind_text(s->kind));
    }
    for (unsigned i = 0; i < sc->samples.n; i++)
        text_printf(out, "  " STR_FMT ": read once for %u uses\n",
                    STR_ARG(sc->samples.v[i]->expr->key), sc->samples.v[i]->uses);
}

static unsigned left_out(const struct p_function *f)
{
    const struct m_proxy *m = f->scope->proxy;
    unsigned written = f->kind == FN_ROUTE    ? m->use_backend.n
                       : f->kind == FN_SERVER ? m->use_server.n
                       : f->kind == FN_RULES  ? m->rules[f->phase].n
                                              : f->steps.n;
    if (f->kind == FN_RULES && f->phase == PX_AT_REQ_HTTP)
        written += m->redirects.n;
    return written - f->steps.n;
}

static void explain_runs(const struct p_function *f, struct text *out)
{
    unsigned found = index_reach(f);
    if (found && found < f->steps.n)
        text_printf(out, "%u of them found by index, the others tried in order", found);
    else
        text_printf(out, found ? "found by index" : "tried in order");
}

void plan_explain(const struct plan *p, struct text *out)
{
    for (unsigned i = 0; i < p->scopes.n; i++) {
        text_printf(out, STR_FMT "\n", STR_ARG(p->scopes.v[i]->name));
        explain_sets(p, p->scopes.v[i], out);
    }
    for (unsigned i = 0; i < p->proxies.n; i++) {
        for (unsigned k = 0; k < p->proxies.v[i]->functions.n; k++) {
            const struct p_function *f = p->proxies.v[i]->functions.v[k];
            text_printf(out, STR_FMT ": %u rule%s, ", STR_ARG(f->name), f->steps.n,
                        f->steps.n == 1 ? "" : "s");
            explain_runs(f, out);
            if (left_out(f))
                text_printf(out, "; %u can never run", left_out(f));
            text_put(out, "\n", 1);
        }
    }
}
