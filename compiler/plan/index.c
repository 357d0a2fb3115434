/*
 * Rules found by index: instead of trying them one after another, ask the sets which tests a
 * request passes, and try only the rules that need one of those, in order.
 *
 * A rule is a candidate when, for one of its groups, the most selective positive test is a hit.
 * Conditions here have no side effects, so the first candidate whose whole condition holds is the
 * rule that trying all in order would find.
 */
#include "parts.h"

enum { WORTH_IT = 8 };

static bool by_set(const struct p_term *t)
{
    const struct p_test *first = t->acl->tests.n == 1 ? t->acl->tests.v[0] : NULL;
    return !t->negated && first && first->kind == TEST_SET && !first->set->fleeting;
}

/* Exact tests first: they have the fewest hits. */
static unsigned selectivity(const struct p_test *t)
{
    switch (t->set->method) {
    case MATCH_STR:
    case MATCH_BIN:
        return 5;
    case MATCH_IP:
        return 4;
    case MATCH_INT:
        return 3;
    case MATCH_BEG:
    case MATCH_END:
        return 2;
    default:
        return 1;
    }
}

static const struct p_test *best_test(const struct p_group *g)
{
    const struct p_test *best = NULL;
    for (unsigned i = 0; i < g->terms.n; i++) {
        if (!by_set(&g->terms.v[i]))
            continue;
        const struct p_test *t = g->terms.v[i].acl->tests.v[0];
        if (!best || selectivity(t) > selectivity(best))
            best = t;
    }
    return best;
}

/* What evaluates something else than the index, or not as often, must not change anything. */
static bool has_effect(const struct p_cond *c)
{
    for (unsigned g = 0; g < c->groups.n; g++)
        for (unsigned i = 0; i < c->groups.v[g].terms.n; i++) {
            const struct p_acl *acl = c->groups.v[g].terms.v[i].acl;
            for (unsigned k = 0; k < acl->tests.n; k++)
                if (acl->tests.v[k]->expr->has_effect)
                    return true;
        }
    return false;
}

static bool has_index(const struct p_step *s)
{
    if ((s->route && s->route->name) || (s->rule && (rule_pauses(s->rule) || rule_hints(s->rule))))
        return false;
    if (s->cond.unless || s->cond.constant >= 0 || !s->cond.groups.n || has_effect(&s->cond))
        return false;
    for (unsigned g = 0; g < s->cond.groups.n; g++)
        if (!best_test(&s->cond.groups.v[g]))
            return false;
    return true;
}

static bool cond_touched(const struct changes *by, const struct p_cond *c)
{
    for (unsigned g = 0; g < c->groups.n; g++)
        for (unsigned i = 0; i < c->groups.v[g].terms.n; i++) {
            const struct p_acl *acl = c->groups.v[g].terms.v[i].acl;
            for (unsigned k = 0; k < acl->tests.n; k++)
                if (changes_touch(by, acl->tests.v[k]->expr))
                    return true;
        }
    return false;
}

/* Of the steps from `first` on, how many there are of the same kind. Those of an index are found
 * before the first of them runs, so that none may change what a later one depends on. */
static unsigned run_length(struct plan *p, const struct p_function *f, unsigned first)
{
    bool indexed = has_index(&f->steps.v[first]);
    struct changes changes = {0};
    unsigned n = 0;
    for (; first + n < f->steps.n && n < UINT16_MAX; n++) {
        const struct p_step *s = &f->steps.v[first + n];
        if (has_index(s) != indexed || (indexed && cond_touched(&changes, &s->cond)))
            break;
        if (indexed && s->rule)
            changes_add(p->arena, &changes, s->rule);
    }
    return n;
}

static void add_run(struct plan *p, struct p_function *f, struct p_run run)
{
    struct p_run *last = f->runs.n ? &f->runs.v[f->runs.n - 1] : NULL;
    if (last && !last->indexed && !run.indexed)
        last->n += run.n;
    else
        VEC_ADD(p->arena, &f->runs, run);
}

void index_steps(struct plan *p, struct p_function *f)
{
    bool tried = side_may_wait(f->scope->side) || f->kind == FN_MONITOR;
    for (unsigned first = 0; first < f->steps.n;) {
        unsigned n = run_length(p, f, first);
        bool indexed = n >= WORTH_IT && !tried && has_index(&f->steps.v[first]);
        add_run(p, f, (struct p_run){.first = first, .n = n, .indexed = indexed});
        first += n;
    }
}

unsigned index_reach(const struct p_function *f)
{
    unsigned n = 0;
    for (unsigned i = 0; i < f->runs.n; i++)
        n += f->runs.v[i].indexed ? f->runs.v[i].n : 0;
    return n;
}

struct pair {
    uint32_t test;
    uint16_t rule;
};

struct pairs {
    struct p_set *set;
    VEC(struct pair) v;
};

struct all_pairs {
    VEC(struct pairs) v;
};

static struct pairs *pairs_of(struct plan *p, struct all_pairs *all, struct p_set *set)
{
    for (unsigned i = 0; i < all->v.n; i++)
        if (all->v.v[i].set == set)
            return &all->v.v[i];
    struct pairs *x = VEC_PUSH(p->arena, &all->v);
    x->set = set;
    return x;
}

static void collect(struct plan *p, const struct p_function *f, const struct p_run *run,
                    struct all_pairs *all)
{
    for (unsigned i = 0; i < run->n; i++) {
        const struct p_cond *c = &f->steps.v[run->first + i].cond;
        for (unsigned g = 0; g < c->groups.n; g++) {
            const struct p_test *t = best_test(&c->groups.v[g]);
            VEC_ADD(p->arena, &pairs_of(p, all, t->set)->v,
                    ((struct pair){t->number, (uint16_t)i}));
        }
    }
}

/* Rules are collected in order, so those of one test stay ascending. */
static void arrays(struct plan *p, const struct p_function *f, struct p_run *run,
                   const struct pairs *x)
{
    uint32_t *first = NEW_N(p->arena, uint32_t, x->set->ntests + 2);
    uint16_t *rules = NEW_N(p->arena, uint16_t, x->v.n + 1);
    for (unsigned i = 0; i < x->v.n; i++)
        first[x->v.v[i].test + 1]++;
    for (unsigned t = 0; t < x->set->ntests; t++)
        first[t + 1] += first[t];
    uint32_t *at = NEW_N(p->arena, uint32_t, x->set->ntests + 1);
    for (unsigned i = 0; i < x->v.n; i++) {
        uint32_t t = x->v.v[i].test;
        rules[first[t] + at[t]++] = x->v.v[i].rule;
    }
    struct p_index *ix = VEC_PUSH(p->arena, &run->indexes);
    *ix = (struct p_index){
        .set = x->set,
        .name = plan_identifier(p, STR_FMT "_by_" STR_FMT, STR_ARG(f->name), STR_ARG(x->set->name)),
        .first = {"uint32_t", sizeof *first, x->set->ntests + 1, first},
        .rules = {"uint16_t", sizeof *rules, x->v.n, rules}};
}

void index_build(struct plan *p, struct p_function *f)
{
    for (unsigned i = 0; i < f->runs.n; i++) {
        struct all_pairs all = {0};
        if (!f->runs.v[i].indexed)
            continue;
        collect(p, f, &f->runs.v[i], &all);
        for (unsigned k = 0; k < all.v.n; k++)
            arrays(p, f, &f->runs.v[i], &all.v.v[k]);
    }
}
