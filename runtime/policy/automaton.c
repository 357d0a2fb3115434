/*
 * Automata over values. See abi/match.h; compiler/plan/automaton.h makes them.
 */
#include "../abi/match.h"

const uint16_t *px_match_automaton(const struct px_automaton *a, struct px_str v)
{
    const unsigned char *classes = (const unsigned char *)a->classes;
    const uint16_t *hits = px_no_hits, *last = NULL;
    uint32_t state = a->start;
    for (size_t i = 0;; i++) {
        if (state >= a->first_here && a->hits + a->here[state - a->first_here] != last) {
            last = a->hits + a->here[state - a->first_here];
            hits = px_hits_join(hits, last);
        }
        if (i == v.len)
            return px_hits_join(hits, a->hits + a->end[state]);
        state = a->next[state * a->nclasses + classes[(unsigned char)v.p[i]]];
        if (!state)
            return hits;
    }
}

static int64_t lower(int64_t a, const uint16_t *hits)
{
    return hits[0] && (a < 0 || hits[1] < a) ? hits[1] : a;
}

int64_t px_find_automaton(const struct px_automaton *a, struct px_str v)
{
    const unsigned char *classes = (const unsigned char *)a->classes;
    int64_t first = -1;
    uint32_t state = a->start;
    for (size_t i = 0;; i++) {
        if (state >= a->first_here)
            first = lower(first, a->hits + a->here[state - a->first_here]);
        if (i == v.len)
            return lower(first, a->hits + a->end[state]);
        state = a->next[state * a->nclasses + classes[(unsigned char)v.p[i]]];
        if (!state)
            return first;
    }
}
