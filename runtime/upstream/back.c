/*
 * Connections to servers. See back.h.
 *
 * The pool of a server is a stack: the connection that was used last is warm, and the coldest are
 * the ones that age. Every pool-purge-delay, half of those that nobody needed are closed.
 */
#include "back.h"

#include "../base/macros.h"
#include "../net/netns.h"
#include "../net/tcp_options.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct idle_pool {
    struct px_back *first;
    _Atomic unsigned count;
    unsigned least; /* fewest since the last purge */
    struct px_timer purge;
    uint32_t moves; /* of the server, as those that are here have seen them */
    const struct px_server *srv;
};

static _Thread_local struct px_pool backs = PX_POOL(struct px_back);
static _Thread_local struct idle_pool *pools;
static _Atomic(struct idle_pool *) all_pools[64]; /* by thread; there are no more */

bool px_back_init(void)
{
    pools = calloc(px_program.nservers + 1, sizeof *pools);
    all_pools[px_self->number] = pools;
    return pools;
}

unsigned px_back_idle(const struct px_server *srv, unsigned thread)
{
    const struct idle_pool *of_thread = all_pools[thread];
    return of_thread ? of_thread[srv->number].count : 0;
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

static void set_options(int fd, const struct px_server *srv, int family, bool speaks)
{
    const struct px_global *g = px_program.global;
    if (family != AF_UNIX) {
        set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        if (srv->tcp_ut)
            set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, srv->tcp_ut);
        if (srv->tfo && speaks) /* what is sent first goes along with the SYN */
            set_int(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
        set_proxy_options(fd, srv->proxy);
    }
    if (srv->proxy->srvtcpka)
        set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (g->rcvbuf_server)
        set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)g->rcvbuf_server);
    if (g->sndbuf_server)
        set_int(fd, SOL_SOCKET, SO_SNDBUF, (int)g->sndbuf_server);
}

/* Sockets of one family refuse the option of the other; those of both need both. */
void px_set_marks(int fd, const struct px_marks *marks)
{
    if (marks->has_mark)
        set_int(fd, SOL_SOCKET, SO_MARK, (int)marks->mark);
    if (marks->has_tos) {
        set_int(fd, SOL_IP, IP_TOS, marks->tos);
        set_int(fd, SOL_IPV6, IPV6_TCLASS, marks->tos);
    }
}

/* ---- dialling ---- */

/* An address that belongs to somebody else (ip(7), IP_TRANSPARENT). */
static bool pretend(int fd, const union px_sockaddr *sa, socklen_t len)
{
    bool v6 = sa->sa.sa_family == AF_INET6;
    int one = 1;
    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    return !setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_TRANSPARENT : IP_TRANSPARENT, &one,
                       sizeof one) &&
           !bind(fd, &sa->sa, len);
}

/* The port is chosen when the peer is known, which leaves more of them. */
static bool come_from(int fd, const struct px_source *source, int port)
{
    union px_sockaddr sa;
    socklen_t len = px_endpoint_sockaddr(&source->addr, port, &sa);
    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (!port)
        set_int(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    return !bind(fd, &sa.sa, len);
}

static bool choose_source(int fd, const struct px_source *source, const struct px_way *way,
                          int port)
{
    union px_sockaddr sa;
    if (!px_bind_to_device(fd, source->interface)) /* no other one is used instead */
        return false;
    if (way->from.family)
        return pretend(fd, &sa, px_addr_sockaddr(&way->from, &sa));
    if (source->usesrc == PX_USESRC_ADDRESS)
        return pretend(fd, &sa, px_endpoint_sockaddr(&source->as, source->as.port, &sa));
    return come_from(fd, source, port);
}

/* What the system may refuse. */
static bool set_odd_options(int fd, const struct px_server *srv, const union px_sockaddr *addr)
{
    return px_tcp_congestion(fd, srv->cc) && px_tcp_sign(fd, addr, false, srv->tcp_md5sig);
}

/* -1; errno stays. */
static int give_up(int fd)
{
    int err = errno;
    if (fd >= 0)
        close(fd);
    errno = err;
    return -1;
}

bool px_back_possible(const struct px_server *srv)
{
    const struct px_address *addr = px_server_address(srv);
    int family = addr->sa.sa.sa_family;
    if ((!srv->cc && !srv->tcp_md5sig) || (family != AF_INET && family != AF_INET6))
        return true;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool possible = fd >= 0 && set_odd_options(fd, srv, &addr->sa);
    give_up(fd);
    return possible;
}

struct dial {
    const struct px_server *srv;
    const struct px_way *way;
    union px_sockaddr addr;
    socklen_t addr_len;
};

/* One try, from that port if there is a choice. -1: errno says why. */
static int dial_from(const struct dial *d, int port)
{
    const struct px_source *source = d->srv->source;
    int family = d->addr.sa.sa_family;
    int fd = px_netns_socket(d->way->netns, family);
    if (fd < 0)
        return -1;
    set_options(fd, d->srv, family, d->way->speaks);
    if (family != AF_UNIX && !set_odd_options(fd, d->srv, &d->addr))
        return give_up(fd);
    if (d->way->marks)
        px_set_marks(fd, d->way->marks);
    if (d->way->withheld && family != AF_UNIX)
        set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
    bool bound = !source || family == AF_UNIX || choose_source(fd, source, d->way, port);
    if (bound && (!connect(fd, &d->addr.sa, d->addr_len) || errno == EINPROGRESS))
        return fd;
    return give_up(fd);
}

/* HAProxy manual, "source" of servers: the next port of the range that is free for this server. */
static int dial_from_range(const struct dial *d)
{
    const struct px_source *source = d->srv->source;
    unsigned n = (unsigned)(source->last_port - source->addr.port + 1);
    for (unsigned i = 0; i < n; i++) {
        unsigned turn = atomic_fetch_add_explicit(&px_server_state(d->srv)->source_turn, 1,
                                                  memory_order_relaxed);
        int fd = dial_from(d, source->addr.port + (int)(turn % n));
        if (fd >= 0 || (errno != EADDRINUSE && errno != EADDRNOTAVAIL))
            return fd;
    }
    return -1;
}

int px_back_socket(const struct px_server *srv, const struct px_way *way)
{
    const struct px_address *known = px_server_address(srv);
    struct dial d = {.srv = srv, .way = way};
    if (known) {
        d.addr = known->sa;
        d.addr_len = known->len;
    }
    if (way->to.family)
        d.addr_len = px_addr_sockaddr(&way->to, &d.addr);
    if (!d.addr_len) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    if (d.addr.sa.sa_family == AF_INET)
        d.addr.in.sin_port = htons((uint16_t)way->port);
    else if (d.addr.sa.sa_family == AF_INET6)
        d.addr.in6.sin6_port = htons((uint16_t)way->port);
    if (srv->source && srv->source->last_port)
        return dial_from_range(&d);
    return dial_from(&d, srv->source ? srv->source->addr.port : 0);
}

struct px_back *px_back_dial(const struct px_server *srv, const struct px_way *way,
                             const struct px_sock_ops *ops, void *user)
{
    struct px_back *b = px_pool_get(&backs);
    if (!b) {
        errno = ENOMEM;
        return NULL;
    }
    /* Before the address is: of one that changes meanwhile, the connection is not used again. */
    b->moves = atomic_load_explicit(&px_server_state(srv)->moves, memory_order_acquire);
    int fd = px_back_socket(srv, way);
    if (fd < 0 || !px_sock_connect(&b->sock, fd, ops)) {
        give_up(fd);
        px_pool_put(&backs, b);
        return NULL;
    }
    b->srv = srv;
    b->user = user;
    b->link = NULL;
    b->uses = 1;
    b->proved = b->parked = b->personal = false;
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
    PX_ADD(pool->count, -1u);
    if (pool->count < pool->least)
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

/* The server has moved: those that lead to where it was end. */
static PX_ASIDE void leave_former(struct idle_pool *pool, uint32_t moves)
{
    struct px_back *next;
    for (struct px_back *b = pool->first; b; b = next) {
        next = b->next;
        if (b->moves != moves)
            px_back_end(b);
    }
    pool->moves = moves;
}

struct px_back *px_back_reuse(const struct px_server *srv, bool proved_only,
                              const struct px_sock_ops *ops, void *user)
{
    struct idle_pool *pool = &pools[srv->number];
    uint32_t moves = atomic_load_explicit(&px_server_state(srv)->moves, memory_order_acquire);
    if (PX_UNLIKELY(pool->moves != moves))
        leave_former(pool, moves);
    struct px_back *b = pool->first;
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
    return worn || dead || !px_back_is_current(b) || b->sock.in || atomic_load(&px_stopping);
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
    PX_COUNT_ONE(pool->count);
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
