/*
 * One automaton for all patterns that are looked for inside a value: regular expressions,
 * substrings, and parts between separators. It reads the value once, byte by byte.
 *
 * Its states are sets of places in the patterns. Patterns that begin alike share their places, so
 * that many strings make a trie with failure links (Aho and Corasick 1975).
 */
#ifndef AUTOMATON_H
#define AUTOMATON_H

#include "../sema/model.h"

/* What has to be found, and the number of whoever wants to know. */
struct au_key {
    enum match_method method; /* REG, SUB, DIR, DOM, END */
    struct str text;
    bool fold;
    uint16_t test;
};

typedef VEC(uint16_t) au_tests;

struct au_state {
    au_tests here; /* whose match ends here, whatever follows */
    au_tests end;  /* that are passed when the value ends here: those, and more */
};

/* State 0 is dead: nothing that follows changes the answer. Those from first_here on are the ones
 * whose `here` is not empty. */
struct automaton {
    uint8_t classes[256]; /* of bytes that no pattern tells apart */
    uint32_t nclasses, nstates, start, first_here;
    struct au_state *states;
    uint16_t *next; /* [nstates][nclasses] */
};

/* false: it would have more than 65,535 states, or a table of more than 2 MB, or take more than *work
 * steps to make; those that were made are taken off. What `out` points to is in `a`; `scratch` is
 * for what is needed meanwhile. */
bool automaton_make(struct arena *a, struct arena *scratch, const struct au_key *keys, unsigned n,
                    uint64_t *work, struct automaton *out);

enum { AU_WORK = 1 << 26 }; /* steps for all that belong together: about a second */

/* NULL: there is an automaton of reasonable size for it alone; else why not. */
const char *automaton_refuses(const struct au_key *key);

#endif
