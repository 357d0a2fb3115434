/*
 * The request side of HTTP transactions: from the first byte to the head on its way to a server.
 *
 * Not here: finding a server (serve.c), what comes back (http_response.c).
 */
#include "../base/macros.h"
#include "../http/chars.h"
#include "end.h"
#include "http.h"
#include "reply.h"
#include "rules.h"
#include "scratch.h"
#include "serve.h"

#include <string.h>
#include <strings.h>

static uint32_t head_limit(void)
{
    const struct px_global *g = px_program.global;
    return (uint32_t)(g->bufsize - g->maxrewrite);
}

/* How long the client may take: in all for the head, and between two bytes. */
static uint64_t head_patience(const struct px_txn *t)
{
    const struct px_proxy *fe = t->fe;
    uint64_t client = (uint64_t)fe->timeout_client, whole = (uint64_t)fe->timeout_http_request;
    if (!whole)
        return client;
    uint64_t from = t->client->requests ? t->at.begin : t->at.welcome;
    uint64_t until = from + whole;
    uint64_t left = until > px_self->now ? until - px_self->now : 1;
    return client && client < left ? client : left;
}

/* A session that was taken for HTTP when its client had finished: no event tells of that again. */
static enum px_progress head_cut_short(struct px_txn *t)
{
    PX_COUNT_ONE(px_fe_counters(t->fe)->failed_req);
    enum px_progress p = px_txn_fail(t, 'C', 'R', 400);
    t->flags |= PX_T_CLOSE;
    return p;
}

static enum px_progress wait_for_head(struct px_txn *t)
{
    if (PX_UNLIKELY(t->client->sock.state & PX_S_ENDED))
        return head_cut_short(t);
    px_sock_want(&t->client->sock);
    px_sock_expire(&t->client->sock, head_patience(t));
    return PX_STAY;
}

static enum px_progress refuse_head(struct px_txn *t, enum px_h1_result why)
{
    static const uint16_t status[] = {
        [PX_H1_BAD] = 400, [PX_H1_TOO_BIG] = 400, [PX_H1_PAYLOAD] = 413, [PX_H1_CODING] = 422};
    t->flags |= PX_T_CLOSE | PX_T_UNREAD;
    t->http->head_request = t->http->req.meth == PX_M_HEAD; /* RFC 9110 9.3.2: no body, then */
    PX_COUNT_ONE(px_fe_counters(t->fe)->failed_req);
    PX_COUNT_ONE(px_bind_counters(t->client->bind)->failed_req);
    t->http->log_uri.p = NULL;
    enum px_progress p = px_txn_fail(t, 'P', 'R', status[why]);
    t->flags |= PX_T_CLOSE;
    return p;
}

static void keep_for_logs(struct px_txn *t)
{
    struct px_http *h = t->http;
    if (!(t->fe->log_needs & PX_LOG_URI))
        return;
    size_t most = (size_t)px_program.global->logurilen; /* of the whole line */
    size_t before = h->req.method.len + 1;
    h->log_uri = h->req.uri;
    if (before + h->log_uri.len > most)
        h->log_uri.len = before < most ? most - before : 0;
    h->log_uri.p = px_arena_copy(&t->arena, h->log_uri.p, h->log_uri.len);
    h->log_method = h->req.method;
    if (h->log_method.len > most)
        h->log_method.len = most;
    h->log_method.p = px_arena_copy(&t->arena, h->log_method.p, h->log_method.len);
    if (!h->log_method.p)
        h->log_uri.p = NULL; /* no memory: as if there were no request */
    h->log_version = h->req.version;
}

/* The last field of the name counts (HAProxy manual, "capture request header"). */
void px_http_capture(struct px_txn *t, const struct px_head *head, unsigned from, unsigned n)
{
    struct px_http *h = t->http;
    for (unsigned i = from; i < from + n; i++) {
        const struct px_capture *c = &t->fe->captures[i];
        unsigned last = 0;
        for (unsigned at = 0; c->header && (at = px_head_find(head, c->header, at));)
            last = at;
        if (!last)
            continue;
        const struct px_hdr *f = px_head_at(head, last);
        size_t len = f->value_len < c->max_len ? f->value_len : c->max_len;
        h->captures[i] = (struct px_str){px_arena_copy(&t->arena, f->value, len), len};
    }
}

struct px_str *px_http_captures(struct px_txn *t)
{
    unsigned n = t->fe->ncaptures_req + t->fe->ncaptures_res;
    struct px_http *h = t->http;
    if (h->captures || !n)
        return h->captures;
    h->captures = px_arena_get(&t->arena, n * sizeof *h->captures);
    if (h->captures)
        memset(h->captures, 0, n * sizeof *h->captures);
    return h->captures;
}

static bool capture_request(struct px_txn *t)
{
    if (!(t->fe->ncaptures_req + t->fe->ncaptures_res))
        return true;
    if (!px_http_captures(t))
        return false;
    px_http_capture(t, &t->http->req, 0, t->fe->ncaptures_req);
    return true;
}

static void count_request(struct px_txn *t)
{
    struct px_proxy_state *st = px_proxy_state(t->fe);
    PX_COUNT_ONE(px_fe_counters(t->fe)->requests);
    px_rate_tick(&st->req_rate);
    atomic_fetch_add_explicit(&px_total_requests, 1, memory_order_relaxed);
}

/* HAProxy manual, "option http-use-proxy-header". */
static void heed_proxy_header(struct px_http *h)
{
    h->proxied = h->req.uri.p[0] != '/' && h->req.uri.p[0] != '*';
    if (h->proxied)
        px_head_heed_proxy_connection(&h->req);
}

static enum px_progress head_complete(struct px_txn *t)
{
    struct px_http *h = t->http;
    t->at.head = px_self->now;
    t->client->requests++;
    if (t->fe->log_at_accept && t->fe->is_http && px_program.log)
        px_program.log->connected(t->client);
    h->head_request = h->req.meth == PX_M_HEAD;
    t->bytes_in = px_head_size(&h->req) - px_head_hop_size(&h->req);
    px_sock_hold(&t->client->sock);
    px_sock_expire(&t->client->sock, 0);
    keep_for_logs(t);
    if (PX_UNLIKELY(t->fe->use_proxy_header))
        heed_proxy_header(h);
    return capture_request(t) ? PX_NEXT : px_txn_fail(t, 'R', 'R', 500);
}

enum px_progress px_http_receive(struct px_txn *t)
{
    struct px_http *h = t->http;
    struct px_buf *in = t->client->sock.in;
    if (t->at.head) /* content rules have waited for it */
        return PX_NEXT;
    if (!in)
        return wait_for_head(t);
    if (!t->at.begin) {
        t->at.begin = px_self->now;
        t->date_us = px_self->date_us;
        count_request(t);
    }
    enum px_h1_result r = px_h1_request(&h->h1_req, &h->req, in, head_limit());
    if (PX_UNLIKELY(r == PX_H1_BAD) && t->fe->lax_requests)
        r = px_h1_request_again(&h->h1_req, &h->req, in, head_limit());
    if (r == PX_H1_MORE)
        return wait_for_head(t);
    if (r == PX_H1_DONE)
        r = px_h1_request_framing(&h->req);
    if (r == PX_H1_DONE &&
        px_body_is_bad((enum px_body)h->req.body, h->req.base + h->req.len, in->data + in->end))
        r = PX_H1_BAD; /* before a server sees any of it */
    return r == PX_H1_DONE ? head_complete(t) : refuse_head(t, r);
}

/* What a rule set answered, as progress of the transaction. PX_DONE: an action went elsewhere. */
static enum px_progress progress_of(enum px_verdict v)
{
    return v == PX_WAIT ? PX_STAY : PX_NEXT;
}

static enum px_progress run_rules(struct px_txn *t, enum px_verdict (*rules)(struct px_txn *))
{
    if (!rules)
        return PX_NEXT;
    if (!t->resume)
        t->http->rewrite_lax = false;
    return progress_of(rules(t));
}

static enum px_progress answer_monitor(struct px_txn *t)
{
    const struct px_rules *rules = t->fe->rules;
    bool fails = rules && rules->monitor_fail && rules->monitor_fail(t) == PX_TRUE;
    t->flags |= PX_T_SILENT;
    t->http->reply = px_error_reply(t, fails ? 503 : 200);
    PX_COUNT_ONE(px_fe_counters(t->fe)->intercepted);
    return px_txn_go(t, PX_STAGE_ANSWER);
}

static bool is_monitor(const struct px_txn *t)
{
    const char *uri = t->fe->monitor_uri;
    if (!uri)
        return false;
    struct px_str path = t->http->req.uri;
    if (path.len && path.p[0] != '/') {
        path = px_uri_path(path);
        path.len = (size_t)(t->http->req.uri.p + t->http->req.uri.len - path.p);
    }
    return strlen(uri) == path.len && !memcmp(uri, path.p, path.len);
}

enum px_progress px_http_frontend(struct px_txn *t)
{
    if (is_monitor(t))
        return answer_monitor(t);
    enum px_progress p = px_http_await_body(t);
    if (p != PX_NEXT || t->stage != PX_STAGE_FRONTEND)
        return p;
    p = run_rules(t, t->fe->rules ? t->fe->rules->http_request : NULL);
    return p == PX_NEXT && t->stage == PX_STAGE_FRONTEND ? px_http_restrict_names(t, t->fe) : p;
}

/* Who has finished while content rules waited, but not its request, will not be heard of again. */
static bool is_cut_short(const struct px_txn *t)
{
    return (t->client->sock.state & PX_S_ENDED) && !px_request_is_whole(t);
}

enum px_progress px_http_backend(struct px_txn *t)
{
    if (PX_UNLIKELY(is_cut_short(t))) {
        PX_COUNT_ONE(px_be_counters(t->be)->cli_aborts);
        return px_txn_fail(t, 'C', 'R', 0);
    }
    enum px_progress p = PX_NEXT;
    if (t->be != t->fe || t->be->balance)
        p = px_http_await_body(t);
    if (p != PX_NEXT || t->stage != PX_STAGE_BACKEND)
        return p;
    if (t->be != t->fe)
        p = run_rules(t, t->be->rules ? t->be->rules->http_request : NULL);
    if (p == PX_NEXT && t->stage == PX_STAGE_BACKEND)
        p = px_http_restrict_names(t, t->be);
    return p == PX_NEXT && t->stage == PX_STAGE_BACKEND ? px_http_settle(t) : p;
}

/* TE may only ask for trailers behind a proxy that does not undo other codings. */
static void reduce_te(struct px_head *req)
{
    unsigned at = px_head_slot(req, PX_H_TE, 0);
    if (!at)
        return;
    struct px_str v = {px_head_at(req, at)->value, px_head_at(req, at)->value_len};
    bool single = !px_head_slot(req, PX_H_TE, at);
    if (v.len == 8 && !strncasecmp(v.p, "trailers", 8) && single)
        return;
    if (!single || !px_list_has(v, "trailers") ||
        !px_head_change(req, at, (struct px_str){"trailers", 8}))
        for (at = 0; (at = px_head_slot(req, PX_H_TE, at));)
            px_head_delete(req, at);
}

static bool closes_server(const struct px_txn *t)
{
    if (!(t->fe->http_mode | t->be->http_mode)) /* both PX_KEEP_ALIVE */
        return false;
    enum px_http_mode mode = px_http_mode_of(t);
    return mode > PX_BLIND || (mode == PX_BLIND && !px_http_keeps_client(t));
}

/* The Connection field that the server needs, last as HAProxy sends it. */
static bool add_connection(struct px_txn *t)
{
    struct px_head *req = &t->http->req;
    bool close = t->http->server_close || closes_server(t);
    t->http->server_close = close;
    t->http->close_asked = close;
    if (req->flags & PX_HEAD_UPGRADE)
        return true;
    bool say_close = close && !t->be->http_pretend_keepalive;
    if (req->version == PX_HTTP_11)
        return !say_close || px_http_say_close(t, req);
    return say_close || px_http_say_keep_alive(t, req);
}

/* Once for all attempts: what the proxy itself says to the server. */
static bool finish_head(struct px_txn *t)
{
    if (t->flags & PX_T_HEAD_READY)
        return px_http_tell_name(t, true);
    t->flags |= PX_T_HEAD_READY;
    reduce_te(&t->http->req);
    px_head_drop_hop(&t->http->req); /* first, for what ends here does not tell of the client */
    return px_http_tell_addresses(t) && add_connection(t) && px_http_tell_name(t, false);
}

/* Is it the client's turn: to send the rest of its body, which nobody but itself delays? */
static bool owes_body(const struct px_txn *t)
{
    bool asks = (t->http->req.flags & PX_HEAD_CONTINUE) && !t->up.bytes; /* whether it is wanted */
    return !t->up.over && !t->up.blocked && !asks && !px_lane_pause(t->up.lane);
}

void px_http_expect_answer(struct px_txn *t)
{
    uint64_t server = px_server_timeout(t), client = px_client_timeout(t);
    bool awaited = (!server || client < server) && owes_body(t);
    if (!t->be->independent_streams || !t->back->sock.deadline || t->up.blocked)
        px_sock_expire(&t->back->sock, server ? server + px_lane_pause(t->up.lane) : 0);
    px_sock_expire(&t->client->sock, awaited ? client : 0);
}

void px_http_stop_upload(struct px_txn *t)
{
    px_sock_hold(&t->client->sock);
    t->up.over = true;
    t->http->server_close = true;
    t->flags |= PX_T_CLOSE | PX_T_UNREAD;
}

enum px_progress px_http_send(struct px_txn *t)
{
    struct px_http *h = t->http;
    struct iovec v[PX_IOV];
    struct px_sock *client = &t->client->sock, *server = &t->back->sock;
    if (!finish_head(t))
        return px_txn_fail(t, 'P', 'R', 500);
    unsigned n = px_http_head_iov(t, &h->req, v);
    if (!n)
        return px_txn_fail(t, 'R', 'C', 500);
    px_pump_begin(&t->up, h->req.body, h->req.length,
                  px_splice_of(t->fe->splice_up, t->be->splice_up), px_lane_up(t));
    t->up.skip = h->req.len;
    t->up.no_trailers = t->be->drop_request_trailers;
    t->up.keep = px_http_keeps_request(t);
    px_h1_reset(&h->h1_res);
    enum px_flow f = px_pump_run(&t->up, client, server, v, n);
    /* Nothing was taken: as good as a failed connection. */
    if (f == PX_FLOW_FAILED && t->up.skip == h->req.len)
        return px_serve_retry(t, 'S');
    t->flags |= PX_T_SENT;
    if (PX_UNLIKELY(t->fe->log_needs & PX_LOG_SENT))
        h->sent_head = px_head_size(&h->req);
    if (f == PX_FLOW_FAILED)
        px_http_stop_upload(t);
    if (f == PX_FLOW_BAD) {
        t->flags |= PX_T_CLOSE | PX_T_UNREAD;
        PX_COUNT_ONE(px_fe_counters(t->fe)->failed_req);
        h->server_close = true;
        return px_txn_fail(t, 'P', 'R', 400);
    }
    px_sock_want(server);
    px_http_expect_answer(t);
    return PX_NEXT;
}
