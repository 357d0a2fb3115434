/*
 * Queues of requests, in the order in which they are served.
 *
 * Idea: a list that is in order, for who is next, and a tree over it, for the place of who comes.
 * The tree is balanced by random numbers that fall from the root on (a treap); so joining and
 * leaving take a logarithm of the length, whatever the order in which they come. The lock of the
 * queues is held.
 */
#ifndef PX_QUEUE_H
#define PX_QUEUE_H

#include "state.h"

/* The order of a queue: by class, then by time, lowest first; then as they came. */
struct px_rank {
    int32_t class;
    int64_t when; /* ms, as px_loop.now; may be moved from the time of joining */
    bool insists; /* stays, whatever becomes of the server that it waits for */
};

struct px_waiting {
    struct px_waiting *next, **link;    /* in order; link == NULL: in no queue */
    struct px_waiting *before, *behind; /* below it in the tree */
    uint32_t height;                    /* a random number */
    struct px_loop *loop;
    const struct px_proxy *be;
    const struct px_server *wanted;      /* NULL: any of the backend */
    const struct px_server *granted;     /* whose slot it was given; NULL: it is to choose again */
    void (*grant)(struct px_waiting *w); /* on the waiting thread; w is released after it */
    void *owner;
    bool left;       /* the owner is gone */
    uint64_t since;  /* how many the queue had given to servers when it joined */
    uint32_t passed; /* and how many more until it left */
    struct px_rank rank;
    uint64_t turn; /* counts up over all queues of the backend */
    struct px_note note;
};

/* Its rank and its turn are known. */
void px_queue_put(struct px_queue *q, struct px_waiting *w);

/* Counts who has passed it. */
void px_queue_drop(struct px_queue *q, struct px_waiting *w);
bool px_waiting_is_before(const struct px_waiting *a, const struct px_waiting *b);

#endif
