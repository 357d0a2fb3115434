/*
 * Sample fetches about the bodies of HTTP messages (HAProxy manual 7.3.6).
 *
 * Not here: waiting for bodies (txn/http_body.c). What is looked at is what has arrived, in the
 * buffer of its connection; only a body in several chunks is put together for it.
 */
#include "../http/body.h"
#include "../http/walk.h"
#include "../txn/http.h"
#include "../txn/scratch.h"
#include "heads.h"
#include "sample.h"

/* What has arrived of a body: runs of payload, with framing between them when it is chunked. */
struct body {
    const char *from, *end;
    uint8_t kind; /* enum px_body */
    uint64_t announced;
    struct px_str first; /* run */
    size_t len;          /* of all runs */
    uint64_t due;        /* bytes of a chunk that has begun, still to come */
};

/* The next run of payload; false: no more has arrived. */
static bool next_run(struct px_body_walk *walk, const char **p, const char *end, struct px_str *run)
{
    enum px_span_kind kind;
    do {
        run->p = *p;
        kind = px_body_next(walk, p, end);
    } while (kind != PX_SPAN_DATA && kind < PX_SPAN_MORE);
    run->len = (size_t)(*p - run->p);
    return kind == PX_SPAN_DATA;
}

static void measure(struct body *b)
{
    struct px_body_walk walk;
    struct px_str run;
    const char *p = b->from, *last = NULL;
    px_body_begin(&walk, (enum px_body)b->kind, b->announced);
    while (next_run(&walk, &p, b->end, &run)) {
        if (!b->len)
            b->first = run;
        b->len += run.len;
        last = p;
    }
    /* A size whose line is not complete announces nothing yet. */
    if (p == last || (p > b->from && p[-1] == '\n'))
        b->due = walk.left;
}

static void body_in(struct px_str in, const struct px_head *head, struct body *b)
{
    *b = (struct body){.first = {"", 0}, .kind = head->body, .announced = head->length};
    if (!in.p)
        return;
    b->from = in.p;
    b->end = in.p + in.len;
    measure(b);
}

/* What is in a buffer behind its head. */
static struct px_str behind(const struct px_buf *in, const struct px_head *head)
{
    if (!in)
        return (struct px_str){NULL, 0};
    return (struct px_str){in->data + in->start + head->len, px_buf_len(in) - head->len};
}

typedef enum px_found (*body_fn)(const struct px_txn *t, struct body *b);

static enum px_found request_body(const struct px_txn *t, struct body *b)
{
    const struct px_head *head;
    enum px_found found = px_request_head(t, &head);
    if (found == PX_FOUND)
        body_in(t->http ? behind(t->client->sock.in, head) : px_raw_rest(), head, b);
    return found;
}

/* Our own is a text that is complete from the start. */
static enum px_found response_body(const struct px_txn *t, struct body *b)
{
    const struct px_head *head;
    enum px_found found = px_response_head(t, &head);
    if (found != PX_FOUND)
        return found;
    if (t->flags & PX_T_LOCAL) {
        struct px_str text = t->http->own_body;
        *b = (struct body){.kind = PX_BODY_LENGTH, .announced = text.len};
        b->first = text;
        b->len = text.len;
    } else {
        body_in(behind(t->back ? t->back->sock.in : NULL, head), head, b);
    }
    return PX_FOUND;
}

static bool gather(const struct body *b, struct px_str *text)
{
    struct px_body_walk walk;
    struct px_str run;
    const char *p = b->from;
    char *to = px_scratch_get(b->len);
    *text = (struct px_str){to, b->len};
    if (!to)
        return false;
    px_body_begin(&walk, (enum px_body)b->kind, b->announced);
    for (; next_run(&walk, &p, b->end, &run); to += run.len)
        memcpy(to, run.p, run.len);
    return true;
}

static enum px_found text_of(struct px_txn *t, body_fn body_of, struct px_str *text)
{
    struct body b;
    enum px_found found = body_of(t, &b);
    if (found != PX_FOUND)
        return found;
    *text = b.first;
    return b.len == b.first.len || gather(&b, text) ? PX_FOUND : PX_ABSENT;
}

static enum px_found fetch_body(struct px_txn *t, body_fn body_of, struct px_sample *out)
{
    struct px_str text;
    enum px_found found = text_of(t, body_of, &text);
    if (found == PX_FOUND)
        px_set_bytes(out, text);
    return found;
}

static enum px_found fetch_len(struct px_txn *t, body_fn body_of, struct px_sample *out)
{
    struct body b;
    enum px_found found = body_of(t, &b);
    return found == PX_FOUND ? px_found_int(out, (int64_t)b.len) : found;
}

static enum px_found fetch_size(struct px_txn *t, body_fn body_of, struct px_sample *out)
{
    struct body b;
    enum px_found found = body_of(t, &b);
    if (found != PX_FOUND)
        return found;
    uint64_t size = b.kind == PX_BODY_LENGTH ? b.announced : b.len + b.due;
    return px_found_int(out, (int64_t)size);
}

enum px_found px_fetch_req_body(struct px_txn *t, struct px_sample *out)
{
    return fetch_body(t, request_body, out);
}

enum px_found px_fetch_req_body_len(struct px_txn *t, struct px_sample *out)
{
    return fetch_len(t, request_body, out);
}

enum px_found px_fetch_req_body_size(struct px_txn *t, struct px_sample *out)
{
    return fetch_size(t, request_body, out);
}

enum px_found px_fetch_res_body(struct px_txn *t, struct px_sample *out)
{
    return fetch_body(t, response_body, out);
}

enum px_found px_fetch_res_body_len(struct px_txn *t, struct px_sample *out)
{
    return fetch_len(t, response_body, out);
}

enum px_found px_fetch_res_body_size(struct px_txn *t, struct px_sample *out)
{
    return fetch_size(t, response_body, out);
}

/* ---- forms ---- */

enum px_found px_each_req_body_param(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                     struct px_str name, struct px_str flag)
{
    struct px_str text, value;
    enum px_found found = text_of(t, request_body, &text);
    if (found != PX_FOUND)
        return found;
    const struct px_param param = {.name = name, .fold = flag.len};
    if (!px_param_next(text, &it->pos, &param, &value))
        return PX_ABSENT;
    px_set_bytes(out, value);
    return PX_FOUND;
}

enum px_found px_fetch_req_body_param(struct px_txn *t, struct px_sample *out, struct px_str name,
                                      struct px_str flag)
{
    struct px_iter it = {0};
    return px_each_req_body_param(t, out, &it, name, flag);
}
