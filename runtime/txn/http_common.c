/*
 * Parts that the steps of HTTP transactions share. See http.h.
 */
#include "../base/macros.h"
#include "../http/status.h"
#include "http.h"
#include "reply.h"
#include "rules.h"
#include "scratch.h"
#include "serve.h"

#include <string.h>

/* Where the path of a target begins: an absolute URI has scheme and authority before it. */
static size_t path_at(struct px_str uri)
{
    if (!uri.len || uri.p[0] == '/' || uri.p[0] == '*')
        return 0;
    const char *scheme = memchr(uri.p, ':', uri.len);
    const char *end = uri.p + uri.len;
    if (!scheme || end - scheme < 3 || scheme[1] != '/' || scheme[2] != '/')
        return 0;
    const char *p = scheme + 3;
    while (p < end && *p != '/' && *p != '?')
        p++;
    return (size_t)(p - uri.p);
}

struct px_str px_uri_path(struct px_str uri)
{
    size_t at = path_at(uri);
    const char *query = memchr(uri.p + at, '?', uri.len - at);
    size_t end = query ? (size_t)(query - uri.p) : uri.len;
    return (struct px_str){uri.p + at, end - at};
}

struct px_str px_uri_query(struct px_str uri)
{
    const char *query = memchr(uri.p, '?', uri.len);
    if (!query)
        return (struct px_str){NULL, 0};
    return (struct px_str){query + 1, (size_t)(uri.p + uri.len - query - 1)};
}

struct px_str px_uri_authority(struct px_str uri)
{
    size_t at = path_at(uri);
    if (!at)
        return (struct px_str){NULL, 0};
    const char *from = (const char *)memchr(uri.p, ':', uri.len) + 3;
    return (struct px_str){from, (size_t)(uri.p + at - from)};
}

enum { HEAD_IOV = PX_IOV - 8 };

unsigned px_http_head_iov(struct px_txn *t, struct px_head *head, struct iovec *v)
{
    if (head == &t->http->req ? t->be->h1_case_server : t->fe->h1_case_client)
        px_h1_adjust_case(head);
    unsigned n = px_h1_iov(head, v, HEAD_IOV);
    if (PX_LIKELY(n))
        return n;
    v[0].iov_base = px_h1_flat(head, &v[0].iov_len);
    return v[0].iov_base ? 1 : 0;
}

void px_http_begin_interim(struct px_txn *t, unsigned status, const char *reason)
{
    struct px_head *res = &t->http->res;
    px_head_start(res, &t->arena);
    res->status = (uint16_t)status;
    res->version = PX_HTTP_11;
    res->reason = (struct px_str){reason, strlen(reason)};
    res->flags = PX_HEAD_EDITED | PX_HEAD_LINE;
}

bool px_http_send_interim(struct px_txn *t)
{
    struct px_head *res = &t->http->res;
    struct iovec v;
    if (px_sock_sending(&t->client->sock)) /* another one is stuck */
        return false;
    if (t->fe->h1_case_client)
        px_h1_adjust_case(res);
    v.iov_base = px_h1_flat(res, &v.iov_len);
    t->http->head_sizes += px_head_size(res);
    return v.iov_base && px_sock_send(&t->client->sock, &v, 1) != PX_SEND_FAILED;
}

bool px_http_skip_body(struct px_txn *t)
{
    struct px_http *h = t->http;
    struct px_buf *in = t->client->sock.in;
    struct px_body_walk walk;
    px_body_begin(&walk, (enum px_body)h->req.body, h->req.length);
    const char *p = in->data + in->start + h->req.len, *end = in->data + in->end;
    enum px_span_kind kind;
    do
        kind = px_body_next(&walk, &p, end);
    while (kind < PX_SPAN_MORE);
    if (kind != PX_SPAN_END)
        return false;
    /* The head stays readable for log lines: only the body is taken out, and only once. */
    h->req.len = (uint32_t)(p - (in->data + in->start));
    h->req.body = PX_BODY_NONE;
    h->req.length = 0;
    return true;
}

bool px_http_keeps_client(const struct px_txn *t)
{
    const struct px_head *req = &t->http->req;
    if ((t->flags & (PX_T_CLOSE | PX_T_UNREAD | PX_T_TUNNEL)) || t->cause == 'C' || t->cause == 'c')
        return false;
    if (t->fe->http_mode == PX_CLOSE)
        return false;
    if (req->flags & (PX_HEAD_CLOSE | PX_HEAD_BOTH))
        return false;
    if (!(t->flags & PX_T_LOCAL) && t->http->res.body == PX_BODY_CLOSE)
        return false;
    return req->version == PX_HTTP_11 || (req->flags & PX_HEAD_KEEP);
}

static const struct px_name connection = {PX_STR("connection"), PX_H_CONNECTION};
static const struct px_name proxy_connection = {PX_STR("proxy-connection"), PX_H_PROXY_CONNECTION};

/* RFC 9112 9.6: who closes says so in Connection, whatever else somebody may read. */
bool px_http_say_close(struct px_txn *t, struct px_head *head)
{
    static const struct px_str close = PX_STR("close");
    if (PX_UNLIKELY(t->http->proxied) && !px_head_add(head, &proxy_connection, close))
        return false;
    return px_head_add(head, &connection, close);
}

bool px_http_say_keep_alive(struct px_txn *t, struct px_head *head)
{
    return px_head_add(head, t->http->proxied ? &proxy_connection : &connection,
                       (struct px_str){"keep-alive", 10});
}

static bool run_after_response(struct px_txn *t, const struct px_proxy *p)
{
    if (!p || !p->rules || !p->rules->http_after_response || t->http->after_failed)
        return true;
    px_scratch_renew();
    t->http->rewrite_lax = false;
    return p->rules->http_after_response(t) != PX_DONE && !px_scratch_failed();
}

bool px_response_finish(struct px_txn *t)
{
    struct px_head *res = &t->http->res;
    if (t->be && t->be != t->fe && !run_after_response(t, t->be))
        return false;
    if (!run_after_response(t, t->fe))
        return false;
    if (t->flags & PX_T_LOCAL) /* those of servers count as they came */
        t->http->head_sizes += px_head_size(res);
    bool keep = px_http_keeps_client(t) && !atomic_load(&px_stopping);
    if (!keep)
        t->flags |= PX_T_CLOSE;
    if (t->flags & PX_T_TUNNEL)
        return true;
    if (res->version == PX_HTTP_10)
        return !keep || px_http_say_keep_alive(t, res);
    if (!keep)
        return px_http_say_close(t, res);
    return t->http->req.version == PX_HTTP_11 || px_http_say_keep_alive(t, res);
}

/* tcp-request content rules see a complete head, however long they want to wait for data. */
enum px_progress px_http_content(struct px_txn *t)
{
    enum px_verdict (*rules)(struct px_txn *) = t->fe->rules ? t->fe->rules->tcp_request : NULL;
    if (!rules)
        return PX_NEXT;
    enum px_progress p = px_http_receive(t);
    if (p != PX_NEXT || t->stage != PX_STAGE_CONTENT)
        return p;
    p = px_content_rules(t, rules, t->fe);
    t->at.head = px_self->now; /* logs count the wait as one for the request */
    return p;
}

enum px_progress px_http_hold(struct px_txn *t)
{
    if (!(t->flags & PX_T_TIMED)) {
        uint64_t ms = px_tarpit_timeout(t);
        px_arm(&t->timer, ms ? ms : 1);
        return PX_STAY;
    }
    t->at.queue = px_self->now; /* logs show how long it was held */
    return px_txn_go(t, PX_STAGE_ANSWER);
}
