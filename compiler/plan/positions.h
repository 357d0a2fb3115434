/*
 * Regular expressions as automata of positions: each place in the expression that takes a byte is a
 * state, and the edges say which may follow which (Glushkov 1961). Unlike a set of states, they
 * show in how many ways a text is read.
 */
#ifndef POSITIONS_H
#define POSITIONS_H

#include "regex.h"

enum { POSITIONS = 512, POSITION_WORDS = POSITIONS / 64 };

struct pos_set {
    uint64_t w[POSITION_WORDS];
};

/* An unbounded repetition. */
struct pos_loop {
    struct str text;
    unsigned first, behind; /* its positions */
};

struct positions {
    struct arena *arena;
    unsigned n;
    struct byte_set bytes[POSITIONS]; /* that a position takes; none: the value ends here */
    struct pos_set next[POSITIONS];   /* those that may follow */
    struct pos_set twice[POSITIONS];  /* of them, those that follow in two ways */
    struct pos_set first, last;       /* of the whole expression */
    VEC(struct pos_loop) loops;
};

/* NULL: there would be too many. */
struct positions *positions_of(struct arena *a, const struct re *re);

static inline bool pos_has(const struct pos_set *s, unsigned i)
{
    return s->w[i / 64] >> i % 64 & 1;
}

static inline void pos_add(struct pos_set *s, unsigned i)
{
    s->w[i / 64] |= UINT64_C(1) << i % 64;
}

#endif
