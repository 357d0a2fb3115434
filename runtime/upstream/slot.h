/*
 * Slots of servers (maxconn) and the queues of requests that wait for one.
 *
 * A request waits either for a particular server or for any of its backend. A slot that becomes
 * free is given to the first request in the order of the queue among those that may take it; the
 * request is told on its own thread.
 */
#ifndef PX_SLOT_H
#define PX_SLOT_H

#include "queue.h"

/* The same of one whose limit was set to `most`. */
uint32_t px_server_limit_now(const struct px_server *srv, uint32_t most);
/* How many requests the server may have now (maxconn, minconn, slowstart); 0: no limit. */
static inline uint32_t px_server_limit(const struct px_server *srv)
{
    uint32_t most = atomic_load_explicit(&px_server_state(srv)->maxconn, memory_order_relaxed);
    return most ? px_server_limit_now(srv, most) : 0;
}

/* Tells who chooses servers that the limit of this one, its queue or what it serves is another. */
void px_load_changed(const struct px_server *srv);

bool px_slot_take(const struct px_server *srv);
/* Gives the slot on to the next in the queue, if there is one. */
void px_slot_release(const struct px_server *srv);

/* Puts the owner into a queue. NULL: no memory. If a slot is free after all, grant comes soon. */
struct px_waiting *px_queue_join(const struct px_proxy *be, const struct px_server *wanted,
                                 struct px_rank rank, void (*grant)(struct px_waiting *),
                                 void *owner);
/* A server has room now: gives it requests that wait. How many. */
int px_queue_pull(const struct px_server *srv);
/* A server is down: those who wait for it, and do not insist on it, are to look for another one.
 * How many. */
int px_queue_expel(const struct px_server *srv);
/* The owner no longer waits; w is released, and so is a slot on its way. How many the queue has
 * given to servers meanwhile. */
uint32_t px_queue_leave(struct px_waiting *w);

#endif
