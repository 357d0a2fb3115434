/*
 * Waiting for the body of a message before anything is decided about it ("option
 * http-buffer-request", "wait-for-body" of requests and responses).
 *
 * Not here: looking into it (policy/fetch_body.c), and sending it on.
 * Idea: the body stays where it arrives, in the buffer of its connection. The wait ends when all of
 * it is there, or as much as fits.
 */
#include "../base/macros.h"
#include "http.h"

static bool is_full(const struct px_buf *in)
{
    return px_buf_len(in) >= (uint32_t)(px_program.global->bufsize - px_program.global->maxrewrite);
}

/* PX_SPAN_MORE: not all of it has come. *data: bytes of payload. */
static enum px_span_kind body_so_far(const struct px_head *head, const struct px_buf *in,
                                     uint64_t *data)
{
    const char *p = head->base + head->len, *end = in->data + in->end;
    struct px_body_walk walk;
    enum px_span_kind kind;
    px_body_begin(&walk, (enum px_body)head->body, head->length);
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
    struct px_head *req = &t->http->req;
    if (!(req->flags & PX_HEAD_CONTINUE) || px_sock_sending(&t->client->sock))
        return true;
    req->flags &= (uint8_t)~PX_HEAD_CONTINUE;
    px_head_delete_name(req, &expect);
    px_http_begin_interim(t, 100, "Continue");
    return px_http_send_interim(t);
}

static enum px_progress wait_on(struct px_txn *t, uint64_t patience)
{
    struct px_sock *s = &t->client->sock;
    if (!send_continue(t))
        return give_up(t, 'C', 0);
    if (patience && !px_timer_is_set(&t->timer))
        px_arm(&t->timer, patience);
    px_sock_expire(s, px_client_timeout(t));
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
    enum px_span_kind kind = body_so_far(&t->http->req, s->in, &data);
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

/* Does the choice of the server depend on the body? */
static bool hashes_body(const struct px_txn *t)
{
    const struct px_balance *b = t->be ? t->be->balance : NULL;
    return PX_UNLIKELY(b && b->param.len) && t->http->req.meth == PX_M_POST;
}

enum px_progress px_http_await_body(struct px_txn *t)
{
    const struct px_proxy *p = t->be ? t->be : t->fe;
    if (t->resume ||
        !(p->http_buffer_request || hashes_body(t))) /* a rule waits: that was before */
        return PX_NEXT;
    return px_http_wait_for_body(t, (uint64_t)p->timeout_http_request, 0);
}

/* ---- responses ---- */

/* What has come of it is counted nevertheless; logs show no time of a response. */
void px_http_drop_response(struct px_txn *t)
{
    struct px_http *h = t->http;
    uint64_t data;
    if (!h || !t->back || (t->flags & PX_T_LOCAL))
        return;
    h->server_close = true;
    if (t->at.answered && t->back->sock.in) {
        body_so_far(&h->res, t->back->sock.in, &data);
        t->down.bytes += data;
    }
    t->at.answered = 0;
    px_sock_hold(&t->back->sock);
    px_sock_expire(&t->back->sock, 0);
}

static enum px_progress give_up_answer(struct px_txn *t, char cause, char phase, unsigned status)
{
    PX_COUNT_ONE(px_be_counters(t->be)->failed_resp);
    PX_COUNT_ONE(px_srv_counters(t->srv)->failed_resp);
    px_http_drop_response(t);
    return px_txn_fail(t, cause, phase, status);
}

/* The time that the rule gives counts instead of the server's. */
static enum px_progress wait_for_answer(struct px_txn *t, uint64_t patience)
{
    struct px_sock *s = &t->back->sock;
    if (patience && !px_timer_is_set(&t->timer))
        px_arm(&t->timer, patience);
    px_sock_expire(s, patience ? 0 : px_server_timeout(t));
    px_sock_want(s);
    return PX_STAY;
}

enum px_progress px_http_wait_for_answer_body(struct px_txn *t, uint64_t patience, uint64_t least)
{
    const struct px_sock *s = &t->back->sock;
    uint64_t data;
    if (t->http->res.body == PX_BODY_NONE || (t->flags & PX_T_TUNNEL))
        return PX_NEXT;
    enum px_span_kind kind = body_so_far(&t->http->res, s->in, &data);
    if (kind == PX_SPAN_BAD)
        return give_up_answer(t, 'P', 'H', 502);
    bool all = kind == PX_SPAN_END || (s->state & (PX_S_ENDED | PX_S_BROKEN));
    if (!all && (!least || data < least) && !is_full(s->in)) {
        if (t->flags & PX_T_TIMED) /* the phase is the one that HAProxy logs */
            return give_up_answer(t, 's', 'R', 504);
        return wait_for_answer(t, patience);
    }
    px_timer_stop(&t->timer);
    t->flags &= ~(uint32_t)PX_T_TIMED;
    return PX_NEXT;
}
