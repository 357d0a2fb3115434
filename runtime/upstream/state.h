/*
 * What changes while the proxy runs: counters and levels of proxies, servers and listeners.
 *
 * Counters are kept per thread and added up by who shows them; levels that limits depend on are
 * shared. Everything is allocated once, before the threads start.
 */
#ifndef PX_STATE_H
#define PX_STATE_H

#include "../abi/tables.h"
#include "../loop/grace.h"
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

struct px_queue { /* see queue.h */
    struct px_waiting *first, *root;
    struct px_level length;
    uint64_t granted; /* requests that it gave to servers */
};

struct px_proxy_state {
    struct px_level fe_conns; /* client connections */
    struct px_level be_conns; /* requests being served or queued */
    struct px_rate conn_rate, sess_rate, be_rate, req_rate;
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
    _Atomic uint32_t active, backups; /* servers that have a share */
    _Atomic(const struct px_server *) first_backup; /* of these; NULL: none */
    _Atomic uint64_t shares[2]; /* sums: of active servers, of backups */
    _Atomic uint32_t served;    /* by all servers; only counted for "hash-balance-factor" */
    _Atomic uint64_t changed;         /* seconds since 1970: it gained its first server, or lost its last */
    _Atomic uint64_t downtime;        /* seconds without servers, up to that change */
};

/* What a server does, as far as is known; numbers as in server state files. */
enum px_operation {
    PX_SERVER_STOPPED,  /* it is down */
    PX_SERVER_STARTING, /* up, and gains weight ("slowstart") */
    PX_SERVER_RUNNING,
    PX_SERVER_STOPPING, /* up, but wants no new users */
};

/* Why a server is left alone; bits as in server state files. */
enum px_admin {
    PX_ADMIN_FORCED_MAINT = 0x01,
    PX_ADMIN_INHERITED_MAINT = 0x02, /* from the server that it tracks */
    PX_ADMIN_CONFIGURED_MAINT = 0x04, /* "disabled"; remembered only */
    PX_ADMIN_FORCED_DRAIN = 0x08,
    PX_ADMIN_INHERITED_DRAIN = 0x10,
    PX_ADMIN_UNRESOLVED_MAINT = 0x20, /* its name has no address */
    PX_ADMIN_NAMED = 0x40,            /* its name was changed; no reason by itself */
    PX_ADMIN_MAINT = 0x23,
    PX_ADMIN_DRAIN = 0x18,
};

/* Checks of one kind: what they have found. Under the lock of health.h, except where read by who
 * only shows it. */
struct px_checking {
    _Atomic uint8_t state;  /* enum px_check_state */
    _Atomic uint8_t status, result; /* enum px_check_status, px_check_result */
    _Atomic int32_t health; /* 0 .. rise + fall - 1: up from rise on */
    int32_t rise, fall;
    _Atomic int32_t code;
    _Atomic uint32_t duration_ms;
    char info[128]; /* of the last one; "": nothing; only under the lock */
};

/* Bits as in server state files. */
enum px_check_state {
    PX_CHECK_IN_PROGRESS = 1,
    PX_CHECK_CONFIGURED = 2,
    PX_CHECK_ENABLED = 4,
    PX_CHECK_PAUSED = 8,
    PX_CHECK_AGENT = 16,
};

/* Where a server is. It stays as it is until the end of the event in which it was found. */
struct px_address {
    struct px_retired retired;
    socklen_t len;
    union px_sockaddr sa;
};

/* What an agent is sent. It stays as an address does. */
struct px_question {
    struct px_retired retired;
    char text[];
};

/* What of its traffic tells of the health of a server. */
enum px_observes { PX_OBSERVES_NOTHING, PX_OBSERVES_LAYER4, PX_OBSERVES_LAYER7 };

/* Shares of the traffic are in sixteenths of a weight. */
enum { PX_SHARES = 16 };

struct px_server_state {
    struct px_level served;           /* requests that hold a slot */
    struct px_level used;             /* connections in use or idle */
    _Atomic uint32_t idle, idle_safe; /* idle_safe: of those, the ones that were used again */
    _Atomic uint32_t weight;   /* as it was set */
    _Atomic uint32_t share;    /* of the traffic that is balanced, now; 0: it gets none */
    _Atomic uint64_t before;   /* the shares of those before it */
    _Atomic uint32_t maxconn;  /* as it was set; 0: no limit */
    uint32_t rank;             /* in its backend (room.h) */
    _Atomic uint8_t operation; /* enum px_operation */
    _Atomic uint8_t admin;     /* enum px_admin */
    struct px_checking check, agent;
    uint8_t observes;        /* enum px_observes */
    _Atomic uint32_t errors;   /* in a row, of its traffic */
    struct px_rate rate;
    struct px_queue queue; /* under the proxy's queue_lock */
    _Atomic(struct px_address *) address; /* NULL: its name has none */
    _Atomic uint32_t moves;               /* how often that changed */
    _Atomic(struct px_address *) check_address; /* set while it runs; NULL: as its line says */
    _Atomic uint16_t check_port;                /* 0: as that, or its own */
    _Atomic uint16_t port; /* that it has without an address; 0: that of its line */
    _Atomic(struct px_address *) agent_address; /* NULL: as px_server.check_addr, or its own */
    _Atomic uint16_t agent_port;
    _Atomic(struct px_question *) question; /* to the agent; NULL: as its line says */
    char *host; /* that its line does not say, see px_server_host */
    _Atomic uint32_t source_turn; /* ports of a range that were tried */
    _Atomic uint64_t last_session;
    _Atomic uint64_t qtime, ctime, rtime, ttime;
    _Atomic uint64_t qtime_max, ctime_max, rtime_max, ttime_max;
    _Atomic uint64_t changed; /* seconds since 1970 of the last change of its state */
    _Atomic uint64_t changed_ms;     /* the same as px_loop.now */
    _Atomic uint64_t downtime; /* seconds, up to that change */
    const struct px_server *trackers, *next_tracker; /* servers that follow it, and its fellows */
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

/* By thread: those of [frontends, backends, servers, binds]. */
enum { PX_MOST_THREADS = 64 };
extern struct px_counters *px_all_counters[PX_MOST_THREADS];

/* Those of this thread. */
static inline struct px_counters *px_own_counters(unsigned at)
{
    return &px_all_counters[px_self->number][at];
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

/* NULL: it has none. */
static inline const struct px_address *px_server_address(const struct px_server *s)
{
    return atomic_load_explicit(&px_server_state(s)->address, memory_order_acquire);
}

/* How often the address of any server has changed. */
extern _Atomic uint32_t px_moves;
/* Does it name a service (RFC 2782) instead of a host? */
bool px_names_service(const struct px_endpoint *ep);

/* The port, as it is now; or what is added to that of the client. */
int px_server_port(const struct px_server *s);
/* 0: there is none. */
int px_address_port(const struct px_address *address);

/* The highest values begin anew, or all counters do. */
void px_counters_clear(bool all);

void px_level_up(struct px_level *level);
void px_level_down(struct px_level *level);
/* Goes up unless `most` is reached (0: no limit). */
bool px_level_take(struct px_level *level, uint32_t most);

void px_rate_tick(struct px_rate *rate);
/* Events in the last second, by a sliding estimate. */
uint32_t px_rate_read(const struct px_rate *rate);
uint32_t px_rate_max(const struct px_rate *rate);

/* Sliding average over the last 1024 values, and the highest of all. */
enum { PX_TIME_SAMPLES = 1024 };
static inline void px_time_add(_Atomic uint64_t *sum, _Atomic uint64_t *max, uint64_t ms)
{
    if (ms > atomic_load_explicit(max, memory_order_relaxed))
        atomic_store_explicit(max, ms, memory_order_relaxed);
    uint64_t old = atomic_load_explicit(sum, memory_order_relaxed);
    uint64_t gone = (old + PX_TIME_SAMPLES - 1) / PX_TIME_SAMPLES;
    atomic_store_explicit(sum, old - gone + ms, memory_order_relaxed);
}
uint64_t px_time_read(const _Atomic uint64_t *sum);

#endif
