/*
 * "show stat": counters of proxies, servers and listeners as CSV.
 */
#include "../abi/tables.h"
#include "../net/listener.h"
#include "../txn/persist.h"
#include "../upstream/health.h"
#include "../upstream/lb.h"
#include "../upstream/state.h"
#include "control.h"
#include "process.h"
#include "typed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FRONTEND = 1, BACKEND = 2, SERVER = 4, LISTENER = 8 };

/* What the columns of one row are made from. */
struct row {
    const struct px_proxy *proxy;
    const struct px_bind *bind;
    const struct px_server *server;
    unsigned active, backup, usable, weight, server_conns; /* of a backend */
    int64_t now;                                           /* seconds since 1970 */
    bool tells_addresses;
    enum px_statistics form;
    struct px_text cell;
    bool any_row, any_cell; /* written before */
    bool is_known;          /* the value of this cell, though it may be an empty text */
    char text[512];
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

static const char *algorithm_name(const struct px_proxy *p)
{
    if (!p->lb || !p->nservers)
        return "";
    return p->balance ? p->balance->name : p->lb->name;
}

/* "UP 2/3": of the counter, how far it is from the other side. */
static const char *count_text(struct row *r, const char *word, const struct px_checking *c)
{
    bool up = c->health >= c->rise;
    int n = up ? c->health - c->rise + 1 : c->health, of = up ? c->fall : c->rise;
    if (n == (up ? of : 0))
        return word;
    snprintf(r->text, sizeof r->text, "%s %d/%d", word, n, of);
    return r->text;
}

static const char *maintenance_text(struct row *r, unsigned admin)
{
    const struct px_server *leader = r->server->track;
    if (admin & PX_ADMIN_UNRESOLVED_MAINT)
        return "MAINT (resolution)";
    if (!(admin & PX_ADMIN_INHERITED_MAINT) || !leader)
        return "MAINT";
    snprintf(r->text, sizeof r->text, "MAINT (via %s/%s)", leader->proxy->name, leader->name);
    return r->text;
}

static const char *tracked_text(struct row *r)
{
    const struct px_server *leader = r->server->track;
    if (!leader)
        return "";
    snprintf(r->text, sizeof r->text, "%s/%s", leader->proxy->name, leader->name);
    return r->text;
}

static const char *server_status(struct row *r)
{
    const struct px_server *leader = r->server;
    const struct px_server_state *ss = px_server_state(leader);
    if (ss->admin & PX_ADMIN_MAINT)
        return maintenance_text(r, ss->admin);
    while (leader->track)
        leader = leader->track;
    const struct px_server_state *ls = px_server_state(leader);
    const struct px_checking *c = &ls->check;
    bool checked = c->state & PX_CHECK_ENABLED;
    if (ss->operation == PX_SERVER_STOPPED)
        return ls->agent.state & PX_CHECK_ENABLED && ls->agent.health < ls->agent.rise
                   ? "DOWN (agent)"
               : checked ? count_text(r, "DOWN", c)
                         : "DOWN";
    if (ss->admin & PX_ADMIN_DRAIN)
        return ls->agent.state & PX_CHECK_ENABLED ? "DRAIN (agent)" : "DRAIN";
    if (ss->operation == PX_SERVER_STOPPING)
        return checked ? count_text(r, "NOLB", c) : "NOLB";
    if (!checked)
        return "no check";
    return count_text(r, "UP", c);
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
    const struct px_address *a = px_server_address(r->server);
    return a ? address_text(r, &a->sa, a->len) : "";
}

static const char *server_cookie(const struct row *r)
{
    const struct px_server *s = r->server;
    const char *text = s->proxy->cookie ? s->proxy->cookie->ops->value(s).p : s->cookie;
    return text ? text : "";
}

static const char *backend_cookie(const struct row *r)
{
    return r->proxy->cookie ? r->proxy->cookie->name.p : "";
}

static const char *bind_text(struct row *r)
{
    union px_sockaddr sa;
    return address_text(r, &sa, px_listener_address(r->bind, &sa));
}

static const char *listener_name(struct row *r)
{
    if (r->bind->name)
        return r->bind->name;
    snprintf(r->text, sizeof r->text, "sock-%d", r->bind->id);
    return r->text;
}

static long long since(const struct row *r, uint64_t when)
{
    return when ? r->now - (int64_t)when : -1;
}

/* ---- columns ---- */

static void put_text(struct row *r, const char *text)
{
    struct px_text *out = &r->cell;
    if (r->form != PX_STATISTICS_PLAIN || !strpbrk(text, ",\"\n")) {
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

enum type { STR, U32, U64, S32 };

static const char *const types[] = {"str", "u32", "u64", "s32"};

static const struct column {
    const char *name, *tags;
    enum type type;
} columns[] = {
#define PX_STAT(name, tags, type, frontend, listener, server, backend) {name, tags, type},
#include "stat.def"
#undef PX_STAT
};

static const char *object_name(enum kind kind)
{
    return kind == FRONTEND  ? "Frontend"
           : kind == BACKEND ? "Backend"
           : kind == SERVER  ? "Server"
                             : "Listener";
}

static int object_id(const struct row *r, enum kind kind)
{
    return kind == SERVER ? r->server->id : kind == LISTENER ? r->bind->id : 0;
}

/* A column named "-" separates; it has no number in typed forms. */
static bool is_separator(unsigned column)
{
    return !strcmp(columns[column].name, "-");
}

static unsigned position_of(unsigned column)
{
    unsigned position = column;
    for (unsigned i = 0; i < column; i++)
        position -= is_separator(i);
    return position;
}

/* A value of the row; typed forms leave out what is empty. */
static void put_cell(struct row *r, enum kind kind, unsigned column, struct px_text *out)
{
    struct px_typed t = {columns[column].tags, types[columns[column].type], position_of(column),
                         !r->any_cell};
    const char *name = columns[column].name;
    bool shown = (r->cell.len || r->is_known) && !is_separator(column);
    if (r->form == PX_STATISTICS_PLAIN) {
        px_text_put(out, r->cell.p, r->cell.len);
        px_text_put(out, ",", 1);
    } else if (shown && r->form == PX_STATISTICS_TYPED) {
        px_text_printf(out, "%c.%d.%d.%u.%s.1:", *object_name(kind), r->proxy->id,
                       object_id(r, kind), t.position, name);
        px_typed_text(&t, &r->cell, out);
        px_text_put(out, "\n", 1);
    } else if (shown) {
        px_text_printf(out,
                       "%s{\"objType\":\"%s\",\"proxyId\":%d,\"id\":%d,\"field\":{\"pos\":%u,"
                       "\"name\":\"%s\"},",
                       t.first ? "" : ",", object_name(kind), r->proxy->id, object_id(r, kind),
                       t.position, name);
        px_typed_json(&t, &r->cell, out);
        px_text_put(out, "}", 1);
        r->any_cell = true;
    }
    r->cell.len = 0;
    r->is_known = false;
}

static void begin_row(struct row *r, struct px_text *out)
{
    r->any_cell = false;
    if (r->form == PX_STATISTICS_JSON)
        px_text_printf(out, "%s[", r->any_row ? "," : "");
    r->any_row = true;
}

static void end_row(struct row *r, struct px_text *out)
{
    if (r->form == PX_STATISTICS_JSON)
        px_text_put(out, "]", 1);
    else if (r->form == PX_STATISTICS_PLAIN)
        px_text_put(out, "\n", 1);
}

#define NONE (void)0
#define N(value) px_text_printf(&r->cell, "%llu", (unsigned long long)(value))
#define Z(value) px_text_printf(&r->cell, "%lld", (long long)(value))
#define T(text) put_text(r, text)
#define H(value) (p->is_http ? N(value) : NONE)
#define L(value) ((value) ? N(value) : NONE) /* 0 means no limit */
#define P(value) ((value) >= 0 ? N(value) : NONE)
#define O(value) (ss->observes ? N(value) : NONE) /* of servers whose traffic is observed */
#define C(value) (ss->check.state & PX_CHECK_ENABLED ? N(value) : NONE) /* of checks */
#define K(put) (is_checked(&ss->check) ? (void)(put) : NONE)
#define A(put) (is_checked(&ss->agent) ? (void)(put) : NONE)
#define S(text) (r->tells_addresses ? T(text) : NONE)

/* ---- checks ---- */

static bool is_checked(const struct px_checking *c)
{
    return (c->state & (PX_CHECK_ENABLED | PX_CHECK_PAUSED)) == PX_CHECK_ENABLED;
}

static const char *check_text(struct row *r, const struct px_checking *c)
{
    snprintf(r->text, sizeof r->text, "%s%s", c->state & PX_CHECK_IN_PROGRESS ? "* " : "",
             px_check_status_code(c->status));
    return r->text;
}

/* Checks of layer 7 have a code, even if it is 0. */
static void code(struct row *r, const struct px_checking *c)
{
    if (c->status >= PX_STATUS_L7OK)
        N((uint32_t)c->code);
}

/* What the last one has said, if it was anything. */
static void info(struct row *r, const struct px_checking *c)
{
    px_health_lock(); /* another thread may end a check */
    snprintf(r->text, sizeof r->text, "%s", c->info);
    px_health_unlock();
    T(r->text);
    r->is_known = true;
}

static void duration(struct row *r, const struct px_checking *c)
{
    if (c->status > PX_STATUS_INI && c->status != PX_STATUS_HANA)
        N(c->duration_ms);
}

static void put_frontend(struct row *r, struct px_text *out)
{
    const struct px_proxy *p = r->proxy;
    const struct px_proxy_state *ps = px_proxy_state(p);
    const struct px_counters *c = &r->sum;
    unsigned column = 0;
    begin_row(r, out);
#define PX_STAT(name, tags, type, frontend, listener, server, backend)                             \
    frontend;                                                                                      \
    put_cell(r, FRONTEND, column++, out);
#include "stat.def"
#undef PX_STAT
    end_row(r, out);
}

static void put_listener(struct row *r, struct px_text *out)
{
    const struct px_proxy *p = r->proxy;
    const struct px_counters *c = &r->sum;
    unsigned column = 0;
    begin_row(r, out);
#define PX_STAT(name, tags, type, frontend, listener, server, backend)                             \
    listener;                                                                                      \
    put_cell(r, LISTENER, column++, out);
#include "stat.def"
#undef PX_STAT
    end_row(r, out);
}

static void put_server(struct row *r, struct px_text *out)
{
    const struct px_proxy *p = r->proxy;
    const struct px_server_state *ss = px_server_state(r->server);
    const struct px_counters *c = &r->sum;
    unsigned column = 0;
    begin_row(r, out);
#define PX_STAT(name, tags, type, frontend, listener, server, backend)                             \
    server;                                                                                        \
    put_cell(r, SERVER, column++, out);
#include "stat.def"
#undef PX_STAT
    end_row(r, out);
}

static void put_backend(struct row *r, struct px_text *out)
{
    const struct px_proxy *p = r->proxy;
    const struct px_proxy_state *ps = px_proxy_state(p);
    const struct px_counters *c = &r->sum;
    unsigned column = 0;
    begin_row(r, out);
#define PX_STAT(name, tags, type, frontend, listener, server, backend)                             \
    backend;                                                                                       \
    put_cell(r, BACKEND, column++, out);
#include "stat.def"
#undef PX_STAT
    end_row(r, out);
}

/* ---- rows ---- */

static void show_listeners(struct row *r, const struct filter *f, struct px_text *out)
{
    for (unsigned i = 0; i < r->proxy->nbinds; i++) {
        r->bind = r->proxy->binds[i];
        if (f->server >= 0 && f->server != r->bind->id)
            continue;
        px_counters_sum(PX_OF_BIND, r->bind->number, &r->sum);
        put_listener(r, out);
    }
}

static bool is_hidden(const struct filter *f, const struct px_server *srv)
{
    const struct px_server_state *ss = px_server_state(srv);
    return (f->server >= 0 && srv->id != f->server) ||
           (f->no_maint && ss->admin & PX_ADMIN_MAINT) ||
           (f->up && ss->operation == PX_SERVER_STOPPED);
}

static void show_servers(struct row *r, const struct filter *f, struct px_text *out)
{
    for (unsigned i = 0; i < r->proxy->nservers; i++) {
        r->server = r->proxy->servers[i];
        if (is_hidden(f, r->server))
            continue;
        px_counters_sum(PX_OF_SERVER, r->server->number, &r->sum);
        put_server(r, out);
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
            r->weight += px_weight_now(srv);
    }
}

static void show_proxy(const struct px_proxy *p, const struct filter *f, struct row *r,
                       struct px_text *out)
{
    struct row keep = *r;
    *r = (struct row){.proxy = p,
                      .now = keep.now,
                      .form = keep.form,
                      .cell = keep.cell,
                      .any_row = keep.any_row,
                      .tells_addresses = keep.tells_addresses};
    if ((p->caps & PX_FRONTEND) && (f->kinds & FRONTEND)) {
        px_counters_sum(PX_OF_FRONTEND, p->number, &r->sum);
        put_frontend(r, out);
    }
    if (p->socket_stats && (f->kinds & LISTENER))
        show_listeners(r, f, out);
    if (f->kinds & SERVER)
        show_servers(r, f, out);
    if ((p->caps & PX_BACKEND) && (f->kinds & BACKEND)) {
        px_counters_sum(PX_OF_BACKEND, p->number, &r->sum);
        sum_up_servers(r);
        put_backend(r, out);
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

static bool is_number(const char *word)
{
    char *end;
    strtol(word, &end, 10);
    return end != word && !*end;
}

/* "domain proxy" first, then perhaps proxy, kinds and server; words that mean nothing are passed
 * over, as HAProxy does. false: answered. */
static bool read_filter(const struct px_command *c, struct filter *f, struct px_text *out)
{
    unsigned i = 2;
    if (c->n > i + 1 && !strcmp(c->words[i], "domain")) {
        if (strcmp(c->words[i + 1], "proxy")) {
            px_text_printf(out, "Invalid statistics domain.\n");
            return false;
        }
        i += 2;
    }
    if (c->n >= i + 3 && is_number(c->words[i + 1]) && is_number(c->words[i + 2])) {
        f->proxy = proxy_by(c->words[i]);
        f->kinds = (unsigned)atoi(c->words[i + 1]);
        f->server = atoi(c->words[i + 2]);
        if (f->proxy == -2) {
            px_text_printf(out, "No such proxy.\n");
            return false;
        }
        i += 3;
    }
    for (; i < c->n; i++) {
        f->up |= !strcmp(c->words[i], "up");
        f->no_maint |= !strcmp(c->words[i], "no-maint");
    }
    return true;
}

static void put_names(struct px_text *out)
{
    px_text_put(out, "# ", 2);
    for (unsigned i = 0; i < PX_COUNT(columns); i++)
        px_text_printf(out, "%s,", columns[i].name);
    px_text_put(out, "\n", 1);
}

void px_show_stat(const struct px_command *c, struct px_text *out)
{
    struct filter f = {.proxy = -1, .kinds = ~0u, .server = -1};
    struct row r = {.now = px_self->date_us / 1000000,
                    .form = px_statistics_form(c, 2),
                    .tells_addresses = c->level >= PX_LEVEL_OPERATOR};
    if (!read_filter(c, &f, out))
        return;
    if (r.form == PX_STATISTICS_PLAIN)
        put_names(out);
    else if (r.form == PX_STATISTICS_JSON)
        px_text_put(out, "[", 1);
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        if (!p->disabled && (f.proxy < 0 || f.proxy == p->id))
            show_proxy(p, &f, &r, out);
    }
    if (r.form == PX_STATISTICS_JSON)
        px_text_put(out, "]\n", 2);
    free(r.cell.p);
}
