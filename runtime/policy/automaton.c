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
