/*
 * Waiting for the body of a request before anything is decided about it ("option
 * http-buffer-request", "http-request wait-for-body").
 *
 * Not here: looking into it (policy/fetch_http.c), and sending it on.
 * Idea: the body stays where it arrives, in the client's buffer. The wait ends when all of it is
 * there, or as much as fits.
 */
#include "../base/macros.h"
#include "http.h"

static bool is_full(const struct px_buf *in)
{
    return px_buf_len(in) >= (uint32_t)(px_program.global->bufsize - px_program.global->maxrewrite);
}

/* PX_SPAN_MORE: not all of it has come. *data: bytes of payload. */
static enum px_span_kind body_so_far(const struct px_txn *t, uint64_t *data)
{
    const struct px_buf *in = t->client->sock.in;
    const struct px_head *req = &t->http->req;
    const char *p = req->base + req->len, *end = in->data + in->end;
    struct px_body_walk walk;
    enum px_span_kind kind;
    px_body_begin(&walk, (enum px_body)req->body, req->length);
    *data = 0;
    do {
        const char *from = p;
        kind = px_body_next(&walk, &p, end);
        if (kind == PX_SPAN_DATA)
            *data += (uint64_t)(p - from);
    } while (kind < PX_SPAN_MORE);
    return kind;
}

static enum px_progress give_up(struct px_txn *t, char cause, unsigned status)
{
    t->flags |= PX_T_UNREAD;
    if (status)
        t->flags |= PX_T_NO_TR;
    PX_COUNT_ONE(px_fe_counters(t->fe)->failed_req);
    enum px_progress p = px_txn_fail(t, cause, 'R', status);
    t->flags |= PX_T_CLOSE;
    return p;
}

/* Nobody else will tell the client to go on (RFC 9110 10.1.1), and the server has not to be asked.
 */
static bool send_continue(struct px_txn *t)
{
    static const struct px_name expect = {PX_STR("expect"), 0};
    struct px_head *res = &t->http->res, *req = &t->http->req;
    struct iovec v;
    if (!(req->flags & PX_HEAD_CONTINUE) || px_sock_sending(&t->client->sock))
        return true;
    req->flags &= (uint8_t)~PX_HEAD_CONTINUE;
    px_head_delete_name(req, &expect);
    px_head_start(res, &t->arena);
    res->status = 100;
    res->version = PX_HTTP_11;
    res->reason = (struct px_str)PX_STR("Continue");
    res->flags = PX_HEAD_EDITED | PX_HEAD_LINE;
    v.iov_base = px_h1_flat(res, &v.iov_len);
    t->http->head_sizes += px_head_size(res);
    return v.iov_base && px_sock_send(&t->client->sock, &v, 1) != PX_SEND_FAILED;
}

static enum px_progress wait_on(struct px_txn *t, uint64_t patience)
{
    struct px_sock *s = &t->client->sock;
    if (!send_continue(t))
        return give_up(t, 'C', 0);
    if (patience && !px_timer_is_set(&t->timer))
        px_arm(&t->timer, patience);
    px_sock_expire(s, (uint64_t)t->fe->timeout_client);
    px_sock_want(s);
    return PX_STAY;
}

static void wait_is_over(struct px_txn *t)
{
    px_timer_stop(&t->timer);
    px_sock_expire(&t->client->sock, 0);
    px_sock_hold(&t->client->sock);
    t->flags &= ~(uint32_t)PX_T_TIMED;
    t->at.head = px_self->now; /* logs count the wait as one for the request */
}

enum px_progress px_http_wait_for_body(struct px_txn *t, uint64_t patience, uint64_t least)
{
    const struct px_sock *s = &t->client->sock;
    uint64_t data;
    if (t->http->req.body == PX_BODY_NONE)
        return PX_NEXT;
    enum px_span_kind kind = body_so_far(t, &data);
    if (kind == PX_SPAN_BAD)
        return give_up(t, 'P', 400);
    if (kind == PX_SPAN_END || (least && data >= least) || is_full(s->in)) {
        wait_is_over(t);
        return PX_NEXT;
    }
    if (s->state & (PX_S_ENDED | PX_S_BROKEN))
        return give_up(t, 'C', 0);
    if (t->flags & PX_T_TIMED)
        return give_up(t, 'c', 408);
    return wait_on(t, patience);
}

enum px_progress px_http_await_body(struct px_txn *t)
{
    const struct px_proxy *p = t->be ? t->be : t->fe;
    if (t->resume || !p->http_buffer_request) /* a rule waits: that was before */
        return PX_NEXT;
    return px_http_wait_for_body(t, (uint64_t)p->timeout_http_request, 0);
}
