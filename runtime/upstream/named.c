/*
 * Servers that have names. See named.h.
 *
 * A name that begins with an underscore is that of a service (RFC 2782): its records give each
 * server of a group a host and a port, and that host's name is resolved in its turn, unless the
 * answer told its address, too.
 */
#include "named.h"

#include "../base/macros.h"
#include "../base/syslog.h"
#include "change.h"
#include "resolver.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct group;

struct named {
    struct px_requester req; /* about the address of its host */
    const struct px_server *srv;
    struct group *group;  /* NULL: its host is the one of its line */
    bool assigned;        /* it stands for a record of the group */
    bool seen;            /* which is still there */
    uint16_t port;        /* of that record */
    int weight;           /* that was set for it; -1: none */
    struct px_note doubt; /* that it is still where it was */
    _Atomic bool doubted; /* the note is on its way */
};

/* Servers of a backend that share a service. */
struct group {
    struct px_requester req;
    struct group *next;
    const struct px_resolving *how;
    struct named **members;
    unsigned n;
};

static struct px_loop *home;
static struct named *all;
static struct named **by_server; /* px_server.number; NULL: it follows no name */
static unsigned nall;
static struct group *groups;

static void PX_PRINTF(2, 3) say(const struct px_server *srv, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    px_health_say(srv, PX_NOTICE, text);
}

/* ---- addresses ---- */

static bool in_network(const struct px_dns_record *r, const struct px_network *net)
{
    unsigned family = net->family == PX_AF_INET ? AF_INET : AF_INET6;
    unsigned whole = net->bits / 8u, rest = net->bits % 8u;
    if (r->family != family || memcmp(r->ip, net->ip, whole))
        return false;
    return !rest || !((r->ip[whole] ^ net->ip[whole]) >> (8 - rest));
}

static bool in_networks(const struct px_dns_record *r, const struct px_resolving *how)
{
    for (unsigned i = 0; i < how->nnetworks; i++)
        if (in_network(r, &how->networks[i]))
            return true;
    return false;
}

static bool is_at(const struct px_server *srv, const struct px_dns_record *r)
{
    const struct px_address *a = px_server_address(srv);
    if (!a || a->sa.sa.sa_family != r->family)
        return false;
    return r->family == AF_INET ? !memcmp(&a->sa.in.sin_addr, r->ip, 4)
                                : !memcmp(&a->sa.in6.sin6_addr, r->ip, 16);
}

static bool is_unresolved(const struct px_server *srv)
{
    return px_server_state(srv)->admin & PX_ADMIN_UNRESOLVED_MAINT;
}

/* Does another server of its backend stand for the same host at this address? */
static bool is_taken(const struct named *s, const struct px_dns_record *r)
{
    for (const struct px_requester *q = s->req.of->requesters; q; q = q->next) {
        const struct named *other = PX_OWNER(q, struct named, req);
        if (q->found == s->req.found && other != s && other->srv->proxy == s->srv->proxy &&
            is_at(other->srv, r) && !is_unresolved(other->srv))
            return true;
    }
    return false;
}

/* It stays where it is unless another place is preferred. */
enum { OF_FAMILY = 8, OF_NETWORK = 4, CURRENT = 2, FREE = 1, PERFECT = 15 };

/* How good it would be for the server; -1: not at all. */
static int score(const struct named *s, const struct px_dns_record *r)
{
    const struct px_resolving *how = s->srv->resolving;
    bool taken = is_taken(s, r);
    if (taken && !how->allow_duplicates)
        return -1;
    int n = taken ? 0 : FREE;
    if (r->family == (how->prefer_ipv4 ? AF_INET : AF_INET6))
        n += OF_FAMILY;
    if (in_networks(r, how))
        n += OF_NETWORK;
    return is_at(s->srv, r) ? n + CURRENT : n;
}

/* NULL: none is good. */
static const struct px_dns_record *choose(const struct named *s)
{
    const struct px_dns_record *best = NULL;
    int most = -1;
    for (const struct px_known *k = s->req.of->known; k && most < PERFECT; k = k->next) {
        int n = score(s, &k->record);
        if (n <= most)
            continue;
        most = n;
        best = &k->record;
    }
    px_resolver_turn(s->req.of); /* those that come later begin with another one */
    return best;
}

static socklen_t sockaddr_of(const struct px_dns_record *r, int port, union px_sockaddr *sa)
{
    struct px_addr addr = {.family = (uint8_t)r->family, .port = (uint16_t)port};
    memcpy(addr.ip, r->ip, sizeof addr.ip);
    return px_addr_sockaddr(&addr, sa);
}

static const char *text_of(const struct px_address *a, char text[PX_ADDR_TEXT])
{
    struct px_addr addr;
    if (!a)
        return "(none)";
    px_addr_from(&addr, &a->sa);
    px_addr_text(&addr, text);
    return text;
}

/* Has its address changed? `by`: who says where it is. */
static bool move(const struct named *s, const struct px_dns_record *r, const char *by)
{
    char from[PX_ADDR_TEXT], to[PX_ADDR_TEXT];
    union px_sockaddr sa;
    const struct px_address *before = px_server_address(s->srv);
    int port = s->group ? s->port : px_server_port(s->srv);
    bool stays = is_at(s->srv, r);
    if (stays && px_address_port(before) == port)
        return false;
    const char *was = text_of(before, from);
    if (!px_address_set(s->srv, &sa, sockaddr_of(r, port, &sa)))
        return false;
    if (!stays)
        say(s->srv, "%s/%s changed its IP from %s to %s by %s.", s->srv->proxy->name, s->srv->name,
            was, text_of(px_server_address(s->srv), to), by);
    return !stays;
}

static void come_back(const struct named *s)
{
    if (!is_unresolved(s->srv))
        return;
    px_admin_remove(s->srv, PX_ADMIN_UNRESOLVED_MAINT);
    say(s->srv, "Server %s/%s administratively READY thanks to valid DNS answer.",
        s->srv->proxy->name, s->srv->name);
}

/* Names say nothing of ports: what administrators have changed stays. */
static void be_lost(const struct named *s, const char *cause)
{
    if (!s->group)
        px_server_state(s->srv)->port = (uint16_t)px_server_port(s->srv);
    if (!is_unresolved(s->srv))
        px_admin_add(s->srv, PX_ADMIN_UNRESOLVED_MAINT, cause);
    if (px_server_address(s->srv))
        px_address_set(s->srv, NULL, 0);
}

static void host_found(struct px_requester *q, struct px_nameserver_state *ns)
{
    struct named *s = PX_OWNER(q, struct named, req);
    char by[128];
    const struct px_dns_record *r = choose(s);
    if (!r) {
        be_lost(s, " (No IP for server )");
        return;
    }
    if (ns)
        snprintf(by, sizeof by, "%s/%s", ns->section->line->name, ns->name);
    else
        snprintf(by, sizeof by, "DNS cache");
    if (move(s, r, by) && ns)
        ns->counters.update++;
    come_back(s);
}

static bool host_failed(struct px_requester *q)
{
    static const char *const causes[] = {[PX_NAME_NEW] = " (unspecified DNS error)",
                                         [PX_NAME_VALID] = " (unspecified DNS error)",
                                         [PX_NAME_NX] = " (DNS NX status)",
                                         [PX_NAME_REFUSED] = " (DNS refused status)",
                                         [PX_NAME_TIMEOUT] = " (DNS timeout status)",
                                         [PX_NAME_OTHER] = " (unspecified DNS error)",
                                         [PX_NAME_INVALID] = " (unspecified DNS error)"};
    struct named *s = PX_OWNER(q, struct named, req);
    if (!px_resolver_is_lost(q->of))
        return true;
    be_lost(s, causes[q->of->status]);
    return false;
}

static bool ask_for_host(struct named *s, const char *host)
{
    const struct px_resolving *how = s->srv->resolving;
    return px_resolver_join(&s->req, how->by, host, how->prefer_ipv4 ? PX_DNS_A : PX_DNS_AAAA);
}

/* ---- services ---- */

/* RFC 2782 has weights up to 65535, HAProxy up to 256: none that is above 0 becomes 0. */
static void weigh(struct named *s, const struct px_dns_record *r)
{
    char text[16];
    int weight = (r->weight + 255) / 256;
    if (s->srv->resolving->ignore_weight || s->weight == weight)
        return;
    s->weight = weight;
    snprintf(text, sizeof text, "%d", weight);
    px_weight_set(s->srv, text);
}

static bool stands_for(const struct named *s, const struct px_dns_record *r)
{
    const char *host = px_server_host(s->srv);
    return s->assigned && s->port == r->port && host && !strcmp(host, r->target);
}

static void locate(struct named *s, const struct px_dns_record *r)
{
    if (!r->family)
        return;
    px_resolver_leave(&s->req);
    move(s, r, "DNS additional record");
}

static void assign(struct named *s, const struct px_dns_record *r)
{
    const char *before = px_server_host(s->srv);
    s->assigned = s->seen = true;
    s->port = r->port;
    locate(s, r);
    say(s->srv, "%s/%s changed its FQDN from %s to %s by 'SRV record'", s->srv->proxy->name,
        s->srv->name, before ? before : "(null)", r->target);
    px_host_set(s->srv, r->target);
}

/* The rest of both: what may change about a record. */
static void refresh(struct named *s, const struct px_dns_record *r)
{
    weigh(s, r);
    if (!r->family)
        ask_for_host(s, r->target);
    else if (is_unresolved(s->srv) && px_server_address(s->srv))
        px_admin_remove(s->srv, PX_ADMIN_UNRESOLVED_MAINT);
}

static void release(struct named *s)
{
    if (!s->assigned)
        return;
    s->assigned = false;
    px_resolver_leave(&s->req);
    be_lost(s, " (entry removed from SRV record)");
    px_host_set(s->srv, NULL);
}

static struct named *member_of(const struct group *g, const struct px_dns_record *r)
{
    for (unsigned i = 0; i < g->n; i++)
        if (stands_for(g->members[i], r))
            return g->members[i];
    return NULL;
}

static struct named *idle_member(const struct group *g)
{
    for (unsigned i = 0; i < g->n; i++)
        if (!g->members[i]->assigned)
            return g->members[i];
    return NULL;
}

static void keep_members(struct group *g)
{
    for (unsigned i = 0; i < g->n; i++)
        g->members[i]->seen = false;
    for (const struct px_known *k = g->req.of->known; k; k = k->next) {
        struct named *s = member_of(g, &k->record);
        if (!s)
            continue;
        s->seen = true;
        locate(s, &k->record);
        refresh(s, &k->record);
    }
    for (unsigned i = 0; i < g->n; i++)
        if (!g->members[i]->seen)
            release(g->members[i]);
}

/* Records for which there is no server left wait until there is. */
static void service_found(struct px_requester *q, struct px_nameserver_state *ns)
{
    struct group *g = PX_OWNER(q, struct group, req);
    (void)ns;
    keep_members(g);
    for (const struct px_known *k = g->req.of->known; k; k = k->next) {
        struct named *s = member_of(g, &k->record) ? NULL : idle_member(g);
        if (!s)
            continue;
        assign(s, &k->record);
        refresh(s, &k->record);
    }
}

static bool service_failed(struct px_requester *q)
{
    struct group *g = PX_OWNER(q, struct group, req);
    if (!px_resolver_is_lost(q->of))
        return true;
    for (unsigned i = 0; i < g->n; i++)
        release(g->members[i]);
    return false;
}

/* ---- the start ---- */

static struct group *group_of(const struct px_server *srv)
{
    struct group *g = groups;
    while (g && (g->members[0]->srv->proxy != srv->proxy || g->how->by != srv->resolving->by ||
                 strcmp(g->members[0]->srv->addr.path, srv->addr.path)))
        g = g->next;
    if (g)
        return g;
    g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->req.found = service_found;
    g->req.failed = service_failed;
    g->how = srv->resolving;
    g->members = calloc(srv->proxy->nservers, sizeof *g->members);
    g->next = groups;
    groups = g;
    return g->members ? g : NULL;
}

/* Whatever its line says, it is the name that it has. */
static bool follow_host(struct named *s)
{
    char host[PX_DNS_NAME + 1];
    px_health_lock();
    const char *now = px_server_host(s->srv);
    snprintf(host, sizeof host, "%s", now ? now : "");
    px_health_unlock();
    return !*host || ask_for_host(s, host);
}

static bool start_server(const struct px_server *srv)
{
    struct named *s = &all[nall++];
    *s = (struct named){.srv = srv, .weight = -1};
    by_server[srv->number] = s;
    s->req.found = host_found;
    s->req.failed = host_failed;
    if (!px_names_service(&srv->addr))
        return follow_host(s);
    s->group = group_of(srv);
    if (!s->group)
        return false;
    s->group->members[s->group->n++] = s;
    return s->group->n > 1 ||
           px_resolver_join(&s->group->req, srv->resolving->by, srv->addr.path, PX_DNS_SRV);
}

/* HAProxy manual 5.3.1. What has been found out lately is not asked again ("hold valid"). */
static void doubted(struct px_note *note)
{
    struct named *s = PX_OWNER(note, struct named, doubt);
    atomic_store(&s->doubted, false);
    if (s->req.of && !px_resolver_is_fresh(s->req.of))
        px_resolver_ask(s->req.of);
}

static void doubt(const struct px_server *srv)
{
    struct named *s = by_server[srv->number];
    if (!s || atomic_exchange(&s->doubted, true))
        return;
    s->doubt.deliver = doubted;
    px_loop_post(home, &s->doubt);
}

bool px_named_start(void)
{
    home = px_self;
    all = calloc(px_program.nservers + 1u, sizeof *all);
    by_server = calloc(px_program.nservers + 1u, sizeof(struct named *));
    if (!all || !by_server)
        return false;
    px_health_missed = doubt;
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        for (unsigned k = 0; k < p->nservers; k++)
            if (p->servers[k]->resolving && !start_server(p->servers[k]))
                return false;
    }
    return true;
}

/* ---- other names ---- */

struct renaming {
    struct px_note note;
    const struct px_server *srv;
};

static void renamed(struct px_note *note)
{
    struct renaming *r = PX_OWNER(note, struct renaming, note);
    struct named *s = by_server[r->srv->number];
    if (follow_host(s) && s->req.of)
        px_resolver_ask(s->req.of);
    free(r);
}

bool px_named_rename(const struct px_server *srv, const char *name)
{
    struct renaming *r = malloc(sizeof *r);
    if (!r || !px_host_set(srv, name)) {
        free(r);
        return false;
    }
    *r = (struct renaming){.note.deliver = renamed, .srv = srv};
    px_loop_post(home, &r->note);
    return true;
}
