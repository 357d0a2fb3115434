/*
 * Rules found by index: instead of trying them one after another, ask the sets which tests a
 * request passes, and try only the rules that need one of those, in order.
 *
 * A rule is a candidate when, for one of its groups, the most selective positive test is a hit, or
 * the two most selective ones are.
 * Conditions here have no side effects, so the first candidate whose whole condition holds is the
 * rule that trying all in order would find.
 */
#include "parts.h"

#include "../../runtime/abi/match.h"

#include <string.h>

/* So many rules are worth an index; so few candidates are not worth a better one. */
enum { WORTH_IT = 8, FEW_RULES = 4 };

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

static bool is_better(const struct p_test *a, const struct p_test *b)
{
    return a->uses != b->uses ? a->uses < b->uses : selectivity(a) > selectivity(b);
}

/* The test that the fewest other rules ask for; of another set than `besides`, which may be NULL.
 */
static struct p_test *best_test(const struct p_group *g, const struct p_test *besides)
{
    struct p_test *best = NULL;
    for (unsigned i = 0; i < g->terms.n; i++) {
        if (!by_set(&g->terms.v[i]))
            continue;
        struct p_test *t = g->terms.v[i].acl->tests.v[0];
        if ((!besides || t->set != besides->set) && (!best || is_better(t, best)))
            best = t;
    }
    return best;
}

typedef bool (*expr_fn)(const struct m_expr *e, const void *ctx);

/* Is it so of any sample that the condition tests? */
static bool any_sample(const struct p_cond *c, expr_fn is, const void *ctx)
{
    for (unsigned g = 0; g < c->groups.n; g++)
        for (unsigned i = 0; i < c->groups.v[g].terms.n; i++) {
            const struct p_acl *acl = c->groups.v[g].terms.v[i].acl;
            for (unsigned k = 0; k < acl->tests.n; k++)
                if (is(acl->tests.v[k]->expr, ctx))
                    return true;
        }
    return false;
}

/* What evaluates something else than the index, or not as often, must not change anything. */
static bool has_effect(const struct m_expr *e, const void *ctx)
{
    (void)ctx;
    return e->has_effect;
}

static bool is_touched(const struct m_expr *e, const void *changes)
{
    return changes_touch(changes, e);
}

static bool has_index(const struct p_step *s)
{
    if ((s->route && s->route->name) || (s->rule && (rule_pauses(s->rule) || rule_hints(s->rule))))
        return false;
    if (s->cond.unless || s->cond.constant >= 0 || !s->cond.groups.n ||
        any_sample(&s->cond, has_effect, NULL))
        return false;
    for (unsigned g = 0; g < s->cond.groups.n; g++)
        if (!best_test(&s->cond.groups.v[g], NULL))
            return false;
    return true;
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
        if (has_index(s) != indexed || (indexed && any_sample(&s->cond, is_touched, &changes)))
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
    /* Rules that may wait stop at the first that does not know yet. */
    bool tried = f->kind == FN_MONITOR || f->kind == FN_PERSIST || f->kind == FN_STICK ||
                 (f->kind == FN_RULES && side_may_wait(f->scope->side));
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

/* ---- the arrays ---- */

/* A rule, and the test of the index or the key of its pair of tests. */
struct entry {
    uint32_t key;
    uint16_t rule;
};

struct entries {
    struct p_set *set, *with; /* with: NULL for single tests */
    VEC(struct entry) v;
};

struct all_entries {
    VEC(struct entries) v;
};

static struct entries *entries_of(struct plan *p, struct all_entries *all, struct p_set *set,
                                  struct p_set *with)
{
    for (unsigned i = 0; i < all->v.n; i++)
        if (all->v.v[i].set == set && all->v.v[i].with == with)
            return &all->v.v[i];
    struct entries *x = VEC_PUSH(p->arena, &all->v);
    x->set = set;
    x->with = with;
    return x;
}

static void count_uses(const struct p_function *f, const struct p_run *run, bool clear)
{
    for (unsigned i = 0; i < run->n; i++) {
        const struct p_cond *c = &f->steps.v[run->first + i].cond;
        for (unsigned g = 0; g < c->groups.n; g++)
            for (unsigned k = 0; k < c->groups.v[g].terms.n; k++)
                if (by_set(&c->groups.v[g].terms.v[k])) {
                    struct p_test *t = c->groups.v[g].terms.v[k].acl->tests.v[0];
                    t->uses = clear ? 0 : t->uses + 1;
                }
    }
}

/* Each once, even if several groups of the rule ask for it. */
static void add_entry(struct plan *p, struct entries *x, uint32_t key, uint16_t rule)
{
    for (unsigned i = x->v.n; i-- > 0 && x->v.v[i].rule == rule;)
        if (x->v.v[i].key == key)
            return;
    VEC_ADD(p->arena, &x->v, ((struct entry){key, rule}));
}

/* What leads to a rule need not be asked for again. */
static void mark_found(struct p_group *g, const struct p_test *t)
{
    for (unsigned i = 0; i < g->terms.n; i++)
        g->terms.v[i].found |= by_set(&g->terms.v[i]) && g->terms.v[i].acl->tests.v[0] == t;
}

static bool is_found(const struct p_group *g)
{
    bool all = true;
    for (unsigned i = 0; i < g->terms.n; i++)
        all &= g->terms.v[i].found;
    return all;
}

/* A test that many rules ask for finds few of them when another test joins it. Answers whether that
 * is all that the group asks for. */
static bool add_group(struct plan *p, struct all_entries *all, struct p_group *g, uint16_t rule)
{
    const struct p_test *t = best_test(g, NULL), *with = best_test(g, t);
    mark_found(g, t);
    if (t->uses <= FEW_RULES || !with) {
        add_entry(p, entries_of(p, all, t->set, NULL), t->number, rule);
        return is_found(g);
    }
    mark_found(g, with);
    /* One table for two sets, whichever of them was better in this group. */
    if (strcmp(t->set->name.p, with->set->name.p) > 0) {
        const struct p_test *other = t;
        t = with;
        with = other;
    }
    add_entry(p, entries_of(p, all, t->set, with->set), px_pair_key(t->number, with->number), rule);
    return is_found(g);
}

/* Rules are collected in order, so those of one key stay ascending. */
static void put_arrays(struct plan *p, const struct entries *x, const uint32_t *slots, uint32_t n,
                       struct p_index *out)
{
    uint32_t *first = NEW_N(p->arena, uint32_t, n + 2);
    uint16_t *rules = NEW_N(p->arena, uint16_t, x->v.n + 1);
    for (unsigned i = 0; i < x->v.n; i++)
        first[slots[i] + 1]++;
    for (uint32_t s = 0; s < n; s++)
        first[s + 1] += first[s];
    uint32_t *at = NEW_N(p->arena, uint32_t, n + 1);
    for (unsigned i = 0; i < x->v.n; i++)
        rules[first[slots[i]] + at[slots[i]]++] = x->v.v[i].rule;
    out->first = (struct p_blob){"uint32_t", sizeof *first, n + 1, first};
    out->rules = (struct p_blob){"uint16_t", sizeof *rules, x->v.n, rules};
}

/* A place in the table for each distinct key. */
static uint32_t *hash_keys(struct plan *p, const struct entries *x, struct p_index *out)
{
    uint32_t bits = 1, *slots = NEW_N(p->arena, uint32_t, x->v.n + 1);
    while (UINT32_C(1) << bits < 2 * x->v.n)
        bits++;
    uint32_t n = UINT32_C(1) << bits, *keys = NEW_N(p->arena, uint32_t, n);
    memset(keys, 0xff, n * sizeof *keys);
    for (unsigned i = 0; i < x->v.n; i++) {
        uint32_t slot = px_pair_slot(x->v.v[i].key, bits);
        while (keys[slot] != PX_NO_PAIR && keys[slot] != x->v.v[i].key)
            slot = (slot + 1) & (n - 1);
        keys[slot] = x->v.v[i].key;
        slots[i] = slot;
    }
    out->bits = bits;
    out->keys = (struct p_blob){"uint32_t", sizeof *keys, n, keys};
    return slots;
}

static void arrays(struct plan *p, const struct p_function *f, struct p_run *run,
                   const struct entries *x)
{
    struct p_index *ix = VEC_PUSH(p->arena, &run->indexes);
    *ix = (struct p_index){.set = x->set, .with = x->with};
    if (x->with) {
        ix->name = plan_identifier(p, STR_FMT "_by_" STR_FMT "_and_" STR_FMT, STR_ARG(f->name),
                                   STR_ARG(x->set->name), STR_ARG(x->with->name));
        uint32_t *slots = hash_keys(p, x, ix);
        put_arrays(p, x, slots, (uint32_t)ix->keys.n, ix);
        return;
    }
    ix->name = plan_identifier(p, STR_FMT "_by_" STR_FMT, STR_ARG(f->name), STR_ARG(x->set->name));
    uint32_t *slots = NEW_N(p->arena, uint32_t, x->v.n + 1);
    for (unsigned i = 0; i < x->v.n; i++)
        slots[i] = x->v.v[i].key;
    put_arrays(p, x, slots, x->set->ntests, ix);
}

static void build_run(struct plan *p, const struct p_function *f, struct p_run *run)
{
    struct all_entries all = {0};
    count_uses(f, run, true);
    count_uses(f, run, false);
    for (unsigned i = 0; i < run->n; i++) {
        struct p_step *s = &f->steps.v[run->first + i];
        s->sure = true;
        for (unsigned g = 0; g < s->cond.groups.n; g++)
            s->sure &= add_group(p, &all, &s->cond.groups.v[g], (uint16_t)i);
    }
    for (unsigned k = 0; k < all.v.n; k++)
        arrays(p, f, run, &all.v.v[k]);
}

void index_build(struct plan *p, struct p_function *f)
{
    for (unsigned i = 0; i < f->runs.n; i++)
        if (f->runs.v[i].indexed)
            build_run(p, f, &f->runs.v[i]);
}
