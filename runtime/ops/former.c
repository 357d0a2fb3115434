/*
 * Server state files. See former.h.
 *
 * A file is read as a whole: one line that is none of a server, and all of it counts as damaged. A
 * line with a value that cannot be is left out, and only that one.
 */
#include "former.h"

#include "../upstream/health.h"
#include "message.h"
#include "servers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of version 1. */
enum column {
    BE_ID,
    BE_NAME,
    SRV_ID,
    SRV_NAME,
    ADDR,
    OP_STATE,
    ADMIN_STATE,
    UWEIGHT,
    IWEIGHT,
    TIME_CHANGE,
    CHECK_STATUS,
    CHECK_RESULT,
    CHECK_HEALTH,
    CHECK_STATE,
    AGENT_STATE,
    BE_FORCED_ID,
    SRV_FORCED_ID,
    FQDN,
    PORT,
    CHECK_PORT = 21,
    CHECK_ADDR,
    AGENT_ADDR,
    AGENT_PORT,
    FEWEST_COLUMNS = 20,
    MOST_COLUMNS = 25,
};
enum { MOST_BYTES = 64 << 20 };

struct record {
    const char *v[MOST_COLUMNS];
    unsigned line;
    bool matched;
};

struct file {
    const char *path;
    char *text;
    struct record *records; /* sorted by backend and server, then as they come */
    unsigned n;
    struct file *next;
};

static struct file *files;
static struct record **of_servers; /* by px_server.number; NULL: nothing is known */

/* ---- reading ---- */

/* "config: ..." of the one of all, else with the name of its backend. */
static void complain(const struct px_proxy *be, const char *what, const struct file *f,
                     const char *more)
{
    if (be->state_file_is_global)
        px_warning("config: %s global server state file '%s'%s", what, f->path, more);
    else
        px_warning("Proxy '%s': %s server state file '%s'%s", be->name, what, f->path, more);
}

static char *read_all(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t cap = 0;
    if (!in)
        return NULL;
    ssize_t n = getdelim(&text, &cap, 0, in); /* there are no NULs in it */
    if (n > MOST_BYTES || ferror(in)) {
        free(text);
        text = NULL;
        errno = n > MOST_BYTES ? EFBIG : EIO;
    } else if (n < 0 && text) {
        text[0] = 0;
    }
    int err = errno;
    fclose(in);
    errno = err;
    return text;
}

/* false: it is no line of a server. */
static bool split(char *line, struct record *r)
{
    static const char none[] = "-";
    unsigned n = 0;
    char *at = line;
    for (unsigned i = 0; i < MOST_COLUMNS; i++)
        r->v[i] = none;
    for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
        if (n == MOST_COLUMNS)
            return false;
        r->v[n++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = 0;
    }
    return n >= FEWEST_COLUMNS;
}

static int compare(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    int order = strcmp(x->v[BE_NAME], y->v[BE_NAME]);
    if (!order)
        order = strcmp(x->v[SRV_NAME], y->v[SRV_NAME]);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* The lines behind the version; 0, or the number of the one that is damaged. */
static unsigned read_records(struct file *f, char *text)
{
    unsigned line = 1;
    for (char *next; text && *text; text = next) {
        next = strchr(text, '\n');
        if (next)
            *next++ = 0;
        line++;
        if (!*text || *text == '#')
            continue;
        struct record *r = &f->records[f->n];
        if (!split(text, r))
            return line;
        r->line = line;
        f->n++;
    }
    qsort(f->records, f->n, sizeof *f->records, compare);
    return 0;
}

static unsigned lines_in(const char *text)
{
    unsigned n = 1;
    for (; (text = strchr(text, '\n')); text++)
        n++;
    return n;
}

static void file_read(struct file *f, const struct px_proxy *be)
{
    char more[128];
    f->text = read_all(f->path);
    if (!f->text) {
        snprintf(more, sizeof more, ": %s", strerror(errno));
        complain(be, "Can't open", f, more);
        return;
    }
    if (strncmp(f->text, "1\n", 2)) {
        complain(be, "Can't get version of the", f, ".");
        return;
    }
    f->records = calloc(lines_in(f->text), sizeof *f->records);
    unsigned damaged = f->records ? read_records(f, f->text + 2) : 0;
    if (!damaged)
        return;
    f->n = 0;
    snprintf(more, sizeof more, " at line %u.", damaged);
    complain(be, "corrupted", f, more);
}

static struct file *file_of(const struct px_proxy *be)
{
    struct file *f = files;
    while (f && strcmp(f->path, be->state_file))
        f = f->next;
    if (f)
        return f;
    f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->path = be->state_file;
    f->next = files;
    files = f;
    file_read(f, be);
    return f;
}

/* ---- whose line it is ---- */

static struct record *record_of(const struct file *f, const struct px_server *srv)
{
    unsigned low = 0, high = f->n;
    struct record wanted = {.line = 0};
    wanted.v[BE_NAME] = srv->proxy->name;
    wanted.v[SRV_NAME] = srv->name;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (compare(&f->records[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct record *r = low < f->n ? &f->records[low] : NULL;
    bool found = r && !strcmp(r->v[BE_NAME], srv->proxy->name) && !strcmp(r->v[SRV_NAME], srv->name);
    return found ? r : NULL;
}

static bool is_repeated(const struct file *f, unsigned i)
{
    return i && !strcmp(f->records[i].v[BE_NAME], f->records[i - 1].v[BE_NAME]) &&
           !strcmp(f->records[i].v[SRV_NAME], f->records[i - 1].v[SRV_NAME]);
}

/* A file of one backend holds nothing else. */
static void mind_strangers(const struct file *f, const struct px_proxy *be)
{
    for (unsigned i = 0; i < f->n; i++) {
        const struct record *r = &f->records[i];
        if (is_repeated(f, i))
            continue;
        if (strcmp(r->v[BE_NAME], be->name))
            px_warning("Proxy '%s': backend name mismatch: from server state file: '%s', from "
                       "running config '%s'",
                       be->name, r->v[BE_NAME], be->name);
        else if (!r->matched)
            px_warning("Proxy '%s': can't find server '%s' in backend '%s'", be->name,
                       r->v[SRV_NAME], be->name);
        else if (strtol(r->v[BE_ID], NULL, 10) != be->id)
            px_warning("Proxy '%s': backend ID mismatch: from server state file: '%s', from "
                       "running config '%d'",
                       be->name, r->v[BE_ID], (int)be->id);
    }
}

static bool is_right(const struct px_server *srv, const struct record *r);

static void backend_match(const struct px_proxy *be)
{
    struct file *f = file_of(be);
    for (unsigned i = 0; f && i < be->nservers; i++) {
        const struct px_server *srv = be->servers[i];
        struct record *r = record_of(f, srv);
        if (!r)
            continue;
        r->matched = true;
        if (is_right(srv, r))
            of_servers[srv->number] = r;
    }
    if (f && !be->state_file_is_global)
        mind_strangers(f, be);
}

static void former_read(void)
{
    of_servers = calloc(px_program.nservers + 1u, sizeof(struct record *));
    for (unsigned i = 0; of_servers && i < px_program.nproxies; i++)
        if (px_program.proxies[i]->state_file && !px_program.proxies[i]->disabled)
            backend_match(px_program.proxies[i]);
}

/* ---- values ---- */

static const struct {
    enum column column;
    const char *name;
    long most;
} numbers[] = {
    {OP_STATE, "srv_op_state", PX_SERVER_STOPPING},
    {ADMIN_STATE, "srv_admin_state", 0x7f},
    {UWEIGHT, "srv_uweight", 256},
    {IWEIGHT, "srv_iweight", 256},
    {TIME_CHANGE, "srv_last_time_change", INT32_MAX},
    {CHECK_STATUS, "srv_check_status", PX_STATUS_PROCOK},
    {CHECK_RESULT, "srv_check_result", PX_CHECK_CONDITIONAL},
    {CHECK_HEALTH, "srv_check_health", INT32_MAX},
    {CHECK_STATE, "srv_check_state", 0x1f},
    {AGENT_STATE, "srv_agent_state", 0x1f},
    {BE_FORCED_ID, "bk_f_forced_id", 1},
    {SRV_FORCED_ID, "srv_f_forced_id", 1},
    {PORT, "srv_port", UINT16_MAX},
};

static long value(const struct record *r, enum column column)
{
    return strtol(r->v[column], NULL, 10);
}

static bool is_number(const char *text, long most)
{
    char *end;
    long n = strtol(text, &end, 10);
    return end != text && !*end && n >= 0 && n <= most;
}

/* false: said. */
static bool is_right(const struct px_server *srv, const struct record *r)
{
    struct px_text wrong = {0};
    for (unsigned i = 0; i < PX_COUNT(numbers); i++)
        if (!is_number(r->v[numbers[i].column], numbers[i].most))
            px_text_printf(&wrong, ", invalid %s value '%s'", numbers[i].name,
                           r->v[numbers[i].column]);
    if (!px_is_domain_text(r->v[FQDN]))
        px_text_printf(&wrong, ", invalid srv_fqdn value '%s'", r->v[FQDN]);
    if (!wrong.len && !px_check_status_code((enum px_check_status)value(r, CHECK_STATUS)))
        px_text_printf(&wrong, ", invalid srv_check_status value '%s'", r->v[CHECK_STATUS]);
    bool right = !wrong.len;
    if (!right)
        px_warning("server-state application failed for server '%s/%s'%.*s", srv->proxy->name,
                   srv->name, (int)wrong.len, wrong.p);
    free(wrong.p);
    return right;
}

/* Did somebody give it another name than that of its line, which it may still have? */
static bool was_renamed(const struct px_server *srv, const struct record *r)
{
    const char *name = r->v[FQDN];
    bool same = srv->addr.family == PX_AF_NAME && !strcmp(name, srv->addr.path);
    return (value(r, ADMIN_STATE) & PX_ADMIN_NAMED) && !same && strcmp(name, "-") &&
           px_server_may_be(srv, name);
}

static bool former_address(const struct px_server *srv, struct px_addr *addr)
{
    const struct record *r = of_servers ? of_servers[srv->number] : NULL;
    return r && srv->addr.path && (!strcmp(r->v[FQDN], srv->addr.path) || was_renamed(srv, r)) &&
           px_addr_read(r->v[ADDR], addr);
}

/* ---- what they become ---- */

/* What the configuration did not change since: who was in maintenance because of it, and was let
 * out of it, stays out. */
static void apply_admin(const struct px_server *srv, unsigned admin)
{
    bool configured = admin & PX_ADMIN_CONFIGURED_MAINT;
    unsigned wanted = admin & PX_ADMIN_FORCED_DRAIN;
    if (configured == srv->disabled) {
        wanted |= admin & PX_ADMIN_FORCED_MAINT;
        if (!(admin & PX_ADMIN_FORCED_MAINT))
            px_admin_remove(srv, PX_ADMIN_FORCED_MAINT);
    }
    px_admin_add(srv, wanted, NULL);
}

static void apply_operation(const struct px_server *srv, enum px_operation operation,
                            uint64_t age)
{
    static const char cause[] = "changed from server-state after a reload";
    if (srv->track) /* as the one that it tracks */
        return;
    px_health_force(srv, operation == PX_SERVER_STARTING ? PX_SERVER_RUNNING : operation, cause);
    if (operation == PX_SERVER_STARTING && srv->slowstart)
        px_warmup_resume(srv, age * 1000);
}

static void apply_enabled(struct px_checking *c, unsigned state)
{
    if (c->state & PX_CHECK_CONFIGURED)
        px_checking_enable(c, state & PX_CHECK_ENABLED);
}

static void apply_check(const struct px_server *srv, const struct record *r)
{
    struct px_checking *c = &px_server_state(srv)->check;
    apply_enabled(c, (unsigned)value(r, CHECK_STATE));
    apply_enabled(&px_server_state(srv)->agent, (unsigned)value(r, AGENT_STATE));
    c->status = (uint8_t)value(r, CHECK_STATUS);
    c->result = (uint8_t)value(r, CHECK_RESULT);
    long health = value(r, CHECK_HEALTH);
    if (value(r, OP_STATE) == PX_SERVER_STOPPING && health >= c->rise && health < c->health)
        c->health = (int32_t)health;
}

/* A weight that the configuration changed meanwhile is the one that counts. */
static void apply_weight(const struct px_server *srv, const struct record *r)
{
    if (value(r, IWEIGHT) == srv->weight)
        px_weight_set(srv, r->v[UWEIGHT]);
}

static void apply_port(const struct px_server *srv, const struct record *r)
{
    const struct px_address *known = px_server_address(srv);
    struct px_addr addr = {0};
    union px_sockaddr sa;
    if (known)
        px_addr_from(&addr, &known->sa);
    if (!px_addr_is_ip(&addr) || !srv->addr.has_port || srv->addr.port_offset)
        return;
    addr.port = (uint16_t)value(r, PORT);
    if (addr.port != px_address_port(known))
        px_address_set(srv, &sa, px_addr_sockaddr(&addr, &sa));
}

/* Where its checks, or its agent, are. */
static void apply_place(const struct px_server *srv, const struct record *r,
                        const struct px_checking *asked, enum column at, enum column port,
                        bool (*move)(const struct px_server *, const union px_sockaddr *,
                                     socklen_t),
                        _Atomic uint16_t *port_of)
{
    struct px_addr addr;
    union px_sockaddr sa;
    if (!(asked->state & PX_CHECK_ENABLED))
        return;
    if (px_addr_read(r->v[at], &addr))
        move(srv, &sa, px_addr_sockaddr(&addr, &sa));
    if (is_number(r->v[port], UINT16_MAX) && value(r, port))
        *port_of = (uint16_t)value(r, port);
}

static void server_apply(const struct px_server *srv, const struct record *r)
{
    struct px_server_state *st = px_server_state(srv);
    uint64_t now = (uint64_t)(px_self->date_us / 1000000), age = (uint64_t)value(r, TIME_CHANGE);
    if (was_renamed(srv, r))
        px_host_set(srv, r->v[FQDN]);
    apply_port(srv, r);
    apply_weight(srv, r);
    apply_operation(srv, (enum px_operation)value(r, OP_STATE), age);
    apply_admin(srv, (unsigned)value(r, ADMIN_STATE));
    apply_check(srv, r);
    apply_place(srv, r, &st->check, CHECK_ADDR, CHECK_PORT, px_check_address_set, &st->check_port);
    apply_place(srv, r, &st->agent, AGENT_ADDR, AGENT_PORT, px_agent_address_set, &st->agent_port);
    st->changed = now > age ? now - age : 0;
}

static void former_apply(void)
{
    for (unsigned i = 0; of_servers && i < px_program.nproxies; i++) {
        const struct px_proxy *be = px_program.proxies[i];
        for (unsigned k = 0; k < be->nservers; k++)
            if (of_servers[be->servers[k]->number])
                server_apply(be->servers[k], of_servers[be->servers[k]->number]);
    }
    free(of_servers);
    of_servers = NULL;
    for (struct file *f; (f = files); free(f)) {
        files = f->next;
        free(f->records);
        free(f->text);
    }
}

const struct px_former_ops px_former = {
    .read = former_read,
    .address = former_address,
    .apply = former_apply,
};
