/*
 * Tables of what the program listens at and connects to: addresses, sources, listeners, servers; and
 * the scalar settings of all tables.
 */
#include "tables.h"

#include "../../runtime/abi/tables.h"

#include <string.h>

/* ---- endpoints ---- */

static void put_ip(struct emit *e, const char *field, const uint8_t *ip, unsigned n)
{
    put(e, ", .ip.%s = {", field);
    for (unsigned i = 0; i < n; i++)
        put(e, "%s%u", i ? ", " : "", ip[i]);
    put(e, "}");
}

void put_endpoint(struct emit *e, const struct px_endpoint *ep)
{
    static const char *const families[] = {
        [PX_AF_NONE] = "PX_AF_NONE", [PX_AF_INET] = "PX_AF_INET", [PX_AF_INET6] = "PX_AF_INET6",
        [PX_AF_UNIX] = "PX_AF_UNIX", [PX_AF_ABNS] = "PX_AF_ABNS", [PX_AF_FD] = "PX_AF_FD",
        [PX_AF_NAME] = "PX_AF_NAME",
    };
    put(e, "{.family = %s", families[ep->family]);
    if (ep->port)
        put(e, ", .port = %d", (int)ep->port);
    if (ep->only)
        put(e, ", .only = %s", families[ep->only]);
    if (ep->has_port)
        put(e, ", .has_port = true");
    if (ep->port_offset)
        put(e, ", .port_offset = true");
    if (ep->family == PX_AF_INET)
        put_ip(e, "v4", ep->ip.v4, 4);
    if (ep->family == PX_AF_INET6)
        put_ip(e, "v6", ep->ip.v6, 16);
    if (ep->path)
        put(e, ", .path = " STR_FMT, STR_ARG(cstring(e->arena, ep->path)));
    put(e, "}");
}

/* ---- sources ---- */

static void put_source(struct emit *e, const struct m_source *x, struct str name)
{
    static const char *const kinds[] = {
        [PX_USESRC_NONE] = "PX_USESRC_NONE",         [PX_USESRC_ADDRESS] = "PX_USESRC_ADDRESS",
        [PX_USESRC_CLIENTIP] = "PX_USESRC_CLIENTIP", [PX_USESRC_CLIENT] = "PX_USESRC_CLIENT",
        [PX_USESRC_SAMPLE] = "PX_USESRC_SAMPLE",
    };
    struct str sample = x->sample ? expr_function(e, x->sample) : STR("");
    put(e, "static const struct px_source " STR_FMT " = {\n    .addr = ", STR_ARG(name));
    put_endpoint(e, &x->addr);
    put(e, ",\n");
    if (x->last_port)
        put(e, "    .last_port = %d,\n", x->last_port);
    if (x->usesrc)
        put(e, "    .usesrc = %s,\n", kinds[x->usesrc]);
    if (x->usesrc == PX_USESRC_ADDRESS) {
        put(e, "    .as = ");
        put_endpoint(e, &x->as);
        put(e, ",\n");
    }
    if (x->sample)
        put(e, "    .sample = " STR_FMT ",\n", STR_ARG(sample));
    if (x->interface)
        put(e, "    .interface = " STR_FMT ",\n", STR_ARG(cstring(e->arena, x->interface)));
    put(e, "};\n");
}

static struct str source_symbol(struct emit *e, const struct m_source *x)
{
    return *(struct str *)map_get(&e->names, str_printf(e->arena, "source%p", (const void *)x));
}

void need_source(struct emit *e, const struct m_setting *set)
{
    if (!set->source)
        return;
    void **at =
        map_at(e->arena, &e->names, str_printf(e->arena, "source%p", (const void *)set->source));
    if (*at)
        return;
    struct str *name = NEW(e->arena, struct str);
    *name = plan_identifier(e->plan, "source_line_%u",
                            source_place(set->span.source, set->span.start).line);
    *at = name;
    put_source(e, set->source, *name);
}

/* ---- settings ---- */

static void put_setting(struct emit *e, const struct vocab_setting *row,
                        const struct m_setting *set)
{
    if (row->kind == SETTING_TEXT || row->kind == SETTING_LINE) {
        const char *text = setting_text(set, row);
        if (text)
            put(e, "    .%s = " STR_FMT ",\n", row->field, STR_ARG(cstring(e->arena, text)));
        return;
    }
    if (row->kind == SETTING_VECTORS)
        return; /* put_announce, for those that are sent */
    if (row->kind == SETTING_REDIRECT) {
        if (set->redirect)
            put(e, "    .%s = &redirect_%u,\n", row->field, set->redirect->number);
        return;
    }
    if (row->kind == SETTING_ENDPOINT || row->kind == SETTING_HOST) {
        if (!set->endpoint)
            return;
        put(e, "    .%s = &(const struct px_endpoint)", row->field);
        put_endpoint(e, set->endpoint);
        put(e, ",\n");
        return;
    }
    if (row->kind == SETTING_SOURCE) {
        if (set->source)
            put(e, "    .%s = &" STR_FMT ",\n", row->field, STR_ARG(source_symbol(e, set->source)));
        return;
    }
    int64_t v = setting_number(set, row);
    bool truth = row->kind == SETTING_FLAG || row->kind == SETTING_ONOFF;
    if (!v)
        return;
    if (truth)
        put(e, "    .%s = true,\n", row->field);
    else if (row->kind == SETTING_THREADS)
        put(e, "    .%s = 0x%llx,\n", row->field, (unsigned long long)v);
    else
        put(e, "    .%s = %lld,\n", row->field, (long long)v);
}

void put_settings(struct emit *e, const struct vocab_setting *rows, unsigned n,
                  const struct m_setting *set)
{
    for (unsigned i = 0; i < n; i++)
        put_setting(e, &rows[i], &set[i]);
}

/* ---- listeners and servers ---- */

void put_bind(struct emit *e, const struct m_bind *b, struct str name, struct str proxy,
              const char *mode)
{
    put(e, "static const struct px_bind " STR_FMT " = {\n    .addr = ", STR_ARG(name));
    put_endpoint(e, &b->addr);
    put(e, ",\n    .number = %u,\n", b->number);
    put(e, "    .file = " STR_FMT ",\n    .line = %u,\n",
        STR_ARG(literal(e->arena, source_label(e->arena, b->span.source))),
        source_place(b->span.source, b->span.start).line);
    if (proxy.len)
        put(e, "    .proxy = &" STR_FMT ",\n", STR_ARG(proxy));
    put(e, "    .serve = &%s,\n", mode);
    if (b->netns)
        put(e, "    .netns = %u,\n", b->netns);
    if (b->set[BIND_accept_proxy].set)
        put(e, "    .expect = &px_expect_proxy,\n");
    else if (b->set[BIND_netscaler_magic].set)
        put(e, "    .expect = &px_expect_netscaler,\n");
    put_settings(e, vocab_bind, NBIND_SETTINGS, b->set);
    put(e, "};\n");
}

struct str bind_symbol(struct emit *e, const struct m_bind *b)
{
    return str_printf(e->arena, "bind_%u", b->number);
}

void put_binds(struct emit *e, const struct m_proxy *p)
{
    struct str proxy = proxy_symbol(e, p);
    for (unsigned i = 0; i < p->binds.n; i++)
        put_bind(e, p->binds.v[i], bind_symbol(e, p->binds.v[i]), proxy,
                 p->in.is_http ? "px_mode_http" : "px_mode_tcp");
    if (!p->binds.n)
        return;
    put(e, "static const struct px_bind *const binds_of__" STR_FMT "[] = {\n", STR_ARG(proxy));
    for (unsigned i = 0; i < p->binds.n; i++)
        put(e, "    &" STR_FMT ",\n", STR_ARG(bind_symbol(e, p->binds.v[i])));
    put(e, "};\n");
}

/* An option that "no-send-proxy" has undone is set, to nothing. */
static bool is_on(const struct m_setting *set)
{
    return set->set && set->number;
}

/* Printed before the server; false: it has none, or does not send them. */
static bool put_vectors(struct emit *e, const struct m_server *s)
{
    const struct m_vectors *x = s->set[SERVER_vectors].vectors;
    if (!x || !is_on(&s->set[SERVER_send_proxy_v2]))
        return false;
    struct str name = server_symbol(e, s);
    struct text t = {.arena = e->arena};
    for (unsigned i = 0; i < x->v.n; i++)
        text_printf(&t, "%s{%u, &" STR_FMT "}", i ? ", " : "", x->v.v[i].type,
                    STR_ARG(fmt_symbol(e, x->v.v[i].value)));
    put(e, "static const struct px_vector each_of__" STR_FMT "[] = {%.*s};\n", STR_ARG(name),
        (int)t.len, t.p);
    put(e, "static const struct px_vectors vectors_of__" STR_FMT " = {each_of__" STR_FMT ", %u};\n",
        STR_ARG(name), STR_ARG(name), x->v.n);
    return true;
}

static void put_announce(struct emit *e, const struct m_server *s)
{
    static const char *const names[] = {"PX_SAY_CRC32C", "PX_SAY_UNIQUE_ID", "PX_SAY_AUTHORITY"};
    bool v2 = is_on(&s->set[SERVER_send_proxy_v2]);
    if (v2 || is_on(&s->set[SERVER_send_proxy]))
        put(e, "    .announce = &px_announce_%s,\n", v2 ? "v2" : "v1");
    const struct m_setting *says = &s->set[SERVER_proxy_v2_options];
    if (!v2 || !says->set)
        return;
    const char *between = "    .says = ";
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (!(says->number & 1 << i))
            continue;
        put(e, "%s%s", between, names[i]);
        between = " | ";
    }
    put(e, ",\n");
}

/* Does what a connection is depend on the client that it is made for? */
static bool is_personal(const struct m_server *s)
{
    const struct m_source *source = s->set[SERVER_source].source;
    if (endpoint_has_ip(&s->addr) && (!s->addr.has_port || s->addr.port_offset))
        return true; /* the port is the client's, or counts from it */
    return s->is_nameless || s->follows || is_on(&s->set[SERVER_send_proxy]) ||
           is_on(&s->set[SERVER_send_proxy_v2]) || s->netns == PX_NETNS_OF_CLIENT ||
           (source && source->usesrc > PX_USESRC_ADDRESS);
}

static void put_server(struct emit *e, const struct m_server *s)
{
    struct str name = server_symbol(e, s);
    need_source(e, &s->set[SERVER_source]);
    if (s->set[SERVER_redirect].redirect)
        need_redirect(e, s->set[SERVER_redirect].redirect);
    bool vectors = put_vectors(e, s);
    put_resolving(e, s, name);
    put(e, "static const struct px_server " STR_FMT " = {\n", STR_ARG(name));
    if (!s->is_nameless)
        put(e, "    .name = " STR_FMT ",\n", STR_ARG(literal(e->arena, s->name)));
    put(e, "    .addr = ");
    put_endpoint(e, &s->addr);
    put(e, ",\n    .number = %u,\n    .id = %u,\n    .proxy = &" STR_FMT ",\n", s->number, s->id,
        STR_ARG(proxy_symbol(e, s->proxy)));
    if (s->id_given)
        put(e, "    .id_given = true,\n");
    if (s->netns)
        put(e, "    .netns = %u,\n", s->netns);
    if (s->resolving)
        put(e, "    .resolving = &resolving_of__" STR_FMT ",\n", STR_ARG(name));
    if (s->track)
        put(e, "    .track = &" STR_FMT ",\n", STR_ARG(server_symbol(e, s->track)));
    if (s->follows)
        put(e, "    .follows = true,\n");
    if (is_personal(s))
        put(e, "    .personal = true,\n");
    if (is_on(&s->set[SERVER_agent_check]))
        put(e, "    .agent = &px_check_agent,\n");
    put_announce(e, s);
    if (vectors)
        put(e, "    .vectors = &vectors_of__" STR_FMT ",\n", STR_ARG(name));
    put_settings(e, vocab_server, NSERVER_SETTINGS, s->set);
    put(e, "};\n");
}

void put_servers(struct emit *e, const struct m_proxy *p)
{
    struct str proxy = proxy_symbol(e, p);
    for (unsigned i = 0; i < p->servers.n; i++)
        put_server(e, p->servers.v[i]);
    if (p->dispatch)
        put_server(e, p->dispatch);
    if (!p->servers.n)
        return;
    put(e, "static const struct px_server *const servers_of__" STR_FMT "[] = {\n", STR_ARG(proxy));
    for (unsigned i = 0; i < p->servers.n; i++)
        put(e, "    &" STR_FMT ",\n", STR_ARG(server_symbol(e, p->servers.v[i])));
    put(e, "};\n");
}
