/*
 * Stream sockets over epoll. See sock.h.
 *
 * Edge-triggered and registered once for everything: no epoll_ctl on the request path. A short
 * read means that the kernel has no more for now, so the read that would find nothing is not made.
 */
#include "sock.h"

#include "../base/macros.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURN_BYTES = 512 << 10 }; /* read in a row, before other sockets get their turn */
enum { WATCHED = (int)(EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) };

enum {
    HASTY = 8 << 10, /* bytes at a time that are worth a pipe */
    SLACK_READS = 2, /* fewer so often in a row: back to the buffer */
};

static _Atomic uint64_t unseen_bytes;

struct px_pending {
    struct px_sock *from; /* its pipe is sent; NULL: v */
    unsigned at, n;
    struct iovec v[];
};

static const struct px_sock_ops *ops_of(const struct px_sock *s)
{
    return (const struct px_sock_ops *)s->watch.ops;
}

static void sock_look(struct px_sock *s);

static void sock_chore(struct px_chore *chore)
{
    struct px_sock *s = PX_OWNER(chore, struct px_sock, chore);
    s->state &= (uint16_t)~PX_S_SOON;
    if (s->state & PX_S_CLOSED)
        ops_of(s)->freed(s);
    else
        sock_look(s);
}

static void sock_soon(struct px_sock *s)
{
    if (s->state & (PX_S_SOON | PX_S_CLOSED))
        return;
    s->state |= PX_S_SOON;
    px_loop_soon(&s->chore);
}

/* ---- young sockets ---- */

enum { MOST_YOUNG = 64, YOUTH_MS = 20 };

static _Thread_local struct {
    uint64_t used; /* places, as bits */
    struct px_sock *socks[MOST_YOUNG];
    uint64_t due[MOST_YOUNG];
    struct px_timer timer;
} young;

static void forget_young(struct px_sock *s)
{
    if (s->state & PX_S_YOUNG)
        young.used &= ~(UINT64_C(1) << s->place);
    s->state &= (uint16_t) ~(PX_S_YOUNG | PX_S_UNTRIED);
}

/* What there is already when an edge-triggered watch begins is told like a change. */
static bool become_watched(struct px_sock *s)
{
    forget_young(s);
    return px_loop_watch(&s->watch, WATCHED);
}

static void grow_up(struct px_sock *s)
{
    if (become_watched(s))
        return;
    s->state |= PX_S_BROKEN;
    ops_of(s)->failed(s, errno);
}

static void young_timer(struct px_timer *timer)
{
    for (uint64_t left = young.used; left; left &= left - 1) {
        unsigned place = PX_LOWEST_BIT(left);
        if ((young.used >> place & 1) && young.due[place] <= px_self->now)
            grow_up(young.socks[place]);
    }
    if (young.used)
        px_arm(timer, YOUTH_MS);
}

static bool note_young(struct px_sock *s)
{
    if (!~young.used)
        return false;
    s->place = (uint8_t)PX_LOWEST_BIT(~young.used);
    young.used |= UINT64_C(1) << s->place;
    young.socks[s->place] = s;
    young.due[s->place] = px_self->now + YOUTH_MS;
    if (!px_timer_is_set(&young.timer)) {
        young.timer.fire = young_timer;
        px_arm(&young.timer, YOUTH_MS);
    }
    return true;
}

static void sock_timer(struct px_timer *timer)
{
    struct px_sock *s = PX_OWNER(timer, struct px_sock, timer);
    if (s->deadline > px_self->now) {
        px_timer_set(&px_self->wheel, timer, s->deadline);
    } else if (s->deadline) {
        s->deadline = 0;
        ops_of(s)->expired(s);
    }
}

static void sock_begin(struct px_sock *s, int fd, const struct px_sock_ops *ops, uint16_t state)
{
    s->watch.ops = &ops->watch;
    s->watch.fd = fd;
    s->watch.nice = 0;
    s->state = state;
    s->in = NULL;
    s->pipe = NULL;
    s->unseen = 0;
    s->slack = 0;
    s->out = NULL;
    s->timer.link = NULL;
    s->timer.fire = sock_timer;
    s->deadline = 0;
    s->chore.run = sock_chore;
}

bool px_sock_open(struct px_sock *s, int fd, const struct px_sock_ops *ops)
{
    sock_begin(s, fd, ops, 0);
    return px_loop_watch(&s->watch, WATCHED);
}

bool px_sock_open_young(struct px_sock *s, int fd, const struct px_sock_ops *ops)
{
    sock_begin(s, fd, ops, PX_S_YOUNG | PX_S_UNTRIED);
    if (note_young(s))
        return true;
    s->state = 0;
    return px_loop_watch(&s->watch, WATCHED);
}

bool px_sock_connect(struct px_sock *s, int fd, const struct px_sock_ops *ops)
{
    sock_begin(s, fd, ops, PX_S_CONNECTING);
    return px_loop_watch(&s->watch, WATCHED);
}

bool px_sock_dial(struct px_sock *s, const struct sockaddr *to, socklen_t len,
                  const struct px_sock_ops *ops)
{
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool begun = !connect(fd, to, len) || errno == EINPROGRESS;
    if (begun && px_sock_connect(s, fd, ops))
        return true;
    int err = errno;
    close(fd);
    errno = err;
    return false;
}

bool px_sock_watch(struct px_sock *s)
{
    return !(s->state & PX_S_YOUNG) || become_watched(s);
}

void px_sock_want(struct px_sock *s)
{
    s->state |= PX_S_WANTS;
    if (s->state & (PX_S_READABLE | PX_S_BROKEN | PX_S_YOUNG))
        sock_soon(s);
}

void px_sock_again(struct px_sock *s)
{
    s->state |= PX_S_WANTS | PX_S_AGAIN;
    sock_soon(s);
}

void px_sock_hold(struct px_sock *s)
{
    s->state &= (uint16_t) ~(PX_S_WANTS | PX_S_AGAIN);
}

void px_sock_taken(struct px_sock *s)
{
    if (s->in && s->in->start == s->in->end) {
        px_buf_put(s->in);
        s->in = NULL;
    }
}

static void read_failed(struct px_sock *s, int err)
{
    px_sock_taken(s);
    if (err == EAGAIN || err == EWOULDBLOCK) {
        s->state &= (uint16_t)~PX_S_READABLE;
    } else if (err != EINTR) {
        s->state |= PX_S_BROKEN;
        ops_of(s)->failed(s, err);
    }
}

static void read_ended(struct px_sock *s)
{
    px_sock_taken(s);
    s->state |= PX_S_PEER_DONE;
    s->state &= (uint16_t)~PX_S_READABLE;
    if (s->state & PX_S_ENDED)
        return;
    s->state |= PX_S_ENDED;
    ops_of(s)->ended(s);
}

static void pipe_put(struct px_sock *s)
{
    px_pipe_put(s->pipe);
    s->pipe = NULL;
}

/* Both ends of a trickle would have to be woken for every few bytes of it all the same. */
static void mind_pace(struct px_sock *s, size_t n)
{
    s->slack = n < HASTY ? (uint8_t)(s->slack + 1) : 0;
    if (s->slack >= SLACK_READS)
        s->unseen = 0;
}

static size_t sock_read_unseen(struct px_sock *s)
{
    struct px_pipe *pipe = s->pipe;
    size_t room = s->unseen < pipe->cap ? (size_t)s->unseen : pipe->cap;
    ssize_t n = splice(s->watch.fd, NULL, pipe->to, NULL, room, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n > 0) {
        pipe->held = (uint32_t)n;
        s->unseen -= (uint64_t)n;
        mind_pace(s, (size_t)n);
        ops_of(s)->received(s);
        return (size_t)n;
    }
    int err = errno;
    pipe_put(s);
    if (n == 0) {
        read_ended(s);
    } else if (err == EINVAL) { /* not a socket that can do it */
        s->unseen = 0;
        sock_soon(s);
    } else {
        read_failed(s, err);
    }
    return 0;
}

/* Answers how many bytes came. */
static size_t sock_read(struct px_sock *s)
{
    if (PX_UNLIKELY(s->unseen)) {
        if ((s->pipe = px_pipe_get()))
            return sock_read_unseen(s);
        s->unseen = 0;
    }
    if (!s->in && !(s->in = px_buf_get())) {
        ops_of(s)->failed(s, ENOMEM);
        return 0;
    }
    struct px_buf *in = s->in;
    if (in->end == in->cap)
        px_buf_align(in);
    size_t room = in->cap - in->end;
    if (PX_UNLIKELY(!room)) {
        px_sock_hold(s);
        s->state |= PX_S_BROKEN;
        ops_of(s)->failed(s, ENOBUFS);
        return 0;
    }
    ssize_t n = recv(s->watch.fd, in->data + in->end, room, 0);
    if (n > 0) {
        in->end += (uint32_t)n;
        if ((size_t)n == room)
            s->state |= PX_S_READABLE;
        else if (!(s->state & (PX_S_PEER_DONE | PX_S_BROKEN)))
            s->state &= (uint16_t)~PX_S_READABLE;
        ops_of(s)->received(s);
        return (size_t)n;
    }
    if (n == 0)
        read_ended(s);
    else
        read_failed(s, errno);
    return 0;
}

/* Reads on while there is more than fits a buffer: a turn of the loop costs more than a look. What
 * goes through pipes is worth waiting for, for a larger piece costs no more than a small one. */
static void sock_read_on(struct px_sock *s)
{
    size_t bytes = 0, n;
    do
        bytes += n = sock_read(s);
    while (n && !s->unseen && bytes < TURN_BYTES && !(s->state & (PX_S_CLOSED | PX_S_AGAIN)) &&
           (s->state & PX_S_WANTS) && (s->state & PX_S_READABLE));
    if ((s->state & PX_S_WANTS) && (s->state & PX_S_READABLE))
        sock_soon(s);
}

/* Hands on what is known of a socket: bytes to an owner that wants them, else a hang-up. */
static void sock_look(struct px_sock *s)
{
    if (s->state & PX_S_AGAIN) {
        s->state &= (uint16_t)~PX_S_AGAIN;
        ops_of(s)->received(s);
        if ((s->state & PX_S_WANTS) && (s->state & PX_S_READABLE))
            sock_soon(s);
    } else if (s->state & PX_S_WANTS) {
        if (s->state & (PX_S_READABLE | PX_S_BROKEN | PX_S_UNTRIED)) {
            s->state &= (uint16_t)~PX_S_UNTRIED;
            sock_read_on(s);
        }
        if ((s->state & (PX_S_YOUNG | PX_S_WANTS | PX_S_SOON)) == (PX_S_YOUNG | PX_S_WANTS))
            grow_up(s);
    } else if (s->state & (PX_S_PEER_DONE | PX_S_BROKEN)) {
        ops_of(s)->hung_up(s);
        return;
    }
    /* No event will tell an owner that wants no more of a peer that has finished already. */
    if ((s->state & (PX_S_WANTS | PX_S_CLOSED | PX_S_BROKEN | PX_S_PEER_DONE)) == PX_S_PEER_DONE)
        ops_of(s)->hung_up(s);
}

static void sock_connected(struct px_sock *s, uint32_t events)
{
    int err = 0;
    socklen_t len = sizeof err;
    if (events & (EPOLLERR | EPOLLHUP))
        getsockopt(s->watch.fd, SOL_SOCKET, SO_ERROR, &err, &len);
    s->state &= (uint16_t)~PX_S_CONNECTING;
    if (err)
        ops_of(s)->failed(s, err);
    else
        ops_of(s)->connected(s);
}

void px_sock_discard(struct px_sock *s)
{
    px_free(s->out);
    s->out = NULL;
}

static void sock_flush(struct px_sock *s);

void px_sock_event(struct px_watch *watch, uint32_t events)
{
    struct px_sock *s = PX_OWNER(watch, struct px_sock, watch);
    if (s->state & PX_S_CLOSED)
        return;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        s->state |= PX_S_READABLE;
    if (events & (EPOLLRDHUP | EPOLLHUP)) /* UNIX sockets hang up when the peer has closed */
        s->state |= PX_S_PEER_DONE;
    if (events & EPOLLERR)
        s->state |= PX_S_BROKEN;
    if (s->state & PX_S_CONNECTING) {
        if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
            return;
        sock_connected(s, events);
    } else if (s->out && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
        sock_flush(s);
    }
    if (!(s->state & (PX_S_CLOSED | PX_S_SOON)))
        sock_look(s);
}

static ssize_t send_some(int fd, const struct iovec *v, unsigned n, int flags)
{
    struct msghdr msg = {.msg_iov = (struct iovec *)v, .msg_iovlen = n};
    ssize_t sent;
    do
        sent = n == 1 ? send(fd, v->iov_base, v->iov_len, flags) : sendmsg(fd, &msg, flags);
    while (PX_UNLIKELY(sent < 0 && errno == EINTR));
    return sent;
}

/* Steps over what was sent; answers how many entries are left. */
static unsigned iov_skip(struct iovec *v, unsigned n, size_t sent)
{
    unsigned i = 0;
    while (i < n && sent >= v[i].iov_len)
        sent -= v[i++].iov_len;
    if (i < n) {
        v[i].iov_base = (char *)v[i].iov_base + sent;
        v[i].iov_len -= sent;
    }
    return i;
}

/* false: nothing could be sent, errno. */
static bool send_from_pipe(struct px_sock *s, struct px_pipe *pipe)
{
    ssize_t n;
    do
        n = splice(pipe->from, NULL, s->watch.fd, NULL, pipe->held,
                   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    while (PX_UNLIKELY(n < 0 && errno == EINTR));
    if (n <= 0)
        return false;
    pipe->held -= (uint32_t)n;
    unseen_bytes += (uint64_t)n;
    return true;
}

static bool flush_some(struct px_sock *s, struct px_pending *p)
{
    if (p->from)
        return send_from_pipe(s, p->from->pipe);
    ssize_t n = send_some(s->watch.fd, p->v + p->at, p->n - p->at, MSG_NOSIGNAL);
    if (n < 0)
        return false;
    p->at += iov_skip(p->v + p->at, p->n - p->at, (size_t)n);
    return true;
}

static bool is_flushed(const struct px_pending *p)
{
    return p->from ? !p->from->pipe->held : p->at == p->n;
}

static void sock_flush(struct px_sock *s)
{
    struct px_pending *p = s->out;
    if (!flush_some(s, p)) {
        if (errno != EAGAIN) {
            int err = errno;
            px_sock_discard(s);
            ops_of(s)->failed(s, err);
        }
        return;
    }
    if (!is_flushed(p))
        return;
    if (p->from)
        pipe_put(p->from);
    px_sock_discard(s);
    if (s->state & PX_S_SHUT)
        shutdown(s->watch.fd, SHUT_WR);
    ops_of(s)->sent(s);
}

/* Room for n entries of what waits for the peer, who is watched from now on. NULL: errno, or no
 * memory. */
static struct px_pending *pend(struct px_sock *s, unsigned n)
{
    if (px_sock_watch(s))
        s->out = px_alloc(sizeof *s->out + n * sizeof *s->out->v);
    if (s->out)
        *s->out = (struct px_pending){.n = n};
    return s->out;
}

static enum px_sending queue_rest(struct px_sock *s, const struct iovec *v, unsigned n, size_t sent)
{
    struct px_pending *p = pend(s, n);
    if (!p)
        return PX_SEND_FAILED;
    memcpy(p->v, v, n * sizeof *v);
    p->at = iov_skip(p->v, n, sent);
    return PX_QUEUED;
}

enum { SMALL = 1024 }; /* bytes that are copied faster than they are described in pieces */

static ssize_t send_small(int fd, const struct iovec *v, unsigned n, int flags)
{
    char all[SMALL], *to = all;
    for (unsigned i = 0; i < n; i++)
        to = mempcpy(to, v[i].iov_base, v[i].iov_len);
    struct iovec one = {all, (size_t)(to - all)};
    return send_some(fd, &one, 1, flags);
}

static inline enum px_sending send_with(struct px_sock *s, const struct iovec *v, unsigned n,
                                        int flags)
{
    assert(!s->out);
    size_t total = v[0].iov_len;
    ssize_t sent = 0;
    for (unsigned i = 1; i < n; i++)
        total += v[i].iov_len;
    if (n > 1 && total <= SMALL)
        sent = send_small(s->watch.fd, v, n, flags);
    else if (total)
        sent = send_some(s->watch.fd, v, n, flags);
    if (PX_LIKELY(sent == (ssize_t)total))
        return PX_SENT;
    if (sent < 0) {
        if (errno != EAGAIN)
            return PX_SEND_FAILED;
        sent = 0;
    }
    return queue_rest(s, v, n, (size_t)sent);
}

enum px_sending px_sock_send(struct px_sock *s, const struct iovec *v, unsigned n)
{
    return send_with(s, v, n, MSG_NOSIGNAL);
}

enum px_sending px_sock_send_last(struct px_sock *s, const struct iovec *v, unsigned n)
{
    return send_with(s, v, n, MSG_NOSIGNAL | MSG_MORE);
}

void px_sock_receive_unseen(struct px_sock *s, uint64_t most)
{
    assert(!s->in && !s->pipe);
    s->unseen = most;
    s->slack = 0;
}

void px_sock_receive_seen(struct px_sock *s)
{
    s->unseen = 0;
    pipe_put(s);
}

enum px_sending px_sock_send_pipe(struct px_sock *s, struct px_sock *from)
{
    assert(!s->out);
    while (from->pipe->held && send_from_pipe(s, from->pipe))
        ;
    if (!from->pipe->held) {
        pipe_put(from);
        return PX_SENT;
    }
    if (errno != EAGAIN || !pend(s, 0))
        return PX_SEND_FAILED;
    s->out->from = from;
    return PX_QUEUED;
}

uint64_t px_sock_unseen_bytes(void)
{
    return unseen_bytes;
}

void px_sock_shut(struct px_sock *s)
{
    if (s->state & PX_S_SHUT)
        return;
    s->state |= PX_S_SHUT;
    if (!s->out)
        shutdown(s->watch.fd, SHUT_WR);
}

void px_sock_close(struct px_sock *s, bool reset)
{
    assert(!(s->state & PX_S_CLOSED));
    if (reset) {
        struct linger none = {.l_onoff = 1};
        setsockopt(s->watch.fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    close(s->watch.fd);
    px_timer_stop(&s->timer);
    px_buf_put(s->in);
    s->in = NULL;
    pipe_put(s);
    px_sock_discard(s);
    forget_young(s);
    bool scheduled = s->state & PX_S_SOON;
    s->state |= PX_S_CLOSED;
    if (!scheduled)
        px_loop_bury(&s->chore);
}
