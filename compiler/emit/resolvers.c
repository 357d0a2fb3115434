/*
 * Tables of who is asked what names mean while the proxy runs.
 */
#include "tables.h"

#include "../../runtime/abi/tables.h"

static void put_nameservers(struct emit *e, const struct m_resolvers *r)
{
    if (!r->servers.n)
        return;
    put(e, "static const struct px_nameserver resolvers_%u__servers[] = {\n", r->number);
    for (unsigned i = 0; i < r->servers.n; i++) {
        const struct m_nameserver *n = &r->servers.v[i];
        if (!n->name.len) {
            put(e, "    {.name = NULL},\n");
            continue;
        }
        put(e, "    {.name = " STR_FMT ", .addr = ", STR_ARG(literal(e->arena, n->name)));
        put_endpoint(e, &n->addr);
        put(e, "%s},\n", n->by_stream ? ", .by_stream = true" : "");
    }
    put(e, "};\n");
}

static void put_section(struct emit *e, const struct m_resolvers *r)
{
    put(e, "    {.name = " STR_FMT ",\n", STR_ARG(literal(e->arena, r->name)));
    if (r->servers.n)
        put(e, "     .servers = resolvers_%u__servers,\n     .nservers = %u,\n", r->number,
            r->servers.n);
    put(e, "     .timeout_resolve = %lld,\n     .timeout_retry = %lld,\n     .hold = {",
        (long long)r->timeout_resolve, (long long)r->timeout_retry);
    for (unsigned i = 0; i < PX_NHOLDS; i++)
        put(e, "%s%lld", i ? ", " : "", (long long)r->hold[i]);
    put(e, "},\n     .retries = %lld,\n     .payload = %lld,\n     .number = %u},\n",
        (long long)r->retries, (long long)r->payload, r->number);
}

void put_resolvers(struct emit *e)
{
    const struct model *m = e->plan->model;
    if (!m->resolves)
        return;
    enum part was = turn_to(e, PART_NAMES);
    for (unsigned i = 0; i < m->resolvers.n; i++)
        put_nameservers(e, m->resolvers.v[i]);
    put(e, "static const struct px_resolvers resolvers[] = {\n");
    for (unsigned i = 0; i < m->resolvers.n; i++)
        put_section(e, m->resolvers.v[i]);
    put(e, "};\n");
    turn_to(e, was);
}

static void put_networks(struct emit *e, const struct m_resolving *how, struct str name)
{
    if (!how->networks.n)
        return;
    put(e, "static const struct px_network networks_of__" STR_FMT "[] = {\n", STR_ARG(name));
    for (unsigned i = 0; i < how->networks.n; i++) {
        const struct m_network *n = &how->networks.v[i];
        bool v4 = n->family == PX_AF_INET;
        put(e, "    {.family = %s, .bits = %u, .ip = {", v4 ? "PX_AF_INET" : "PX_AF_INET6",
            n->bits);
        for (unsigned k = 0; k < (v4 ? 4 : 16); k++)
            put(e, "%s%u", k ? ", " : "", n->ip[k]);
        put(e, "}},\n");
    }
    put(e, "};\n");
}

void put_resolving(struct emit *e, const struct m_server *s, struct str name)
{
    const struct m_resolving *how = s->resolving;
    if (!how)
        return;
    put_networks(e, how, name);
    put(e,
        "static const struct px_resolving resolving_of__" STR_FMT
        " = {\n    .by = &resolvers[%u],\n",
        STR_ARG(name), how->by->number);
    if (how->prefer_ipv4)
        put(e, "    .prefer_ipv4 = true,\n");
    if (how->allow_duplicates)
        put(e, "    .allow_duplicates = true,\n");
    if (how->ignore_weight)
        put(e, "    .ignore_weight = true,\n");
    if (how->networks.n)
        put(e, "    .networks = networks_of__" STR_FMT ",\n    .nnetworks = %u,\n", STR_ARG(name),
            how->networks.n);
    put(e, "};\n");
}
