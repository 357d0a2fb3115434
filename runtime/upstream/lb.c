/*
 * Balancing algorithms. See lb.h.
 *
 * Algorithms that take turns walk a sequence that is built when the weights are known: the servers
 * spread by weight. Taking a turn is one atomic addition; servers that cannot serve now are
 * stepped over.
 */
#include "lb.h"
#include "slot.h"

#include "../base/macros.h"

#include <stdlib.h>
#include <string.h>

struct sequence {
    unsigned n;
    const struct px_server *turn[];
};

/* By px_proxy.number: the turns of active servers, then those of backups. */
struct lb_data {
    struct sequence *active, *backup;
};

static struct lb_data *data;

static bool has_room(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    uint32_t most = px_server_limit(srv);
    return !most || (!st->queue.length.now &&
                     atomic_load_explicit(&st->served.now, memory_order_relaxed) < most);
}

static unsigned count_usable(const struct px_proxy *be, bool backup)
{
    const struct px_proxy_state *st = px_proxy_state(be);
    return atomic_load_explicit(backup ? &st->backups : &st->active, memory_order_relaxed);
}

unsigned px_usable_servers(const struct px_proxy *be)
{
    unsigned active = count_usable(be, false);
    if (active)
        return active;
    unsigned backups = count_usable(be, true);
    return be->allbackups ? backups : backups > 0;
}

bool px_any_server(const struct px_proxy *be)
{
    return count_usable(be, false) || count_usable(be, true);
}

bool px_server_in_use(const struct px_server *srv)
{
    const struct px_proxy *be = srv->proxy;
    if (!px_server_usable(srv))
        return false;
    if (!srv->backup)
        return true;
    return !count_usable(be, false) && (be->allbackups || px_proxy_state(be)->first_backup == srv);
}

static bool may_serve(const struct px_server *srv, const struct px_choice *c)
{
    return srv != c->avoid && px_server_usable(srv) && has_room(srv);
}

void px_lb_load(const struct px_proxy *be, bool backup, struct px_lb_load *load)
{
    *load = (struct px_lb_load){.factor = (uint32_t)be->hash_balance_factor};
    for (unsigned i = 0; load->factor && i < be->nservers; i++) {
        const struct px_server_state *st = px_server_state(be->servers[i]);
        if (be->servers[i]->backup != backup || !px_server_usable(be->servers[i]))
            continue;
        load->served += st->served.now;
        load->weight += st->weight;
    }
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* Both roundings are upwards, so that somebody always has less. */
bool px_lb_has_share(const struct px_lb_load *load, const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    if (!load->factor || !load->weight)
        return true;
    uint64_t slots = divide_up((load->served + 1) * load->factor, 100);
    return st->served.now < divide_up(slots * st->weight, load->weight);
}

const struct px_server *px_lb_first_backup(const struct px_proxy *be, const struct px_choice *c)
{
    const struct px_server *srv = px_proxy_state(be)->first_backup;
    return srv && has_room(srv) && srv != c->avoid ? srv : NULL;
}

unsigned px_lb_divisor(const struct px_proxy *be, bool backup,
                       bool (*counts)(const struct px_server *srv, bool backup))
{
    unsigned gcd = 0;
    for (unsigned i = 0; i < be->nservers; i++) {
        unsigned a = (unsigned)be->servers[i]->weight;
        if (!counts(be->servers[i], backup) || !a)
            continue;
        for (unsigned b = gcd; b;) {
            unsigned r = a % b;
            a = b;
            b = r;
        }
        gcd = a;
    }
    return gcd ? gcd : 1;
}

static bool is_of(const struct px_server *srv, bool backup)
{
    return srv->backup == backup;
}

/* Spreads each server evenly: at every turn all gain their weight, and the richest pays the sum. */
static struct sequence *sequence_build(const struct px_proxy *be, bool backup)
{
    unsigned total = 0, divisor = px_lb_divisor(be, backup, is_of);
    for (unsigned i = 0; i < be->nservers; i++)
        if (be->servers[i]->backup == backup)
            total += (unsigned)be->servers[i]->weight / divisor;
    struct sequence *s = malloc(sizeof *s + total * sizeof s->turn[0]);
    int64_t *rich = calloc(be->nservers + 1, sizeof *rich);
    if (!s || !rich) {
        free(s);
        free(rich);
        return NULL;
    }
    s->n = total;
    for (unsigned turn = 0; turn < total; turn++) {
        unsigned best = be->nservers;
        for (unsigned i = 0; i < be->nservers; i++) {
            if (be->servers[i]->backup != backup || !be->servers[i]->weight)
                continue;
            rich[i] += be->servers[i]->weight / (int)divisor;
            if (best == be->nservers || rich[i] > rich[best])
                best = i;
        }
        rich[best] -= total;
        s->turn[turn] = be->servers[best];
    }
    free(rich);
    return s;
}

bool px_lb_turns_prepare(const struct px_proxy *be)
{
    if (!data)
        data = calloc(px_program.nproxies, sizeof *data);
    if (!data)
        return false;
    struct lb_data *d = &data[be->number];
    if (d->active && d->backup)
        return true;
    d->active = sequence_build(be, false);
    d->backup = sequence_build(be, true);
    return d->active && d->backup;
}

static const struct px_server *take_turn(const struct px_proxy *be, const struct sequence *s,
                                         const struct px_choice *c)
{
    if (!s->n)
        return NULL;
    _Atomic uint32_t *turn = &px_proxy_state(be)->lb_turn;
    for (unsigned i = 0; i < s->n; i++) {
        uint32_t at = atomic_fetch_add_explicit(turn, 1, memory_order_relaxed);
        const struct px_server *srv = s->turn[at % s->n];
        if (may_serve(srv, c))
            return srv;
    }
    /* Nobody had a turn; else a look at the active servers would move the turns of the backups. */
    atomic_fetch_sub_explicit(turn, s->n, memory_order_relaxed);
    return NULL;
}

const struct px_server *px_lb_turn(const struct px_proxy *be, const struct px_choice *c)
{
    const struct lb_data *d = &data[be->number];
    const struct px_server *srv = take_turn(be, d->active, c);
    if (PX_LIKELY(srv) || count_usable(be, false))
        return srv;
    return be->allbackups ? take_turn(be, d->backup, c) : px_lb_first_backup(be, c);
}

/* Fewest requests for its weight; among equals the one whose turn it is. */
static bool less_loaded(const struct px_server *a, const struct px_server *b)
{
    const struct px_server_state *x = px_server_state(a), *y = px_server_state(b);
    return (uint64_t)x->served.now * y->weight < (uint64_t)y->served.now * x->weight;
}

static const struct px_server *least(const struct px_proxy *be, const struct px_choice *c,
                                     bool backup)
{
    const struct px_server *best = NULL;
    uint32_t start = atomic_load_explicit(&px_proxy_state(be)->lb_turn, memory_order_relaxed);
    for (unsigned i = 0; i < be->nservers; i++) {
        const struct px_server *srv = be->servers[(start + i) % be->nservers];
        if (srv->backup == backup && may_serve(srv, c) && (!best || less_loaded(srv, best)))
            best = srv;
    }
    for (unsigned i = 0; best && i < be->nservers; i++)
        if (be->servers[i] == best)
            atomic_store_explicit(&px_proxy_state(be)->lb_turn, i + 1, memory_order_relaxed);
    return best;
}

static const struct px_server *leastconn(const struct px_proxy *be, const struct px_choice *c)
{
    const struct px_server *srv = least(be, c, false);
    if (srv || count_usable(be, false))
        return srv;
    return be->allbackups ? least(be, c, true) : px_lb_first_backup(be, c);
}

static const struct px_server *lowest_id(const struct px_proxy *be, const struct px_choice *c,
                                         bool backup)
{
    const struct px_server *best = NULL;
    for (unsigned i = 0; i < be->nservers; i++) {
        const struct px_server *srv = be->servers[i];
        if (srv->backup == backup && may_serve(srv, c) && (!best || srv->id < best->id))
            best = srv;
    }
    return best;
}

static const struct px_server *first(const struct px_proxy *be, const struct px_choice *c)
{
    const struct px_server *srv = lowest_id(be, c, false);
    if (srv || count_usable(be, false))
        return srv;
    return be->allbackups ? lowest_id(be, c, true) : px_lb_first_backup(be, c);
}

static uint32_t draw(void)
{
    static _Thread_local uint64_t x;
    if (!x)
        x = (uint64_t)px_self->date_us * UINT64_C(0x9e3779b97f4a7c15) + px_self->number + 1;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)(x >> 32);
}

static const struct px_server *drawn(const struct sequence *s, const struct px_lb_load *load,
                                     const struct px_choice *c)
{
    for (unsigned i = 0, at = s->n ? draw() % s->n : 0; i < s->n; i++) {
        const struct px_server *srv = s->turn[(at + i) % s->n];
        if (may_serve(srv, c) && px_lb_has_share(load, srv))
            return srv;
    }
    return NULL;
}

/* The less loaded of lb_arg draws ("power of two choices" by default). */
static const struct px_server *best_drawn(const struct px_proxy *be, bool backup,
                                          const struct px_choice *c)
{
    const struct sequence *s = backup ? data[be->number].backup : data[be->number].active;
    struct px_lb_load load;
    px_lb_load(be, backup, &load);
    const struct px_server *best = drawn(s, &load, c);
    for (int i = 1; best && i < be->lb_arg; i++) {
        const struct px_server *other = drawn(s, &load, c);
        if (other && less_loaded(other, best))
            best = other;
    }
    return best;
}

static const struct px_server *random_draw(const struct px_proxy *be, const struct px_choice *c)
{
    const struct px_server *srv = best_drawn(be, false, c);
    if (srv || count_usable(be, false))
        return srv;
    return be->allbackups ? best_drawn(be, true, c) : px_lb_first_backup(be, c);
}

const struct px_lb px_lb_roundrobin = {"roundrobin", px_lb_turn, px_lb_turns_prepare, NULL, true};
const struct px_lb px_lb_static_rr = {"static-rr", px_lb_turn, px_lb_turns_prepare, NULL, false};
const struct px_lb px_lb_leastconn = {"leastconn", leastconn, NULL, NULL, true};
const struct px_lb px_lb_first = {"first", first, NULL, NULL, false};
const struct px_lb px_lb_random = {"random", random_draw, px_lb_turns_prepare, NULL, true};
