/*
 * Numbers of proxies, servers and listeners, as users see them: in statistics, logs, on the control
 * socket, and in hashes of server positions.
 *
 * Not here: numbers that only the program knows (members called number).
 * Idea: there is one rule for the three. Each object without an id gets the next number that is
 * free, and every object, with or without one, moves "the next" on by one.
 */
#include "proxy.h"

struct numbered {
    unsigned id; /* 0: not given */
    const char *what;
    struct str name;
    struct span at;
};

static struct str key_of(char *text, size_t size, unsigned id)
{
    int len = snprintf(text, size, "%u", id);
    return (struct str){text, (size_t)len};
}

/* Puts those that were given into the map, and reports what is given twice. */
static void take_given(struct sema *s, struct numbered *v, unsigned n, struct map *taken)
{
    char text[12];
    for (unsigned i = 0; i < n; i++) {
        if (!v[i].id)
            continue;
        struct str key = key_of(text, sizeof text, v[i].id);
        const struct numbered *first = map_get(taken, key);
        if (!first) {
            *map_at(s->arena, taken, str_copy(s->arena, key)) = &v[i];
            continue;
        }
        struct diag *d =
            diag_add(s->diags, E0585, v[i].at, "%s '" STR_FMT "' has the id %u of %s '" STR_FMT "'",
                     v[i].what, STR_ARG(v[i].name), v[i].id, first->what, STR_ARG(first->name));
        diag_other(s->diags, d, first->at, "which has it first");
    }
}

static void give_numbers(struct sema *s, struct numbered *v, unsigned n, unsigned next)
{
    struct map taken = {0};
    char text[12];
    take_given(s, v, n, &taken);
    for (unsigned i = 0; i < n; i++, next++) {
        if (v[i].id)
            continue;
        while (map_get(&taken, key_of(text, sizeof text, next)))
            next++;
        v[i].id = next;
    }
}

static void number_proxies(struct sema *s)
{
    struct model *m = s->model;
    struct numbered *v = NEW_N(s->arena, struct numbered, m->proxies.n);
    for (unsigned i = 0; i < m->proxies.n; i++) {
        const struct m_proxy *p = m->proxies.v[i];
        v[i] = (struct numbered){p->id, p->what, p->name, p->id ? p->id_span : p->span};
        m->proxies.v[i]->id_given = p->id;
    }
    give_numbers(s, v, m->proxies.n, m->stats_sockets.n ? 2 : 1); /* their frontend is the first */
    for (unsigned i = 0; i < m->proxies.n; i++)
        m->proxies.v[i]->id = v[i].id;
}

static void number_servers(struct sema *s, struct m_proxy *p)
{
    struct numbered *v = NEW_N(s->arena, struct numbered, p->servers.n);
    for (unsigned i = 0; i < p->servers.n; i++) {
        const struct m_server *srv = p->servers.v[i];
        v[i] = (struct numbered){srv->id, "server", srv->name, srv->span};
        p->servers.v[i]->id_given = srv->id;
    }
    give_numbers(s, v, p->servers.n, 1);
    for (unsigned i = 0; i < p->servers.n; i++)
        p->servers.v[i]->id = v[i].id;
}

static struct str written(struct span at)
{
    return (struct str){at.source->text.p + at.start, at.end - at.start};
}

static void number_binds(struct sema *s, struct m_bind **binds, unsigned n)
{
    struct numbered *v = NEW_N(s->arena, struct numbered, n);
    for (unsigned i = 0; i < n; i++) {
        const struct m_setting *id = &binds[i]->set[BIND_id];
        v[i] = (struct numbered){(unsigned)id->number, "listener", written(binds[i]->addr_span),
                                 id->set ? id->span : binds[i]->span};
    }
    give_numbers(s, v, n, 1);
    for (unsigned i = 0; i < n; i++) {
        binds[i]->set[BIND_id].set = true;
        binds[i]->set[BIND_id].number = v[i].id;
    }
}

void number_model(struct sema *s)
{
    struct model *m = s->model;
    unsigned servers = 0;
    number_proxies(s);
    number_binds(s, m->stats_sockets.v, m->stats_sockets.n);
    for (unsigned i = 0; i < m->proxies.n; i++) {
        struct m_proxy *p = m->proxies.v[i];
        p->number = i;
        for (unsigned k = 0; k < p->servers.n; k++)
            p->servers.v[k]->number = servers++;
        if (p->dispatch)
            p->dispatch->number = servers++;
        number_servers(s, p);
        number_binds(s, p->binds.v, p->binds.n);
    }
}
