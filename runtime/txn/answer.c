/*
 * Responses of our own. See reply.h.
 *
 * They are built as a head like any other, so that http-after-response rules see and change them.
 */
#include "reply.h"

#include "../abi/out.h"
#include "../base/macros.h"
#include "../http/status.h"
#include "http.h"
#include "scratch.h"

#include <stdio.h>
#include <string.h>

#define NAME(symbol, text) static const struct px_name symbol = {PX_STR(text), 0};
NAME(location_name, "location")
NAME(cache_control_name, "cache-control")
NAME(content_type_name, "content-type")
static const struct px_name content_length_name = {PX_STR("content-length"), PX_H_CONTENT_LENGTH};
static const struct px_name set_cookie_name = {PX_STR("set-cookie"), PX_H_SET_COOKIE};

/* HAProxy manual, "http-error": while there is no request yet, only whole responses will do. */
static bool is_usable(const struct px_txn *t, const struct px_reply *reply)
{
    return reply && (t->at.head || reply->layout != PX_REPLY_RULE);
}

const struct px_reply *px_error_reply(const struct px_txn *t, unsigned status)
{
    enum px_error_status i = px_error_index(status);
    if (i < PX_NERRORS) {
        if (t->be && t->be->errors[i])
            return t->be->errors[i];
        if (is_usable(t, t->fe->errors[i]))
            return t->fe->errors[i];
    }
    return px_builtin_reply(status);
}

static struct px_str text_of(const char *s)
{
    return (struct px_str){s, strlen(s)};
}

static bool add_length(struct px_head *res, size_t len)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%zu", len);
    return px_head_add(res, &content_length_name, (struct px_str){digits, (size_t)n});
}

static void start_response(struct px_txn *t, unsigned status, const char *reason)
{
    struct px_head *res = &t->http->res;
    px_head_start(res, &t->arena);
    res->status = (uint16_t)status;
    res->version = PX_HTTP_11;
    res->reason = text_of(reason ? reason : px_status_reason(status));
    res->flags = PX_HEAD_EDITED | PX_HEAD_LINE;
    t->http->status = (uint16_t)status;
}

/* A field that has nothing to say is left out, as in HAProxy; those of files are sent as they are.
 */
static bool add_reply_hdr(struct px_txn *t, const struct px_reply_hdr *hdr)
{
    struct px_str value = px_fmt_text(t, hdr->value);
    bool nothing = hdr->value->append && !value.len;
    return nothing || px_head_add(&t->http->res, hdr->name, value);
}

static bool add_reply_hdrs(struct px_txn *t, const struct px_reply *reply)
{
    for (unsigned i = 0; i < reply->nhdrs; i++)
        if (!add_reply_hdr(t, &reply->hdrs[i]))
            return false;
    return true;
}

static bool evaluate_body(struct px_txn *t, const struct px_reply *reply, struct px_str *body)
{
    *body = (struct px_str){"", 0};
    if (!reply->body)
        return true;
    *body = px_fmt_text(t, reply->body);
    if (reply->body->append) /* the scratch text does not outlive the next field */
        body->p = px_arena_copy(&t->arena, body->p, body->len);
    return body->p;
}

static bool build_reply(struct px_txn *t, const struct px_reply *reply, struct px_str *body)
{
    struct px_head *res = &t->http->res;
    unsigned logged = t->http->status;
    bool bodyless = reply->status == 204;
    start_response(t, reply->status, reply->reason);
    if (logged)
        t->http->status = (uint16_t)logged; /* an errorfile may say otherwise */
    if (reply->http_10)
        res->version = PX_HTTP_10;
    res->status = 0; /* for formats, there is no response */
    if (!evaluate_body(t, reply, body))
        return false;
    if (reply->layout == PX_REPLY_PAGE && !add_length(res, body->len))
        return false;
    if (!add_reply_hdrs(t, reply))
        return false;
    res->status = (uint16_t)reply->status;
    if (reply->layout == PX_REPLY_RULE && !bodyless && !add_length(res, body->len))
        return false;
    if (reply->layout == PX_REPLY_RULE && bodyless)
        t->http->head_sizes += strlen("content-length") + strlen("0"); /* counted, but not sent */
    return !reply->type || !body->len ||
           px_head_add(res, &content_type_name, px_fmt_text(t, reply->type));
}

static void put_str(struct px_out *out, struct px_str s)
{
    px_put(out, s.p, s.len);
}

static struct px_str host_of(const struct px_head *req)
{
    unsigned at = px_head_slot(req, PX_H_HOST, 0);
    if (!at)
        return (struct px_str){"", 0};
    return (struct px_str){px_head_at(req, at)->value, px_head_at(req, at)->value_len};
}

static void put_path(struct px_out *out, const struct px_redirect *r, struct px_str uri)
{
    struct px_str path = px_uri_path(uri);
    struct px_str query = px_uri_query(uri);
    if (!path.len)
        path = (struct px_str){"/", 1};
    put_str(out, path);
    if (!r->drop_query && query.p) {
        px_put(out, "?", 1);
        put_str(out, query);
    }
    if (r->append_slash && out->len && out->p[out->len - 1] != '/')
        px_put(out, "/", 1);
}

static void put_location(struct px_txn *t, const struct px_redirect *r, struct px_out *out)
{
    struct px_str target = px_fmt_text(t, r->target);
    const struct px_head *req = &t->http->req;
    if (r->kind == PX_REDIR_SCHEME) {
        put_str(out, target);
        px_put(out, "://", 3);
        put_str(out, host_of(req));
        put_path(out, r, req->uri);
    } else if (r->kind == PX_REDIR_PREFIX) {
        if (target.len != 1 || target.p[0] != '/')
            put_str(out, target);
        put_path(out, r, req->uri);
    } else {
        put_str(out, target);
        struct px_str query = px_uri_query(req->uri);
        if (r->keep_query && query.len) {
            px_put(out, memchr(out->p, '?', out->len) ? "&" : "?", 1);
            put_str(out, query);
        }
    }
}

static bool build_redirect(struct px_txn *t, const struct px_redirect *r)
{
    struct px_head *res = &t->http->res;
    size_t room = px_buf_size();
    struct px_out out = {.p = px_arena_get(&t->arena, room), .cap = room};
    if (!out.p)
        return false;
    put_location(t, r, &out);
    start_response(t, r->code, r->code == 302 ? "Found" : NULL);
    bool done =
        add_length(res, 0) && px_head_add(res, &location_name, (struct px_str){out.p, out.len});
    if (r->code == 302 || r->code == 303 || r->code == 307)
        done = done && px_head_add(res, &cache_control_name, text_of("no-cache"));
    if (r->cookie)
        done = done && px_head_add(res, &set_cookie_name, text_of(r->cookie));
    return done;
}

static enum px_progress answer_sent(struct px_txn *t, enum px_sending s)
{
    if (s == PX_SEND_FAILED) {
        if (!t->cause) {
            t->cause = 'C';
            t->phase = 'D';
        }
        t->flags |= PX_T_CLOSE;
    }
    return px_txn_go(t, PX_STAGE_END);
}

/* A head that does not fit the vector is flattened; the body comes behind it either way. */
static enum px_sending send_answer(struct px_txn *t, struct px_str body)
{
    struct px_head *res = &t->http->res;
    struct iovec v[PX_IOV];
    unsigned n = px_http_head_iov(t, res, v);
    if (!n)
        return PX_SEND_FAILED;
    if (body.len && !t->http->head_request)
        v[n++] = (struct iovec){(char *)body.p, body.len};
    if (px_sock_sending(&t->client->sock)) /* an interim response is stuck */
        return PX_SEND_FAILED;
    t->flags |= PX_T_ANSWERING;
    return px_sock_send(&t->client->sock, v, n);
}

/* What is left of the request body when we answer ourselves is not worth reading: the client is
 * told that the connection ends. */
static void mind_the_body(struct px_txn *t)
{
    struct px_http *h = t->http;
    if (t->up.begun ? t->up.over : h->req.body == PX_BODY_NONE)
        return;
    if (t->up.begun || h->redirect) {
        if (h->redirect)
            h->head_sizes += strlen("connection") + strlen("close"); /* counted, unlike others */
        t->flags |= PX_T_CLOSE | PX_T_UNREAD;
        return;
    }
    if (!px_http_skip_body(t))
        t->flags |= PX_T_CLOSE | PX_T_UNREAD;
}

/* Where http-after-response rules failed just now, the plain error is the answer. */
static enum px_progress answer_failed(struct px_txn *t, bool by_rules)
{
    if (by_rules) {
        t->http->redirect = NULL;
        px_txn_fail(t, 'P', t->srv ? 'H' : 'R', 500);
        return px_http_answer(t);
    }
    t->flags |= PX_T_CLOSE;
    return px_txn_go(t, PX_STAGE_END);
}

enum px_progress px_http_answer(struct px_txn *t)
{
    struct px_http *h = t->http;
    const struct px_reply *rule = h->reply, *reply = rule;
    struct px_str body = {"", 0};
    bool failed_before = h->after_failed;
    t->flags |= PX_T_LOCAL;
    if (!h->redirect && rule->page)
        reply = px_error_reply(t, rule->status);
    if (!h->redirect && reply->silent) {
        mind_the_body(t);
        t->flags |= PX_T_CLOSE;
        return px_txn_go(t, PX_STAGE_END);
    }
    bool built = h->redirect ? build_redirect(t, h->redirect) : build_reply(t, reply, &body);
    if (built && reply != rule)
        built = add_reply_hdrs(t, rule);
    if (built && !h->redirect && reply->close)
        t->flags |= PX_T_CLOSE;
    if (built && !h->redirect && reply->says_close)
        h->head_sizes += strlen("connection") + strlen("close");
    h->own_body = body;
    mind_the_body(t); /* not before: the answer may quote the request body */
    if (!built || !px_response_finish(t))
        return answer_failed(t, h->after_failed && !failed_before);
    if (!h->head_request)
        t->down.bytes += body.len;
    return answer_sent(t, send_answer(t, body));
}
