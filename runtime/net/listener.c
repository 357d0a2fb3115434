/*
 * Listening sockets. See listener.h.
 *
 * Options that the kernel hands down from the listening socket to accepted ones (TCP_NODELAY,
 * buffer sizes, user timeout) are set here once instead of on every connection.
 */
#include "listener.h"

#include "../base/macros.h"
#include "inherited.h"
#include "netns.h"
#include "resolve.h"
#include "tcp_options.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ACCEPTS = 4, /* in a row, before other events get their turn */
    LAST_ACCEPTS = 10000,
    REST_MS = 100,
};

static _Thread_local struct px_listener *paused;

struct opening {
    const struct px_bind *bind;
    bool alone;
    union px_sockaddr addr;
    socklen_t addr_len;
    struct px_refusal *why;
};

/* "cannot bind socket (Address already in use) for [127.0.0.1:80]", as HAProxy says it. */
static int refuse(struct opening *o, int fd, const char *what)
{
    const char *why = strerror(errno);
    const struct px_endpoint *ep = &o->bind->addr;
    char text[PX_ADDR_TEXT], *to = o->why->text;
    size_t size = sizeof o->why->text;
    struct px_addr a;
    o->why->in_use = errno == EADDRINUSE;
    px_addr_from(&a, &o->addr);
    px_addr_text(&a, text);
    if (px_addr_is_ip(&a))
        snprintf(to, size, "%s (%s) for [%s:%d]", what, why, text, a.port);
    else if (ep->path)
        snprintf(to, size, "%s (%s) [%s]", what, why, ep->path);
    else
        snprintf(to, size, "%s (%s) [fd %d]", what, why, ep->port);
    if (fd >= 0)
        close(fd);
    return -1;
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
    if (p->clitcpka_cnt)
        set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, p->clitcpka_cnt);
    set_seconds(fd, TCP_KEEPIDLE, p->clitcpka_idle);
    set_seconds(fd, TCP_KEEPINTVL, p->clitcpka_intvl);
}

/* Not before listen(), which forgets it. */
static void set_quick_ack(int fd, const struct px_bind *b)
{
    if (b->proxy)
        set_int(fd, IPPROTO_TCP, TCP_QUICKACK, !b->proxy->tcp_smart_accept);
}

static int backlog_of(const struct px_bind *b)
{
    const struct px_proxy *fe = b->proxy;
    if (b->backlog)
        return b->backlog;
    if (fe && fe->backlog)
        return fe->backlog;
    if (b->maxconn)
        return b->maxconn;
    return fe && fe->maxconn ? fe->maxconn : 4096;
}

/* What only some lines ask for, and the system may refuse. NULL, or what it has refused. */
static const char *set_odd_options(int fd, const struct px_bind *b, const union px_sockaddr *addr)
{
    union px_sockaddr any = {.sa.sa_family = addr->sa.sa_family};
    if (!px_bind_to_device(fd, b->interface))
        return "cannot bind listener to device";
    if (!px_tcp_congestion(fd, b->cc))
        return "cannot set the congestion control algorithm";
    if (!px_tcp_sign(fd, &any, true, b->tcp_md5sig))
        return "cannot sign segments";
    if (b->tcp_ss && setsockopt(fd, IPPROTO_TCP, TCP_SAVE_SYN, &b->tcp_ss, sizeof b->tcp_ss))
        return "cannot keep SYN segments";
    return NULL;
}

static void set_tcp_options(int fd, const struct px_bind *b, int family)
{
    const struct px_global *g = px_program.global;
    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (b->tcp_ut)
        set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, b->tcp_ut);
    if (b->mss > 0)
        set_int(fd, IPPROTO_TCP, TCP_MAXSEG, b->mss);
    if (b->tfo)
        set_int(fd, IPPROTO_TCP, TCP_FASTOPEN, backlog_of(b));
    if (b->defer_accept) /* until the first retransmission at most */
        set_int(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
    if (b->proxy && b->proxy->clitcpka)
        set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (b->proxy)
        set_proxy_options(fd, b->proxy);
    if (g->rcvbuf_client)
        set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)g->rcvbuf_client);
    if (g->sndbuf_client)
        set_int(fd, SOL_SOCKET, SO_SNDBUF, (int)g->sndbuf_client);
    if (b->transparent) {
        set_int(fd, family == AF_INET6 ? SOL_IPV6 : SOL_IP,
                family == AF_INET6 ? IPV6_TRANSPARENT : IP_TRANSPARENT, 1);
        set_int(fd, SOL_IP, IP_FREEBIND, 1);
    }
    if (family == AF_INET6 && (b->v6only || b->v4v6)) /* else as the system has it */
        set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, b->v6only);
}

static int open_tcp(struct opening *o)
{
    const struct px_bind *b = o->bind;
    int fd = px_netns_socket(b->netns, o->addr.sa.sa_family);
    if (fd < 0)
        return refuse(o, fd, "cannot create listening socket");
    set_tcp_options(fd, b, o->addr.sa.sa_family);
    const char *refused = set_odd_options(fd, b, &o->addr);
    if (refused)
        return refuse(o, fd, refused);
    if (!o->alone)
        set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (bind(fd, &o->addr.sa, o->addr_len))
        return refuse(o, fd, "cannot bind socket");
    if (listen(fd, backlog_of(b)))
        return refuse(o, fd, "cannot listen to socket");
    set_quick_ack(fd, b);
    return fd;
}

static uid_t owner_uid(const struct px_bind *b)
{
    struct passwd *pw = b->user ? getpwnam(b->user) : NULL;
    return pw ? pw->pw_uid : (uid_t)b->uid;
}

static gid_t owner_gid(const struct px_bind *b)
{
    struct group *gr = b->group ? getgrnam(b->group) : NULL;
    return gr ? gr->gr_gid : (gid_t)b->gid;
}

/* The new socket is made beside the old one and takes its place at once, so that there is no
 * moment without one. */
static int open_unix_path(struct opening *o)
{
    const struct px_bind *b = o->bind;
    struct sockaddr_un *un = &o->addr.un;
    char temporary[sizeof un->sun_path + 32];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return refuse(o, fd, "cannot create listening socket");
    snprintf(temporary, sizeof temporary, "%s.%ld.tmp", b->addr.path, (long)getpid());
    struct px_endpoint ep = b->addr;
    ep.path = temporary;
    socklen_t len = px_endpoint_sockaddr(&ep, 0, &o->addr);
    if (!len) {
        errno = ENAMETOOLONG;
        return refuse(o, fd, "cannot bind UNIX socket");
    }
    unlink(temporary);
    if (bind(fd, &o->addr.sa, len))
        return refuse(o, fd, "cannot bind UNIX socket");
    bool owned = (owner_uid(b) == (uid_t)-1 && owner_gid(b) == (gid_t)-1) ||
                 !chown(temporary, owner_uid(b), owner_gid(b));
    bool moded = !b->mode || !chmod(temporary, (mode_t)b->mode);
    if (!owned || !moded || listen(fd, backlog_of(b)) || rename(temporary, b->addr.path)) {
        int err = errno;
        unlink(temporary);
        errno = err;
        return refuse(o, fd, "cannot bind UNIX socket");
    }
    return fd;
}

static int open_abstract(struct opening *o)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return refuse(o, fd, "cannot create listening socket");
    if (bind(fd, &o->addr.sa, o->addr_len))
        return refuse(o, fd, "cannot bind UNIX socket");
    if (listen(fd, backlog_of(o->bind)))
        return refuse(o, fd, "cannot listen to socket");
    return fd;
}

/* The number comes from the environment when the configuration named a variable. */
static int open_inherited(struct opening *o)
{
    const struct px_endpoint *ep = &o->bind->addr;
    const char *value = ep->path ? getenv(ep->path) : NULL;
    int fd = value ? atoi(value) : ep->port;
    int listening = 0;
    socklen_t len = sizeof listening;
    if (ep->path && !value) {
        errno = ENOENT;
        return refuse(o, -1, "no such variable in the environment");
    }
    if (value && (!*value || value[strspn(value, "0123456789")])) {
        errno = EINVAL;
        return refuse(o, -1, "the variable in the environment is no number");
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len))
        return refuse(o, -1, "cannot use inherited socket");
    if (!listening && listen(fd, backlog_of(o->bind)))
        return refuse(o, -1, "cannot listen to inherited socket");
    set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

/* What the kernel hands down to accepted connections is set again: the lines may have changed. */
static int taken_over(struct opening *o)
{
    int fd = px_inherited_take(o->bind, &o->addr, o->addr_len);
    if (fd < 0)
        return -1;
    if (o->addr.sa.sa_family != AF_UNIX) {
        set_tcp_options(fd, o->bind, o->addr.sa.sa_family);
        set_odd_options(fd, o->bind, &o->addr);
    }
    listen(fd, backlog_of(o->bind));
    set_quick_ack(fd, o->bind);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

static bool add_socket(struct px_sockets *s, int fd)
{
    int *fds = fd < 0 ? NULL : realloc(s->fds, (s->n + 1) * sizeof *fds);
    if (!fds) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    s->fds = fds;
    fds[s->n++] = fd;
    return true;
}

/* Sockets of an old process count, and all of them are used: there may be somebody in their
 * queues. One that lets nobody beside it is used alone. */
static bool open_group(struct opening *o, unsigned most, struct px_sockets *s)
{
    for (int fd; (fd = taken_over(o)) >= 0;)
        if (!add_socket(s, fd))
            return false;
    bool inherited = s->n;
    while (s->n < most)
        if (!add_socket(s, open_tcp(o)))
            return inherited && o->why->in_use;
    return true;
}

static int open_single(struct opening *o)
{
    int fd;
    switch (o->bind->addr.family) {
    case PX_AF_UNIX:
        return open_unix_path(o);
    case PX_AF_ABNS:
        fd = taken_over(o);
        return fd >= 0 ? fd : open_abstract(o);
    default:
        return open_inherited(o);
    }
}

/* ---- where that is ---- */

struct place {
    struct place *next;
    const struct px_bind *bind;
    union px_sockaddr sa;
    socklen_t len;
};
static struct place *places; /* of those whose lines do not have an address */

/* Without memory it stays unknown. */
static void note_place(const struct px_bind *bind, int fd)
{
    if (bind->addr.family != PX_AF_NAME && bind->addr.family != PX_AF_FD)
        return;
    struct place *p = calloc(1, sizeof *p);
    if (!p)
        return;
    *p = (struct place){.next = places, .bind = bind, .len = sizeof p->sa};
    if (getsockname(fd, &p->sa.sa, &p->len))
        p->len = 0;
    places = p;
}

socklen_t px_listener_address(const struct px_bind *bind, union px_sockaddr *sa)
{
    const struct place *p = places;
    while (p && p->bind != bind)
        p = p->next;
    if (!p)
        return px_endpoint_sockaddr(&bind->addr, bind->addr.port, sa);
    *sa = p->sa;
    return p->len;
}

/* ---- all of it ---- */

bool px_listen(const struct px_bind *bind, unsigned most, bool alone, struct px_sockets *sockets,
               struct px_refusal *why)
{
    struct opening o = {.bind = bind, .alone = alone, .why = why};
    const struct px_endpoint *ep = &bind->addr;
    *sockets = (struct px_sockets){0};
    *why = (struct px_refusal){.text = "out of memory"};
    if (ep->family != PX_AF_FD) {
        const char *unknown;
        o.addr_len = px_resolve(ep, ep->port, &o.addr, &unknown);
        if (!o.addr_len) {
            snprintf(why->text, sizeof why->text, "cannot use address (%s) [%s]", unknown,
                     ep->path);
            return false;
        }
    }
    bool single = ep->family == PX_AF_UNIX || ep->family == PX_AF_ABNS || ep->family == PX_AF_FD;
    if (single ? add_socket(sockets, open_single(&o)) : open_group(&o, most, sockets)) {
        note_place(bind, sockets->fds[0]);
        return true;
    }
    px_sockets_close(sockets);
    return false;
}

void px_sockets_close(struct px_sockets *s)
{
    while (s->n)
        close(s->fds[--s->n]);
    free(s->fds);
    s->fds = NULL;
}

static void rested(struct px_timer *timer)
{
    (void)timer;
    px_listeners_resume();
}

/*
 * The connection stays in the kernel's queue, and asking for it at once again would only burn time.
 * Who frees a place or a descriptor on this thread ends the pause; what happens on other threads or
 * in other processes is found out by trying again.
 */
static void listener_pause(struct px_listener *l)
{
    static _Thread_local struct px_timer rest = {.fire = rested};
    if (l->paused)
        return;
    l->paused = true;
    l->next_paused = paused;
    paused = l;
    px_loop_unwatch(&l->watch);
    if (!px_timer_is_set(&rest))
        px_arm(&rest, REST_MS);
}

/* Takes up to `most` connections. false: there may be more, and one was left where it is. */
static bool accept_some(struct px_listener *l, int most)
{
    for (int i = 0; i != most; i++) {
        union px_sockaddr peer;
        socklen_t len = sizeof peer;
        if (!l->bind->serve->may_accept(l))
            return false;
        int fd = accept4(l->watch.fd, &peer.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            l->bind->serve->accepted(l, fd, &peer);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            return false;
        else if (errno != ECONNABORTED && errno != EINTR)
            return true; /* none left */
    }
    return true;
}

static void listener_event(struct px_watch *watch, uint32_t events)
{
    struct px_listener *l = PX_OWNER(watch, struct px_listener, watch);
    (void)events;
    int most = px_program.global->maxaccept ? px_program.global->maxaccept : ACCEPTS;
    if (!accept_some(l, most))
        listener_pause(l);
}

static const struct px_watch_ops listener_ops = {listener_event};

static bool listener_watch(struct px_listener *l)
{
    l->paused = false;
    return px_loop_watch(&l->watch, EPOLLIN | (l->shared ? (uint32_t)EPOLLEXCLUSIVE : 0));
}

bool px_listener_start(struct px_listener *l, const struct px_bind *bind, int fd,
                       _Atomic unsigned *holders)
{
    *l = (struct px_listener){
        .watch = {.ops = &listener_ops, .fd = fd}, .bind = bind, .holders = holders};
    l->shared = atomic_load(holders) > 1;
    return listener_watch(l);
}

static void listener_ignore(struct px_listener *l)
{
    if (!l->paused)
        px_loop_unwatch(&l->watch);
    for (struct px_listener **p = &paused; *p; p = &(*p)->next_paused) {
        if (*p == l) {
            *p = l->next_paused;
            break;
        }
    }
    l->paused = true;
}

/* Those who wait in the queue would be reset. */
static void take_the_last(struct px_listener *l)
{
    accept_some(l, LAST_ACCEPTS);
}

void px_listener_stop(struct px_listener *l)
{
    if (l->watch.fd < 0)
        return;
    take_the_last(l);
    listener_ignore(l);
    /* Not while another thread still watches the number: it may soon be that of something else. */
    if (atomic_fetch_sub(l->holders, 1) == 1)
        close(l->watch.fd);
    l->watch.fd = -1;
}

void px_listener_suspend(struct px_listener *l)
{
    if (l->watch.fd < 0 || l->suspended)
        return;
    l->suspended = true;
    take_the_last(l);
    listener_ignore(l);
    if (l->bind->addr.family != PX_AF_UNIX)
        shutdown(l->watch.fd, SHUT_RD); /* connections are refused from now on */
}

/* Without memory for that in the kernel, it is tried again. */
static void listener_go_on(struct px_listener *l)
{
    if (!listener_watch(l))
        listener_pause(l);
}

void px_listener_resume(struct px_listener *l)
{
    if (!l->suspended)
        return;
    l->suspended = false;
    if (l->bind->addr.family != PX_AF_UNIX)
        listen(l->watch.fd, backlog_of(l->bind));
    listener_go_on(l);
}

void px_listeners_resume(void)
{
    struct px_listener *l = paused;
    paused = NULL;
    while (l) {
        struct px_listener *next = l->next_paused;
        listener_go_on(l);
        l = next;
    }
}
