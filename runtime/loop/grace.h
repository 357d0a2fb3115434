/*
 * Memory that threads may still read when it has been replaced: it is freed when each loop has been
 * between two events since. So readers need no lock, and say nothing; but they must not keep what
 * they found beyond the event that they serve.
 */
#ifndef PX_GRACE_H
#define PX_GRACE_H

#include "loop.h"

struct px_retired {
    struct px_retired *next;
    void (*free)(struct px_retired *r);
};

/* Who takes part: before any of the loops runs. Without loops, or with one, nobody is waited for:
 * the caller is the only reader. */
void px_grace_init(struct px_loop *const *loops, unsigned n);

/* Nobody finds it any more. From any thread of a loop. */
void px_retire(struct px_retired *r, void (*free)(struct px_retired *r));

#endif
