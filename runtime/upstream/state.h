/*
 * What changes while the proxy runs: counters and levels of proxies, servers and listeners.
 *
 * Counters are kept per thread and added up by who shows them; levels that limits depend on are
 * shared. Everything is allocated once, before the threads start.
 */
#ifndef PX_STATE_H
#define PX_STATE_H

#include "../abi/tables.h"
#include "../loop/loop.h"
#include "../net/addr.h"

#include <pthread.h>

struct px_counters {
#define PX_COUNTER(field, doc) _Atomic uint64_t field;
#include "counters.def"
#undef PX_COUNTER
};

/* Only the owning thread adds, so no locked instruction is needed. */
#define PX_ADD(counter, n)                                                                         \
    atomic_store_explicit(&(counter),                                                              \
                          atomic_load_explicit(&(counter), memory_order_relaxed) + (n),            \
                          memory_order_relaxed)
#define PX_COUNT_ONE(counter) PX_ADD(counter, 1)

/* Events of the second that runs and of the one before. */
struct px_rate {
    _Atomic uint64_t second;
    _Atomic uint32_t now, before, max;
};

/* A level with its highest value. */
struct px_level {
    _Atomic uint32_t now, max;
};

struct px_waiting; /* a transaction in a queue */

struct px_queue {
    struct px_waiting *first, **last;
    struct px_level length;
};

struct px_proxy_state {
    struct px_level fe_conns; /* client connections */
    struct px_level be_conns; /* requests being served or queued */
    struct px_rate conn_rate, sess_rate, be_rate, req_rate;
    _Atomic uint32_t lb_turn;
    pthread_mutex_t queue_lock; /* of the queue here and of those of the servers */
    struct px_queue queue;
    uint64_t joined; /* requests that ever waited in these queues; under queue_lock */
    _Atomic uint64_t log_lines;
    _Atomic uint64_t last_session;               /* seconds since 1970, 0: none */
    _Atomic uint64_t qtime, ctime, rtime, ttime; /* sliding sums of the last 1024 times */
    _Atomic uint64_t qtime_max, ctime_max, rtime_max, ttime_max;
    _Atomic uint32_t maxconn; /* client connections of a frontend; 0: as the process */
    uint32_t fullconn;        /* load at which servers take their maxconn */
    _Atomic bool paused, stopped;
};

struct px_server_state {
    struct px_level served;           /* requests that hold a slot */
    struct px_level used;             /* connections in use or idle */
    _Atomic uint32_t idle, idle_safe; /* idle_safe: of those, the ones that were used again */
    _Atomic uint32_t weight;
    _Atomic bool maintenance;
    struct px_rate rate;
    struct px_queue queue; /* under the proxy's queue_lock */
    union px_sockaddr addr;
    socklen_t addr_len; /* 0: the name could not be resolved */
    _Atomic uint32_t source_turn; /* ports of a range that were tried */
    _Atomic uint64_t last_session;
    _Atomic uint64_t qtime, ctime, rtime, ttime;
    _Atomic uint64_t qtime_max, ctime_max, rtime_max, ttime_max;
    _Atomic uint64_t changed; /* seconds since 1970 of the last change of its state */
};

extern struct px_proxy_state *px_proxy_states;   /* by px_proxy.number */
extern struct px_server_state *px_server_states; /* by px_server.number */
extern struct px_level *px_bind_levels;          /* client connections, by px_bind.number */
extern unsigned px_nthreads;

/* Levels of the whole process. */
extern struct px_level px_conns, px_active;
extern struct px_rate px_conn_rate, px_sess_rate;
extern _Atomic uint64_t px_total_conns, px_total_requests;
extern int64_t px_start_time; /* seconds since 1970; 0: not started yet */
extern _Atomic bool px_stopping;

/* Limits of the whole process. */
extern _Atomic uint32_t px_maxconn;

/* fe_maxconn: client connections of frontends that do not say how many; 0: px_maxconn.
 * false: no memory. */
bool px_state_init(unsigned nthreads, uint32_t fe_maxconn);

/* [thread][frontends, backends, servers, binds] */
extern struct px_counters *px_all_counters;
extern unsigned px_counters_per_thread;

/* Those of this thread. */
static inline struct px_counters *px_own_counters(unsigned at)
{
    return &px_all_counters[(size_t)px_self->number * px_counters_per_thread + at];
}

static inline struct px_counters *px_fe_counters(const struct px_proxy *p)
{
    return px_own_counters(p->number);
}

static inline struct px_counters *px_be_counters(const struct px_proxy *p)
{
    return px_own_counters(px_program.nproxies + p->number);
}

static inline struct px_counters *px_srv_counters(const struct px_server *s)
{
    return px_own_counters(px_program.nproxies * 2u + s->number);
}

static inline struct px_counters *px_bind_counters(const struct px_bind *b)
{
    return px_own_counters(px_program.nproxies * 2u + px_program.nservers + b->number);
}

/* Sums over all threads into *sum. */
enum px_counted { PX_OF_FRONTEND, PX_OF_BACKEND, PX_OF_SERVER, PX_OF_BIND };
void px_counters_sum(enum px_counted what, unsigned number, struct px_counters *sum);

static inline struct px_proxy_state *px_proxy_state(const struct px_proxy *p)
{
    return &px_proxy_states[p->number];
}

static inline struct px_server_state *px_server_state(const struct px_server *s)
{
    return &px_server_states[s->number];
}

void px_level_up(struct px_level *level);
void px_level_down(struct px_level *level);
/* Goes up unless `most` is reached (0: no limit). */
bool px_level_take(struct px_level *level, uint32_t most);

void px_rate_tick(struct px_rate *rate);
/* Events in the last second, by a sliding estimate. */
uint32_t px_rate_read(const struct px_rate *rate);
uint32_t px_rate_max(const struct px_rate *rate);

/* Sliding average over the last 1024 values, and the highest of all. */
void px_time_add(_Atomic uint64_t *sum, _Atomic uint64_t *max, uint64_t ms);
uint64_t px_time_read(const _Atomic uint64_t *sum);

#endif
