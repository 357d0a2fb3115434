/*
 * Listening sockets. See listener.h.
 *
 * Options that the kernel hands down from the listening socket to accepted ones (TCP_NODELAY,
 * buffer sizes, user timeout) are set here once instead of on every connection.
 */
#include "listener.h"

#include "../base/macros.h"
#include "resolve.h"

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
    REST_MS = 100,
};

static _Thread_local struct px_listener *paused;

struct opening {
    const struct px_bind *bind;
    union px_sockaddr addr;
    socklen_t addr_len;
    char *why;
    size_t size;
};

/* "cannot bind socket (Address already in use) for [127.0.0.1:80]", as HAProxy says it. */
static int refuse(struct opening *o, int fd, const char *what)
{
    const char *why = strerror(errno);
    const struct px_endpoint *ep = &o->bind->addr;
    char text[PX_ADDR_TEXT];
    struct px_addr a;
    px_addr_from(&a, &o->addr);
    px_addr_text(&a, text);
    if (a.family == AF_INET || a.family == AF_INET6)
        snprintf(o->why, o->size, "%s (%s) for [%s:%d]", what, why, text, a.port);
    else if (ep->path)
        snprintf(o->why, o->size, "%s (%s) [%s]", what, why, ep->path);
    else
        snprintf(o->why, o->size, "%s (%s) [fd %d]", what, why, ep->port);
    if (fd >= 0)
        close(fd);
    return -1;
}

static void set_int(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof value);
}

static bool set_tcp_options(int fd, const struct px_bind *b)
{
    const struct px_global *g = px_program.global;
    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (b->tcp_ut)
        set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, b->tcp_ut);
    if (b->mss)
        set_int(fd, IPPROTO_TCP, TCP_MAXSEG, b->mss);
    if (b->tfo)
        set_int(fd, IPPROTO_TCP, TCP_FASTOPEN, 1024);
    if (b->defer_accept)
        set_int(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 60);
    if (b->proxy && b->proxy->clitcpka)
        set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (g->rcvbuf_client)
        set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)g->rcvbuf_client);
    if (g->sndbuf_client)
        set_int(fd, SOL_SOCKET, SO_SNDBUF, (int)g->sndbuf_client);
    if (b->transparent) {
        set_int(fd, SOL_IP, IP_TRANSPARENT, 1);
        set_int(fd, SOL_IP, IP_FREEBIND, 1);
    }
    if (b->addr.family == PX_AF_INET6)
        set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, b->v6only || !b->v4v6);
    return !b->interface || !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, b->interface,
                                        (socklen_t)strlen(b->interface) + 1);
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

static int open_tcp(struct opening *o)
{
    const struct px_bind *b = o->bind;
    int fd = socket(o->addr.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return refuse(o, fd, "cannot create listening socket");
    if (!set_tcp_options(fd, b))
        return refuse(o, fd, "cannot bind listener to device");
    set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (bind(fd, &o->addr.sa, o->addr_len))
        return refuse(o, fd, "cannot bind socket");
    if (listen(fd, backlog_of(b)))
        return refuse(o, fd, "cannot listen to socket");
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
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len))
        return refuse(o, -1, "cannot use inherited socket");
    if (!listening && listen(fd, backlog_of(o->bind)))
        return refuse(o, -1, "cannot listen to inherited socket");
    set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

unsigned px_listen(const struct px_bind *bind, unsigned most, int *fds, char *why, size_t size)
{
    struct opening o = {.bind = bind, .why = why, .size = size};
    const struct px_endpoint *ep = &bind->addr;
    if (ep->family != PX_AF_FD) {
        const char *unknown;
        o.addr_len = px_resolve(ep, ep->port, &o.addr, &unknown);
        if (!o.addr_len) {
            snprintf(why, size, "cannot use address (%s) [%s]", unknown, ep->path);
            return 0;
        }
    }
    switch (ep->family) {
    case PX_AF_UNIX:
        fds[0] = open_unix_path(&o);
        return fds[0] >= 0;
    case PX_AF_ABNS:
        fds[0] = open_abstract(&o);
        return fds[0] >= 0;
    case PX_AF_FD:
        fds[0] = open_inherited(&o);
        return fds[0] >= 0;
    default:
        for (unsigned i = 0; i < most; i++) {
            fds[i] = open_tcp(&o);
            if (fds[i] < 0)
                return 0;
        }
        return most;
    }
}

static void listener_pause(struct px_listener *l)
{
    if (l->paused)
        return;
    l->paused = true;
    l->next_paused = paused;
    paused = l;
    px_loop_unwatch(&l->watch);
}

static void rested(struct px_timer *timer)
{
    (void)timer;
    px_listeners_resume();
}

/* Without a free descriptor, the connection stays in the kernel's queue, and asking for it at once
 * again would only burn time. */
static void rest_a_while(struct px_listener *l)
{
    static _Thread_local struct px_timer rest = {.fire = rested};
    listener_pause(l);
    if (!px_timer_is_set(&rest))
        px_arm(&rest, REST_MS);
}

static void listener_event(struct px_watch *watch, uint32_t events)
{
    struct px_listener *l = PX_OWNER(watch, struct px_listener, watch);
    (void)events;
    int most = px_program.global->maxaccept ? px_program.global->maxaccept : ACCEPTS;
    for (int i = 0; i != most; i++) {
        if (!l->bind->serve->may_accept(l)) {
            listener_pause(l);
            return;
        }
        union px_sockaddr peer;
        socklen_t len = sizeof peer;
        int fd = accept4(watch->fd, &peer.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            l->bind->serve->accepted(l, fd, &peer);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            rest_a_while(l);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            return; /* none left */
        }
    }
}

static const struct px_watch_ops listener_ops = {listener_event};

static bool listener_watch(struct px_listener *l)
{
    l->paused = false;
    return px_loop_watch(&l->watch, EPOLLIN | (l->shared ? (uint32_t)EPOLLEXCLUSIVE : 0));
}

bool px_listener_start(struct px_listener *l, const struct px_bind *bind, int fd, bool shared)
{
    *l = (struct px_listener){.watch = {&listener_ops, fd}, .bind = bind, .shared = shared};
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

void px_listener_stop(struct px_listener *l)
{
    if (l->watch.fd < 0)
        return;
    listener_ignore(l);
    if (!l->shared || px_self->number == 0)
        close(l->watch.fd);
    l->watch.fd = -1;
}

void px_listener_suspend(struct px_listener *l)
{
    if (l->watch.fd < 0 || l->suspended)
        return;
    l->suspended = true;
    listener_ignore(l);
    if (l->bind->addr.family != PX_AF_UNIX && (!l->shared || px_self->number == 0))
        shutdown(l->watch.fd, SHUT_RD); /* connections are refused from now on */
}

void px_listener_resume(struct px_listener *l)
{
    if (!l->suspended)
        return;
    l->suspended = false;
    if (l->bind->addr.family != PX_AF_UNIX && (!l->shared || px_self->number == 0))
        listen(l->watch.fd, backlog_of(l->bind));
    listener_watch(l);
}

void px_listeners_resume(void)
{
    struct px_listener *l = paused;
    paused = NULL;
    while (l) {
        struct px_listener *next = l->next_paused;
        listener_watch(l);
        l = next;
    }
}
