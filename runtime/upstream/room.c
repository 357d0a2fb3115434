/*
 * Servers with room. See room.h.
 *
 * Idea: the bits stand in words, and another level of bits tells which words are not empty. Nobody
 * locks: who writes a bit looks again whether it is still right, so that whoever writes last has
 * seen the last change.
 */
#include "room.h"

#include "../base/macros.h"
#include "lb.h"
#include "slot.h"

#include <stdlib.h>

enum { WORD = 64 };

struct px_room {
    uint32_t nactive, n, nwords;
    const struct px_server **by_rank;
    _Atomic uint64_t *words, *filled; /* filled: a bit for each of words */
};

static struct px_room *rooms; /* by px_proxy.number */

static int by_rank(const void *a, const void *b)
{
    const struct px_server *x = *(const struct px_server *const *)a;
    const struct px_server *y = *(const struct px_server *const *)b;
    if (x->backup != y->backup)
        return x->backup ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static bool room_init(struct px_room *r, const struct px_proxy *be)
{
    r->n = be->nservers;
    r->nwords = (r->n + WORD - 1) / WORD;
    r->by_rank = calloc(r->n + 1, sizeof *r->by_rank);
    r->words = calloc(r->nwords + 1, sizeof *r->words);
    r->filled = calloc(r->nwords / WORD + 1, sizeof *r->filled);
    if (!r->by_rank || !r->words || !r->filled)
        return false;
    for (unsigned i = 0; i < r->n; i++)
        r->by_rank[i] = be->servers[i];
    qsort(r->by_rank, r->n, sizeof *r->by_rank, by_rank);
    for (unsigned i = 0; i < r->n; i++) {
        px_server_state(r->by_rank[i])->rank = i;
        r->nactive += !r->by_rank[i]->backup;
        px_room_update(r->by_rank[i]);
    }
    return true;
}

bool px_room_init(void)
{
    rooms = calloc(px_program.nproxies + 1u, sizeof *rooms);
    for (unsigned i = 0; rooms && i < px_program.nproxies; i++) {
        const struct px_proxy *be = px_program.proxies[i];
        if (!room_init(&rooms[be->number], be))
            return false;
    }
    return rooms;
}

/* ---- changes ---- */

static bool free_below(const struct px_server *srv, uint32_t most)
{
    const struct px_server_state *st = px_server_state(srv);
    return !most || (!st->queue.length.now && st->served.now < most);
}

bool px_has_room(const struct px_server *srv)
{
    return px_server_usable(srv) && free_below(srv, px_server_limit(srv));
}

static bool may_have_room(const struct px_server *srv)
{
    return px_server_usable(srv) && free_below(srv, px_server_state(srv)->maxconn);
}

static void empty_word(struct px_room *r, uint32_t word)
{
    uint64_t bit = UINT64_C(1) << word % WORD;
    atomic_fetch_and(&r->filled[word / WORD], ~bit);
    if (r->words[word])
        atomic_fetch_or(&r->filled[word / WORD], bit);
}

static void put_bit(struct px_room *r, uint32_t rank, bool on)
{
    uint64_t bit = UINT64_C(1) << rank % WORD;
    uint32_t word = rank / WORD;
    if (!on) {
        if (!(atomic_fetch_and(&r->words[word], ~bit) & ~bit))
            empty_word(r, word);
    } else if (!atomic_fetch_or(&r->words[word], bit)) {
        atomic_fetch_or(&r->filled[word / WORD], UINT64_C(1) << word % WORD);
    }
}

void px_room_update(const struct px_server *srv)
{
    uint32_t rank = px_server_state(srv)->rank;
    if (!rooms || rank == PX_NO_RANK)
        return;
    struct px_room *r = &rooms[srv->proxy->number];
    for (;;) {
        bool on = may_have_room(srv);
        if ((r->words[rank / WORD] >> rank % WORD & 1) == on)
            return;
        put_bit(r, rank, on);
    }
}

/* ---- looking ---- */

static uint32_t next_word(const struct px_room *r, uint32_t word)
{
    while (word < r->nwords) {
        uint64_t rest = r->filled[word / WORD] >> word % WORD;
        if (rest)
            return word + PX_LOWEST_BIT(rest);
        word = (word / WORD + 1) * WORD;
    }
    return word;
}

/* The first rank with a bit; `to`: none before that. */
static uint32_t next_rank(const struct px_room *r, uint32_t from, uint32_t to)
{
    while (from < to) {
        uint64_t rest = r->words[from / WORD] >> from % WORD;
        if (rest) {
            uint32_t rank = from + PX_LOWEST_BIT(rest);
            return rank < to ? rank : to;
        }
        from = next_word(r, from / WORD + 1) * WORD;
    }
    return to;
}

static const struct px_server *find(const struct px_room *r, uint32_t from, uint32_t to,
                                    const struct px_server *avoid)
{
    for (uint32_t i = next_rank(r, from, to); i < to; i = next_rank(r, i + 1, to))
        if (r->by_rank[i] != avoid && px_has_room(r->by_rank[i]))
            return r->by_rank[i];
    return NULL;
}

uint32_t px_room_begin(const struct px_proxy *be, bool backup)
{
    return backup ? rooms[be->number].nactive : 0;
}

uint32_t px_room_end(const struct px_proxy *be, bool backup)
{
    return backup ? rooms[be->number].n : rooms[be->number].nactive;
}

const struct px_server *px_room_at(const struct px_proxy *be, uint32_t rank)
{
    return rooms[be->number].by_rank[rank];
}

const struct px_server *px_room_find(const struct px_proxy *be, bool backup, uint32_t rank,
                                     const struct px_server *avoid)
{
    const struct px_room *r = &rooms[be->number];
    const struct px_server *srv = find(r, rank, px_room_end(be, backup), avoid);
    return srv ? srv : find(r, px_room_begin(be, backup), rank, avoid);
}
