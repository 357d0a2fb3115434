/*
 * Counters, levels and rates. See state.h.
 *
 * The counters of one thread lie together, so that two threads never write to one cache line.
 */
#include "state.h"

#include "../base/macros.h"

#include "room.h"

#include <stdlib.h>

struct px_proxy_state *px_proxy_states;
struct px_server_state *px_server_states;
struct px_level *px_bind_levels;
unsigned px_nthreads = 1;
struct px_level px_conns, px_active;
struct px_rate px_conn_rate, px_sess_rate;
_Atomic uint64_t px_total_conns, px_total_requests;
_Atomic bool px_stopping;
int64_t px_start_time;
_Atomic uint32_t px_maxconn;

struct px_counters *px_all_counters[PX_MOST_THREADS];
static unsigned per_thread;
static struct px_counters *cleared; /* what they were when they were cleared, of all threads */

/* Where the counters of a kind begin among those of one thread. */
static size_t base_of(enum px_counted what)
{
    const struct px_program *p = &px_program;
    switch (what) {
    case PX_OF_FRONTEND:
        return 0;
    case PX_OF_BACKEND:
        return p->nproxies;
    case PX_OF_SERVER:
        return p->nproxies * 2u;
    default:
        return p->nproxies * 2u + p->nservers;
    }
}

/* HAProxy manual, "fullconn": a tenth of what the frontends that lead here may take. sums: by
 * px_proxy.number. */
static void sum_frontends(uint64_t *sums)
{
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *fe = px_program.proxies[i];
        uint32_t maxconn = px_proxy_state(fe)->maxconn;
        if (!(fe->caps & PX_FRONTEND))
            continue;
        for (unsigned k = 0; k < fe->nroutes; k++)
            sums[fe->routes[k]->number] += maxconn;
        if (fe->default_backend)
            sums[fe->default_backend->number] += maxconn;
        if (fe->default_backend != fe)
            sums[fe->number] += maxconn;
    }
}

static bool set_fullconns(void)
{
    uint64_t *sums = calloc(px_program.nproxies + 1u, sizeof *sums);
    if (!sums)
        return false;
    sum_frontends(sums);
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *be = px_program.proxies[i];
        uint64_t sum = sums[be->number];
        px_proxy_state(be)->fullconn = be->fullconn ? (uint32_t)be->fullconn
                                       : sum        ? (uint32_t)((sum + 9) / 10)
                                                    : 1;
    }
    free(sums);
    return true;
}

static void proxy_limits(const struct px_proxy *p, uint32_t fe_maxconn)
{
    struct px_proxy_state *st = px_proxy_state(p);
    st->maxconn = p->maxconn ? (uint32_t)p->maxconn : fe_maxconn ? fe_maxconn : px_maxconn;
}

static void server_init(const struct px_server *srv)
{
    struct px_server_state *st = px_server_state(srv);
    st->weight = (uint32_t)srv->weight;
    st->maxconn = (uint32_t)(srv->maxconn > srv->minconn ? srv->maxconn : srv->minconn);
    st->rank = PX_NO_RANK;
    st->check_port = (uint16_t)srv->check_port;
}

static bool counters_init(unsigned nthreads)
{
    for (unsigned t = 0; t < nthreads; t++)
        if (!(px_all_counters[t] = calloc(per_thread + 1u, sizeof *px_all_counters[t])))
            return false;
    return true;
}

bool px_state_init(unsigned nthreads, uint32_t fe_maxconn)
{
    const struct px_program *p = &px_program;
    px_nthreads = nthreads;
    per_thread = (unsigned)base_of(PX_OF_BIND) + p->nbinds;
    cleared = calloc(per_thread + 1u, sizeof *cleared);
    px_proxy_states = calloc(p->nproxies + 1, sizeof *px_proxy_states);
    px_server_states = calloc(p->nservers + 1, sizeof *px_server_states);
    px_bind_levels = calloc(p->nbinds + 1, sizeof *px_bind_levels);
    if (!counters_init(nthreads) || !cleared || !px_proxy_states || !px_server_states ||
        !px_bind_levels)
        return false;
    for (unsigned i = 0; i < p->nproxies; i++) {
        struct px_proxy_state *st = &px_proxy_states[p->proxies[i]->number];
        pthread_mutex_init(&st->queue_lock, NULL);
        proxy_limits(p->proxies[i], fe_maxconn);
    }
    for (unsigned i = 0; i < p->nproxies; i++) {
        for (unsigned k = 0; k < p->proxies[i]->nservers; k++)
            server_init(p->proxies[i]->servers[k]);
        if (p->proxies[i]->dispatch)
            server_init(p->proxies[i]->dispatch);
    }
    return set_fullconns();
}

static void sum_up(size_t at, struct px_counters *sum)
{
    *sum = (struct px_counters){0};
    for (unsigned t = 0; t < px_nthreads; t++) {
        struct px_counters *c = &px_all_counters[t][at];
#define PX_COUNTER(field, doc) PX_ADD(sum->field, c->field);
#include "counters.def"
#undef PX_COUNTER
    }
}

void px_counters_sum(enum px_counted what, unsigned number, struct px_counters *sum)
{
    size_t at = base_of(what) + number;
    sum_up(at, sum);
#define PX_COUNTER(field, doc) PX_ADD(sum->field, -cleared[at].field);
#include "counters.def"
#undef PX_COUNTER
}

static void level_clear(struct px_level *level)
{
    level->max = level->now;
}

static void rates_clear(struct px_rate *const *rates, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        rates[i]->max = 0;
}

static void proxy_clear(struct px_proxy_state *st, bool all)
{
    struct px_rate *rates[] = {&st->conn_rate, &st->sess_rate, &st->be_rate, &st->req_rate};
    rates_clear(rates, PX_COUNT(rates));
    level_clear(&st->fe_conns);
    level_clear(&st->be_conns);
    level_clear(&st->queue.length);
    st->qtime_max = st->ctime_max = st->rtime_max = st->ttime_max = 0;
    if (all)
        st->last_session = st->qtime = st->ctime = st->rtime = st->ttime = 0;
}

static void server_clear(struct px_server_state *st, bool all)
{
    struct px_rate *rates[] = {&st->rate};
    rates_clear(rates, PX_COUNT(rates));
    level_clear(&st->served);
    level_clear(&st->used);
    level_clear(&st->queue.length);
    st->qtime_max = st->ctime_max = st->rtime_max = st->ttime_max = 0;
    if (all)
        st->last_session = st->qtime = st->ctime = st->rtime = st->ttime = 0;
}

void px_counters_clear(bool all)
{
    struct px_rate *rates[] = {&px_conn_rate, &px_sess_rate};
    for (unsigned i = 0; i < px_program.nproxies; i++)
        proxy_clear(&px_proxy_states[i], all);
    for (unsigned i = 0; i < px_program.nservers; i++)
        server_clear(&px_server_states[i], all);
    for (unsigned i = 0; i < px_program.nbinds; i++)
        level_clear(&px_bind_levels[i]);
    rates_clear(rates, PX_COUNT(rates));
    for (unsigned i = 0; all && i < per_thread; i++)
        sum_up(i, &cleared[i]);
}

static void level_high(struct px_level *level, uint32_t now)
{
    uint32_t max = atomic_load_explicit(&level->max, memory_order_relaxed);
    while (now > max && !atomic_compare_exchange_weak(&level->max, &max, now))
        continue;
}

void px_level_up(struct px_level *level)
{
    level_high(level, atomic_fetch_add(&level->now, 1) + 1);
}

void px_level_down(struct px_level *level)
{
    atomic_fetch_sub(&level->now, 1);
}

bool px_level_take(struct px_level *level, uint32_t most)
{
    /* Not relaxed: who joins a queue has announced itself before it looks here, and who leaves a
     * slot has left it before it looks for those that wait; one of them has to see the other. */
    uint32_t now = atomic_load(&level->now);
    do {
        if (most && now >= most)
            return false;
    } while (!atomic_compare_exchange_weak(&level->now, &now, now + 1));
    level_high(level, now + 1);
    return true;
}

void px_rate_tick(struct px_rate *r)
{
    uint64_t second = px_self->now / 1000;
    uint64_t seen = atomic_load_explicit(&r->second, memory_order_relaxed);
    if (seen != second && atomic_compare_exchange_strong(&r->second, &seen, second)) {
        uint32_t last = atomic_exchange(&r->now, 0);
        r->before = seen + 1 == second ? last : 0;
    }
    uint32_t now = atomic_fetch_add_explicit(&r->now, 1, memory_order_relaxed) + 1;
    if (now > atomic_load_explicit(&r->max, memory_order_relaxed))
        atomic_store_explicit(&r->max, now, memory_order_relaxed);
}

uint32_t px_rate_read(const struct px_rate *r)
{
    uint64_t ms = px_self->now, seen = r->second;
    if (ms / 1000 == seen)
        return r->now + (uint32_t)((uint64_t)r->before * (1000 - ms % 1000) / 1000);
    if (ms / 1000 == seen + 1)
        return (uint32_t)((uint64_t)r->now * (1000 - ms % 1000) / 1000);
    return 0;
}

uint32_t px_rate_max(const struct px_rate *r)
{
    return r->max;
}

uint64_t px_time_read(const _Atomic uint64_t *sum)
{
    /* Rounds up, as what px_time_add takes away is rounded up too. */
    return (atomic_load_explicit(sum, memory_order_relaxed) + PX_TIME_SAMPLES - 1) /
           PX_TIME_SAMPLES;
}
