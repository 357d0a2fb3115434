/*
 * Balancing algorithms: which server of a backend gets the next request.
 *
 * A choice never waits and takes no lock. Servers in maintenance, without weight or without a free
 * slot are passed over; backup servers stand in when no active server is usable.
 */
#ifndef PX_LB_H
#define PX_LB_H

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

/* The greatest common divisor of the weights of those servers that count; 1 if none does. */
unsigned px_lb_divisor(const struct px_proxy *be, bool backup,
                       bool (*counts)(const struct px_server *srv, bool backup));

/* Without a key, the choice of an algorithm that hashes. */
const struct px_server *px_lb_turn(const struct px_proxy *be, const struct px_choice *c);
bool px_lb_turns_prepare(const struct px_proxy *be);
/* The load of a backend: "hash-balance-factor" is about what a server has of it. */
struct px_lb_load {
    uint64_t served, weight; /* of all servers that are in use */
    uint32_t factor;         /* percent; 0: there is no limit */
};
void px_lb_load(const struct px_proxy *be, bool backup, struct px_lb_load *load);
/* Does the server have less than its share, counting the request that is to come? */
bool px_lb_has_share(const struct px_lb_load *load, const struct px_server *srv);

/* Without allbackups, only the first usable backup stands in. NULL: none, or it is full. */
const struct px_server *px_lb_first_backup(const struct px_proxy *be, const struct px_choice *c);

#endif
