/*
 * Algorithms that walk a map of servers: a list in which each stands as often as its weight says.
 *
 * The order is HAProxy's, so that the same hash meets the same server behind either: at every place
 * all servers gain their weight, and the one that has gained the most whole rounds, and not had
 * them, stands there; among equals it is the first.
 */
#include "../base/macros.h"
#include "../loop/grace.h"
#include "turns.h"

#include <stdlib.h>

struct map {
    struct px_retired retired;
    uint32_t n;
    const struct px_server *at[];
};

static _Atomic(struct map *) (*maps)[2]; /* by px_proxy.number: of active servers, of backups */

/* ---- making a map ---- */

/* While a map is made. Servers are the leaves of a tree whose nodes name the one below them that
 * has the most rounds to its credit, so that the places are not compared with all servers. */
struct making {
    const struct px_server **srv;
    uint32_t n, leaves;
    uint32_t *weight, *gains; /* gains: rounds so far */
    int32_t *credit;
    uint32_t *best; /* of nodes; the root is 1 */
    uint32_t *next; /* another one that gains at the same place, plus 1 */
    uint32_t *due;  /* by place: the first one that gains a round there, plus 1 */
};

static uint32_t best_at(const struct making *m, uint32_t node)
{
    return node < m->leaves ? m->best[node] : node - m->leaves;
}

static void compare_below(struct making *m, uint32_t node)
{
    uint32_t a = best_at(m, 2 * node), b = best_at(m, 2 * node + 1);
    m->best[node] = m->credit[a] >= m->credit[b] ? a : b;
}

static void give_credit(struct making *m, uint32_t i, int32_t rounds)
{
    m->credit[i] += rounds;
    for (uint32_t node = (m->leaves + i) / 2; node; node /= 2)
        compare_below(m, node);
}

/* Where its weight has come to another round of all `total` places. */
static void await_round(struct making *m, uint32_t i, uint32_t total)
{
    uint64_t w = m->weight[i], rounds = ++m->gains[i];
    uint64_t place = (rounds * total + w - 1) / w - 1;
    if (place >= total)
        return;
    m->next[i] = m->due[place];
    m->due[place] = i + 1;
}

static void fill(struct making *m, struct map *map)
{
    for (uint32_t i = 0; i < m->leaves; i++)
        m->credit[i] = i < m->n ? 1 : INT32_MIN;
    for (uint32_t node = m->leaves - 1; node; node--)
        compare_below(m, node);
    for (uint32_t i = 0; i < m->n; i++)
        await_round(m, i, map->n);
    for (uint32_t place = 0; place < map->n; place++) {
        for (uint32_t i = m->due[place], next; i; i = next) {
            next = m->next[i - 1];
            give_credit(m, i - 1, 1);
            await_round(m, i - 1, map->n);
        }
        map->at[place] = m->srv[m->best[1]];
        give_credit(m, m->best[1], -1);
    }
}

/* Of the weights of all servers, whether they are usable or not. */
static uint32_t common_divisor(const struct px_proxy *be)
{
    uint32_t divisor = 0;
    for (unsigned i = 0; i < be->nservers; i++)
        divisor = px_common_divisor(divisor, (uint32_t)be->servers[i]->weight);
    return divisor ? divisor : 1;
}

/* The number of places. */
static uint32_t gather(const struct px_proxy *be, bool backup, struct making *m)
{
    uint32_t total = 0, divisor = common_divisor(be);
    for (unsigned i = 0; i < be->nservers; i++) {
        const struct px_server *srv = be->servers[i];
        if (srv->backup != backup || !px_server_usable(srv))
            continue;
        m->srv[m->n] = srv;
        total += m->weight[m->n++] = (uint32_t)srv->weight / divisor;
    }
    return total;
}

static void done(struct making *m)
{
    free(m->srv);
    free(m->weight);
    free(m->due);
}

static struct map *map_make(const struct px_proxy *be, bool backup)
{
    struct making m = {.leaves = 2};
    while (m.leaves < be->nservers)
        m.leaves *= 2;
    m.srv = calloc(m.leaves, sizeof *m.srv);
    m.weight = calloc(m.leaves, 4 * sizeof *m.weight + sizeof *m.credit);
    uint32_t total = m.srv && m.weight ? gather(be, backup, &m) : 0;
    m.due = calloc(total + 1, sizeof *m.due);
    struct map *map = malloc(sizeof *map + total * sizeof map->at[0]);
    if (m.srv && m.weight && m.due && map) {
        m.gains = m.weight + m.leaves;
        m.best = m.gains + m.leaves;
        m.next = m.best + m.leaves;
        m.credit = (int32_t *)(m.next + m.leaves);
        map->n = total;
        fill(&m, map);
    } else {
        free(map);
        map = NULL;
    }
    done(&m);
    return map;
}

static void map_free(struct px_retired *r)
{
    free(PX_OWNER(r, struct map, retired));
}

/* Without memory, the map stays as it was, and places of servers without a share are passed by. */
static bool renew(const struct px_proxy *be, bool backup)
{
    struct map *map = map_make(be, backup);
    struct map *old = map ? atomic_exchange(&maps[be->number][backup], map) : NULL;
    if (old)
        px_retire(&old->retired, map_free);
    return map;
}

static void changed(const struct px_proxy *be)
{
    px_turns_changed(be);
    for (int backup = 0; maps && backup < 2; backup++)
        if (maps[be->number][backup])
            renew(be, backup);
}

static bool prepare(const struct px_proxy *be)
{
    if (!maps)
        maps = calloc(px_program.nproxies, sizeof *maps);
    return maps && px_turns_prepare(be) && renew(be, false) && renew(be, true);
}

/* ---- looking up ---- */

/* The server at that place; when it has become unusable, or has failed, or is not waited for, the
 * next other one. */
static const struct px_server *placed(const struct px_proxy *be, bool backup,
                                      const struct px_choice *c)
{
    const struct map *m = maps[be->number][backup];
    const struct px_server *failed = NULL, *full = NULL;
    for (uint32_t i = 0; i < m->n; i++) {
        const struct px_server *srv = m->at[(c->hash % m->n + i) % m->n];
        if (!px_server_usable(srv))
            continue;
        if (srv == c->avoid)
            failed = srv;
        else if (px_lb_is_kept_to(srv))
            return srv;
        else if (!full)
            full = srv;
    }
    return full ? full : failed;
}

static const struct px_server *map_based(const struct px_proxy *be, const struct px_choice *c)
{
    return c->has_hash ? px_lb_either(be, c, placed) : px_turn(be, c);
}

const struct px_lb px_lb_map_based = {"map-based", map_based, prepare, changed, .dynamic = false};
