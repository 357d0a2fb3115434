/*
 * Automata over values. See abi/match.h; compiler/plan/automaton.h makes them.
 */
#include "../abi/match.h"

/* Shows `see` the hits of each match; those of one match in a row once. */
static inline void walk(const struct px_automaton *a, struct px_str v,
                        void (*see)(void *ctx, const uint16_t *hits), void *ctx)
{
    const unsigned char *classes = (const unsigned char *)a->classes;
    const uint16_t *last = NULL;
    uint32_t state = a->start;
    for (size_t i = 0;; i++) {
        if (state >= a->first_here && a->hits + a->here[state - a->first_here] != last) {
            last = a->hits + a->here[state - a->first_here];
            see(ctx, last);
        }
        if (i == v.len) {
            see(ctx, a->hits + a->end[state]);
            return;
        }
        state = a->next[state * a->nclasses + classes[(unsigned char)v.p[i]]];
        if (!state)
            return;
    }
}

static void join(void *all, const uint16_t *hits)
{
    const uint16_t **joined = all;
    *joined = px_hits_join(*joined, hits);
}

const uint16_t *px_match_automaton(const struct px_automaton *a, struct px_str v)
{
    const uint16_t *hits = px_no_hits;
    walk(a, v, join, &hits);
    return hits;
}

static void lower(void *first, const uint16_t *hits)
{
    int64_t *lowest = first;
    if (hits[0] && (*lowest < 0 || hits[1] < *lowest))
        *lowest = hits[1];
}

int64_t px_find_automaton(const struct px_automaton *a, struct px_str v)
{
    int64_t first = -1;
    walk(a, v, lower, &first);
    return first;
}
