/*
 * What balancing algorithms have in common, and the simplest of them. See lb.h.
 */
#include "lb.h"

#include "../base/macros.h"
#include "room.h"
#include "slot.h"

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

uint32_t px_common_divisor(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

/* All slots there are, shared out one server after the other, so that roundings make neither more
 * of them nor less. */
bool px_lb_within_share(const struct px_server *srv)
{
    uint32_t factor = (uint32_t)srv->proxy->hash_balance_factor;
    if (PX_LIKELY(!factor))
        return true;
    const struct px_server_state *st = px_server_state(srv);
    const struct px_proxy_state *be = px_proxy_state(srv->proxy);
    uint64_t shares = be->shares[srv->backup];
    if (!shares)
        return true;
    uint64_t all = (((uint64_t)be->served + 1) * factor + 99) / 100;
    uint64_t before = st->before;
    uint64_t slots = (before + st->share) * all / shares - before * all / shares;
    return st->served.now < (slots ? slots : 1);
}

bool px_lb_may_queue(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    uint32_t most = px_server_limit(srv);
    uint64_t has = (uint64_t)st->served.now + st->queue.length.now;
    return !most || has < (uint64_t)most + (uint32_t)srv->maxqueue;
}

bool px_lb_takes(const struct px_server *srv)
{
    if (srv->proxy->affinity == PX_AFFINITY_MAXCONN)
        return px_has_room(srv);
    return !srv->maxqueue || px_lb_may_queue(srv);
}

/* Without allbackups, only the first usable backup stands in. NULL: none, or it is full. */
static const struct px_server *first_backup(const struct px_proxy *be, const struct px_choice *c)
{
    const struct px_server *srv = px_proxy_state(be)->first_backup;
    return srv && srv != c->avoid && px_has_room(srv) ? srv : NULL;
}

const struct px_server *px_lb_either(const struct px_proxy *be, const struct px_choice *c,
                                     const struct px_server *(*pick)(const struct px_proxy *be,
                                                                     bool backup,
                                                                     const struct px_choice *c))
{
    const struct px_server *srv = pick(be, false, c);
    if (PX_LIKELY(srv != NULL) || count_usable(be, false))
        return srv;
    return be->allbackups ? pick(be, true, c) : first_backup(be, c);
}

static const struct px_server *lowest_id(const struct px_proxy *be, bool backup,
                                         const struct px_choice *c)
{
    return px_room_find(be, backup, px_room_begin(be, backup), c->avoid);
}

static const struct px_server *first(const struct px_proxy *be, const struct px_choice *c)
{
    return px_lb_either(be, c, lowest_id);
}

const struct px_server *px_lb_any(const struct px_proxy *be)
{
    return px_lb_either(be, &(struct px_choice){0}, lowest_id);
}

const struct px_lb px_lb_first = {"first", first, .dynamic = true};
