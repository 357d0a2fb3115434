/*
 * Name servers over TCP. See dns_stream.h.
 *
 * Any length that a server can say has room in the buffer, so there is none that could confuse what
 * follows it.
 */
#include "dns_stream.h"

#include "../base/macros.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PREFIX = 2, IN_BYTES = PREFIX + UINT16_MAX, OUT_BYTES = 1 << 15 };
enum { IDLE_MS = 5000, READS_AT_ONCE = 16 };

/* ---- life ---- */

static void event(struct px_watch *watch, uint32_t events);

static const struct px_watch_ops watch_ops = {event};

static void free_buffers(struct px_dns_stream *s)
{
    free(s->in);
    free(s->out);
    s->in = s->out = NULL;
}

void px_dns_stream_close(struct px_dns_stream *s)
{
    if (s->watch.fd < 0)
        return;
    px_timer_stop(&s->idle);
    px_loop_unwatch(&s->watch);
    close(s->watch.fd);
    s->watch.fd = -1;
    free_buffers(s);
}

static void lose(struct px_dns_stream *s)
{
    px_dns_stream_close(s);
    s->ops->lost(s);
}

static void idle(struct px_timer *timer)
{
    px_dns_stream_close(PX_OWNER(timer, struct px_dns_stream, idle));
}

void px_dns_stream_init(struct px_dns_stream *s, const struct px_dns_stream_ops *ops)
{
    *s = (struct px_dns_stream){.watch = {.ops = &watch_ops, .fd = -1}, .ops = ops};
    s->idle.fire = idle;
}

void px_dns_stream_rest(struct px_dns_stream *s)
{
    if (s->watch.fd >= 0 && !px_timer_is_set(&s->idle))
        px_arm(&s->idle, IDLE_MS);
}

static bool begin(struct px_dns_stream *s, const union px_sockaddr *to, socklen_t len)
{
    int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    s->watch.fd = fd;
    if ((!connect(fd, &to->sa, len) || errno == EINPROGRESS) &&
        px_loop_watch(&s->watch, EPOLLIN | EPOLLOUT))
        return true;
    close(fd);
    s->watch.fd = -1;
    return false;
}

static bool open_stream(struct px_dns_stream *s, const union px_sockaddr *to, socklen_t len)
{
    if (s->watch.fd >= 0)
        return true;
    s->in = malloc(IN_BYTES);
    s->out = malloc(OUT_BYTES);
    if (!s->in || !s->out || !begin(s, to, len)) {
        free_buffers(s);
        return false;
    }
    s->life++;
    s->asked = s->answered = 0;
    s->nin = s->nout = 0;
    s->connected = false;
    return true;
}

/* ---- questions ---- */

/* false: the connection is of no use. */
static bool flush(struct px_dns_stream *s)
{
    ssize_t n = s->nout ? send(s->watch.fd, s->out, s->nout, MSG_NOSIGNAL) : 0;
    if (n < 0 && errno != EAGAIN)
        return false;
    if (n > 0) {
        s->nout -= (size_t)n;
        memmove(s->out, s->out + n, s->nout);
    }
    px_loop_rewatch(&s->watch, s->nout ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return true;
}

bool px_dns_stream_send(struct px_dns_stream *s, const union px_sockaddr *to, socklen_t to_len,
                        const uint8_t *message, size_t len)
{
    if (!open_stream(s, to, to_len) || s->nout + PREFIX + len > OUT_BYTES)
        return false;
    uint8_t *p = s->out + s->nout;
    p[0] = (uint8_t)(len >> 8);
    p[1] = (uint8_t)len;
    memcpy(p + PREFIX, message, len);
    s->nout += PREFIX + len;
    if (s->asked++ == s->answered)
        s->since = px_self->now;
    px_timer_stop(&s->idle);
    if (s->connected) /* a failure is an event, too */
        px_loop_rewatch(&s->watch, EPOLLIN | EPOLLOUT);
    return true;
}

bool px_dns_stream_is_stalled(const struct px_dns_stream *s, uint64_t ms)
{
    return s->watch.fd >= 0 && s->asked != s->answered && s->since + ms <= px_self->now;
}

/* ---- answers ---- */

static void note_answer(struct px_dns_stream *s)
{
    s->since = px_self->now;
    if (s->answered != s->asked) /* else nobody has asked for it */
        s->answered++;
    if (s->answered == s->asked)
        px_arm(&s->idle, IDLE_MS);
}

/* All whole messages that are there. false: this connection is closed. */
static bool take_messages(struct px_dns_stream *s)
{
    unsigned life = s->life;
    size_t at = 0;
    while (s->nin - at >= PREFIX) {
        const uint8_t *p = s->in + at;
        size_t len = (size_t)(p[0] << 8 | p[1]);
        if (s->nin - at - PREFIX < len)
            break;
        at += PREFIX + len;
        note_answer(s);
        s->ops->message(s, p + PREFIX, len);
        if (s->watch.fd < 0 || s->life != life)
            return false;
    }
    s->nin -= at;
    memmove(s->in, s->in + at, s->nin);
    return true;
}

/* Before more is read, there is room for it: what is there is less than a message. */
static void receive(struct px_dns_stream *s)
{
    for (unsigned i = 0; i < READS_AT_ONCE; i++) {
        ssize_t n = recv(s->watch.fd, s->in + s->nin, IN_BYTES - s->nin, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            lose(s);
            return;
        }
        s->nin += (size_t)n;
        if (!take_messages(s))
            return;
    }
}

static bool is_connected(const struct px_dns_stream *s)
{
    int err = 0;
    socklen_t len = sizeof err;
    return !getsockopt(s->watch.fd, SOL_SOCKET, SO_ERROR, &err, &len) && !err;
}

static void event(struct px_watch *watch, uint32_t events)
{
    struct px_dns_stream *s = PX_OWNER(watch, struct px_dns_stream, watch);
    if (!s->connected && !is_connected(s)) {
        lose(s);
        return;
    }
    s->connected = true;
    if ((events & EPOLLOUT) && !flush(s)) {
        lose(s);
        return;
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        receive(s);
}
