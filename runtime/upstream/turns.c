/*
 * Algorithms in which servers take turns: roundrobin and static-rr. And random, which draws a turn.
 *
 * A cycle has one turn for each part of each share, whole multiples of their greatest common
 * divisor. Where that is a short list, it is written down, each server spread as evenly as can be.
 * Else servers have stretches of a line as long as the cycle, and turns go over the line in the
 * order of their numbers read backwards, bit by bit: that visits every place once in a cycle, and
 * every stretch as regularly as its length allows.
 *
 * Who takes a turn counts it by one atomic addition. A change of shares makes a new cycle; the
 * count goes on, so nobody begins again.
 */
#include "turns.h"

#include "../base/macros.h"
#include "../base/random.h"
#include "../loop/grace.h"
#include "room.h"

#include <stdlib.h>

enum {
    LISTED_STEPS = 65536, /* that making a list may take: turns by servers */
    TRIES = 8,            /* turns, before one looks who has room at all */
};

struct stretch {
    uint32_t end;
    uint32_t share;
    const struct px_server *srv;
};

struct cycle {
    struct px_retired retired;
    uint32_t turns, bits; /* 2^bits >= turns */
    uint32_t n;
    const struct px_server **list; /* NULL: it is too long */
    struct stretch stretch[];
};

struct turns {
    _Atomic(struct cycle *) cycle;
    _Atomic uint64_t count;
};

static struct turns (*all)[2]; /* by px_proxy.number: of active servers, of backups */

/* ---- making a cycle ---- */

static bool is_of(const struct px_server *srv, bool backup)
{
    return srv->backup == backup && px_server_usable(srv);
}

static struct cycle *gather(const struct px_proxy *be, bool backup)
{
    struct cycle *c = calloc(1, sizeof *c + be->nservers * sizeof c->stretch[0]);
    uint32_t divisor = 0;
    for (unsigned i = 0; c && i < be->nservers; i++) {
        if (!is_of(be->servers[i], backup))
            continue;
        uint32_t share = px_server_state(be->servers[i])->share;
        c->stretch[c->n++] = (struct stretch){.share = share, .srv = be->servers[i]};
        divisor = px_common_divisor(share, divisor);
    }
    for (unsigned i = 0; c && i < c->n; i++)
        c->turns += c->stretch[i].share /= divisor;
    return c;
}

/* At every turn all gain their share, and the richest pays for all. */
static void write_list(struct cycle *c, int64_t *rich)
{
    for (uint32_t turn = 0; turn < c->turns; turn++) {
        unsigned best = 0;
        for (unsigned i = 0; i < c->n; i++) {
            rich[i] += c->stretch[i].share;
            if (rich[i] > rich[best])
                best = i;
        }
        rich[best] -= c->turns;
        c->list[turn] = c->stretch[best].srv;
    }
}

static bool make_list(struct cycle *c)
{
    int64_t *rich = calloc(c->n, sizeof *rich);
    c->list = calloc(c->turns, sizeof *c->list);
    if (rich && c->list)
        write_list(c, rich);
    free(rich);
    return rich && c->list;
}

/* Large stretches first: they lie where numbers that end alike do. */
static int larger(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;
    return x->share > y->share ? -1 : x->share < y->share;
}

static void lay_out(struct cycle *c)
{
    uint32_t end = 0;
    qsort(c->stretch, c->n, sizeof c->stretch[0], larger);
    for (unsigned i = 0; i < c->n; i++)
        c->stretch[i].end = end += c->stretch[i].share;
    c->bits = PX_HIGHEST_BIT(c->turns * UINT64_C(2) - 1);
}

static void cycle_free(struct px_retired *r)
{
    struct cycle *c = PX_OWNER(r, struct cycle, retired);
    free(c->list);
    free(c);
}

static struct cycle *cycle_make(const struct px_proxy *be, bool backup)
{
    struct cycle *c = gather(be, backup);
    if (!c || !c->n)
        return c;
    if ((uint64_t)c->turns * c->n > LISTED_STEPS) {
        lay_out(c);
    } else if (!make_list(c)) {
        cycle_free(&c->retired);
        return NULL;
    }
    return c;
}

/* Without memory, the cycle stays as it was, and those who have no share are passed over. */
static bool renew(struct turns *t, const struct px_proxy *be, bool backup)
{
    struct cycle *c = cycle_make(be, backup);
    struct cycle *old = c ? atomic_exchange(&t->cycle, c) : NULL;
    if (old)
        px_retire(&old->retired, cycle_free);
    return c;
}

void px_turns_changed(const struct px_proxy *be)
{
    for (int backup = 0; all && backup < 2; backup++)
        if (all[be->number][backup].cycle)
            renew(&all[be->number][backup], be, backup);
}

bool px_turns_prepare(const struct px_proxy *be)
{
    if (!all)
        all = calloc(px_program.nproxies, sizeof *all);
    return all && renew(&all[be->number][false], be, false) &&
           renew(&all[be->number][true], be, true);
}

/* ---- taking turns ---- */

static const struct px_server *stretch_at(const struct cycle *c, uint32_t place)
{
    unsigned from = 0, to = c->n - 1;
    while (from < to) {
        unsigned mid = (from + to) / 2;
        if (c->stretch[mid].end <= place)
            from = mid + 1;
        else
            to = mid;
    }
    return c->stretch[from].srv;
}

static uint32_t backwards(uint32_t v)
{
    v = (v >> 1 & 0x55555555) | (v & 0x55555555) << 1;
    v = (v >> 2 & 0x33333333) | (v & 0x33333333) << 2;
    v = (v >> 4 & 0x0f0f0f0f) | (v & 0x0f0f0f0f) << 4;
    v = (v >> 8 & 0x00ff00ff) | (v & 0x00ff00ff) << 8;
    return v >> 16 | v << 16;
}

static uint64_t count_on(struct turns *t)
{
    return atomic_fetch_add_explicit(&t->count, 1, memory_order_relaxed);
}

/* Of two numbers in a row, one is even, and its place is in the first half: within the cycle. */
static const struct px_server *next_turn(struct turns *t, const struct cycle *c)
{
    if (PX_LIKELY(c->list != NULL))
        return c->list[count_on(t) % c->turns];
    uint32_t place;
    do
        place = backwards((uint32_t)count_on(t)) >> (32 - c->bits);
    while (place >= c->turns);
    return stretch_at(c, place);
}

static bool may_serve(const struct px_server *srv, const struct px_server *avoid)
{
    return srv != avoid && px_has_room(srv);
}

static const struct px_server *take_turn(const struct px_proxy *be, bool backup,
                                         const struct px_choice *choice)
{
    struct turns *t = &all[be->number][backup];
    const struct cycle *c = t->cycle;
    const struct px_server *srv = NULL;
    for (int i = 0; c->n && i < TRIES; i++) {
        srv = next_turn(t, c);
        if (PX_LIKELY(may_serve(srv, choice->avoid)))
            return srv;
    }
    uint32_t rank = srv ? px_server_state(srv)->rank : px_room_begin(be, backup);
    return px_room_find(be, backup, rank, choice->avoid);
}

const struct px_server *px_turn(const struct px_proxy *be, const struct px_choice *choice)
{
    return px_lb_either(be, choice, take_turn);
}

/* ---- drawing ---- */

static const struct px_server *drawn(const struct px_proxy *be, bool backup,
                                     const struct px_choice *choice)
{
    const struct cycle *c = all[be->number][backup].cycle;
    const struct px_server *srv = NULL;
    for (int i = 0; c->n && i < TRIES; i++) {
        uint32_t place = (uint32_t)((uint64_t)(px_random() >> 32) * c->turns >> 32);
        srv = c->list ? c->list[place] : stretch_at(c, place);
        if (may_serve(srv, choice->avoid) && px_lb_within_share(srv))
            return srv;
    }
    /* Most are full: whoever is not, behind a random one. */
    uint32_t rank = srv ? px_server_state(srv)->rank : px_room_begin(be, backup);
    return px_room_find(be, backup, rank, choice->avoid);
}

/* Fewer requests for its share. */
static bool less_loaded(const struct px_server *a, const struct px_server *b)
{
    const struct px_server_state *x = px_server_state(a), *y = px_server_state(b);
    return (uint64_t)x->served.now * y->share < (uint64_t)y->served.now * x->share;
}

/* The less loaded of lb_arg draws ("power of two choices" by default). */
static const struct px_server *best_drawn(const struct px_proxy *be, bool backup,
                                          const struct px_choice *choice)
{
    const struct px_server *best = drawn(be, backup, choice);
    for (int i = 1; best && i < be->lb_arg; i++) {
        const struct px_server *other = drawn(be, backup, choice);
        if (other && less_loaded(other, best))
            best = other;
    }
    return best;
}

static const struct px_server *random_draw(const struct px_proxy *be,
                                           const struct px_choice *choice)
{
    return px_lb_either(be, choice, best_drawn);
}

#define TURNS .prepare = px_turns_prepare, .changed = px_turns_changed
const struct px_lb px_lb_roundrobin = {"roundrobin", px_turn, TURNS, .dynamic = true};
const struct px_lb px_lb_static_rr = {"static-rr", px_turn, TURNS, .dynamic = false};
const struct px_lb px_lb_random = {"random", random_draw, TURNS, .dynamic = true};
