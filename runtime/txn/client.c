/*
 * Client connections. See client.h.
 */
#include "client.h"

#include "../base/macros.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

static _Thread_local struct px_pool clients = PX_POOL(struct px_client);
static _Thread_local struct px_client *all;

enum { LINGER_MS = 10000 };

static bool is_below(const struct px_rate *rate, int32_t most)
{
    return !most || px_rate_read(rate) < (uint32_t)most;
}

/* Who comes too fast waits in the kernel's queue. */
static bool rates_allow(const struct px_proxy *fe)
{
    const struct px_global *g = px_program.global;
    return is_below(&px_conn_rate, g->maxconnrate) && is_below(&px_sess_rate, g->maxsessrate) &&
           is_below(&px_proxy_state(fe)->sess_rate, fe->rate_limit_sessions);
}

bool px_client_may_accept(const struct px_listener *l)
{
    const struct px_proxy_state *fe = px_proxy_state(l->bind->proxy);
    uint32_t most = (uint32_t)l->bind->maxconn; /* 0: no limit of its own */
    if (most &&
        atomic_load_explicit(&px_bind_levels[l->bind->number].now, memory_order_relaxed) >= most)
        return false;
    return atomic_load_explicit(&px_conns.now, memory_order_relaxed) <
               atomic_load_explicit(&px_maxconn, memory_order_relaxed) &&
           atomic_load_explicit(&fe->fe_conns.now, memory_order_relaxed) <
               atomic_load_explicit(&fe->maxconn, memory_order_relaxed) &&
           rates_allow(l->bind->proxy);
}

static void count_in(const struct px_bind *bind)
{
    struct px_proxy_state *st = px_proxy_state(bind->proxy);
    px_level_up(&px_conns);
    px_level_up(&st->fe_conns);
    px_level_up(&px_bind_levels[bind->number]);
    px_rate_tick(&px_conn_rate);
    px_rate_tick(&st->conn_rate);
    atomic_fetch_add_explicit(&px_total_conns, 1, memory_order_relaxed);
    PX_COUNT_ONE(px_fe_counters(bind->proxy)->conns);
    PX_COUNT_ONE(px_bind_counters(bind)->conns);
}

static void count_out(const struct px_bind *bind)
{
    px_level_down(&px_conns);
    px_level_down(&px_proxy_state(bind->proxy)->fe_conns);
    px_level_down(&px_bind_levels[bind->number]);
    px_listeners_resume();
}

struct px_client *px_client_new(struct px_listener *l, int fd, const union px_sockaddr *peer,
                                const struct px_sock_ops *ops)
{
    struct px_client *c = px_pool_get(&clients);
    if (!c || !px_sock_open_young(&c->sock, fd, ops)) {
        close(fd);
        if (c)
            px_pool_put(&clients, c);
        return NULL;
    }
    c->bind = l->bind;
    px_watch_rank(&c->sock.watch, l->bind->nice);
    c->txn = NULL;
    c->accept_us = px_self->date_us;
    c->since = c->welcome = px_self->now;
    c->requests = 0;
    c->lingering = c->forgotten = c->announced = c->prefers_last = false;
    c->expect = l->bind->expect;
    c->told = NULL;
    c->vars = NULL;
    c->own = NULL;
    c->dst = (struct px_addr){0};
    px_addr_from(&c->src, peer);
    c->next = all;
    c->link = &all;
    if (all)
        all->link = &c->next;
    all = c;
    count_in(l->bind);
    return c;
}

void px_client_freed(struct px_sock *s)
{
    struct px_client *c = PX_OWNER(s, struct px_client, sock);
    free(c->vars);
    if (c->told)
        px_free((char *)c->told->syn.p);
    px_free(c->told);
    px_pool_put(&clients, c);
}

static void leave_server(struct px_client *c)
{
    if (c->own)
        px_back_end(c->own);
}

static void client_gone(struct px_client *c, bool reset)
{
    leave_server(c);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    px_sock_close(&c->sock, reset);
    count_out(c->bind);
}

static void linger_received(struct px_sock *s)
{
    s->in->start = s->in->end;
    px_sock_taken(s);
}

static void linger_over(struct px_sock *s)
{
    client_gone(PX_OWNER(s, struct px_client, sock), false);
}

static void linger_failed(struct px_sock *s, int err)
{
    (void)err;
    linger_over(s);
}

static void linger_hung_up(struct px_sock *s)
{
    if (s->state & PX_S_BROKEN)
        linger_over(s);
}

static const struct px_sock_ops linger_ops = {
    .watch = {px_sock_event},
    .received = linger_received,
    .ended = linger_over,

    .failed = linger_failed,
    .hung_up = linger_hung_up,
    .expired = linger_over,
    .freed = px_client_freed,
};

/*
 * Closing a socket with unread bytes makes the kernel send a reset, which may destroy what was just
 * sent. So when the client may still be sending: say that we are done, and read until it is too.
 * What is still queued belongs to buffers that go now: it must not be sent any more.
 */
void px_client_close(struct px_client *c, bool linger)
{
    c->txn = NULL;
    px_sock_discard(&c->sock);
    px_sock_hold(&c->sock);
    px_sock_receive_seen(&c->sock);
    if (c->sock.in) {
        c->sock.in->start = c->sock.in->end;
        px_sock_taken(&c->sock);
        linger = true;
    }
    if (c->sock.state & PX_S_READABLE) /* there may be more than was read */
        linger = true;
    if (c->sock.state & PX_S_ENDED) /* all that it sent has been read */
        linger = false;
    bool broken = (c->sock.state & PX_S_BROKEN) || c->forgotten;
    bool nolinger = c->bind->proxy->nolinger;
    if (broken || nolinger || !linger) {
        if (nolinger && !broken && !(c->sock.state & PX_S_ENDED))
            px_sock_shut(&c->sock); /* who reads promptly sees an end, and no error */
        client_gone(c, c->forgotten || nolinger);
        return;
    }
    leave_server(c);
    c->lingering = true;
    c->sock.watch.ops = &linger_ops.watch;
    px_sock_shut(&c->sock);
    px_sock_expire(&c->sock, LINGER_MS);
    px_sock_want(&c->sock);
}

void px_client_reset(struct px_client *c)
{
    c->txn = NULL;
    client_gone(c, true);
}

static void drain(int fd)
{
    char waste[4096];
    int most = 32;
    while (most-- && recv(fd, waste, sizeof waste, MSG_DONTWAIT) == sizeof waste)
        ;
}

/*
 * A socket under repair is closed without a segment (tcp(7), TCP_REPAIR). Who may not do that lets
 * the reset die at the first router. What the client has sent has to be read and confirmed: it
 * would send it again, and the kernel would answer with a reset.
 */
void px_client_forget(struct px_client *c, int rst_ttl)
{
    int fd = c->sock.watch.fd, one = 1, hops = rst_ttl ? rst_ttl : 1;
    c->forgotten = true;
    drain(fd);
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
    if (!rst_ttl && !setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof one))
        return;
    setsockopt(fd, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
    setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops);
}

void px_clients_each(void (*f)(struct px_client *c))
{
    for (struct px_client *c = all, *next; c; c = next) {
        next = c->next;
        f(c);
    }
}

static bool may_tell(struct px_client *c)
{
    if (!c->told && (c->told = px_alloc(sizeof *c->told)))
        *c->told = (struct px_told){0};
    return c->told;
}

enum { SYN_MOST = 512 };

/* The kernel gives it away once. */
struct px_str px_client_syn(struct px_client *c)
{
    if (!c->bind->tcp_ss || !may_tell(c))
        return (struct px_str){0};
    struct px_str *syn = &c->told->syn;
    socklen_t len = SYN_MOST;
    char *room = syn->p ? NULL : px_alloc(SYN_MOST);
    if (room) {
        bool got = !getsockopt(c->sock.watch.fd, IPPROTO_TCP, TCP_SAVED_SYN, room, &len);
        *syn = (struct px_str){room, got ? len : 0};
    }
    return *syn;
}

bool px_client_rule_ends(struct px_client *c)
{
    if (!may_tell(c))
        return false;
    c->told->ruled = true;
    c->told->ends = (struct px_ends){c->src, c->dst};
    return true;
}

static void own_address(const struct px_client *c, struct px_addr *addr)
{
    union px_sockaddr sa;
    socklen_t len = sizeof sa;
    if (!getsockname(c->sock.watch.fd, &sa.sa, &len))
        px_addr_from(addr, &sa);
}

void px_client_ends(const struct px_client *c, struct px_ends *ends)
{
    union px_sockaddr sa;
    socklen_t len = sizeof sa;
    bool ruled = c->told && c->told->ruled;
    *ends = ruled ? c->told->ends : (struct px_ends){0};
    if (!ruled && !getpeername(c->sock.watch.fd, &sa.sa, &len))
        px_addr_from(&ends->src, &sa);
    if (!ends->dst.family)
        own_address(c, &ends->dst);
}

void px_client_dst(const struct px_client *c, struct px_addr *dst)
{
    *dst = c->dst;
    if (!dst->family)
        own_address(c, dst);
}
