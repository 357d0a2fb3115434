/*
 * Algorithms that walk a map of servers: a list in which each stands as often as its weight says.
 *
 * The order is HAProxy's, so that the same hash meets the same server behind either.
 */
#include "lb.h"

#include <stdlib.h>

struct map {
    unsigned n;
    const struct px_server *at[];
};

/* By px_proxy.number: the active servers, then the backups. */
struct maps {
    struct map *active, *backup;
};

static struct maps *maps;

static bool belongs(const struct px_server *srv, bool backup)
{
    return srv->backup == backup && px_server_usable(srv);
}

/* At every place all servers gain their weight, and the one with the most whole rounds pays a
 * round; among equals it is the first. */
static void fill(const struct px_proxy *be, bool backup, unsigned divisor, int64_t *score,
                 struct map *m)
{
    for (unsigned place = 0; place < m->n; place++) {
        unsigned best = be->nservers;
        int64_t most = 0;
        for (unsigned i = 0; i < be->nservers; i++) {
            if (!belongs(be->servers[i], backup))
                continue;
            score[i] += be->servers[i]->weight / (int)divisor;
            int64_t rounds = (score[i] + m->n) / m->n;
            if (best == be->nservers || rounds > most) {
                best = i;
                most = rounds;
            }
        }
        m->at[place] = be->servers[best];
        score[best] -= m->n;
    }
}

static struct map *build(const struct px_proxy *be, bool backup)
{
    unsigned total = 0, divisor = px_lb_divisor(be, backup, belongs);
    for (unsigned i = 0; i < be->nservers; i++)
        if (belongs(be->servers[i], backup))
            total += (unsigned)be->servers[i]->weight / divisor;
    struct map *m = malloc(sizeof *m + total * sizeof m->at[0]);
    int64_t *score = calloc(be->nservers + 1, sizeof *score);
    if (m && score) {
        m->n = total;
        fill(be, backup, divisor, score, m);
    } else {
        free(m);
        m = NULL;
    }
    free(score);
    return m;
}

static bool prepare(const struct px_proxy *be)
{
    if (!maps)
        maps = calloc(px_program.nproxies, sizeof *maps);
    if (!maps || !px_lb_turns_prepare(be))
        return false;
    maps[be->number] = (struct maps){build(be, false), build(be, true)};
    return maps[be->number].active && maps[be->number].backup;
}

/* The server at that place; when it has become unusable, the next one that is not. */
static const struct px_server *placed(const struct map *m, uint32_t hash)
{
    for (unsigned i = 0; i < m->n; i++) {
        const struct px_server *srv = m->at[(hash % m->n + i) % m->n];
        if (px_server_usable(srv))
            return srv;
    }
    return NULL;
}

static const struct px_server *map_based(const struct px_proxy *be, const struct px_choice *c)
{
    const struct maps *m = &maps[be->number];
    if (!c->has_hash)
        return px_lb_turn(be, c);
    const struct px_server *srv = placed(m->active, c->hash);
    if (srv)
        return srv;
    return be->allbackups ? placed(m->backup, c->hash) : px_lb_first_backup(be, c);
}

const struct px_lb px_lb_map_based = {"map-based", map_based, prepare, NULL, false};
