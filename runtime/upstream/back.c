/*
 * Connections to servers. See back.h.
 *
 * The pool of a server is a stack: the connection that was used last is warm, and the coldest are
 * the ones that age. Every pool-purge-delay, half of those that nobody needed are closed.
 */
#include "back.h"

#include "../base/macros.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

struct idle_pool {
    struct px_back *first;
    unsigned count, least; /* least: fewest since the last purge */
    struct px_timer purge;
    const struct px_server *srv;
};

static _Thread_local struct px_pool backs = PX_POOL(struct px_back);
static _Thread_local struct idle_pool *pools;

bool px_back_init(void)
{
    pools = calloc(px_program.nservers + 1, sizeof *pools);
    return pools;
}

static void set_int(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof value);
}

static void set_seconds(int fd, int option, int32_t ms)
{
    if (ms)
        set_int(fd, IPPROTO_TCP, option, ms < 1000 ? 1 : ms / 1000);
}

static void set_proxy_options(int fd, const struct px_proxy *p)
{
    if (p->srvtcpka_cnt)
        set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, p->srvtcpka_cnt);
    set_seconds(fd, TCP_KEEPIDLE, p->srvtcpka_idle);
    set_seconds(fd, TCP_KEEPINTVL, p->srvtcpka_intvl);
    if (p->tcp_smart_connect)
        set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
}

static void set_options(int fd, const struct px_server *srv, int family)
{
    const struct px_global *g = px_program.global;
    if (family != AF_UNIX) {
        set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        if (srv->tcp_ut)
            set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, srv->tcp_ut);
        set_proxy_options(fd, srv->proxy);
    }
    if (srv->proxy->srvtcpka)
        set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (g->rcvbuf_server)
        set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)g->rcvbuf_server);
    if (g->sndbuf_server)
        set_int(fd, SOL_SOCKET, SO_SNDBUF, (int)g->sndbuf_server);
}

/* The port is chosen when the peer is known, which leaves more of them. */
static bool come_from(int fd, const struct px_endpoint *source)
{
    union px_sockaddr sa;
    socklen_t len = px_endpoint_sockaddr(source, source->port, &sa);
    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (!source->port)
        set_int(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    return !bind(fd, &sa.sa, len);
}

static bool reach(int fd, const struct px_server *srv, const union px_sockaddr *addr)
{
    if (srv->source && addr->sa.sa_family != AF_UNIX && !come_from(fd, srv->source))
        return false;
    return !connect(fd, &addr->sa, px_server_state(srv)->addr_len) || errno == EINPROGRESS;
}

static int dial_fd(const struct px_server *srv, int port)
{
    struct px_server_state *st = px_server_state(srv);
    union px_sockaddr addr = st->addr;
    if (!st->addr_len) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    if (addr.sa.sa_family == AF_INET)
        addr.in.sin_port = htons((uint16_t)port);
    else if (addr.sa.sa_family == AF_INET6)
        addr.in6.sin6_port = htons((uint16_t)port);
    int fd = socket(addr.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    set_options(fd, srv, addr.sa.sa_family);
    if (!reach(fd, srv, &addr)) {
        int err = errno;
        close(fd);
        errno = err;
        return -1;
    }
    return fd;
}

struct px_back *px_back_dial(const struct px_server *srv, int port, const struct px_sock_ops *ops,
                             void *user)
{
    struct px_back *b = px_pool_get(&backs);
    if (!b) {
        errno = ENOMEM;
        return NULL;
    }
    int fd = dial_fd(srv, port);
    if (fd < 0 || !px_sock_connect(&b->sock, fd, ops)) {
        int err = errno;
        if (fd >= 0)
            close(fd);
        px_pool_put(&backs, b);
        errno = err;
        return NULL;
    }
    b->srv = srv;
    b->user = user;
    b->link = NULL;
    b->uses = 1;
    b->proved = b->parked = false;
    px_level_up(&px_server_state(srv)->used);
    return b;
}

static void idle_unlink(struct px_back *b)
{
    *b->link = b->next;
    if (b->next)
        b->next->link = b->link;
    b->link = NULL;
    if (b->parked)
        return;
    struct idle_pool *pool = &pools[b->srv->number];
    if (--pool->count < pool->least)
        pool->least = pool->count;
    atomic_fetch_sub_explicit(&px_server_state(b->srv)->idle, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&px_server_state(b->srv)->idle_safe, b->proved, memory_order_relaxed);
}

static void use_again(struct px_back *b, const struct px_sock_ops *ops, void *user)
{
    idle_unlink(b);
    px_sock_expire(&b->sock, 0);
    b->sock.watch.ops = &ops->watch;
    b->user = user;
    b->uses++;
    b->proved = true;
}

struct px_back *px_back_reuse(const struct px_server *srv, bool proved_only,
                              const struct px_sock_ops *ops, void *user)
{
    struct px_back *b = pools[srv->number].first;
    while (b && proved_only && !b->proved)
        b = b->next;
    if (b)
        use_again(b, ops, user);
    return b;
}

struct px_back *px_back_unpark(struct px_back **place, const struct px_sock_ops *ops, void *user)
{
    struct px_back *b = *place;
    use_again(b, ops, user);
    b->parked = false;
    return b;
}

void px_back_close(struct px_back *b, bool reset)
{
    if (b->link)
        idle_unlink(b);
    b->user = NULL;
    px_level_down(&px_server_state(b->srv)->used);
    px_sock_close(&b->sock, reset);
}

/* Whoever closes first keeps the port in TIME_WAIT, unless it resets; a busy proxy runs out of
 * ports otherwise. Nothing is lost: the server has answered, and nothing more was asked. */
void px_back_end(struct px_back *b)
{
    px_back_close(b, !(b->sock.state & PX_S_PEER_DONE));
}

static void idle_over(struct px_sock *s)
{
    px_back_end(PX_OWNER(s, struct px_back, sock));
}

static void idle_failed(struct px_sock *s, int err)
{
    (void)err;
    idle_over(s);
}

void px_back_freed(struct px_sock *s)
{
    px_pool_put(&backs, PX_OWNER(s, struct px_back, sock));
}

/* An idle connection has nothing to say: bytes on it would be taken for the next answer. */
static const struct px_sock_ops idle_ops = {
    .watch = {px_sock_event},
    .received = idle_over,
    .ended = idle_over,
    .failed = idle_failed,
    .hung_up = idle_over,
    .expired = idle_over,
    .freed = px_back_freed,
};

static void pool_purge(struct px_timer *timer)
{
    struct idle_pool *pool = PX_OWNER(timer, struct idle_pool, purge);
    unsigned close_now = (pool->least + 1) / 2;
    struct px_back *b = pool->first;
    for (unsigned keep = pool->count - close_now; keep && b; keep--)
        b = b->next;
    while (b) {
        struct px_back *next = b->next;
        px_back_end(b);
        b = next;
    }
    pool->least = pool->count;
    if (pool->count)
        px_arm(timer, (uint64_t)pool->srv->pool_purge_delay);
}

static bool pool_has_room(const struct px_server *srv)
{
    if (srv->pool_max_conn < 0)
        return true;
    return px_server_state(srv)->idle < (uint32_t)srv->pool_max_conn;
}

/* Is it good for no other request? */
static bool is_spent(const struct px_back *b)
{
    bool worn = b->srv->max_reuse >= 0 && b->uses > (uint32_t)b->srv->max_reuse;
    bool dead = b->sock.state & (PX_S_PEER_DONE | PX_S_BROKEN);
    return worn || dead || b->sock.in || atomic_load(&px_stopping);
}

static void become_idle(struct px_back *b)
{
    b->user = NULL;
    px_sock_expire(&b->sock, 0);
    px_sock_want(&b->sock);
}

void px_back_park(struct px_back *b, struct px_back **place)
{
    b->sock.watch.ops = &idle_ops.watch;
    if (is_spent(b)) {
        px_back_end(b);
        return;
    }
    b->parked = true;
    b->next = NULL;
    b->link = place;
    *place = b;
    become_idle(b);
}

void px_back_release(struct px_back *b)
{
    const struct px_server *srv = b->srv;
    b->sock.watch.ops = &idle_ops.watch;
    if (is_spent(b) || !pool_has_room(srv)) {
        px_back_end(b);
        return;
    }
    struct idle_pool *pool = &pools[srv->number];
    b->next = pool->first;
    if (b->next)
        b->next->link = &b->next;
    b->link = &pool->first;
    pool->first = b;
    pool->count++;
    atomic_fetch_add_explicit(&px_server_state(srv)->idle, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&px_server_state(srv)->idle_safe, b->proved, memory_order_relaxed);
    become_idle(b);
    if (!px_timer_is_set(&pool->purge)) {
        pool->srv = srv;
        pool->purge.fire = pool_purge;
        pool->least = pool->count;
        px_arm(&pool->purge, (uint64_t)srv->pool_purge_delay);
    }
}

void px_back_drop_idle(void)
{
    for (unsigned i = 0; i < px_program.nservers; i++)
        while (pools[i].first)
            px_back_end(pools[i].first);
}
