/*
 * Where connections to servers come from: "source" and network namespaces.
 *
 * Idea: a source is a whole. A server's own replaces that of its backend, with all that belongs
 * to it.
 */
#include "context.h"
#include "proxy.h"

#include <string.h>

/* ---- source ---- */

/* An IP address, perhaps with ports. NULL: reported. */
static const struct address *ip_take(struct sema *s, const struct word *w)
{
    struct address *list;
    if (!address_parse(s->arena, s->diags, s->config->env, w,
                       ADDRESS_ANY | ADDRESS_PORT_RANGE | ADDRESS_PORT_ZERO, &list))
        return NULL;
    if (list->endpoint.family == PX_AF_INET || list->endpoint.family == PX_AF_INET6)
        return list;
    diag_add(s->diags, E0301, w->span,
             "source: '" STR_FMT "' is no IP address: others are not supported yet",
             STR_ARG(w->text));
    return NULL;
}

/* hdr_ip(name[,position]); position 0 means no header at all. */
static bool header_take(struct sema *s, struct line *l, struct m_source *x)
{
    struct m_expr *e = expr_take(s, l, PX_AT_REQ_HTTP);
    if (!e)
        return false;
    x->usesrc = PX_USESRC_SAMPLE;
    x->sample = e;
    if (e->args[1].given && !e->args[1].number) {
        x->usesrc = PX_USESRC_NONE;
        x->sample = NULL;
    }
    return true;
}

static bool usesrc_address(struct sema *s, const struct word *w, struct m_source *x)
{
    const struct address *a = ip_take(s, w);
    if (a && a->port_high > a->endpoint.port) {
        diag_add(s->diags, E0603, w->span, "a range of ports cannot be used here");
        return false;
    }
    if (a)
        x->as = a->endpoint;
    x->usesrc = PX_USESRC_ADDRESS;
    return a;
}

static bool usesrc_take(struct sema *s, struct line *l, struct m_source *x)
{
    const struct word *w = line_expect(s, l, "'client', 'clientip', 'hdr_ip(NAME)' or an address");
    if (!w)
        return false;
    if (str_is(w->text, "client") || str_is(w->text, "clientip")) {
        x->usesrc = str_is(w->text, "client") ? PX_USESRC_CLIENT : PX_USESRC_CLIENTIP;
        return true;
    }
    if (str_begins(w->text, "hdr_ip(")) {
        l->at--;
        return header_take(s, l, x);
    }
    if (memchr(w->text.p, '.', w->text.len) || memchr(w->text.p, ':', w->text.len))
        return usesrc_address(s, w, x);
    struct diag *d = diag_add(s->diags, E0614, w->span, "'usesrc' does not know '" STR_FMT "'",
                              STR_ARG(w->text));
    static const struct str names[] = {{"client", 6}, {"clientip", 8}};
    diag_suggest(s->diags, d, w->text, names, COUNT(names));
    return false;
}

static bool interface_take(struct sema *s, struct line *l, struct m_source *x)
{
    const struct word *w = line_expect(s, l, "the name of an interface");
    if (w)
        x->interface = str_cstr(s->arena, w->text);
    return w;
}

bool source_take(struct sema *s, struct line *l, const struct m_source **source)
{
    if (l->at == l->n) {
        diag_add(s->diags, E0310, l->words[l->n - 1].span, "'source' expects an address");
        return false;
    }
    const struct address *a = ip_take(s, line_next(l));
    if (!a)
        return false;
    struct m_source *x = NEW(s->arena, struct m_source);
    x->addr = a->endpoint;
    if (a->port_high > a->endpoint.port)
        x->last_port = a->port_high;
    *source = x;
    for (;;) {
        if (line_take(l, "usesrc")) {
            if (!usesrc_take(s, l, x))
                return false;
        } else if (line_take(l, "interface")) {
            if (!interface_take(s, l, x))
                return false;
        } else {
            return true;
        }
    }
}

/* ---- namespaces ---- */

static unsigned namespace_number(struct sema *s, struct str name)
{
    struct model *m = s->model;
    for (unsigned i = 0; i < m->namespaces.n; i++)
        if (str_eq(m->namespaces.v[i], name))
            return i + 1;
    VEC_ADD(s->arena, &m->namespaces, name);
    return m->namespaces.n;
}

/* A namespace is a file in the directory of all, and nothing else. */
static bool namespace_is_good(struct sema *s, struct str name, struct span at)
{
    bool bad = !name.len || memchr(name.p, '/', name.len) || name.p[0] == '.' || name.len > 255;
    if (bad)
        diag_add(s->diags, E0210, at, "'" STR_FMT "' cannot be the name of a network namespace",
                 STR_ARG(name));
    return !bad;
}

void namespace_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a name");
    if (w && line_end(s, l) && namespace_is_good(s, w->text, w->span))
        namespace_number(s, w->text);
}

/* UNIX sockets are in the namespace of the file system. */
static bool has_namespace(struct sema *s, const struct m_setting *set, const struct px_endpoint *ep)
{
    if (!set->set)
        return false;
    if (endpoint_has_ip(ep))
        return true;
    diag_add(s->diags, W0301, set->span, "'namespace' is ignored: it is about IP addresses");
    return false;
}

static void settle_bind(struct sema *s, struct m_bind *b)
{
    const struct m_setting *set = &b->set[BIND_namespace];
    if (has_namespace(s, set, &b->addr) && namespace_is_good(s, str_of(set->text), set->span))
        b->netns = namespace_number(s, str_of(set->text));
}

/* ---- privileges ---- */

/* The user that the process becomes, if it gives up privileges for that. */
static const struct m_setting *other_user(const struct model *m)
{
    const struct m_setting *user = &m->global[GLOBAL_user], *uid = &m->global[GLOBAL_uid];
    if (user->set && strcmp(user->text, "root"))
        return user;
    return uid->set && uid->number ? uid : NULL;
}

void needs_privileges(struct sema *s, struct span at, const char *what)
{
    VEC_ADD(s->arena, &s->model->privileges, ((struct m_privilege){what, at}));
}

static void mind_privileges(struct sema *s)
{
    const struct model *m = s->model;
    const struct m_setting *user = other_user(m);
    for (unsigned i = 0; user && i < m->privileges.n; i++) {
        const struct m_privilege *p = &m->privileges.v[i];
        struct diag *d = diag_add(s->diags, E0615, p->span, "%s needs privileges", p->what);
        diag_other(s->diags, d, user->span, "here they are given up");
    }
}

/* ---- servers ---- */

static void settle_source(struct sema *s, const struct m_proxy *p, struct m_server *srv)
{
    struct m_setting *set = &srv->set[SERVER_source];
    if (!set->set)
        *set = p->in.set[PROXY_source];
    if (!set->source)
        return;
    if (set->source->usesrc)
        needs_privileges(s, set->span, "'usesrc'");
    if (set->source->sample && !p->in.is_http)
        diag_add(s->diags, W0302, set->span, "'hdr_ip' is ignored in mode tcp");
}

static void settle_server(struct sema *s, const struct m_proxy *p, struct m_server *srv)
{
    const struct m_setting *set = &srv->set[SERVER_namespace];
    settle_source(s, p, srv);
    if (!has_namespace(s, set, &srv->addr))
        return;
    needs_privileges(s, set->span, "'namespace' of a server");
    if (!strcmp(set->text, "*"))
        srv->netns = PX_NETNS_OF_CLIENT;
    else if (namespace_is_good(s, str_of(set->text), set->span))
        srv->netns = namespace_number(s, str_of(set->text));
}

static void settle_proxy(struct sema *s, struct m_proxy *p)
{
    const struct m_setting *source = &p->in.set[PROXY_source];
    if (source->source && source->source->last_port)
        diag_add(s->diags, E0616, source->span, "a range of source ports belongs to a server");
    for (unsigned i = 0; i < p->binds.n; i++)
        settle_bind(s, p->binds.v[i]);
    for (unsigned i = 0; i < p->servers.n; i++)
        settle_server(s, p, p->servers.v[i]);
    if (p->dispatch)
        settle_server(s, p, p->dispatch);
}

void settle_sources(struct sema *s)
{
    struct model *m = s->model;
    m->nlisted = m->namespaces.n;
    for (unsigned i = 0; i < m->proxies.n; i++)
        settle_proxy(s, m->proxies.v[i]);
    for (unsigned i = 0; i < m->stats_sockets.n; i++)
        settle_bind(s, m->stats_sockets.v[i]);
    mind_privileges(s);
}
