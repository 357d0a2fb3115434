/*
 * Log lines on their way out: syslog framing, levels, sampling, and the sockets.
 *
 * A line that cannot be sent at once is dropped and counted: logging never waits. Every thread has
 * its own sockets, made when first needed, so no lock is held while sending.
 */
#include "../txn/end.h"

#include "../abi/out.h"
#include "../net/resolve.h"
#include "../policy/logtext.h"
#include "../txn/txn.h"
#include "message.h"
#include "process.h"
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 65536, HEAD_MAX = 512 };

static _Atomic unsigned long long dropped;

struct target {            /* by px_log_target.number */
    _Atomic uint32_t seen; /* lines, for sampling */
    _Atomic bool complained;
    union px_sockaddr addr;
    socklen_t addr_len;
};

static struct target *targets;

struct line {
    const struct px_proxy *proxy;
    int level;
    struct px_str sd, text;
};

/* The date of the second that runs, in the two forms that headers use. */
struct second_text {
    int64_t second;
    char bsd[20], iso[40]; /* "Nov 23 23:53:28", "2026-11-23T23:53:30.%06d+00:00" */
};

static const struct second_text *second_text(int64_t second)
{
    static _Thread_local struct second_text kept;
    if (kept.second == second)
        return &kept;
    time_t when = (time_t)second;
    struct tm tm;
    char zone[8];
    localtime_r(&when, &tm);
    strftime(kept.bsd, sizeof kept.bsd, "%b %e %H:%M:%S", &tm);
    strftime(zone, sizeof zone, "%z", &tm);
    size_t n = strftime(kept.iso, sizeof kept.iso, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(kept.iso + n, sizeof kept.iso - n, ".%%06d%.3s:%s", zone, zone + 3);
    kept.second = second;
    return &kept;
}

static const char *host_name(void)
{
    const struct px_global *g = px_program.global;
    return g->log_send_hostname ? px_hostname(g->log_send_hostname_as) : NULL;
}

static const char *tag_of(const struct px_proxy *p)
{
    if (p && p->log_tag)
        return p->log_tag;
    return px_program.global->log_tag ? px_program.global->log_tag : px_progname;
}

/* pri: "<n>", date, host, tag and process number as the format wants them. */
static int put_head(char *head, const struct px_log_target *to, const struct line *l, int level)
{
    const struct second_text *now = second_text(px_self->date_us / 1000000);
    int pri = to->facility * 8 + level, us = (int)(px_self->date_us % 1000000);
    const char *host = host_name();
    char iso[64];
    snprintf(iso, sizeof iso, now->iso, us);
    switch (to->format) {
    case PX_LOG_RFC5424:
        return snprintf(head, HEAD_MAX, "<%d>1 %s %s %s %d - ", pri, iso, host ? host : "-",
                        tag_of(l->proxy), px_pid);
    case PX_LOG_RFC3164:
        return snprintf(head, HEAD_MAX, "<%d>%s %s %s[%d]: ", pri, now->bsd,
                        host ? host : "localhost", tag_of(l->proxy), px_pid);
    case PX_LOG_LOCAL:
        return snprintf(head, HEAD_MAX, "<%d>%s %s[%d]: ", pri, now->bsd, tag_of(l->proxy), px_pid);
    case PX_LOG_PRIORITY:
        return snprintf(head, HEAD_MAX, "<%d>", pri);
    case PX_LOG_SHORT:
        return snprintf(head, HEAD_MAX, "<%d>", level);
    case PX_LOG_TIMED:
        return snprintf(head, HEAD_MAX, "<%d>%s ", level, iso);
    case PX_LOG_ISO:
        return snprintf(head, HEAD_MAX, "%s ", iso);
    default:
        return 0;
    }
}

static int socket_for(int family)
{
    static _Thread_local int fds[3] = {-1, -1, -1};
    int *fd = &fds[family == AF_UNIX ? 0 : family == AF_INET ? 1 : 2];
    if (*fd < 0)
        *fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return *fd;
}

static void send_datagram(const struct px_log_target *to, struct iovec *v, unsigned n)
{
    struct target *t = &targets[to->number];
    struct msghdr msg = {
        .msg_name = &t->addr, .msg_namelen = t->addr_len, .msg_iov = v, .msg_iovlen = n};
    if (sendmsg(socket_for(t->addr.sa.sa_family), &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return;
    if (errno == EAGAIN || errno == ENOBUFS)
        atomic_fetch_add(&dropped, 1);
    else if (errno != ECONNREFUSED && !atomic_exchange(&t->complained, true))
        px_alert("sendmsg() failed for log target #%u: %s.", to->number + 1, strerror(errno));
}

/*
 * A pipe takes PIPE_BUF bytes at once or not at all, but of a longer line perhaps a part. The rest
 * of it is kept for the next line to write first, so that no line is torn. Only streams that may
 * get such lines pay for the lock.
 */
enum { STREAMS = 32 };
static struct stream {
    pthread_mutex_t lock;
    bool careful;
    char *rest; /* what is still to be written of a line; len 0: nothing */
    size_t len, cap;
} streams[STREAMS];

static void keep_rest(struct stream *s, const struct iovec *v, unsigned n, size_t sent)
{
    s->len = 0;
    for (unsigned i = 0; i < n; i++) {
        size_t skip = sent < v[i].iov_len ? sent : v[i].iov_len;
        sent -= skip;
        if (skip == v[i].iov_len)
            continue;
        memcpy(s->rest + s->len, (char *)v[i].iov_base + skip, v[i].iov_len - skip);
        s->len += v[i].iov_len - skip;
    }
}

/* false: there is still no room for all of it. */
static bool write_rest(int fd, struct stream *s)
{
    ssize_t sent = s->len ? write(fd, s->rest, s->len) : 0;
    if (sent > 0) {
        s->len -= (size_t)sent;
        memmove(s->rest, s->rest + sent, s->len);
    }
    return !s->len || (sent < 0 && errno != EAGAIN);
}

static bool write_carefully(int fd, struct stream *s, const struct iovec *v, unsigned n)
{
    pthread_mutex_lock(&s->lock);
    bool room = write_rest(fd, s);
    ssize_t sent = room ? writev(fd, v, (int)n) : -1;
    if (!room)
        errno = EAGAIN;
    if (sent >= 0)
        keep_rest(s, v, n, (size_t)sent);
    pthread_mutex_unlock(&s->lock);
    return sent >= 0;
}

static void write_stream(const struct px_log_target *to, struct iovec *v, unsigned n)
{
    static _Atomic uint32_t made_nonblocking;
    int fd = to->to.port;
    if (fd < STREAMS && !(atomic_fetch_or(&made_nonblocking, 1u << fd) >> fd & 1))
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    bool careful = fd < STREAMS && streams[fd].careful;
    if (careful ? write_carefully(fd, &streams[fd], v, n) : writev(fd, v, (int)n) >= 0)
        return;
    if (errno == EAGAIN)
        atomic_fetch_add(&dropped, 1);
}

/* "sample": only some of every so many lines. */
static bool is_sampled(const struct px_log_target *to)
{
    if (!to->sample_size)
        return true;
    uint32_t at = atomic_fetch_add(&targets[to->number].seen, 1) % to->sample_size + 1;
    for (unsigned i = 0; i < to->nranges; i++)
        if (at >= to->ranges[i].low && at <= to->ranges[i].high)
            return true;
    return false;
}

static void send_line(const struct px_log_target *to, const struct line *l)
{
    if (l->level > to->max_level || !is_sampled(to))
        return;
    char head[HEAD_MAX];
    int level = l->level > to->min_level ? l->level : to->min_level;
    int n = put_head(head, to, l, level);
    size_t head_len = n < 0 ? 0 : n >= HEAD_MAX ? HEAD_MAX - 1 : (size_t)n;
    struct px_str sd = {NULL, 0};
    if (to->format == PX_LOG_RFC5424)
        sd = l->sd.len ? l->sd : (struct px_str){"-", 1};
    size_t room = to->max_len > 1 ? to->max_len - 1 : 0;
    struct iovec v[5];
    struct px_str parts[4] = {{head, head_len}, sd, {" ", sd.len ? 1 : 0}, l->text};
    for (unsigned i = 0; i < 4; i++) {
        size_t len = parts[i].len < room ? parts[i].len : room;
        v[i] = (struct iovec){(char *)parts[i].p, len};
        room -= len;
    }
    v[4] = (struct iovec){"\n", 1};
    if (to->ring)
        px_program.ring->write(to->ring, v, 4);
    else if (to->to.family == PX_AF_FD)
        write_stream(to, v, 5);
    else
        send_datagram(to, v, 5);
}

static void send_to(const struct px_log_target *const *list, unsigned n, const struct line *l)
{
    for (unsigned i = 0; i < n; i++)
        send_line(list[i], l);
}

static void log_transaction(struct px_txn *t)
{
    static _Thread_local char text[LINE_MAX_LEN], sd_text[LINE_MAX_LEN / 16];
    const struct px_proxy *fe = t->fe;
    struct px_out out = {.p = text, .cap = sizeof text}, sd = {.p = sd_text, .cap = sizeof sd_text};
    bool wrong = (fe->log_error || fe->log_separate_errors) && px_txn_went_wrong(t);
    int level = wrong && fe->log_separate_errors ? PX_ERR : PX_INFO;
    if (t->log_level)
        level = t->log_level - 1;
    if (wrong && fe->log_error)
        fe->log_error(t, &out);
    else if (fe->log_line)
        fe->log_line(t, &out);
    else
        px_put(&out, fe->log_text->text.p, fe->log_text->text.len);
    if (fe->log_sd)
        fe->log_sd(t, &sd);
    atomic_fetch_add(&px_proxy_state(fe)->log_lines, 1);
    struct line l = {fe, level, {sd.p, sd.len}, {out.p, out.len}};
    send_to(fe->logs, fe->nlogs, &l);
}

static void log_event(const struct px_proxy *proxy, enum px_syslog level, const char *text)
{
    struct line l = {proxy, (int)level, {NULL, 0}, {text, strlen(text)}};
    if (proxy)
        send_to(proxy->logs, proxy->nlogs, &l);
    else
        send_to(px_program.global->logs, px_program.global->nlogs, &l);
}

static void log_connected(const struct px_client *c)
{
    const struct px_proxy *fe = c->bind->proxy;
    char src[PX_ADDR_TEXT], dst[PX_ADDR_TEXT], text[512];
    struct px_addr to;
    px_client_dst(c, &to);
    px_addr_text(&c->src, src);
    px_addr_text(&to, dst);
    const char *mode = fe->is_http ? "HTTP" : "TCP";
    if (c->src.family == AF_UNIX)
        snprintf(text, sizeof text, "Connect to unix:%d (%s/%s)", c->bind->id, fe->name, mode);
    else
        snprintf(text, sizeof text, "Connect from %s:%u to %s:%u (%s/%s)", src, c->src.port, dst,
                 to.port, fe->name, mode);
    log_event(fe, PX_INFO, text);
}

/* HAProxy manual 8.2.5. */
static void put_refused(const struct px_client *c, const char *why, struct px_out *out)
{
    const struct px_proxy *fe = c->bind->proxy;
    char src[PX_ADDR_TEXT];
    px_addr_text(&c->src, src);
    px_put(out, src, strlen(src));
    px_put(out, ":", 1);
    px_put_sint(out, c->src.family == AF_UNIX ? c->bind->id : c->src.port);
    px_put(out, " [", 2);
    px_log_put_date(out, c->accept_us);
    px_put(out, "] ", 2);
    px_put(out, fe->name, strlen(fe->name));
    px_put(out, "/", 1);
    if (c->bind->name)
        px_put(out, c->bind->name, strlen(c->bind->name));
    else
        px_put_sint(out, c->bind->id);
    px_put(out, ": ", 2);
    px_put(out, why, strlen(why));
}

/* The format is one of transactions: there is one for as long as the line takes. */
static void put_error(struct px_client *c, const struct px_fault *why, struct px_out *out)
{
    struct px_txn *t = px_txn_new(c, c->bind->serve->kind);
    if (t) {
        t->cause = 'P';
        t->phase = 'R';
        t->refused = why;
        t->at.end = t->at.welcome = px_self->now;
        c->bind->proxy->log_error(t, out);
        px_txn_free(t);
    }
    c->txn = NULL;
}

static void log_refused(struct px_client *c, const struct px_fault *why)
{
    const struct px_proxy *fe = c->bind->proxy;
    char text[8192];
    struct px_out out = {.p = text, .cap = sizeof text};
    if (fe->log_error)
        put_error(c, why, &out);
    else
        put_refused(c, why->text, &out);
    atomic_fetch_add(&px_proxy_state(fe)->log_lines, 1);
    int level = fe->log_separate_errors ? PX_ERR : PX_INFO;
    struct line l = {fe, level, {NULL, 0}, {out.p, out.len}};
    send_to(fe->logs, fe->nlogs, &l);
}

static bool prepare_stream(const struct px_log_target *to)
{
    int fd = to->to.port;
    size_t longest = to->max_len + 1u;
    if (fd >= STREAMS || longest <= PIPE_BUF)
        return true;
    struct stream *s = &streams[fd];
    if (!s->careful)
        pthread_mutex_init(&s->lock, NULL);
    s->careful = true;
    s->cap = longest > s->cap ? longest : s->cap;
    free(s->rest);
    s->rest = malloc(s->cap);
    return s->rest;
}

/* Names are looked up once: before the process loses its privileges and its root. */
static bool prepare_target(const struct px_log_target *to)
{
    struct target *t = &targets[to->number];
    const char *why = NULL;
    if (to->ring)
        return true;
    if (to->to.family == PX_AF_FD)
        return prepare_stream(to);
    t->addr_len = px_resolve(&to->to, to->to.port, &t->addr, &why);
    if (!t->addr_len)
        px_alert("log target '%s': %s.", to->to.path, why);
    return t->addr_len;
}

static bool prepare_targets(const struct px_log_target *const *list, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!prepare_target(list[i]))
            return false;
    return true;
}

static bool log_prepare(void)
{
    targets = calloc(px_program.nlog_targets + 1u, sizeof *targets);
    if (!targets || !prepare_targets(px_program.global->logs, px_program.global->nlogs))
        return false;
    for (unsigned i = 0; i < px_program.nproxies; i++)
        if (!prepare_targets(px_program.proxies[i]->logs, px_program.proxies[i]->nlogs))
            return false;
    return true;
}

static unsigned long long log_dropped(void)
{
    return dropped + (px_program.ring ? px_program.ring->dropped() : 0);
}

const struct px_log_ops px_log_lines = {
    .line = log_transaction,
    .connected = log_connected,
    .refused = log_refused,
    .event = log_event,
    .dropped = log_dropped,
    .prepare = log_prepare,
};
