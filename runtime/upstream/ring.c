/*
 * Consistent hashing: each server has many points on a ring of 32-bit numbers, and a hash goes to
 * the one that is nearest. A server that comes or goes moves only what is near its own points.
 *
 * The points are HAProxy's, so that the same key meets the same server behind either.
 */
#include "../base/hash.h"
#include "lb.h"

#include <stdlib.h>

enum {
    POINTS = 16,    /* of a server, for each unit of its weight */
    NUMBERS = 4096, /* that belong to a server's id */
};

struct point {
    uint32_t at;
    const struct px_server *srv;
};

struct ring {
    unsigned n;
    struct point point[];
};

/* By px_proxy.number: the points of active servers, then those of backups. */
struct rings {
    struct ring *active, *backup;
};

static struct rings *rings;

static int by_place(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->srv->id < y->srv->id ? -1 : x->srv->id > y->srv->id;
}

static struct ring *ring_build(const struct px_proxy *be, bool backup)
{
    unsigned n = 0;
    for (unsigned i = 0; i < be->nservers; i++)
        if (be->servers[i]->backup == backup)
            n += (unsigned)be->servers[i]->weight * POINTS;
    struct ring *r = malloc(sizeof *r + n * sizeof r->point[0]);
    if (!r)
        return NULL;
    r->n = 0;
    for (unsigned i = 0; i < be->nservers; i++) {
        const struct px_server *srv = be->servers[i];
        for (unsigned k = 0; srv->backup == backup && k < (unsigned)srv->weight * POINTS; k++)
            r->point[r->n++] = (struct point){px_hash_spread((uint32_t)srv->id * NUMBERS + k), srv};
    }
    if (r->n)
        qsort(r->point, r->n, sizeof r->point[0], by_place);
    return r;
}

static bool prepare(const struct px_proxy *be)
{
    if (!rings)
        rings = calloc(px_program.nproxies, sizeof *rings);
    if (!rings || !px_lb_turns_prepare(be))
        return false;
    rings[be->number] = (struct rings){ring_build(be, false), ring_build(be, true)};
    return rings[be->number].active && rings[be->number].backup;
}

/* The first point that is not before the hash. */
static unsigned place_of(const struct ring *r, uint32_t hash)
{
    unsigned from = 0, to = r->n;
    while (from < to) {
        unsigned mid = from + (to - from) / 2;
        if (r->point[mid].at < hash)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* From there on, by steps of 1 or n - 1, the first one of a usable server; NULL: there is none. */
static const struct point *usable_from(const struct ring *r, unsigned at, unsigned step,
                                       const struct px_server *avoid)
{
    for (unsigned i = 0; i < r->n; i++, at += step) {
        const struct point *p = &r->point[at % r->n];
        if (p->srv != avoid && px_server_usable(p->srv))
            return p;
    }
    return NULL;
}

static const struct px_server *nearest(const struct ring *r, uint32_t hash,
                                       const struct px_server *avoid)
{
    if (!r->n)
        return NULL;
    unsigned at = place_of(r, hash);
    const struct point *next = usable_from(r, at, 1, NULL);
    const struct point *last = usable_from(r, at + r->n - 1, r->n - 1, NULL);
    if (!next)
        return NULL;
    if (hash - last->at <= next->at - hash)
        next = last;
    if (next->srv == avoid) {
        next = usable_from(r, (unsigned)(next - r->point), 1, avoid);
        return next ? next->srv : avoid;
    }
    return next->srv;
}

static const struct px_server *consistent(const struct px_proxy *be, const struct px_choice *c)
{
    const struct rings *r = &rings[be->number];
    if (!c->has_hash)
        return px_lb_turn(be, c);
    const struct px_server *srv = nearest(r->active, c->hash, c->avoid);
    if (srv)
        return srv;
    return be->allbackups ? nearest(r->backup, c->hash, c->avoid) : px_lb_first_backup(be, c);
}

const struct px_lb px_lb_consistent = {"consistent", consistent, prepare};
