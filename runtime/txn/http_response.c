/*
 * The response side of HTTP transactions: from the server's first byte to the end of forwarding.
 */
#include "../base/macros.h"
#include "../upstream/observe.h"
#include "end.h"
#include "http.h"
#include "persist.h"
#include "reply.h"
#include "rules.h"
#include "scratch.h"
#include "serve.h"

#include <string.h>
#include <strings.h>

enum { MAX_INTERIMS = 100 }; /* responses before the one that counts */

static uint32_t head_limit(void)
{
    const struct px_global *g = px_program.global;
    return (uint32_t)(g->bufsize - g->maxrewrite);
}

static enum px_progress bad_response(struct px_txn *t, char cause)
{
    px_observed(t->srv, PX_SEEN_BAD_HEAD);
    if (px_http_retry(t, PX_RETRY_JUNK))
        return PX_NEXT;
    PX_COUNT_ONE(px_be_counters(t->be)->failed_resp);
    PX_COUNT_ONE(px_srv_counters(t->srv)->failed_resp);
    t->http->server_close = true;
    return px_txn_fail(t, cause, 'H', 502);
}

/* The server keeps silent, or has closed: which of the two the caller knows. */
enum px_progress px_http_no_response(struct px_txn *t, char cause, unsigned status)
{
    PX_COUNT_ONE(px_be_counters(t->be)->failed_resp);
    PX_COUNT_ONE(px_srv_counters(t->srv)->failed_resp);
    t->http->server_close = true;
    return px_txn_fail(t, cause, 'H', status);
}

/* RFC 6455 4.2.2: a server that has understood the handshake says so. */
static bool is_accepted(const struct px_head *res)
{
    static const struct px_name accept = {PX_STR("sec-websocket-accept"), 0};
    const struct px_hdr *upgrade = px_head_at(res, px_head_slot(res, PX_H_UPGRADE, 0));
    struct px_str protocol = {upgrade->value, upgrade->value_len};
    return !px_list_has(protocol, "websocket") || px_head_find(res, &accept, 0);
}

/* 101 only answers a request to upgrade (RFC 9110 15.2.2). */
static bool upgrade_is_wanted(const struct px_txn *t)
{
    const struct px_head *req = &t->http->req, *res = &t->http->res;
    return (req->flags & PX_HEAD_UPGRADE) && (res->flags & PX_HEAD_UPGRADE) && is_accepted(res);
}

static bool becomes_tunnel(const struct px_txn *t)
{
    const struct px_http *h = t->http;
    return h->res.status == 101 || (h->req.meth == PX_M_CONNECT && h->res.status / 100 == 2);
}

/* A status without a body has no fields that describe one (RFC 9110 8.6, RFC 9112 6.1). */
static void drop_length(struct px_head *res)
{
    static const uint8_t slots[] = {PX_H_CONTENT_LENGTH, PX_H_TRANSFER_ENCODING};
    for (unsigned i = 0; i < PX_COUNT(slots); i++)
        for (unsigned at = 0; (at = px_head_slot(res, slots[i], at));)
            px_head_delete(res, at);
}

/* A copy, for its place in the buffer is needed. */
static bool send_interim(struct px_txn *t)
{
    struct iovec v;
    if (t->fe->h1_case_client)
        px_h1_adjust_case(&t->http->res);
    v.iov_base = px_h1_flat(&t->http->res, &v.iov_len);
    return v.iov_base && px_sock_send(&t->client->sock, &v, 1) != PX_SEND_FAILED;
}

/* Interim responses go on at once; HTTP/1.0 clients do not know them (RFC 9110 15.2). */
static bool forward_interim(struct px_txn *t)
{
    struct px_http *h = t->http;
    struct px_buf *in = t->back->sock.in;
    drop_length(&h->res);
    px_head_drop_hop(&h->res);
    if (++h->interims > MAX_INTERIMS || (h->req.version == PX_HTTP_11 && !send_interim(t)))
        return false;
    h->head_sizes += px_head_size(&h->res);
    in->start += h->res.len;
    px_sock_taken(&t->back->sock);
    px_h1_reset(&h->h1_res);
    h->res.base = NULL;
    return true;
}

static enum px_progress wait_for_response(struct px_txn *t)
{
    px_sock_want(&t->back->sock);
    return PX_STAY;
}

/* One head from the buffer. PX_H1_DONE: it is in h->res. */
static enum px_h1_result read_head(struct px_txn *t)
{
    struct px_http *h = t->http;
    struct px_buf *in = t->back->sock.in;
    if (!in)
        return PX_H1_MORE;
    if (!h->h1_res.looked)
        px_head_start(&h->res, &t->arena);
    enum px_h1_result r = px_h1_response(&h->h1_res, &h->res, in, head_limit());
    if (PX_UNLIKELY(r == PX_H1_BAD) && t->be->lax_responses)
        r = px_h1_response_again(&h->h1_res, &h->res, in, head_limit());
    if (r == PX_H1_DONE)
        r = px_h1_response_framing(&h->res, (enum px_meth)h->req.meth);
    if (PX_UNLIKELY(h->proxied) && r == PX_H1_DONE)
        px_head_heed_proxy_connection(&h->res);
    if (r == PX_H1_DONE &&
        px_body_is_bad((enum px_body)h->res.body, h->res.base + h->res.len, in->data + in->end))
        r = PX_H1_BAD;
    return r;
}

static bool begins(const struct px_hdr *h, const char *word)
{
    size_t len = strlen(word);
    return h->value_len >= len && !strncasecmp(h->value, word, len);
}

/* NTLM and its like authenticate a connection, not a request: nobody else may use it then. */
static void note_challenge(struct px_txn *t, const struct px_head *res)
{
    uint8_t slot = res->status == 401 ? PX_H_WWW_AUTHENTICATE : PX_H_PROXY_AUTHENTICATE;
    t->client->prefers_last = true;
    for (unsigned at = 0; (at = px_head_slot(res, slot, at));) {
        const struct px_hdr *h = px_head_at(res, at);
        if (begins(h, "Nego") || begins(h, "NTLM"))
            t->back->personal = true;
    }
}

static void note_answer(struct px_txn *t)
{
    struct px_http *h = t->http;
    struct px_head *res = &h->res;
    t->at.answered = px_self->now;
    h->status = h->server_status = res->status;
    h->head_sizes += px_head_size(res) - px_head_hop_size(res);
    bool keeps = res->version == PX_HTTP_11 ? !(res->flags & PX_HEAD_CLOSE)
                                            : (res->flags & PX_HEAD_KEEP) != 0;
    if (!keeps || res->body == PX_BODY_CLOSE || (res->flags & PX_HEAD_BOTH)) /* RFC 9112 6.3 */
        h->server_close = true;
    if (PX_UNLIKELY(res->status == 401 || res->status == 407))
        note_challenge(t, res);
    if (becomes_tunnel(t))
        t->flags |= PX_T_TUNNEL | PX_T_CLOSE;
    px_count_status(px_srv_counters(t->srv), res->status);
    PX_COUNT_ONE(px_srv_counters(t->srv)->requests);
    struct px_server_state *srv = px_server_state(t->srv);
    struct px_proxy_state *be = px_proxy_state(t->be);
    px_time_add(&srv->rtime, &srv->rtime_max, t->at.answered - t->at.connected);
    px_time_add(&be->rtime, &be->rtime_max, t->at.answered - t->at.connected);
}

static enum px_progress wait_for_client(struct px_txn *t)
{
    px_sock_hold(&t->back->sock);
    return PX_STAY;
}

/* HAProxy manual, "observe layer7". */
static bool is_healthy(unsigned status)
{
    return status < 500 || status == 501 || status == 505;
}

enum px_progress px_http_response(struct px_txn *t)
{
    for (;;) {
        if (px_sock_sending(&t->client->sock))
            return wait_for_client(t);
        enum px_h1_result r = read_head(t);
        if (r == PX_H1_MORE) {
            px_answer_rules(t);
            return t->stage == PX_STAGE_RESPONSE ? wait_for_response(t) : PX_NEXT;
        }
        if (r != PX_H1_DONE)
            return bad_response(t, 'P');
        if (t->http->res.status >= 200)
            break;
        if (t->http->res.status == 101) {
            if (!upgrade_is_wanted(t))
                return bad_response(t, 'P');
            break;
        }
        if (!forward_interim(t))
            return bad_response(t, 'P');
    }
    px_observed(t->srv, is_healthy(t->http->res.status) ? PX_SEEN_GOOD_STATUS : PX_SEEN_BAD_STATUS);
    if (t->up.keep) {
        if (t->be->retry_on && px_http_retry(t, px_retry_of_status(t->http->res.status)))
            return PX_NEXT;
        px_pump_forget(&t->up, &t->client->sock);
    }
    note_answer(t);
    return px_answer_rules(t);
}

static enum px_verdict run(struct px_txn *t, const struct px_proxy *p)
{
    enum px_verdict (*rules)(struct px_txn *) = p->rules ? p->rules->http_response : NULL;
    if (!rules)
        return PX_GO;
    if (!t->resume)
        t->http->rewrite_lax = false;
    return rules(t);
}

/* First those of the backend. Either may wait, and goes on where it did. */
static enum px_verdict run_both(struct px_txn *t)
{
    struct px_http *h = t->http;
    if (!h->backend_passed) {
        enum px_verdict v = run(t, t->be);
        if (v > PX_END)
            return v;
        h->backend_passed = true;
    }
    return t->fe != t->be ? run(t, t->fe) : PX_GO;
}

/* What a client that speaks HTTP/1.0 cannot read is undone. A body that the client does not expect,
 * because rules have changed the method or the status, stays behind. */
static void fit_to_client(struct px_txn *t)
{
    struct px_http *h = t->http;
    struct px_head *res = &h->res;
    if (h->head_request && res->body != PX_BODY_NONE && !(t->flags & PX_T_TUNNEL)) {
        res->body = PX_BODY_NONE;
        h->server_close = true;
    }
    if (res->status == 204 || (t->flags & PX_T_TUNNEL))
        drop_length(res);
    if (h->req.version == PX_HTTP_11 || res->body != PX_BODY_CHUNKED)
        return;
    for (unsigned at = 0; (at = px_head_slot(res, PX_H_TRANSFER_ENCODING, at));)
        px_head_delete(res, at);
    t->down.dechunk = true;
    t->flags |= PX_T_CLOSE;
}

enum px_progress px_http_response_rules(struct px_txn *t)
{
    struct px_http *h = t->http;
    if (t->fe->ncaptures_res && !t->resume)
        px_http_capture(t, &h->res, t->fe->ncaptures_req, t->fe->ncaptures_res);
    t->down = (struct px_pump){0};
    enum px_verdict v = run_both(t);
    if (v > PX_END)
        return v == PX_WAIT ? PX_STAY : PX_NEXT;
    bool sets_cookie = t->be->checkcache && px_http_sets_cookie(h);
    px_http_capture_set_cookie(t);
    if (t->be->cookie && !t->be->cookie->ops->response(t))
        return px_txn_fail(t, 'P', 'H', 500);
    if (PX_UNLIKELY(sets_cookie))
        px_http_check_cache(t);
    if (t->stage != PX_STAGE_RESPONSE_RULES)
        return PX_NEXT;
    px_head_drop_hop(&h->res);
    fit_to_client(t);
    if (PX_UNLIKELY(px_http_is_blind(t)) && h->server_close)
        t->flags |= PX_T_CLOSE;
    if (!px_response_finish(t))
        return px_txn_fail(t, 'P', 'H', 500);
    px_txn_log_early(t);
    return PX_NEXT;
}

/* Who has asked for it sends no more (RFC 9112 9.6): no byte that comes meanwhile makes the kernel
 * reset the connection before all has left it. */
static bool closes_when_sent(const struct px_txn *t)
{
    const struct px_head *req = &t->http->req;
    if (!(t->flags & PX_T_CLOSE) || (t->flags & (PX_T_TUNNEL | PX_T_UNREAD)) || t->fe->nolinger)
        return false;
    bool asked = (req->flags & PX_HEAD_CLOSE) ||
                 (req->version == PX_HTTP_10 && !(req->flags & PX_HEAD_KEEP));
    return asked && t->up.over;
}

static enum px_flow begin_forward(struct px_txn *t)
{
    struct px_http *h = t->http;
    struct iovec v[PX_IOV];
    bool dechunk = t->down.dechunk;
    unsigned n = px_http_head_iov(t, &h->res, v);
    if (!n)
        return PX_FLOW_FAILED;
    px_pump_begin(&t->down, t->flags & PX_T_TUNNEL ? PX_BODY_CLOSE : h->res.body, h->res.length,
                  px_splice_of(t->fe->splice_down, t->be->splice_down), px_lane_down(t));
    t->down.dechunk = dechunk;
    t->down.no_trailers = t->fe->drop_response_trailers && !dechunk;
    t->down.skip = h->res.len;
    t->down.closes = closes_when_sent(t);
    t->flags |= PX_T_ANSWERING;
    return px_pump_run(&t->down, &t->back->sock, &t->client->sock, v, n);
}

/* Timeouts while data flows: of whoever has to do something now. */
static void expect_flow(struct px_txn *t)
{
    uint64_t client = px_client_timeout(t), server = px_server_timeout(t);
    if ((t->flags & PX_T_TUNNEL) && px_tunnel_timeout(t))
        client = server = px_tunnel_timeout(t);
    bool on_client = t->down.blocked || (t->up.begun && !t->up.over && !t->up.blocked);
    bool on_server = t->up.blocked || (!t->down.over && !t->down.blocked);
    px_pump_expire(&t->up, &t->down, &t->client->sock, t->fe->independent_streams,
                   on_client ? client : 0);
    if (t->back)
        px_pump_expire(&t->down, &t->up, &t->back->sock, t->be->independent_streams,
                       on_server ? server : 0);
}

/* The server sent more than its message: what it is about is unknown. */
static void mind_excess(struct px_txn *t)
{
    if (!t->back->sock.in)
        return;
    t->back->sock.in->start = t->back->sock.in->end;
    px_sock_taken(&t->back->sock);
    t->http->server_close = true;
}

/* A part of the request body may still be on its way to the server. */
static void open_tunnel(struct px_txn *t)
{
    struct px_pump *up = &t->up;
    uint64_t bytes = up->bytes;
    bool blocked = up->blocked;
    t->http->server_close = true;
    px_pump_begin(up, PX_BODY_CLOSE, 0, px_splice_of(t->fe->splice_up, t->be->splice_up),
                  px_lane_up(t));
    up->bytes = bytes;
    up->blocked = blocked;
    if (blocked)
        return;
    if (t->client->sock.in) /* what came with the end of the body */
        px_sock_again(&t->client->sock);
    else
        px_sock_want(&t->client->sock);
}

/* May the tunnel of "option http-tunnel" begin behind this response? Not if only its end tells the
 * client that it is complete, or if the server's and the client's ideas of its end differ. */
static bool goes_on_blindly(const struct px_txn *t)
{
    const struct px_http *h = t->http;
    if (!px_http_is_blind(t) || (t->flags & PX_T_UNREAD))
        return false;
    return h->res.body != PX_BODY_CLOSE && !t->down.dechunk && !t->down.closes &&
           h->head_request == (h->req.meth == PX_M_HEAD);
}

static void go_on_blindly(struct px_txn *t)
{
    uint64_t bytes = t->down.bytes;
    px_pump_begin(&t->down, PX_BODY_CLOSE, 0, px_splice_of(t->fe->splice_down, t->be->splice_down),
                  px_lane_down(t));
    t->down.bytes = bytes;
    t->flags |= PX_T_TUNNEL | PX_T_CLOSE;
    open_tunnel(t);
}

/* RFC 9110 9.3.6: when the server has ended, so does the connection of its client. What that has
 * said before still goes there. */
static enum px_progress close_tunnel(struct px_txn *t)
{
    struct iovec v[PX_IOV];
    if (!t->up.over && !t->up.blocked)
        px_pump_run(&t->up, &t->client->sock, &t->back->sock, v, 0);
    t->up.over = true;
    t->flags |= PX_T_UNREAD;
    return PX_NEXT;
}

/* It did while rules waited for the body, and will not tell again. */
static enum px_progress server_has_ended(struct px_txn *t)
{
    t->http->server_close = true;
    px_sock_hold(&t->back->sock);
    if (t->down.walk.kind == PX_BODY_CLOSE && !t->http->server_failed) {
        t->down.walk.over = t->down.over = true;
        if (t->flags & PX_T_TUNNEL)
            return close_tunnel(t);
        expect_flow(t);
        return t->up.over ? PX_NEXT : PX_STAY;
    }
    PX_COUNT_ONE(px_be_counters(t->be)->srv_aborts);
    PX_COUNT_ONE(px_srv_counters(t->srv)->srv_aborts);
    return px_txn_fail(t, 'S', 'D', 0);
}

/* Goes on with the response body; PX_STAY until both directions are over. */
enum px_progress px_http_forward(struct px_txn *t)
{
    struct iovec v[PX_IOV];
    enum px_flow f = PX_FLOW_OVER;
    if (!t->down.begun) {
        f = begin_forward(t);
        if (t->flags & PX_T_TUNNEL)
            open_tunnel(t);
    } else if (!t->down.over) {
        f = px_pump_run(&t->down, &t->back->sock, &t->client->sock, v, 0);
        if (f == PX_FLOW_OVER && (t->flags & PX_T_TUNNEL))
            return close_tunnel(t);
    }
    if (f == PX_FLOW_FAILED) {
        px_txn_count_abort(t);
        return px_txn_fail(t, 'C', 'D', 0);
    }
    if (f == PX_FLOW_BAD) {
        PX_COUNT_ONE(px_be_counters(t->be)->failed_resp);
        PX_COUNT_ONE(px_srv_counters(t->srv)->failed_resp);
        return px_txn_fail(t, 'P', 'D', 0);
    }
    if (f == PX_FLOW_MORE &&
        PX_UNLIKELY((t->back->sock.state & PX_S_ENDED) || t->http->server_failed))
        return server_has_ended(t);
    if (t->down.over && !(t->flags & PX_T_TUNNEL)) {
        if (PX_UNLIKELY(goes_on_blindly(t))) {
            go_on_blindly(t);
            return px_http_forward(t);
        }
        px_sock_hold(&t->back->sock);
        mind_excess(t);
    }
    if (t->down.over && t->up.over)
        return PX_NEXT;
    px_txn_count(t);
    expect_flow(t);
    return PX_STAY;
}
