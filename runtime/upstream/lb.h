/*
 * Balancing algorithms: which server of a backend gets the next request.
 *
 * A choice never waits and takes no lock. Servers in maintenance, without weight or without a free
 * slot are passed over; backup servers stand in when no active server is usable.
 *
 * What an algorithm knows about its servers it makes anew when their shares change, and readers see
 * either the old or the new of it.
 */
#ifndef PX_LB_H
#define PX_LB_H

#include "../base/macros.h"
#include "state.h"

struct px_choice {
    uint32_t hash; /* of the key, for algorithms that use one */
    bool has_hash;
    const struct px_server *avoid; /* not this one if there is another; NULL: any */
};

struct px_lb {
    const char *name;
    /* The chosen server; NULL: none has room now. With a hash, it may be full: the key decides, and
     * the server is waited for. */
    const struct px_server *(*choose)(const struct px_proxy *be, const struct px_choice *c);
    /* false: no memory. */
    bool (*prepare)(const struct px_proxy *be);
    /* Shares of its servers have changed; under the lock of health.h. NULL: it looks by itself. */
    void (*changed)(const struct px_proxy *be);
    /* What a server serves, or its queue, has changed. From any thread. NULL: it does not matter.
     */
    void (*moved)(const struct px_server *srv);
    bool queues;  /* it may choose a server that is full, whose queue is then to take the request */
    bool dynamic; /* any share is possible; else a server has all of its weight, or nothing */
};

/* Can this server be given requests by balancing, now or after waiting? */
static inline bool px_server_usable(const struct px_server *srv)
{
    return atomic_load_explicit(&px_server_state(srv)->share, memory_order_relaxed);
}

/* Does it serve those who have a reason to come back to it? */
static inline bool px_server_may_persist(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    return !(atomic_load_explicit(&st->admin, memory_order_relaxed) & PX_ADMIN_MAINT) &&
           atomic_load_explicit(&st->operation, memory_order_relaxed) != PX_SERVER_STOPPED;
}

/* How many servers can be given requests, the backups counted only when they are in use. */
unsigned px_usable_servers(const struct px_proxy *be);
/* Is there one? */
bool px_any_server(const struct px_proxy *be);
/* Is this server among those that the algorithm may choose from now? */
bool px_server_in_use(const struct px_server *srv);

/* The greatest one; that of 0 and n is n. */
uint32_t px_common_divisor(uint32_t a, uint32_t b);

/* Has it a free slot, or a free place in the queue that maxqueue limits? */
bool px_lb_may_queue(const struct px_server *srv);
/* For backends with an affinity: has it a free slot; or, with maxqueue, a free place? */
bool px_lb_takes(const struct px_server *srv);
/* "hash-balance-factor": has the server less than its share of what the backend serves, counting
 * the request that is to come? Without a factor, always. */
bool px_lb_within_share(const struct px_server *srv);

/* "hash-preserve-affinity": is the server worth waiting for, now that a hash has chosen it? */
static inline bool px_lb_is_kept_to(const struct px_server *srv)
{
    return PX_LIKELY(srv->proxy->affinity == PX_AFFINITY_ALWAYS) || px_lb_takes(srv);
}

/* Any server with room, of those that are in use; NULL: there is none. */
const struct px_server *px_lb_any(const struct px_proxy *be);

/* What `pick` finds among the active servers; if none is usable, among the backups. */
const struct px_server *px_lb_either(const struct px_proxy *be, const struct px_choice *c,
                                     const struct px_server *(*pick)(const struct px_proxy *be,
                                                                     bool backup,
                                                                     const struct px_choice *c));

#endif
