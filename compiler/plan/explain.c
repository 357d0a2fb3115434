/*
 * What the plan chose and why, for people: "proxyc build --explain".
 */
#include "parts.h"

static const char *kind_text(enum set_kind kind)
{
    static const char *const texts[] = {
        [SET_FEW] = "compared one after another: few strings",
        [SET_HASH] = "perfect hash: exact strings",
        [SET_PREFIX] = "sorted prefixes: binary search for the longest",
        [SET_SUFFIX] = "sorted suffixes: binary search for the longest",
        [SET_INT] = "sorted disjoint ranges: binary search",
        [SET_IP] = "sorted disjoint networks: binary search",
        [SET_SEARCH] = "one automaton",
    };
    return texts[kind];
}

/* Of an automaton, all methods that are in it. */
static void explain_methods(const struct p_set *s, struct text *out)
{
    if (s->kind != SET_SEARCH) {
        text_printf(out, "%s%s", match_method_name(s->method), s->fold ? " -i" : "");
        return;
    }
    unsigned seen = 0;
    for (unsigned i = 0; i < s->keys.n; i++) {
        enum match_method m = s->keys.v[i].method;
        if (!(seen & 1u << m))
            text_printf(out, "%s%s", seen ? "," : "", match_method_name(m));
        seen |= 1u << m;
    }
}

/* What is left to PCRE2, and why. */
static void explain_expressions(const struct p_scope *sc, struct text *out)
{
    for (unsigned a = 0; a < sc->acls.n; a++)
        for (unsigned i = 0; i < sc->acls.v[a]->tests.n; i++) {
            const struct p_test *t = sc->acls.v[a]->tests.v[i];
            for (unsigned k = 0; t->kind == TEST_REGEX && k < t->patterns.n; k++)
                text_printf(out, "  " STR_FMT " -m reg%s " STR_FMT "\n      by PCRE2: %s\n",
                            STR_ARG(t->expr->key), t->fold ? " -i" : "",
                            STR_ARG(t->patterns.v[k]->regex->pattern), t->why);
        }
}

static void explain_sets(const struct p_scope *sc, struct text *out)
{
    for (unsigned i = 0; i < sc->sets.n; i++) {
        const struct p_set *s = sc->sets.v[i];
        text_printf(out, "  " STR_FMT " -m ", STR_ARG(s->expr->key));
        explain_methods(s, out);
        text_printf(out, ": %u pattern%s of %u test%s\n      %s", s->keys.n,
                    s->keys.n == 1 ? "" : "s", s->ntests, s->ntests == 1 ? "" : "s",
                    kind_text(s->kind));
        if (s->kind == SET_SEARCH)
            text_printf(out, ": %u states, %u classes of bytes", s->nstates, s->nclasses);
        text_put(out, "\n", 1);
    }
    explain_expressions(sc, out);
}

static unsigned sticks_of(const struct p_function *f)
{
    const struct m_proxy *m = f->scope->proxy;
    bool of_response = f->phase == PX_AT_RES_HTTP || f->phase == PX_AT_RES_TCP;
    unsigned n = 0;
    for (unsigned i = 0; i < m->sticks.n; i++)
        n += m->sticks.v[i].of_response == of_response;
    return n;
}

static unsigned left_out(const struct p_function *f)
{
    const struct m_proxy *m = f->scope->proxy;
    unsigned written = f->kind == FN_ROUTE     ? m->use_backend.n
                       : f->kind == FN_SERVER  ? m->use_server.n
                       : f->kind == FN_PERSIST ? m->persist_rules.n
                       : f->kind == FN_STICK   ? sticks_of(f)
                       : f->kind == FN_RULES   ? m->rules[f->phase].n
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

/* Lists that stay as they are need no word: they are in the sets above, or maps. */
static void explain_lists(const struct plan *p, struct text *out)
{
    for (unsigned i = 0; i < p->lists.n; i++) {
        const struct m_list *l = p->lists.v[i]->list;
        if (p->lists.v[i]->mutable)
            text_printf(out,
                        STR_FMT ": %u line%s, may be changed by %s; found by matchers of its "
                                "own until then\n",
                        STR_ARG(l->path), l->lines.n, l->lines.n == 1 ? "" : "s",
                        l->by_rules ? "rules" : "the control socket");
    }
}

void plan_explain(const struct plan *p, struct text *out)
{
    for (unsigned i = 0; i < p->scopes.n; i++) {
        text_printf(out, STR_FMT "\n", STR_ARG(p->scopes.v[i]->name));
        explain_sets(p->scopes.v[i], out);
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
    for (unsigned i = 0; i < p->kept.n; i++)
        text_printf(out, STR_FMT ": computed once in a phase for %u uses%s\n",
                    STR_ARG(p->kept.v[i]->expr->key), p->kept.v[i]->uses,
                    p->kept.v[i]->each ? " of all its values" : "");
    regexes_explain(p->model, out);
    explain_lists(p, out);
}
