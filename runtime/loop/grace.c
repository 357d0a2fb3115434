/*
 * Freeing what others may still read. See grace.h.
 *
 * Idea: a round posts a note to each loop. When the last one has been delivered, every thread has
 * been outside of all events since the round began, and what was retired before is free. What is
 * retired meanwhile waits for the next round.
 */
#include "grace.h"

#include "../base/macros.h"

#include <pthread.h>
#include <stdlib.h>

static struct px_loop *const *loops;
static unsigned nloops;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct px_retired *waiting, *leaving; /* under lock */
static bool running;                         /* likewise */
static _Atomic unsigned left;                /* loops of this round */
static struct px_note *notes;

void px_grace_init(struct px_loop *const *all, unsigned n)
{
    free(notes);
    loops = all;
    nloops = n;
    notes = n > 1 ? calloc(n, sizeof *notes) : NULL;
}

static void free_all(struct px_retired *r)
{
    while (r) {
        struct px_retired *next = r->next;
        r->free(r);
        r = next;
    }
}

static void delivered(struct px_note *note);

/* Under lock. */
static void begin_round(void)
{
    leaving = waiting;
    waiting = NULL;
    running = leaving != NULL;
    if (!running)
        return;
    atomic_store_explicit(&left, nloops, memory_order_relaxed);
    for (unsigned i = 0; i < nloops; i++) {
        notes[i].deliver = delivered;
        px_loop_post(loops[i], &notes[i]);
    }
}

static void delivered(struct px_note *note)
{
    (void)note;
    if (atomic_fetch_sub_explicit(&left, 1, memory_order_acq_rel) != 1)
        return;
    pthread_mutex_lock(&lock);
    struct px_retired *done = leaving;
    begin_round();
    pthread_mutex_unlock(&lock);
    free_all(done);
}

void px_retire(struct px_retired *r, void (*free)(struct px_retired *r))
{
    r->free = free;
    r->next = NULL;
    if (!notes) {
        if (nloops < 2)
            free(r);
        return; /* without memory for notes, nothing is ever sure to be free */
    }
    pthread_mutex_lock(&lock);
    r->next = waiting;
    waiting = r;
    if (!running)
        begin_round();
    pthread_mutex_unlock(&lock);
}
