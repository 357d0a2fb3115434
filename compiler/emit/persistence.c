/*
 * How clients stay with their servers, as tables: the cookie of a backend, and remote desktops.
 *
 * Not here: the rules about it (rules.c), the values of servers (sockets.c).
 */
#include "tables.h"

/* What follows the value in a cookie that is inserted; in HAProxy's order. */
static struct str cookie_attributes(struct emit *e, const struct m_cookie *c)
{
    struct text t = {.arena = e->arena};
    text_printf(&t, "; path=/");
    for (unsigned i = 0; i < c->domains.n; i++)
        text_printf(&t, "; domain=" STR_FMT, STR_ARG(c->domains.v[i]));
    text_printf(&t, "%s%s", c->http_only ? "; HttpOnly" : "", c->secure ? "; Secure" : "");
    for (unsigned i = 0; i < c->attributes.n; i++)
        text_printf(&t, "; " STR_FMT, STR_ARG(c->attributes.v[i]));
    return (struct str){t.p, t.len};
}

static void put_deeds(struct emit *e, unsigned set)
{
    static const char *const deeds[] = {"INSERT",   "REWRITE", "PREFIX",  "INDIRECT",
                                        "PRESERVE", "NOCACHE", "POSTONLY"};
    const char *between = "    .deeds = ";
    for (unsigned i = 0; i < COUNT(deeds); i++) {
        if (!(set & 1u << i))
            continue;
        put(e, "%sPX_COOKIE_%s", between, deeds[i]);
        between = " | ";
    }
    if (set)
        put(e, ",\n");
}

static void put_cookie(struct emit *e, const struct m_proxy *p)
{
    const struct m_cookie *c = p->in.persistence;
    if (!c)
        return;
    put(e,
        "\nstatic const struct px_persistence_cookie cookie_" STR_FMT
        " = {\n    .ops = &px_cookie_persistence,\n    .name = {" STR_FMT ", %zu},\n",
        STR_ARG(proxy_symbol(e, p)), STR_ARG(literal(e->arena, c->name)), c->name.len);
    put_deeds(e, c->deeds);
    if (c->max_idle)
        put(e, "    .max_idle = %lld,\n", (long long)c->max_idle);
    if (c->max_life)
        put(e, "    .max_life = %lld,\n", (long long)c->max_life);
    put(e, "    .attributes = " STR_FMT ",\n", STR_ARG(literal(e->arena, cookie_attributes(e, c))));
    if (c->dynamic)
        put(e, "    .dynamic = true,\n");
    if (p->in.dynamic_key.len)
        put(e, "    .dynamic_key = " STR_FMT ",\n", STR_ARG(literal(e->arena, p->in.dynamic_key)));
    put(e, "};\n");
}

static void put_rdp(struct emit *e, const struct m_proxy *p)
{
    if (p->in.rdp_cookie.len)
        put(e,
            "\nstatic const struct px_rdp_persistence rdp_" STR_FMT
            " = {\n    .find = px_persist_rdp,\n    .cookie = {" STR_FMT ", %zu},\n};\n",
            STR_ARG(proxy_symbol(e, p)), STR_ARG(literal(e->arena, p->in.rdp_cookie)),
            p->in.rdp_cookie.len);
}

void put_persistence(struct emit *e, const struct m_proxy *p)
{
    put_cookie(e, p);
    put_rdp(e, p);
}

void put_persistence_members(struct emit *e, const struct m_proxy *p)
{
    struct str name = proxy_symbol(e, p);
    if (p->in.persistence)
        put(e, "    .cookie = &cookie_" STR_FMT ",\n", STR_ARG(name));
    if (p->in.rdp_cookie.len)
        put(e, "    .rdp = &rdp_" STR_FMT ",\n", STR_ARG(name));
}
