/*
 * Consistent hashing: each server has many points on a ring of 32-bit numbers, and a hash goes to
 * the one that is nearest. A server that comes or goes moves only what is near its own points, and
 * one whose share changes has the first of them, as many as its share says.
 *
 * The points are HAProxy's, so that the same key meets the same server behind either.
 */
#include "../base/hash.h"
#include "../base/macros.h"
#include "../loop/grace.h"
#include "room.h"
#include "turns.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 4096 }; /* that belong to a server's id */

/* What the points of a server are made of. */
struct laying {
    uint32_t share, seed;
};

struct point {
    uint32_t at;
    uint32_t rank; /* of its server */
};

struct ring {
    struct px_retired retired;
    uint32_t n;
    struct point point[];
};

struct rings {
    _Atomic(struct ring *) ring[2]; /* of active servers, of backups */
    struct laying *laid;            /* those that are there, by rank; under the lock of health.h */
};

static struct rings *rings; /* by px_proxy.number */

/* ---- laying points ---- */

static int by_place(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static uint32_t seed_of_address(const struct px_addr *addr, bool with_port)
{
    char port[2] = {(char)(addr->port >> 8), (char)addr->port};
    struct px_str ip = {(const char *)addr->ip, addr->family == AF_INET6 ? 16 : 4};
    uint32_t hash = px_hash_sdbm(0, ip);
    return px_hash_spread(with_port ? px_hash_sdbm(hash, (struct px_str){port, 2}) : hash);
}

/* HAProxy manual, "hash-key": who has no address is known by its id. */
static uint32_t seed_of(const struct px_server *srv)
{
    const char *key = srv->hash_key ? srv->hash_key : "id";
    const struct px_address *address = px_server_address(srv);
    struct px_addr addr = {0};
    if (!strcmp(key, "id32"))
        return px_hash_spread((uint32_t)srv->id);
    if (!strncmp(key, "addr", 4) && address)
        px_addr_from(&addr, &address->sa);
    if (px_addr_is_ip(&addr))
        return seed_of_address(&addr, !strcmp(key, "addr-port"));
    return (uint32_t)srv->id * NUMBERS;
}

static struct laying laying_at(const struct px_proxy *be, uint32_t rank)
{
    const struct px_server *srv = px_room_at(be, rank);
    return (struct laying){px_server_state(srv)->share, seed_of(srv)};
}

static bool is_laid(const struct px_proxy *be, uint32_t rank)
{
    struct laying now = laying_at(be, rank), laid = rings[be->number].laid[rank];
    return now.share == laid.share && now.seed == laid.seed;
}

/* The points of those servers that have others, or another number of them, now. */
static uint32_t fresh_points(const struct px_proxy *be, bool backup, struct point *to)
{
    uint32_t n = 0;
    for (uint32_t r = px_room_begin(be, backup); r < px_room_end(be, backup); r++) {
        struct laying l = laying_at(be, r);
        if (is_laid(be, r))
            continue;
        for (uint32_t k = 0; to && k < l.share; k++)
            to[n + k] = (struct point){px_hash_spread(l.seed + k), r};
        n += l.share;
    }
    return n;
}

/* The old points of the others, and these, in order. */
static void merge(const struct px_proxy *be, const struct ring *old, const struct point *fresh,
                  uint32_t nfresh, struct ring *to)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < old->n; i++) {
        const struct point *p = &old->point[i];
        if (!is_laid(be, p->rank))
            continue;
        while (k < nfresh && by_place(&fresh[k], p) < 0)
            to->point[to->n++] = fresh[k++];
        to->point[to->n++] = *p;
    }
    while (k < nfresh)
        to->point[to->n++] = fresh[k++];
}

static void ring_free(struct px_retired *r)
{
    free(PX_OWNER(r, struct ring, retired));
}

static void note_laid(const struct px_proxy *be, bool backup)
{
    for (uint32_t r = px_room_begin(be, backup); r < px_room_end(be, backup); r++)
        rings[be->number].laid[r] = laying_at(be, r);
}

/* Without memory, the ring stays as it was, and points of servers without a share are passed by. */
static bool renew(const struct px_proxy *be, bool backup)
{
    _Atomic(struct ring *) *place = &rings[be->number].ring[backup];
    struct ring *old = *place;
    uint32_t n = fresh_points(be, backup, NULL);
    struct point *fresh = malloc((n + 1) * sizeof *fresh);
    struct ring *r = malloc(sizeof *r + ((size_t)old->n + n) * sizeof r->point[0]);
    bool good = fresh && r;
    if (good) {
        fresh_points(be, backup, fresh);
        qsort(fresh, n, sizeof *fresh, by_place);
        r->n = 0;
        merge(be, old, fresh, n, r);
        note_laid(be, backup);
        *place = r;
        px_retire(&old->retired, ring_free);
    } else {
        free(r);
    }
    free(fresh);
    return good;
}

static bool has_changed(const struct px_proxy *be, bool backup)
{
    for (uint32_t r = px_room_begin(be, backup); r < px_room_end(be, backup); r++)
        if (!is_laid(be, r))
            return true;
    return false;
}

static void changed(const struct px_proxy *be)
{
    px_turns_changed(be);
    for (int backup = 0; rings && rings[be->number].laid && backup < 2; backup++)
        if (has_changed(be, backup))
            renew(be, backup);
}

static bool prepare(const struct px_proxy *be)
{
    if (!rings)
        rings = calloc(px_program.nproxies, sizeof *rings);
    if (!rings || !px_turns_prepare(be))
        return false;
    struct rings *r = &rings[be->number];
    r->ring[0] = calloc(1, sizeof(struct ring));
    r->ring[1] = calloc(1, sizeof(struct ring));
    r->laid = calloc(be->nservers + 1u, sizeof *r->laid);
    return r->ring[0] && r->ring[1] && r->laid && renew(be, false) && renew(be, true);
}

/* ---- looking up ---- */

/* The first point that is not before the hash. */
static uint32_t place_of(const struct ring *r, uint32_t hash)
{
    uint32_t from = 0, to = r->n;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (r->point[mid].at < hash)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static const struct px_server *server_of(const struct px_proxy *be, const struct point *p)
{
    return px_room_at(be, p->rank);
}

/* From there on, by steps of 1 or n - 1, the first one of a usable server; NULL: there is none. */
static const struct point *usable_from(const struct px_proxy *be, const struct ring *r, uint32_t at,
                                       uint32_t step)
{
    for (uint32_t i = 0; i < r->n; i++, at += step)
        if (px_server_usable(server_of(be, &r->point[at % r->n])))
            return &r->point[at % r->n];
    return NULL;
}

/* Of the two points beside the hash, the one that is nearer. */
static const struct point *nearest(const struct px_proxy *be, const struct ring *r, uint32_t hash)
{
    uint32_t at = r->n ? place_of(r, hash) : 0;
    const struct point *next = usable_from(be, r, at, 1);
    const struct point *last = usable_from(be, r, at + r->n - 1, r->n - 1);
    return next && last && hash - last->at <= next->at - hash ? last : next;
}

/* The nearest, or the first behind it that may have the request. */
static const struct px_server *pick(const struct px_proxy *be, bool backup,
                                    const struct px_choice *c)
{
    const struct ring *r = rings[be->number].ring[backup];
    const struct point *p = nearest(be, r, c->hash);
    if (!p)
        return NULL;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct px_server *srv = server_of(be, &r->point[((p - r->point) + i) % r->n]);
        if (srv != c->avoid && px_server_usable(srv) && px_lb_within_share(srv) &&
            px_lb_is_kept_to(srv))
            return srv;
    }
    return server_of(be, p);
}

static const struct px_server *consistent(const struct px_proxy *be, const struct px_choice *c)
{
    return c->has_hash ? px_lb_either(be, c, pick) : px_turn(be, c);
}

const struct px_lb px_lb_consistent = {"consistent", consistent, prepare, changed, .dynamic = true};
