/*
 * HTTP on client and server connections: what happens on them, told to the transaction.
 */
#include "../base/macros.h"
#include "../upstream/observe.h"
#include "http.h"
#include "reply.h"
#include "rules.h"
#include "scratch.h"
#include "serve.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

static struct px_client *client_of(struct px_sock *s)
{
    return PX_OWNER(s, struct px_client, sock);
}

static struct px_txn *txn_of_back(struct px_sock *s)
{
    return PX_OWNER(s, struct px_back, sock)->user;
}

/* A transaction for a client that had none. NULL: no memory, and the client is closed. */
static struct px_txn *begin(struct px_client *c)
{
    struct px_txn *t = px_txn_new(c, &px_kind_http);
    if (!t)
        px_client_close(c, false);
    return t;
}

/* ---- client side ---- */

static void forward_request(struct px_txn *t);

static void client_received(struct px_sock *s)
{
    struct px_client *c = client_of(s);
    struct px_txn *t = c->txn ? c->txn : begin(c);
    if (!t)
        return;
    if (t->stage <= PX_STAGE_BACKEND)
        px_txn_run(t);
    else
        forward_request(t);
}

/* The request ended before its time: there is nobody left to answer to. */
static void upload_aborted(struct px_txn *t)
{
    struct px_http *h = t->http;
    h->server_close = true;
    if (t->flags & PX_T_TUNNEL) /* no message tells that there was more */
        t->flags |= PX_T_RESET_SERVER;
    px_txn_count_abort(t);
    px_txn_abort(t, 'C', 'D', 0);
}

static void upload_bad(struct px_txn *t)
{
    PX_COUNT_ONE(px_fe_counters(t->fe)->failed_req);
    t->http->server_close = true;
    t->flags |= PX_T_UNREAD;
    px_txn_abort(t, 'P', t->at.answered ? 'D' : 'H', 400);
}

/* RFC 9110 15.5.9; HAProxy manual 8.5, cH. */
static void upload_stalled(struct px_txn *t)
{
    t->http->server_close = true;
    t->flags |= PX_T_UNREAD;
    px_txn_count_abort(t);
    px_txn_abort(t, 'c', 'H', 408);
}

static void upload_refused(struct px_txn *t)
{
    px_http_stop_upload(t);
    if (t->stage == PX_STAGE_FORWARD)
        px_txn_run(t);
}

static void forward_request(struct px_txn *t)
{
    struct iovec v[PX_IOV];
    if (!t->up.begun || t->up.over || !t->back)
        return;
    enum px_flow f = px_pump_run(&t->up, &t->client->sock, &t->back->sock, v, 0);
    if (f == PX_FLOW_FAILED) {
        upload_refused(t);
    } else if (f == PX_FLOW_BAD) {
        upload_bad(t);
    } else if (t->stage == PX_STAGE_FORWARD) {
        px_txn_run(t);
    } else {
        if (f == PX_FLOW_OVER)
            px_sock_hold(&t->client->sock);
        if (t->stage <= PX_STAGE_RESPONSE)
            px_http_expect_answer(t);
    }
}

/* Has the head of a request not come yet? */
static bool is_receiving(const struct px_txn *t)
{
    return !t || (t->stage <= PX_STAGE_RECEIVE && !t->at.head);
}

static void head_incomplete(struct px_client *c)
{
    struct px_txn *t = c->txn;
    bool nothing = !t;
    if (!t && (c->requests || c->bind->proxy->http_ignore_probes)) {
        px_client_close(c, false);
        return;
    }
    if (!t && !(t = begin(c)))
        return;
    t->flags |= PX_T_CLOSE;
    if (nothing && t->fe->dontlognull)
        t->flags |= PX_T_SILENT;
    PX_COUNT_ONE(px_fe_counters(t->fe)->failed_req);
    px_txn_fail(t, 'C', 'R', 400);
    t->flags |= PX_T_CLOSE;
    px_txn_run(t);
}

/* The client has said all that it had to say. */
static void tunnel_shut(struct px_txn *t)
{
    t->up.over = true;
    if (t->be->nolinger) {
        t->down.over = true;
        t->flags |= PX_T_RESET_SERVER;
    } else {
        px_sock_shut(&t->back->sock);
    }
    px_txn_run(t);
}

static void client_ended(struct px_sock *s)
{
    struct px_client *c = client_of(s);
    struct px_txn *t = c->txn;
    if (is_receiving(t)) {
        head_incomplete(c);
    } else if (t->stage <= PX_STAGE_BACKEND) {
        px_txn_run(t);
    } else if (t->flags & PX_T_TUNNEL) {
        tunnel_shut(t);
    } else if (t->up.begun && !t->up.over) {
        upload_aborted(t);
    }
}

static void client_failed(struct px_sock *s, int err)
{
    struct px_client *c = client_of(s);
    struct px_txn *t = c->txn;
    (void)err;
    if (is_receiving(t)) {
        head_incomplete(c);
    } else if (t->up.begun && !t->up.over) {
        upload_aborted(t);
    } else {
        if (t->be)
            PX_COUNT_ONE(px_be_counters(t->be)->cli_aborts);
        t->http->server_close = true;
        px_txn_abort(t, 'C', t->at.answered ? 'D' : t->stage <= PX_STAGE_BACKEND ? 'R' : 'H', 0);
    }
}

/* Is there nothing more to come, not even another request? */
static bool has_finished(struct px_sock *s, const struct px_txn *t)
{
    char byte;
    if (s->state & PX_S_BROKEN)
        return true;
    if (s->in && (t->up.begun || px_buf_len(s->in) > t->http->req.len))
        return false;
    return !recv(s->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
}

/* Nobody waits for an answer any more: if that is asked for, none is looked for. */
static void client_hung_up(struct px_sock *s)
{
    struct px_txn *t = client_of(s)->txn;
    if (t && t->stage == PX_STAGE_FORWARD && (s->state & PX_S_BROKEN)) {
        client_failed(s, 0);
        return;
    }
    if (!t || t->stage < PX_STAGE_SERVER || t->stage > PX_STAGE_RESPONSE)
        return;
    if (!(t->fe->abortonclose || t->be->abortonclose) || !has_finished(s, t))
        return;
    PX_COUNT_ONE(px_be_counters(t->be)->cli_aborts);
    t->http->server_close = true;
    if (t->stage == PX_STAGE_SERVER)
        t->at.queue = px_self->now;
    if (t->stage == PX_STAGE_RESPONSE)
        px_txn_abort(t, 'C', 'H', 400);
    else
        px_txn_abort(t, 'C', t->stage == PX_STAGE_SERVER ? 'Q' : 'C', 0);
}

static void client_sent(struct px_sock *s)
{
    struct px_txn *t = client_of(s)->txn;
    if (!t)
        return;
    if (t->down.blocked && t->back)
        px_pump_unblock(&t->down, &t->back->sock);
    if (t->stage >= PX_STAGE_RESPONSE)
        px_txn_run(t);
}

static void request_timed_out(struct px_client *c)
{
    struct px_txn *t = c->txn;
    bool ignored = c->bind->proxy->http_ignore_probes;
    if (!t && (c->requests || ignored)) {
        px_client_close(c, false);
        return;
    }
    bool nothing = !t;
    if (!t && !(t = begin(c)))
        return;
    if (nothing && t->fe->dontlognull)
        t->flags |= PX_T_SILENT;
    PX_COUNT_ONE(px_fe_counters(t->fe)->failed_req);
    t->flags |= PX_T_UNREAD;
    px_txn_fail(t, 'c', 'R', 408);
    t->flags |= PX_T_CLOSE;
    px_txn_run(t);
}

static void client_expired(struct px_sock *s)
{
    struct px_client *c = client_of(s);
    struct px_txn *t = c->txn;
    if (!t || t->stage <= PX_STAGE_RECEIVE) {
        request_timed_out(c);
    } else if (t->stage <= PX_STAGE_BACKEND) { /* it sends no more of its body */
        t->flags |= PX_T_TIMED;
        px_txn_run(t);
    } else if (t->stage == PX_STAGE_RESPONSE && !t->up.over) {
        upload_stalled(t);
    } else if (t->stage == PX_STAGE_RESPONSE || t->stage == PX_STAGE_FORWARD) {
        t->http->server_close = true;
        px_txn_abort(t, 'c', 'D', 0);
    } else if (t->stage == PX_STAGE_END) { /* it does not take our answer */
        px_sock_discard(s);
        px_txn_abort(t, 'c', 'D', 0);
    }
}

static const struct px_sock_ops client_ops = {
    .watch = {px_sock_event},
    .received = client_received,
    .ended = client_ended,
    .sent = client_sent,
    .failed = client_failed,
    .hung_up = client_hung_up,
    .expired = client_expired,
    .freed = px_client_freed,
};

/* How long an idle client is kept (HAProxy manual, "timeout http-keep-alive"). */
static uint64_t idle_patience(const struct px_client *c)
{
    const struct px_proxy *fe = c->bind->proxy;
    uint64_t client = (uint64_t)fe->timeout_client;
    uint64_t idle = (uint64_t)fe->timeout_http_request;
    if (c->requests && fe->timeout_http_keep_alive)
        idle = (uint64_t)fe->timeout_http_keep_alive;
    if (!idle || (client && client < idle))
        return client;
    return idle;
}

void px_http_idle(struct px_client *c)
{
    px_sock_expire(&c->sock, idle_patience(c));
    if (c->sock.in) /* the next request has begun to arrive already */
        px_sock_again(&c->sock);
    else
        px_sock_want(&c->sock);
}

static void http_accepted(struct px_listener *l, int fd, const union px_sockaddr *peer)
{
    struct px_client *c = px_client_new(l, fd, peer, &client_ops);
    if (c)
        px_client_admit(c);
}

const struct px_mode px_mode_http = {.name = "http",
                                     .kind = &px_kind_http,
                                     .may_accept = px_client_may_accept,
                                     .accepted = http_accepted};

/* ---- server side ---- */

static void back_connected(struct px_sock *s)
{
    px_txn_run(txn_of_back(s));
}

static void back_received(struct px_sock *s)
{
    px_txn_run(txn_of_back(s));
}

/* A connection that had served before and ends without a word: the request raced with the server's
 * idle timeout. Where we do not try again ourselves, the client is to do so, which a silent close
 * tells it (RFC 9112 9.3.1), but for the first request, where it would tell nothing. */
static void raced(struct px_txn *t)
{
    t->flags |= PX_T_SILENT | PX_T_CLOSE;
    t->http->server_close = true;
    px_txn_abort(t, 'S', 'H', 0);
}

static void response_missing(struct px_txn *t, uint32_t why, char cause, unsigned status)
{
    if (!px_http_retry(t, why))
        px_http_no_response(t, cause, status);
    px_txn_run(t);
}

/* The connection to the server has ended before a response was complete. */
static void unanswered(struct px_txn *t, bool clean)
{
    bool nothing = !t->back->sock.in && !t->http->interims;
    bool idle = nothing && (t->flags & PX_T_REUSED);
    if (idle && (px_http_retry(t, PX_RETRY_EMPTY) || px_http_replay(t))) {
        px_txn_run(t);
    } else if (idle && t->client->requests > 1) {
        raced(t);
    } else {
        px_observed(t->srv, clean ? PX_SEEN_CLOSE : PX_SEEN_READ_ERROR);
        response_missing(t, nothing ? PX_RETRY_EMPTY : PX_RETRY_JUNK, 'S', 502);
    }
}

static void back_gone(struct px_txn *t, bool clean)
{
    t->http->server_close = true;
    if (t->stage <= PX_STAGE_RESPONSE) {
        unanswered(t, clean);
    } else if (t->stage == PX_STAGE_RESPONSE_RULES) { /* they wait for what does not come */
        t->http->server_failed = !clean;
        px_txn_run(t);
    } else if (t->down.over) {
        upload_refused(t);
    } else if (clean && t->down.walk.kind == PX_BODY_CLOSE) {
        t->down.walk.over = true;
        px_txn_run(t);
    } else {
        PX_COUNT_ONE(px_be_counters(t->be)->srv_aborts);
        PX_COUNT_ONE(px_srv_counters(t->srv)->srv_aborts);
        px_txn_abort(t, 'S', 'D', 0);
    }
}

static void back_ended(struct px_sock *s)
{
    back_gone(txn_of_back(s), true);
}

static void back_failed(struct px_sock *s, int err)
{
    struct px_txn *t = txn_of_back(s);
    (void)err;
    if (t->stage == PX_STAGE_CONNECT) {
        if (px_serve_retry(t, 'S') == PX_NEXT)
            px_txn_run(t);
        return;
    }
    back_gone(t, false);
}

static void back_hung_up(struct px_sock *s)
{
    (void)s; /* it will be seen when its bytes are wanted again */
}

static void back_sent(struct px_sock *s)
{
    struct px_txn *t = txn_of_back(s);
    px_pump_unblock(&t->up, &t->client->sock);
    forward_request(t);
}

static void server_too_slow(struct px_txn *t)
{
    t->http->server_close = true;
    PX_COUNT_ONE(px_be_counters(t->be)->srv_aborts);
    px_txn_abort(t, 's', 'D', 0);
}

/* A tunnel whose ends have the same time: then the client is the one to blame, unless it has
 * finished. */
static bool are_both_silent(const struct px_txn *t)
{
    bool alike = px_tunnel_timeout(t) || px_client_timeout(t) == px_server_timeout(t);
    return (t->flags & PX_T_TUNNEL) && !t->up.over && alike;
}

static void back_expired(struct px_sock *s)
{
    struct px_txn *t = txn_of_back(s);
    if (t->stage == PX_STAGE_CONNECT) {
        if (px_serve_retry(t, 's') == PX_NEXT)
            px_txn_run(t);
    } else if (t->stage <= PX_STAGE_RESPONSE) {
        px_observed(t->srv, PX_SEEN_TIMEOUT);
        response_missing(t, PX_RETRY_TIMEOUT, 's', 504);
    } else if (t->stage == PX_STAGE_RESPONSE_RULES) {
        t->flags |= PX_T_TIMED;
        px_txn_run(t);
    } else if (are_both_silent(t)) {
        client_expired(&t->client->sock);
    } else {
        server_too_slow(t);
    }
}

static const struct px_sock_ops back_ops = {
    .watch = {px_sock_event},
    .connected = back_connected,
    .received = back_received,
    .ended = back_ended,
    .sent = back_sent,
    .failed = back_failed,
    .hung_up = back_hung_up,
    .expired = back_expired,
    .freed = px_back_freed,
};

/* ---- what HTTP keeps beside a transaction ---- */

static _Thread_local struct px_pool https = PX_POOL(struct px_http);

static bool http_begin(struct px_txn *t)
{
    t->http = px_pool_get(&https);
    if (!t->http)
        return false;
    memset(t->http, 0, offsetof(struct px_http, req));
    px_head_start(&t->http->req, &t->arena);
    return true;
}

static void http_over(struct px_txn *t)
{
    px_pool_put(&https, t->http);
}

static void http_refuse(struct px_txn *t, unsigned status)
{
    t->http->reply = px_error_reply(t, status);
    t->http->status = (uint16_t)status;
}

/* What follows once there is a backend. */
#define STAGES_OF_BACKEND                                                                          \
    [PX_STAGE_INSPECT] = px_content_of_backend, [PX_STAGE_BACKEND] = px_http_backend,              \
    [PX_STAGE_SERVER] = px_serve_server, [PX_STAGE_CONNECT] = px_serve_connect,                    \
    [PX_STAGE_SEND] = px_http_send, [PX_STAGE_RESPONSE] = px_http_response,                        \
    [PX_STAGE_RESPONSE_RULES] = px_http_response_rules, [PX_STAGE_FORWARD] = px_http_forward,      \
    [PX_STAGE_END] = px_http_end, [PX_STAGE_ANSWER] = px_http_answer,                              \
    [PX_STAGE_HOLD] = px_http_hold

static const struct px_kind kind_http_routed = {
    .name = "http",
    .begin = http_begin,
    .end = http_over,
    .refuse = http_refuse,
    .stages = {[PX_STAGE_RECEIVE] = px_http_receive,
               [PX_STAGE_ROUTE] = px_serve_persistence,
               STAGES_OF_BACKEND},
    .client_ops = &client_ops,
    .back_ops = &back_ops,
};

const struct px_kind px_kind_http = {
    .name = "http",
    .begin = http_begin,
    .end = http_over,
    .refuse = http_refuse,
    .stages = {[PX_STAGE_CONTENT] = px_http_content,
               [PX_STAGE_RECEIVE] = px_http_receive,
               [PX_STAGE_FRONTEND] = px_http_frontend,
               [PX_STAGE_ROUTE] = px_serve_route,
               STAGES_OF_BACKEND},
    .start = px_http_idle,
    .client_ops = &client_ops,
    .back_ops = &back_ops,
    .routed = &kind_http_routed,
};
