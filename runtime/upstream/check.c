/*
 * Checks of servers. See check.h.
 *
 * A check that only connects is over before the server's side has been told so: the last packet of
 * the handshake is held back, and a reset follows instead. So it costs neither side an accept.
 */
#include "check.h"

#include "change.h"

#include "../base/random.h"
#include "../net/proxy_protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Servers that are checked more often than this do not say how close together the first checks of
 * all others are. */
enum { INTER_SPREAD_MS = 1000 };

static _Thread_local struct px_pool conns = PX_POOL(struct px_check_conn);
static struct px_checker *checkers;
static unsigned ncheckers, nloops;
static struct px_loop *const *all_loops;
static struct px_checker **by_server; /* px_server.number */

/* ---- times ---- */

static struct px_checking *checking_of(const struct px_checker *c)
{
    struct px_server_state *st = px_server_state(c->srv);
    return c->asks_agent ? &st->agent : &st->check;
}

static int32_t inter_of(const struct px_checker *c)
{
    return c->asks_agent ? c->srv->agent_inter : c->srv->inter;
}

static uint64_t interval(const struct px_checker *c)
{
    const struct px_server *srv = c->srv;
    const struct px_checking *k = checking_of(c);
    int32_t ms = srv->fastinter;
    if (c->asks_agent)
        ms = srv->agent_inter;
    else if (k->health == k->rise + k->fall - 1)
        ms = srv->inter;
    else if (!k->health && px_server_state(srv)->operation == PX_SERVER_STOPPED)
        ms = srv->downinter;
    return (uint64_t)(ms ? ms : srv->inter);
}

static uint64_t spread(uint64_t ms)
{
    uint64_t most = ms * (uint64_t)px_program.global->spread_checks / 100;
    return most ? ms - most + px_random() % (2 * most + 1) : ms;
}

static void arm_next(struct px_checker *c)
{
    px_arm(&c->timer, spread(interval(c)));
}

/* ---- connections ---- */

bool px_check_announces(const struct px_server *srv)
{
    bool elsewhere = srv->check_port || srv->check_addr;
    return srv->check_send_proxy || (srv->announce && !elsewhere);
}

static int port_of(const struct px_check_way *way, const struct px_server *srv)
{
    if (way->port)
        return way->port;
    int port = px_server_state(srv)->check_port;
    if (port)
        return port;
    const struct px_endpoint *addr = way->addr ? way->addr : srv->check_addr;
    return addr && addr->port ? addr->port : px_server_port(srv);
}

static int dial(const struct px_checker *c, const struct px_check_way *way)
{
    const struct px_server *srv = c->srv;
    const struct px_server_state *st = px_server_state(srv);
    const struct px_endpoint *addr = way->addr ? way->addr : srv->check_addr;
    struct px_way how = {.port = c->asks_agent ? st->agent_port : port_of(way, srv),
                         .netns = srv->netns == PX_NETNS_OF_CLIENT ? 0 : srv->netns,
                         .speaks = way->speaks,
                         .withheld = !way->speaks};
    const struct px_address *chosen = c->asks_agent ? st->agent_address : st->check_address;
    union px_sockaddr sa;
    if (chosen && !way->addr)
        px_addr_from(&how.to, &chosen->sa);
    else if (addr && px_endpoint_sockaddr(addr, how.port, &sa))
        px_addr_from(&how.to, &sa);
    return px_back_socket(srv, &how);
}

/* A connection that could not even be begun. */
static void dial_failed(const struct px_server *srv, int err, struct px_check_failure *why)
{
    bool local = srv->addr.family == PX_AF_UNIX || srv->addr.family == PX_AF_ABNS;
    const char *what = srv->source && err == EADDRNOTAVAIL ? "Can't bind to source address"
                                                           : "General socket error";
    why->status = local ? PX_STATUS_SOCKERR : PX_STATUS_L4CON;
    if (err == ECONNREFUSED)
        snprintf(why->info, sizeof why->info, "%s", strerror(err));
    else
        snprintf(why->info, sizeof why->info, "%s (%s)", what, strerror(err));
}

/* HAProxy manual, "timeout check": a connection has the time between two checks, or that of other
 * connections if it is less and answers have a time of their own. */
void px_check_limit(struct px_checker *c)
{
    const struct px_proxy *be = c->srv->proxy;
    int32_t ms = inter_of(c);
    if (be->timeout_check && be->timeout_connect && be->timeout_connect < ms)
        ms = be->timeout_connect;
    px_arm(&c->timer, (uint64_t)ms);
}

struct px_check_conn *px_check_dial(struct px_checker *c, const struct px_check_way *way,
                                    const struct px_sock_ops *ops, struct px_check_failure *why)
{
    struct px_check_conn *conn = px_pool_get(&conns);
    int fd = conn ? dial(c, way) : -1;
    int err = conn ? errno : ENOMEM;
    if (fd >= 0 && px_sock_connect(&conn->back.sock, fd, ops)) {
        conn->back.srv = c->srv;
        conn->checker = c;
        conn->up = false;
        px_check_limit(c);
        return conn;
    }
    if (fd >= 0) {
        err = errno;
        close(fd);
    }
    if (conn)
        px_pool_put(&conns, conn);
    dial_failed(c->srv, err, why);
    return NULL;
}

static void put_announcement(struct px_out *out, const struct px_check_conn *conn)
{
    const struct px_server *srv = conn->checker->srv;
    struct px_addr ends[2] = {{0}, {0}};
    union px_sockaddr sa;
    socklen_t len = sizeof sa;
    if (srv->send_proxy_v2) {
        px_pp_write_v2(out, &ends[0], &ends[1], &(struct px_pp_extra){0});
        return;
    }
    if (!getsockname(conn->back.sock.watch.fd, &sa.sa, &len))
        px_addr_from(&ends[0], &sa);
    len = sizeof sa;
    if (!getpeername(conn->back.sock.watch.fd, &sa.sa, &len))
        px_addr_from(&ends[1], &sa);
    px_pp_write_v1(out, &ends[0], &ends[1]);
}

bool px_check_connected(struct px_check_conn *conn, bool announce)
{
    struct px_checker *c = conn->checker;
    char text[PX_PP_MAX_V1];
    struct px_out out = {.p = text, .cap = sizeof text};
    if (c->srv->proxy->timeout_check)
        px_arm(&c->timer, (uint64_t)c->srv->proxy->timeout_check);
    if (!announce)
        return true;
    put_announcement(&out, conn);
    struct iovec v = {out.p, out.len};
    return px_sock_send(&conn->back.sock, &v, 1) == PX_SENT;
}

void px_check_hang_up(struct px_check_conn *conn, bool reset)
{
    px_sock_close(&conn->back.sock, reset);
}

void px_check_freed(struct px_sock *s)
{
    px_pool_put(&conns, px_check_conn_of(s));
}

/* ---- a check that only connects ---- */

static void connection_ended(struct px_check_conn *conn, enum px_check_status status,
                             const char *info)
{
    conn->checker->run = NULL;
    px_check_hang_up(conn, true);
    px_check_over(conn->checker, status, 0, info);
}

static void connection_up(struct px_sock *s)
{
    struct px_check_conn *conn = px_check_conn_of(s);
    if (px_check_connected(conn, px_check_announces(conn->checker->srv)))
        connection_ended(conn, PX_STATUS_L4OK, NULL);
    else
        connection_ended(conn, PX_STATUS_L4CON, "Failed to send the PROXY header");
}

static void connection_failed(struct px_sock *s, int err)
{
    connection_ended(px_check_conn_of(s), PX_STATUS_L4CON, strerror(err));
}

static void nothing(struct px_sock *s)
{
    (void)s;
}

static const struct px_sock_ops connection_ops = {
    .watch = {px_sock_event},
    .connected = connection_up,
    .received = nothing,
    .ended = nothing,
    .sent = nothing,
    .failed = connection_failed,
    .hung_up = nothing,
    .expired = nothing,
    .freed = px_check_freed,
};

static void connection_begin(struct px_checker *c)
{
    struct px_check_way way = {.speaks = px_check_announces(c->srv)};
    struct px_check_failure why;
    c->run = px_check_dial(c, &way, &connection_ops, &why);
    if (!c->run)
        px_check_over(c, why.status, 0, why.info);
}

static void connection_expired(struct px_checker *c)
{
    connection_ended(c->run, PX_STATUS_L4TOUT, NULL);
}

const struct px_check_kind px_check_connection = {connection_begin, connection_expired};

/* ---- one after the other ---- */

static void report_health(const struct px_server *srv, const struct px_report *r)
{
    px_health_report(srv, r);
    if (px_health_missed && (r->status == PX_STATUS_L4TOUT || r->status == PX_STATUS_L4CON))
        px_health_missed(srv);
}

void px_check_over(struct px_checker *c, enum px_check_status status, int code, const char *info)
{
    struct px_report r = {.result = px_check_status_result(status),
                          .status = status,
                          .code = code,
                          .duration_ms = (uint32_t)(px_self->now - c->began),
                          .info = info};
    checking_of(c)->state &= (uint8_t)~PX_CHECK_IN_PROGRESS;
    c->began = 0;
    if (c->asks_agent)
        px_agent_report(c->srv, &r);
    else
        report_health(c->srv, &r);
    arm_next(c);
}

static bool is_paused(const struct px_checker *c)
{
    unsigned state = checking_of(c)->state;
    return !(state & PX_CHECK_ENABLED) || state & PX_CHECK_PAUSED;
}

static void fire(struct px_timer *timer)
{
    struct px_checker *c = PX_OWNER(timer, struct px_checker, timer);
    if (c->began) {
        c->kind->expired(c);
    } else if (px_proxy_state(c->srv->proxy)->stopped) {
        return;
    } else if (is_paused(c)) {
        arm_next(c);
    } else {
        checking_of(c)->state |= PX_CHECK_IN_PROGRESS;
        c->began = px_self->now;
        c->kind->begin(c);
    }
}

/* ---- haste ---- */

static void hastened(struct px_note *note)
{
    struct px_checker *c = PX_OWNER(note, struct px_checker, haste);
    uint64_t soon = px_self->now + (uint64_t)c->srv->fastinter;
    atomic_store(&c->hastens, false);
    if (!c->began && px_timer_is_set(&c->timer) && c->timer.due > soon)
        px_arm(&c->timer, (uint64_t)c->srv->fastinter);
}

static void hasten(const struct px_server *srv)
{
    struct px_checker *c = by_server[srv->number];
    if (!c || !srv->fastinter || atomic_exchange(&c->hastens, true))
        return;
    c->haste.deliver = hastened;
    px_loop_post(all_loops[(unsigned)(c - checkers) % nloops], &c->haste);
}

/* ---- the start ---- */

struct start {
    struct px_note note;
    unsigned loop;
    uint64_t least; /* time over which the first checks are spread */
};

static void arm_first(struct px_checker *c, unsigned place, uint64_t least)
{
    uint64_t over = interval(c), limit = (uint64_t)px_program.global->max_spread_checks;
    if (over < least)
        over = least;
    if (limit && over > limit)
        over = limit;
    c->timer.fire = fire;
    px_arm(&c->timer, over * place / ncheckers);
}

static void started(struct px_note *note)
{
    struct start *s = PX_OWNER(note, struct start, note);
    for (unsigned i = s->loop; i < ncheckers; i += nloops)
        arm_first(&checkers[i], i, s->least);
    free(s);
}

static const struct px_check_kind *kind_of(const struct px_proxy *be)
{
    return be->check ? be->check->kind : &px_check_connection;
}

/* Those of a server; how many they are. to == NULL: they are only counted. */
static unsigned server_fill(const struct px_server *srv, struct px_checker *to)
{
    unsigned n = 0;
    if (srv->proxy->disabled)
        return 0;
    if (srv->check) {
        if (to) {
            to[n] = (struct px_checker){.srv = srv, .kind = kind_of(srv->proxy)};
            by_server[srv->number] = &to[n];
        }
        n++;
    }
    if (srv->agent) {
        if (to)
            to[n] = (struct px_checker){.srv = srv, .kind = srv->agent, .asks_agent = true};
        n++;
    }
    return n;
}

static unsigned checkers_fill(struct px_checker *to)
{
    unsigned n = 0;
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *be = px_program.proxies[i];
        for (unsigned k = 0; k < be->nservers; k++)
            n += server_fill(be->servers[k], to ? to + n : NULL);
    }
    return n;
}

static uint64_t least_interval(void)
{
    uint64_t least = 0;
    for (unsigned i = 0; i < ncheckers; i++) {
        uint64_t ms = interval(&checkers[i]);
        if (ms >= INTER_SPREAD_MS && (!least || ms < least))
            least = ms;
    }
    return least;
}

static bool start(struct px_loop *const *loops, unsigned n)
{
    ncheckers = checkers_fill(NULL);
    nloops = n;
    checkers = calloc(ncheckers + 1, sizeof *checkers);
    by_server = calloc(px_program.nservers + 1u, sizeof(struct px_checker *));
    if (!checkers || !by_server)
        return false;
    all_loops = loops;
    checkers_fill(checkers);
    px_health_hasten = hasten;
    uint64_t least = least_interval();
    for (unsigned i = 0; i < n; i++) {
        struct start *s = malloc(sizeof *s);
        if (!s)
            return false;
        *s = (struct start){{.deliver = started}, i, least};
        px_loop_post(loops[i], &s->note);
    }
    return true;
}

const struct px_checks_ops px_checks = {start};
