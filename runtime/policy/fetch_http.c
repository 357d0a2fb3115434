/*
 * Sample fetches about HTTP messages as a whole: method, versions, status, captures
 * (HAProxy manual 7.3.6).
 *
 * Not here: the target (fetch_url.c), fields (fetch_field.c), bodies (fetch_body.c). What the
 * response and logs may ask for is read from what was kept, because the request head is gone by
 * then.
 */
#include "../txn/http.h"
#include "../txn/scratch.h"
#include "heads.h"
#include "sample.h"

/* ---- the request line ---- */

static const struct px_str method_names[] = {
    [PX_M_OTHER] = {NULL, 0},           [PX_M_OPTIONS] = PX_STR("OPTIONS"),
    [PX_M_GET] = PX_STR("GET"),         [PX_M_HEAD] = PX_STR("HEAD"),
    [PX_M_POST] = PX_STR("POST"),       [PX_M_PUT] = PX_STR("PUT"),
    [PX_M_DELETE] = PX_STR("DELETE"),   [PX_M_TRACE] = PX_STR("TRACE"),
    [PX_M_CONNECT] = PX_STR("CONNECT"), [PX_M_PATCH] = PX_STR("PATCH"),
};

/* The head whose request line is known: it stays known when the bytes of the head have gone. */
static enum px_found request_line(const struct px_txn *t, const struct px_head **head)
{
    enum px_found found = px_request_head(t, head);
    return t->http && t->at.head ? PX_FOUND : found;
}

/* The method's text; p == NULL: it has no number, and its bytes have gone. */
static struct px_str method_text(const struct px_txn *t, const struct px_head *head)
{
    return t->http && (t->flags & PX_T_SENT) ? method_names[head->meth] : head->method;
}

enum px_found px_fetch_method(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    enum px_found found = request_line(t, &head);
    if (found != PX_FOUND)
        return found;
    out->u.s = method_text(t, head);
    out->type = PX_METH;
    out->meth = head->meth;
    return out->u.s.p ? PX_FOUND : PX_ABSENT;
}

/* A TCP client has only one. */
enum px_found px_fetch_http_first_req(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    if (!t->http)
        return px_found_bool(out, true);
    enum px_found found = request_line(t, &head);
    return found == PX_FOUND ? px_found_bool(out, t->client->requests <= 1) : found;
}

/* "HTTP/1.0" or "HTTP/1.1". */
static struct px_str protocol_of(const struct px_head *head)
{
    return px_text_of(head->version == PX_HTTP_10 ? "HTTP/1.0" : "HTTP/1.1");
}

static struct px_str version_of(const struct px_head *head)
{
    return px_text_of(head->version == PX_HTTP_10 ? "1.0" : "1.1");
}

enum px_found px_fetch_req_ver(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    enum px_found found = request_line(t, &head);
    return found == PX_FOUND ? px_found_text(out, version_of(head)) : found;
}

/* ---- the status line ---- */

enum px_found px_fetch_res_ver(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    enum px_found found = px_response_head(t, &head);
    return found == PX_FOUND ? px_found_text(out, version_of(head)) : found;
}

enum px_found px_fetch_status(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    enum px_found found = px_response_head(t, &head);
    if (found == PX_FOUND && !head->status)
        return PX_ABSENT;
    return found == PX_FOUND ? px_found_int(out, head->status) : found;
}

enum px_found px_fetch_server_status(struct px_txn *t, struct px_sample *out)
{
    unsigned status = t->http ? t->http->server_status : 0;
    return status ? px_found_int(out, status) : PX_ABSENT;
}

enum px_found px_fetch_txn_status(struct px_txn *t, struct px_sample *out)
{
    if (!t->http || !t->http->status)
        return PX_ABSENT;
    return px_found_int(out, t->http->status);
}

/* ---- captures ---- */

/* What is kept for logs is kept of HTTP clients only. */
static enum px_found kept_line(const struct px_txn *t, const struct px_head **head)
{
    return t->http ? request_line(t, head) : PX_ABSENT;
}

enum px_found px_fetch_capture_req_method(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    enum px_found found = kept_line(t, &head);
    if (found != PX_FOUND)
        return found;
    return px_found_text(out, t->http->log_uri.p ? t->http->log_method : method_text(t, head));
}

/* Logs keep so many bytes of a request line; the method is in front. */
static size_t uri_limit(struct px_str method)
{
    size_t line = (size_t)px_program.global->logurilen;
    return line > method.len + 1 ? line - method.len - 1 : 0;
}

/* From the first slash on, without the host. */
enum px_found px_fetch_capture_req_uri(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head = NULL;
    enum px_found found = t->http ? px_request_head(t, &head) : PX_ABSENT;
    struct px_str uri = t->http ? t->http->log_uri : (struct px_str){NULL, 0};
    if (!uri.p && found != PX_FOUND)
        return found;
    if (!uri.p)
        uri = head->uri;
    size_t most = uri_limit(t->http->log_uri.p ? t->http->log_method : head->method);
    if (uri.len > most)
        uri.len = most;
    const char *end = uri.p + uri.len, *from = px_uri_path(uri).p;
    if (from == end || *from != '/')
        return PX_ABSENT;
    return px_found_text(out, (struct px_str){from, (size_t)(end - from)});
}

enum px_found px_fetch_capture_req_ver(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    enum px_found found = kept_line(t, &head);
    return found == PX_FOUND ? px_found_text(out, protocol_of(head)) : found;
}

enum px_found px_fetch_capture_res_ver(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    if (t->flags & PX_T_LOCAL) /* nothing was captured: no server has answered */
        return PX_ABSENT;
    enum px_found found = px_response_head(t, &head);
    return found == PX_FOUND ? px_found_text(out, protocol_of(head)) : found;
}

static enum px_found fetch_capture(struct px_txn *t, struct px_sample *out, int64_t first,
                                   int64_t number, int64_t n)
{
    if (!t->http || !t->http->captures || number < 0 || number >= n)
        return PX_ABSENT;
    return px_found_text(out, t->http->captures[first + number]);
}

enum px_found px_fetch_capture_req_hdr(struct px_txn *t, struct px_sample *out, int64_t number)
{
    return fetch_capture(t, out, 0, number, t->fe->ncaptures_req);
}

enum px_found px_fetch_capture_res_hdr(struct px_txn *t, struct px_sample *out, int64_t number)
{
    return fetch_capture(t, out, t->fe->ncaptures_req, number, t->fe->ncaptures_res);
}
