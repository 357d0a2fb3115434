/*
 * The end of transactions. See end.h.
 */
#include "end.h"

#include "../base/macros.h"
#include "http.h"
#include "serve.h"

void px_count_status(struct px_counters *c, unsigned status)
{
    switch (status / 100) {
    case 1:
        PX_COUNT_ONE(c->hrsp_1xx);
        break;
    case 2:
        PX_COUNT_ONE(c->hrsp_2xx);
        break;
    case 3:
        PX_COUNT_ONE(c->hrsp_3xx);
        break;
    case 4:
        PX_COUNT_ONE(c->hrsp_4xx);
        break;
    case 5:
        PX_COUNT_ONE(c->hrsp_5xx);
        break;
    default:
        PX_COUNT_ONE(c->hrsp_other);
    }
}

static void add_bytes(struct px_counters *c, uint64_t in, uint64_t out)
{
    PX_ADD(c->bytes_in, in);
    PX_ADD(c->bytes_out, out);
}

/* What has come since the last time. */
static void count_bytes(struct px_txn *t)
{
    uint64_t all_in = t->bytes_in + t->up.bytes;
    uint64_t all_out = t->down.bytes + (t->http ? t->http->head_sizes : 0);
    uint64_t in = all_in > t->counted_in ? all_in - t->counted_in : 0;
    uint64_t out = all_out > t->counted_out ? all_out - t->counted_out : 0;
    t->counted_in += in;
    t->counted_out += out;
    add_bytes(px_fe_counters(t->fe), in, out);
    add_bytes(px_bind_counters(t->client->bind), in, out);
    if (t->be)
        add_bytes(px_be_counters(t->be), in, out);
    if (t->srv)
        add_bytes(px_srv_counters(t->srv), in, out);
}

enum { COUNT_EVERY_MS = 5000 };

void px_txn_count(struct px_txn *t)
{
    if (!t->fe->contstats || px_self->now < t->counted_at + COUNT_EVERY_MS)
        return;
    if (t->counted_at)
        count_bytes(t);
    t->counted_at = px_self->now;
}

static uint64_t between(uint64_t from, uint64_t to)
{
    return from && to > from ? to - from : 0;
}

static void count_times(struct px_txn *t)
{
    if (!t->srv || !t->at.connected)
        return;
    struct px_server_state *srv = px_server_state(t->srv);
    struct px_proxy_state *be = px_proxy_state(t->be);
    uint64_t ready = t->at.head ? t->at.head : t->at.start;
    uint64_t queue = between(ready, t->at.queue), connect = between(t->at.queue, t->at.connected);
    uint64_t total = between(t->at.begin ? t->at.begin : t->at.start, t->at.end);
    px_time_add(&srv->qtime, &srv->qtime_max, queue);
    px_time_add(&be->qtime, &be->qtime_max, queue);
    px_time_add(&srv->ctime, &srv->ctime_max, connect);
    px_time_add(&be->ctime, &be->ctime_max, connect);
    px_time_add(&srv->ttime, &srv->ttime_max, total);
    px_time_add(&be->ttime, &be->ttime_max, total);
}

void px_count_denied_request(struct px_txn *t)
{
    PX_COUNT_ONE(px_fe_counters(t->fe)->denied_req);
    PX_COUNT_ONE(px_bind_counters(t->client->bind)->denied_req);
    if (t->be)
        PX_COUNT_ONE(px_be_counters(t->be)->denied_req);
}

void px_count_denied_response(struct px_txn *t)
{
    PX_COUNT_EACH(t, denied_resp);
}

/* That the proxy answers itself (L) is nothing wrong. */
bool px_txn_went_wrong(const struct px_txn *t)
{
    return (t->cause && t->cause != 'L') || (t->http && t->http->status >= 500) ||
           (!t->cause && t->retries) || (t->flags & PX_T_REDISPATCHED);
}

static bool is_logged(const struct px_txn *t)
{
    if (!px_program.log || !(t->fe->log_line || t->fe->log_text))
        return false;
    if ((t->flags & (PX_T_SILENT | PX_T_LOGGED)) || t->log_level == 1 + PX_WORD_SILENT)
        return false;
    return !t->fe->dontlog_normal || px_txn_went_wrong(t);
}

/* What has come of a response with a length: bytes behind its head, still in the buffer. */
static uint64_t bytes_at_hand(const struct px_txn *t)
{
    const struct px_buf *in = t->back ? t->back->sock.in : NULL;
    if (!in || t->http->res.body != PX_BODY_LENGTH)
        return 0;
    uint64_t n = in->end - in->start - t->http->res.len;
    return n < t->http->res.length ? n : t->http->res.length;
}

void px_txn_log_early(struct px_txn *t)
{
    if (!t->fe->logasap || !is_logged(t))
        return;
    t->bytes_out = t->http ? t->http->head_sizes + bytes_at_hand(t) : 0;
    t->flags |= PX_T_LOGGED;
    px_program.log->line(t);
}

void px_txn_account(struct px_txn *t)
{
    if (!t->at.end)
        t->at.end = px_self->now;
    count_bytes(t);
    t->bytes_in += t->up.bytes;
    t->bytes_out = t->down.bytes + (t->http ? t->http->head_sizes : 0);
    count_times(t);
    if (is_logged(t)) {
        t->flags |= PX_T_LOGGED;
        px_program.log->line(t);
    }
}

static void count_response(const struct px_txn *t)
{
    unsigned status = t->http->status;
    if (!status && (t->flags & PX_T_SILENT))
        return;
    px_count_status(px_fe_counters(t->fe), status);
    if (t->be)
        px_count_status(px_be_counters(t->be), status);
}

/* The request head is taken out of the client's buffer last: rules and logs may have read it. */
static void take_request(struct px_txn *t)
{
    struct px_sock *s = &t->client->sock;
    if (t->up.keep)
        px_pump_forget(&t->up, s);
    if (t->up.begun || !s->in)
        return;
    s->in->start += t->http->req.len;
    px_sock_taken(s);
}

/* Who was told that the connection goes on, and has asked again, gets an answer. */
static bool must_go(const struct px_client *c)
{
    bool asks = c->sock.in || (c->sock.state & PX_S_READABLE);
    return !asks && atomic_load(&px_stopping);
}

enum px_progress px_http_end(struct px_txn *t)
{
    struct px_client *c = t->client;
    bool keep = px_http_keeps_client(t);
    bool keep_server = t->back && !t->http->server_close && t->down.over && t->up.over;
    px_serve_release(t, keep_server);                           /* first: logs count the others */
    if (px_sock_sending(&c->sock) && (t->flags & PX_T_LOCAL)) { /* t owns what is being sent */
        px_sock_hold(&c->sock); /* nobody takes the rest of an upload */
        px_sock_expire(&c->sock, px_client_timeout(t));
        return PX_STAY;
    }
    count_response(t);
    px_txn_account(t);
    take_request(t);
    bool unread = t->flags & PX_T_UNREAD;
    px_txn_free(t);
    c->txn = NULL;
    c->since = px_self->now;
    if (keep && !must_go(c))
        px_http_idle(c);
    else
        px_client_close(c, unread);
    return PX_OVER;
}
