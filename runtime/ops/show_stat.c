/*
 * "show stat": counters of proxies, servers and listeners as CSV.
 */
#include "../abi/tables.h"
#include "../upstream/lb.h"
#include "../upstream/state.h"
#include "control.h"
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FRONTEND = 1, BACKEND = 2, SERVER = 4, LISTENER = 8 };

/* What the columns of one row are made from. */
struct row {
    const struct px_proxy *proxy;
    const struct px_bind *bind;
    const struct px_server *server;
    unsigned number;                                       /* of the listener in its frontend */
    unsigned active, backup, usable, weight, server_conns; /* of a backend */
    int64_t now;                                           /* seconds since 1970 */
    bool tells_addresses;
    char text[PX_ADDR_TEXT + 16];
    struct px_counters sum;
};

/* Which rows are asked for. */
struct filter {
    int proxy;      /* id; -1: all */
    unsigned kinds; /* enum kind */
    int server;     /* id; -1: all */
    bool up, no_maint;
};

/* ---- texts ---- */

static const char *mode_of(const struct px_proxy *p)
{
    return p->is_http ? "http" : "tcp";
}

static const char *frontend_status(const struct px_proxy_state *ps)
{
    return ps->stopped ? "STOP" : ps->paused ? "PAUSED" : "OPEN";
}

static const char *server_status(const struct px_server_state *ss)
{
    return ss->maintenance ? "MAINT" : "no check";
}

static const char *address_text(struct row *r, const union px_sockaddr *sa, socklen_t len)
{
    struct px_addr a;
    char ip[PX_ADDR_TEXT];
    if (!len)
        return "";
    px_addr_from(&a, sa);
    px_addr_text(&a, ip);
    if (a.family == AF_UNIX)
        snprintf(r->text, sizeof r->text, "unix");
    else
        snprintf(r->text, sizeof r->text, a.family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip, a.port);
    return r->text;
}

static const char *server_text(struct row *r)
{
    const struct px_server_state *ss = px_server_state(r->server);
    return address_text(r, &ss->addr, ss->addr_len);
}

static const char *bind_text(struct row *r)
{
    union px_sockaddr sa;
    const struct px_endpoint *ep = &r->bind->addr;
    return address_text(r, &sa, px_endpoint_sockaddr(ep, ep->port, &sa));
}

static const char *listener_name(struct row *r)
{
    if (r->bind->name)
        return r->bind->name;
    snprintf(r->text, sizeof r->text, "sock-%u", r->number);
    return r->text;
}

static long long since(const struct row *r, uint64_t when)
{
    return when ? r->now - (int64_t)when : -1;
}

/* ---- columns ---- */

static void put_text(struct px_text *out, const char *text)
{
    if (!strpbrk(text, ",\"\n")) {
        px_text_put(out, text, strlen(text));
        return;
    }
    px_text_put(out, "\"", 1);
    for (; *text; text++) {
        if (*text == '"')
            px_text_put(out, "\"", 1);
        px_text_put(out, text, 1);
    }
    px_text_put(out, "\"", 1);
}

#define NONE (void)0
#define N(value) px_text_printf(out, "%llu", (unsigned long long)(value))
#define Z(value) px_text_printf(out, "%lld", (long long)(value))
#define T(text) put_text(out, text)
#define H(value) (p->is_http ? N(value) : NONE)
#define L(value) ((value) ? N(value) : NONE) /* 0 means no limit */
#define P(value) ((value) >= 0 ? N(value) : NONE)
#define S(text) (r->tells_addresses ? T(text) : NONE)

static void put_frontend(struct row *r, struct px_text *out)
{
    const struct px_proxy *p = r->proxy;
    const struct px_proxy_state *ps = px_proxy_state(p);
    const struct px_counters *c = &r->sum;
#define PX_STAT(name, frontend, listener, server, backend)                                         \
    frontend;                                                                                      \
    px_text_put(out, ",", 1);
#include "stat.def"
#undef PX_STAT
}

static void put_listener(struct row *r, struct px_text *out)
{
    const struct px_proxy *p = r->proxy;
    const struct px_counters *c = &r->sum;
#define PX_STAT(name, frontend, listener, server, backend)                                         \
    listener;                                                                                      \
    px_text_put(out, ",", 1);
#include "stat.def"
#undef PX_STAT
}

static void put_server(struct row *r, struct px_text *out)
{
    const struct px_proxy *p = r->proxy;
    const struct px_server_state *ss = px_server_state(r->server);
    const struct px_counters *c = &r->sum;
#define PX_STAT(name, frontend, listener, server, backend)                                         \
    server;                                                                                        \
    px_text_put(out, ",", 1);
#include "stat.def"
#undef PX_STAT
}

static void put_backend(struct row *r, struct px_text *out)
{
    const struct px_proxy *p = r->proxy;
    const struct px_proxy_state *ps = px_proxy_state(p);
    const struct px_counters *c = &r->sum;
#define PX_STAT(name, frontend, listener, server, backend)                                         \
    backend;                                                                                       \
    px_text_put(out, ",", 1);
#include "stat.def"
#undef PX_STAT
}

/* ---- rows ---- */

static void end_row(struct px_text *out)
{
    px_text_put(out, "\n", 1);
}

static void show_listeners(struct row *r, struct px_text *out)
{
    for (unsigned i = 0; i < r->proxy->nbinds; i++) {
        r->bind = r->proxy->binds[i];
        r->number = i + 1;
        px_counters_sum(PX_OF_BIND, r->bind->number, &r->sum);
        put_listener(r, out);
        end_row(out);
    }
}

static bool is_hidden(const struct filter *f, const struct px_server *srv)
{
    const struct px_server_state *ss = px_server_state(srv);
    return (f->server > 0 && srv->id != f->server) || ((f->up || f->no_maint) && ss->maintenance);
}

static void show_servers(struct row *r, const struct filter *f, struct px_text *out)
{
    for (unsigned i = 0; i < r->proxy->nservers; i++) {
        r->server = r->proxy->servers[i];
        if (is_hidden(f, r->server))
            continue;
        px_counters_sum(PX_OF_SERVER, r->server->number, &r->sum);
        put_server(r, out);
        end_row(out);
    }
}

static void sum_up_servers(struct row *r)
{
    for (unsigned i = 0; i < r->proxy->nservers; i++) {
        const struct px_server *srv = r->proxy->servers[i];
        r->server_conns += px_server_state(srv)->used.now;
        if (!px_server_usable(srv))
            continue;
        r->usable++;
        if (srv->backup)
            r->backup++;
        else
            r->active++;
        if (px_server_in_use(srv))
            r->weight += px_server_state(srv)->weight;
    }
}

static void show_proxy(const struct px_proxy *p, const struct filter *f, struct row *r,
                       struct px_text *out)
{
    *r = (struct row){.proxy = p, .now = r->now, .tells_addresses = r->tells_addresses};
    if ((p->caps & PX_FRONTEND) && (f->kinds & FRONTEND) && f->server <= 0) {
        px_counters_sum(PX_OF_FRONTEND, p->number, &r->sum);
        put_frontend(r, out);
        end_row(out);
    }
    if (p->socket_stats && (f->kinds & LISTENER) && f->server < 0)
        show_listeners(r, out);
    if (f->kinds & SERVER)
        show_servers(r, f, out);
    if ((p->caps & PX_BACKEND) && (f->kinds & BACKEND) && f->server <= 0) {
        px_counters_sum(PX_OF_BACKEND, p->number, &r->sum);
        sum_up_servers(r);
        put_backend(r, out);
        end_row(out);
    }
}

/* A proxy by number or name; -2: there is none. */
static int proxy_by(const char *word)
{
    char *end;
    long id = strtol(word, &end, 10);
    if (end != word && !*end)
        return (int)id;
    for (unsigned i = 0; i < px_program.nproxies; i++)
        if (!strcmp(px_program.proxies[i]->name, word))
            return px_program.proxies[i]->id;
    return -2;
}

/* false: answered. */
static bool read_filter(const struct px_command *c, struct filter *f, struct px_text *out)
{
    unsigned i = 2;
    if (c->n >= 5) {
        f->proxy = proxy_by(c->words[2]);
        f->kinds = (unsigned)atoi(c->words[3]);
        f->server = atoi(c->words[4]);
        if (f->proxy == -2) {
            px_text_printf(out, "No such proxy.\n");
            return false;
        }
        i = 5;
    }
    for (; i < c->n; i++) {
        f->up |= !strcmp(c->words[i], "up");
        f->no_maint |= !strcmp(c->words[i], "no-maint");
        if (strcmp(c->words[i], "up") && strcmp(c->words[i], "no-maint")) {
            px_text_printf(out, "'show stat %s' is not supported yet.\n", c->words[i]);
            return false;
        }
    }
    return true;
}

void px_show_stat(const struct px_command *c, struct px_text *out)
{
    struct filter f = {.proxy = -1, .kinds = ~0u, .server = -1};
    struct row r = {.now = px_self->date_us / 1000000,
                    .tells_addresses = c->level >= PX_LEVEL_OPERATOR};
    if (!read_filter(c, &f, out))
        return;
    px_text_put(out, "# ", 2);
#define PX_STAT(name, frontend, listener, server, backend) px_text_put(out, name ",", sizeof name);
#include "stat.def"
#undef PX_STAT
    end_row(out);
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        if (!p->disabled && (f.proxy < 0 || f.proxy == p->id))
            show_proxy(p, &f, &r, out);
    }
}
