/*
 * Moving bytes. See pump.h.
 */
#include "pump.h"

#include "../base/macros.h"

#include <string.h>

void px_pump_begin(struct px_pump *p, enum px_body kind, uint64_t length, enum px_splice splice,
                   struct px_lane *lane)
{
    *p = (struct px_pump){.begun = true, .splice = (uint8_t)splice, .lane = lane};
    if (PX_UNLIKELY(lane))
        p->splice = PX_SPLICE_NEVER;
    px_body_begin(&p->walk, kind, length);
}

static bool is_sent(const struct px_pump *p, enum px_span_kind kind)
{
    if (p->dechunk)
        return kind == PX_SPAN_DATA;
    if (p->no_trailers && kind == PX_SPAN_TRAILER)
        return false;
    return kind != PX_SPAN_DROP;
}

struct gathered {
    struct iovec *v;
    unsigned n;
    const char *at;
};

static void gather(struct gathered *g, const char *from)
{
    struct iovec *last = g->n ? &g->v[g->n - 1] : NULL;
    size_t len = (size_t)(g->at - from);
    if (last && (char *)last->iov_base + last->iov_len == from)
        last->iov_len += len;
    else if (len)
        g->v[g->n++] = (struct iovec){(char *)from, len};
}

/* The empty line that ends a chunked body, where the fields before it are left out. */
static void end_without_trailers(const struct px_pump *p, struct gathered *g)
{
    static char empty_line[] = "\r\n";
    if (p->walk.over)
        g->v[g->n++] = (struct iovec){empty_line, 2};
}

/* Trailers count like fields of a head: names, values, and one for the end. Modulo 2^64, for a part
 * may count less than nothing. */
static uint64_t trailer_size(const char *p, const char *end, bool last)
{
    uint64_t size = (uint64_t)(end - p) + (last ? 3 : 0);
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        size -= 4; /* ": " and the line end */
        p++;
    }
    return size;
}

static inline void take_span(struct px_pump *p, struct gathered *g, enum px_span_kind kind,
                             const char *from)
{
    if (kind == PX_SPAN_DATA)
        p->bytes += (uint64_t)(g->at - from);
    else if (kind == PX_SPAN_TRAILER && p->no_trailers)
        end_without_trailers(p, g);
    else if (kind == PX_SPAN_TRAILER)
        p->bytes += trailer_size(from, g->at, p->walk.over);
    if (is_sent(p, kind))
        gather(g, from);
}

/* Collects spans until the buffer, the body or the room in v is at its end. */
static enum px_span_kind collect(struct px_pump *p, struct gathered *g, const char *end)
{
    while (g->n < PX_IOV) {
        const char *from = g->at;
        enum px_span_kind kind = px_body_next(&p->walk, &g->at, end);
        if (kind >= PX_SPAN_MORE)
            return kind;
        take_span(p, g, kind, from);
    }
    return PX_SPAN_DATA;
}

/* The same, with no more than *may bytes of payload. */
static enum px_span_kind collect_some(struct px_pump *p, struct gathered *g, const char *end,
                                      uint64_t *may)
{
    while (g->n < PX_IOV) {
        const char *from = g->at, *stop = end;
        if (px_body_unseen(&p->walk) && (uint64_t)(end - from) > *may)
            stop = from + *may;
        if (from == stop && stop < end)
            break;
        enum px_span_kind kind = px_body_next(&p->walk, &g->at, stop);
        if (kind >= PX_SPAN_MORE)
            return kind;
        if (kind == PX_SPAN_DATA)
            *may -= (uint64_t)(g->at - from);
        take_span(p, g, kind, from);
    }
    return PX_SPAN_DATA;
}

static void taken_to(struct px_pump *p, struct px_sock *src, const char *at)
{
    uint32_t to = src->in ? (uint32_t)(at - src->in->data) : 0;
    if (p->keep && src->in) {
        p->skip = to - src->in->start;
        return;
    }
    if (src->in)
        src->in->start = to;
    p->skip = 0;
}

void px_pump_forget(struct px_pump *p, struct px_sock *src)
{
    p->keep = false;
    if (p->blocked || !src->in) /* px_pump_unblock takes it */
        return;
    src->in->start += p->skip;
    p->skip = 0;
    px_sock_taken(src);
}

static bool is_full(const struct px_buf *in)
{
    return in && px_buf_len(in) == in->cap;
}

enum { WORTH = 64 << 10, STEADY_READS = 2 };

/*
 * What comes in large pieces, and need not be looked at, is better not copied. A length alone does
 * not tell: a slow sender's bytes are cheaper to copy one by one.
 */
static void mind_haste(struct px_pump *p, struct px_sock *src)
{
    bool always = p->splice == PX_SPLICE_ALWAYS;
    if (!always && !(src->state & PX_S_READABLE)) {
        p->steady = 0;
        return;
    }
    if (p->keep || src->in || p->splice == PX_SPLICE_NEVER ||
        (++p->steady < STEADY_READS && !always))
        return;
    p->steady = 0;
    uint64_t unseen = px_body_unseen(&p->walk);
    if (unseen >= WORTH)
        px_sock_receive_unseen(src, unseen);
}

/* Sends what is in the source's pipe. */
static enum px_flow run_unseen(struct px_pump *p, struct px_sock *src, struct px_sock *dst)
{
    uint32_t n = src->pipe->held;
    p->bytes += n;
    px_body_skip(&p->walk, n);
    enum px_sending s = px_sock_send_pipe(dst, src);
    if (s == PX_SEND_FAILED)
        return PX_FLOW_FAILED;
    if (s == PX_QUEUED) {
        p->blocked = true;
        px_sock_hold(src);
        return PX_FLOW_BLOCKED;
    }
    p->over = p->walk.over;
    if (p->over)
        return PX_FLOW_OVER;
    px_sock_want(src);
    return PX_FLOW_MORE;
}

static enum px_flow flow_of(struct px_pump *p, struct px_sock *src, enum px_span_kind kind)
{
    px_sock_taken(src);
    if (kind == PX_SPAN_BAD)
        return PX_FLOW_BAD;
    if (kind == PX_SPAN_END) {
        p->over = true;
        return PX_FLOW_OVER;
    }
    if (p->keep && is_full(src->in))
        px_pump_forget(p, src);
    px_sock_want(src);
    mind_haste(p, src);
    return PX_FLOW_MORE;
}

/* Up to `at`, all has been collected, and the rest waits. */
static enum px_flow block(struct px_pump *p, struct px_sock *src, const char *at)
{
    if (src->in)
        src->in->mark = (uint32_t)(at - src->in->data);
    p->blocked = true;
    px_sock_hold(src);
    return PX_FLOW_BLOCKED;
}

/* With a limit. What has to wait for it does so as if the destination had taken no more. */
static enum px_flow run_limited(struct px_pump *p, struct px_sock *src, struct px_sock *dst,
                                struct iovec *v, unsigned n)
{
    enum px_span_kind kind;
    do {
        struct px_buf *in = src->in;
        struct gathered g = {v, n, in ? in->data + in->start + p->skip : NULL};
        const char *end = in ? in->data + in->end : NULL;
        uint64_t may = p->lane->ops->may(p->lane, (uint64_t)(end - g.at)), most = may;
        kind = collect_some(p, &g, end, &may);
        p->lane->ops->gone(p->lane, most - may);
        enum px_sending s = g.n ? px_sock_send(dst, v, g.n) : PX_SENT;
        if (s == PX_SEND_FAILED)
            return PX_FLOW_FAILED;
        if (s == PX_SENT && kind == PX_SPAN_DATA && g.n < PX_IOV)
            p->lane->ops->wait(p->lane, (uint64_t)(end - g.at));
        else if (s == PX_SENT)
            taken_to(p, src, g.at);
        if (s == PX_QUEUED || (kind == PX_SPAN_DATA && g.n < PX_IOV))
            return block(p, src, g.at);
        n = 0;
    } while (kind == PX_SPAN_DATA);
    return flow_of(p, src, kind);
}

static enum px_sending send_gathered(const struct px_pump *p, struct px_sock *dst,
                                     const struct gathered *g, enum px_span_kind kind)
{
    if (!g->n)
        return PX_SENT;
    if (PX_UNLIKELY(p->closes) && kind == PX_SPAN_END)
        return px_sock_send_last(dst, g->v, g->n);
    return px_sock_send(dst, g->v, g->n);
}

enum px_flow px_pump_run(struct px_pump *p, struct px_sock *src, struct px_sock *dst,
                         struct iovec *v, unsigned n)
{
    if (p->blocked || px_sock_sending(dst))
        return PX_FLOW_BLOCKED;
    if (src->pipe)
        return run_unseen(p, src, dst);
    if (PX_UNLIKELY(p->lane))
        return run_limited(p, src, dst, v, n);
    enum px_span_kind kind;
    do {
        struct px_buf *in = src->in;
        struct gathered g = {v, n, in ? in->data + in->start + p->skip : NULL};
        kind = collect(p, &g, in ? in->data + in->end : NULL);
        enum px_sending s = send_gathered(p, dst, &g, kind);
        if (s == PX_SEND_FAILED)
            return PX_FLOW_FAILED;
        if (s == PX_QUEUED)
            return block(p, src, g.at);
        taken_to(p, src, g.at);
        n = 0;
    } while (kind == PX_SPAN_DATA);
    return flow_of(p, src, kind);
}

void px_pump_unblock(struct px_pump *p, struct px_sock *src)
{
    if (!p->blocked)
        return;
    p->blocked = false;
    if (src->in)
        taken_to(p, src, src->in->data + src->in->mark);
    px_sock_taken(src);
}
