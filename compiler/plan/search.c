/*
 * Sets of patterns that are looked for inside a value: one automaton for all of them, or several
 * when one would be too large.
 */
#include "automaton.h"
#include "parts.h"

#include <string.h>

static struct au_key *keys_of(struct arena *a, const struct p_set *s)
{
    struct au_key *keys = NEW_N(a, struct au_key, s->keys.n);
    for (unsigned i = 0; i < s->keys.n; i++) {
        const struct p_key *k = &s->keys.v[i];
        keys[i] = (struct au_key){k->method, k->text, k->fold, (uint16_t)k->test};
    }
    return keys;
}

static uint32_t put_tests(struct hit_lists *h, const au_tests *t)
{
    return hits_put(h, t->v, t->n);
}

static void finish(struct plan *p, struct p_set *s, const struct automaton *au)
{
    struct arena *a = p->arena;
    struct hit_lists hits = {.arena = a};
    uint32_t n = au->nstates, nhere = n - au->first_here;
    uint32_t *here = NEW_N(a, uint32_t, nhere + 1), *end = NEW_N(a, uint32_t, n);
    char *classes = arena_get(a, sizeof au->classes);
    memcpy(classes, au->classes, sizeof au->classes);
    for (uint32_t i = 0; i < nhere; i++)
        here[i] = put_tests(&hits, &au->states[au->first_here + i].here);
    for (uint32_t i = 0; i < n; i++)
        end[i] = put_tests(&hits, &au->states[i].end);
    s->nstates = n;
    s->nclasses = au->nclasses;
    s->start = au->start;
    s->first_here = au->first_here;
    s->classes = (struct p_blob){"char", 1, sizeof au->classes, classes};
    s->next = (struct p_blob){"uint16_t", sizeof(uint16_t), (size_t)n * au->nclasses, au->next};
    s->here = (struct p_blob){"uint32_t", sizeof *here, nhere, here};
    s->end = (struct p_blob){"uint32_t", sizeof *end, n, end};
    s->hits = hits_blob(&hits);
}

/* A set of its own for the tests from `first` on. */
static struct p_set *split(struct plan *p, struct p_scope *sc, struct p_set *s, unsigned first)
{
    struct p_set *more = NEW(p->arena, struct p_set);
    *more = (struct p_set){
        .expr = s->expr, .method = s->method, .kind = s->kind, .fleeting = s->fleeting};
    more->aside = s->aside;
    more->name = plan_identifier(p, STR_FMT "_more", STR_ARG(s->name));
    unsigned kept = 0;
    for (unsigned i = 0; i < s->keys.n; i++) {
        struct p_key k = s->keys.v[i];
        if (k.test < first) {
            s->keys.v[kept++] = k;
            continue;
        }
        k.test -= first;
        VEC_ADD(p->arena, &more->keys, k);
    }
    s->keys.n = kept;
    for (unsigned i = first; i < s->tests.n; i++) {
        s->tests.v[i]->set = more;
        s->tests.v[i]->number = i - first;
        VEC_ADD(p->arena, &more->tests, s->tests.v[i]);
    }
    s->tests.n = s->ntests = first;
    more->ntests = more->tests.n;
    VEC_ADD(p->arena, &sc->sets, more);
    VEC_ADD(p->arena, &p->sets, more);
    return more;
}

/* Tests on their own again: their patterns are tried one after another. */
static void leave(struct plan *p, struct p_set *s)
{
    static const char why[] = "their automaton would be too large";
    for (unsigned k = 0; k < s->tests.n; k++) {
        struct p_test *t = s->tests.v[k];
        bool regex = t->test->method == MATCH_REG;
        for (unsigned i = 0; regex && i < t->patterns.n; i++)
            t->patterns.v[i]->regex->needed = why;
        t->kind = regex ? TEST_REGEX : TEST_PATTERNS;
        t->why = why;
        t->name = plan_identifier(p, "patterns_" STR_FMT, STR_ARG(s->name));
        t->set = NULL;
    }
    s->ntests = 0;
}

/* One text is found sooner by other means. */
static bool is_worth_it(const struct p_set *s)
{
    return s->keys.n > 1 || s->keys.v[0].method == MATCH_REG;
}

static void build(struct plan *p, struct p_scope *sc, struct p_set *s, uint64_t *work)
{
    struct automaton au;
    while (s->ntests && is_worth_it(s)) {
        struct arena *scratch = arena_new();
        bool made = automaton_make(p->arena, scratch, keys_of(scratch, s), s->keys.n, work, &au);
        arena_free(scratch);
        if (made) {
            finish(p, s, &au);
            return;
        }
        if (s->ntests == 1)
            break;
        split(p, sc, s, s->ntests / 2);
    }
    leave(p, s);
}

void searches_build(struct plan *p, struct p_scope *sc)
{
    uint64_t work = AU_WORK;
    /* Sets that are split off stand at the end, and are built in their turn. */
    for (unsigned i = 0; i < sc->sets.n; i++)
        if (sc->sets.v[i]->kind == SET_SEARCH)
            build(p, sc, sc->sets.v[i], &work);
    unsigned kept = 0;
    for (unsigned i = 0; i < sc->sets.n; i++)
        if (sc->sets.v[i]->ntests)
            sc->sets.v[kept++] = sc->sets.v[i];
    sc->sets.n = kept;
}

/* ---- maps ---- */

static bool all_regular(const struct m_map *m)
{
    for (unsigned i = 0; m->method == MATCH_REG && i < m->entries.n; i++) {
        const struct m_regex *re = m->entries.v[i].key.regex;
        if (automaton_refuses(&(struct au_key){MATCH_REG, re->pattern, re->fold, 0}))
            return false;
    }
    return true;
}

struct p_set *search_of_map(struct plan *p, const struct m_map *m, struct str name)
{
    enum { WORTH_IT = 4 };
    struct automaton au;
    if (m->entries.n < WORTH_IT || m->entries.n > UINT16_MAX || !all_regular(m))
        return NULL;
    struct p_set *s = NEW(p->arena, struct p_set);
    *s = (struct p_set){
        .name = name, .kind = SET_SEARCH, .method = m->method, .ntests = m->entries.n};
    for (unsigned i = 0; i < m->entries.n; i++) {
        const struct m_pattern *pat = &m->entries.v[i].key;
        VEC_ADD(p->arena, &s->keys,
                ((struct p_key){.text = pat->regex ? pat->regex->pattern : pat->text,
                                .test = i,
                                .method = m->method,
                                .fold = pat->regex ? pat->regex->fold : m->fold}));
    }
    struct arena *scratch = arena_new();
    uint64_t work = AU_WORK;
    bool made = automaton_make(p->arena, scratch, keys_of(scratch, s), s->keys.n, &work, &au);
    arena_free(scratch);
    if (!made)
        return NULL;
    finish(p, s, &au);
    return s;
}
