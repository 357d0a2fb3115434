/*
 * leastconn: the server with the least load, which is the number of its requests, the coming one
 * included, over its share; servers without requests have no load. Among equals, the one whose load
 * has not changed for longest.
 *
 * Idea: a tournament. Servers are the leaves of a binary tree, and each node names the winner of
 * the two below it, so the root names the least loaded of all, and a change of one load concerns
 * the nodes above one leaf. Nobody locks: who writes a node compares again, until the node names
 * who wins; so the last one to write it has seen the last change of what lies below, and when no
 * change is on its way the root is right. While some are, it may be late by these.
 */
#include "../base/macros.h"
#include "lb.h"
#include "room.h"
#include "slot.h"

#include <stdlib.h>

/* A load of 1: one request for the least share. Loads are whole numbers, as in HAProxy. */
enum { WHOLE = 256 * PX_SHARES };

#define FULL UINT32_MAX

struct tree {
    uint32_t first, n;        /* ranks of its servers */
    uint32_t leaves;          /* a power of two */
    _Atomic uint64_t *keys;   /* of leaves: load, and the moment of its change */
    _Atomic uint32_t *winner; /* of nodes: a leaf; the root is 1, below k are 2 k and 2 k + 1 */
    _Atomic uint32_t moment;
};

static struct tree (*trees)[2]; /* by px_proxy.number: of active servers, of backups */

/* ---- the tree ---- */

static uint32_t load_in(uint64_t key)
{
    return (uint32_t)(key >> 32);
}

static uint32_t lesser(const struct tree *t, uint32_t a, uint32_t b)
{
    uint64_t x = t->keys[a], y = t->keys[b];
    if (load_in(x) != load_in(y))
        return load_in(x) < load_in(y) ? a : b;
    return (int32_t)((uint32_t)x - (uint32_t)y) <= 0 ? a : b; /* moments wrap */
}

static uint32_t winner_at(const struct tree *t, uint32_t node)
{
    return node < t->leaves ? t->winner[node] : node - t->leaves;
}

static uint32_t compare_below(const struct tree *t, uint32_t node)
{
    return lesser(t, winner_at(t, 2 * node), winner_at(t, 2 * node + 1));
}

/* To the root, though the winner may be another leaf on the way: who made it so may not have seen
 * the last change of this one. */
static void play_again(struct tree *t, uint32_t leaf)
{
    for (uint32_t node = (t->leaves + leaf) / 2; node; node /= 2)
        for (uint32_t best; (best = compare_below(t, node)) != t->winner[node];)
            t->winner[node] = best;
}

/* The winner if that leaf does not take part. */
static uint32_t winner_without(const struct tree *t, uint32_t leaf)
{
    uint32_t node = t->leaves + leaf, best = winner_at(t, node ^ 1);
    for (node /= 2; node > 1; node /= 2)
        best = lesser(t, best, winner_at(t, node ^ 1));
    return best;
}

static bool tree_init(struct tree *t, const struct px_proxy *be, bool backup)
{
    t->first = px_room_begin(be, backup);
    t->n = px_room_end(be, backup) - t->first;
    t->leaves = 2;
    while (t->leaves < t->n)
        t->leaves *= 2;
    t->keys = calloc(t->leaves, sizeof *t->keys);
    t->winner = calloc(t->leaves, sizeof *t->winner);
    if (!t->keys || !t->winner)
        return false;
    for (uint32_t i = 0; i < t->leaves; i++)
        t->keys[i] = (uint64_t)FULL << 32;
    for (uint32_t node = t->leaves - 1; node; node--)
        t->winner[node] = compare_below(t, node);
    return true;
}

/* ---- loads ---- */

static uint32_t load_of(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    uint32_t share = st->share, most = st->maxconn;
    uint64_t has = (uint64_t)st->served.now + st->queue.length.now;
    if (!share || (most && has >= (uint64_t)most + (uint32_t)srv->maxqueue))
        return FULL;
    uint64_t load = has ? (has + 1) * WHOLE / share : 0;
    return load < FULL ? (uint32_t)load : FULL - 1;
}

static void moved(const struct px_server *srv)
{
    uint32_t rank = px_server_state(srv)->rank;
    if (!trees || rank == PX_NO_RANK)
        return;
    struct tree *t = &trees[srv->proxy->number][srv->backup];
    _Atomic uint64_t *key = &t->keys[rank - t->first];
    uint32_t load = load_of(srv);
    if (load_in(*key) == load)
        return;
    do
        *key = (uint64_t)load << 32 | atomic_fetch_add(&t->moment, 1);
    while ((load = load_of(srv)) != load_in(*key));
    play_again(t, rank - t->first);
}

static void changed(const struct px_proxy *be)
{
    for (unsigned i = 0; trees && trees[be->number][0].keys && i < be->nservers; i++)
        moved(be->servers[i]);
}

static bool prepare(const struct px_proxy *be)
{
    if (!trees)
        trees = calloc(px_program.nproxies, sizeof *trees);
    if (!trees || !tree_init(&trees[be->number][false], be, false) ||
        !tree_init(&trees[be->number][true], be, true))
        return false;
    changed(be);
    return true;
}

/* ---- choosing ---- */

/* HAProxy manual, "maxqueue": it may be given what it is to serve next. */
static bool may_take(const struct px_server *srv)
{
    return srv->maxqueue ? px_server_usable(srv) && px_lb_may_queue(srv) : px_has_room(srv);
}

/* For limits that depend on load and time, and so are not seen in the tree. */
static const struct px_server *walk(const struct px_proxy *be, const struct tree *t,
                                    const struct px_server *avoid)
{
    uint32_t best = t->n;
    for (uint32_t i = 0; i < t->n; i++) {
        const struct px_server *srv = px_room_at(be, t->first + i);
        if (srv != avoid && may_take(srv) && (best == t->n || lesser(t, best, i) == i))
            best = i;
    }
    return best < t->n ? px_room_at(be, t->first + best) : NULL;
}

static const struct px_server *least(const struct px_proxy *be, bool backup,
                                     const struct px_choice *c)
{
    const struct tree *t = &trees[be->number][backup];
    uint32_t best = t->winner[1];
    if (c->avoid && px_server_state(c->avoid)->rank == t->first + best)
        best = winner_without(t, best);
    if (load_in(t->keys[best]) == FULL)
        return NULL;
    const struct px_server *srv = px_room_at(be, t->first + best);
    return PX_LIKELY(may_take(srv)) ? srv : walk(be, t, c->avoid);
}

static const struct px_server *leastconn(const struct px_proxy *be, const struct px_choice *c)
{
    return px_lb_either(be, c, least);
}

const struct px_lb px_lb_leastconn = {"leastconn",    leastconn,      prepare,        changed,
                                      .moved = moved, .queues = true, .dynamic = true};
