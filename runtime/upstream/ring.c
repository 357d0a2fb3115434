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
static const struct point *usable_from(const struct ring *r, unsigned at, unsigned step)
{
    for (unsigned i = 0; i < r->n; i++, at += step)
        if (px_server_usable(r->point[at % r->n].srv))
            return &r->point[at % r->n];
    return NULL;
}

/* Of the two points beside the hash, the one that is nearer. */
static const struct point *nearest(const struct ring *r, uint32_t hash)
{
    unsigned at = r->n ? place_of(r, hash) : 0;
    const struct point *next = usable_from(r, at, 1);
    const struct point *last = usable_from(r, at + r->n - 1, r->n - 1);
    return next && hash - last->at <= next->at - hash ? last : next;
}

/* The nearest, or the first behind it that may have the request. */
static const struct px_server *pick(const struct px_proxy *be, bool backup,
                                    const struct px_choice *c)
{
    const struct ring *r = backup ? rings[be->number].backup : rings[be->number].active;
    const struct point *p = nearest(r, c->hash);
    struct px_lb_load load;
    if (!p)
        return NULL;
    px_lb_load(be, backup, &load);
    for (unsigned i = 0; i < r->n; i++) {
        const struct px_server *srv = r->point[((unsigned)(p - r->point) + i) % r->n].srv;
        if (srv != c->avoid && px_server_usable(srv) && px_lb_has_share(&load, srv))
            return srv;
    }
    return p->srv;
}

static const struct px_server *consistent(const struct px_proxy *be, const struct px_choice *c)
{
    if (!c->has_hash)
        return px_lb_turn(be, c);
    const struct px_server *srv = pick(be, false, c);
    if (srv)
        return srv;
    return be->allbackups ? pick(be, true, c) : px_lb_first_backup(be, c);
}

const struct px_lb px_lb_consistent = {"consistent", consistent, prepare, NULL, true};
