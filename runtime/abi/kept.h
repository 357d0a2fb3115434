/*
 * Samples that a proxy asks for more than once: computed once in a phase, unless an action changes
 * what they read. They live as long as scratch memory: from the first step of a phase to the point
 * where it waits or ends (HAProxy evaluates them anew for each rule).
 *
 * One place a thread and sample is enough, since nothing else runs between two steps of a phase;
 * whose it is stands in it all the same.
 */
#ifndef PX_ABI_KEPT_H
#define PX_ABI_KEPT_H

#include "policy.h"

struct px_kept {
    const struct px_txn *of;
    uint64_t age; /* 0: nothing is kept */
    uint64_t pass;
    enum px_found found;
    struct px_sample sample; /* its bytes are in scratch memory */
};

/* The values of a sample that has several. */
struct px_kept_list {
    struct px_kept end; /* what was found behind the last one */
    uint32_t n;
    struct px_sample *v; /* in scratch memory */
};

typedef enum px_found (*px_each)(struct px_txn *t, struct px_sample *s, struct px_iter *it);

/* Of this thread: resets of scratch memory, from 1; rule sets begun. */
extern _Thread_local uint64_t px_kept_age, px_kept_pass;

static inline bool px_is_kept(const struct px_kept *k, const struct px_txn *t)
{
    return k->of == t && k->age == px_kept_age;
}

/* The same of one that may be another in the next rule set. */
static inline bool px_is_kept_in_pass(const struct px_kept *k, const struct px_txn *t)
{
    return px_is_kept(k, t) && k->pass == px_kept_pass;
}

static inline enum px_found px_kept_again(const struct px_kept *k, struct px_sample *s)
{
    *s = k->sample;
    return k->found;
}

static inline void px_forget(struct px_kept *k)
{
    k->age = 0;
}

/* Keeps the sample that has just been computed, or that there is none. Answers `found`. Without
 * memory nothing is kept. */
enum px_found px_keep(struct px_kept *k, const struct px_txn *t, struct px_sample *s,
                      enum px_found found);

/* Computes all values. Without memory it keeps none. */
void px_keep_all(struct px_kept_list *k, struct px_txn *t, px_each each);
/* The next of them. */
enum px_found px_kept_next(const struct px_kept_list *k, struct px_sample *s, struct px_iter *it);

/* What the rule sets of a phase share: is it of this phase, or to be made anew? */
bool px_is_shared(struct px_kept *k, const struct px_txn *t);

#endif
