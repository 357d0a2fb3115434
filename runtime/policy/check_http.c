/*
 * HTTP in checks: the request that a step sends, and what it expects of the response. See
 * check_run.h.
 */
#include "check_run.h"

#include "../base/macros.h"
#include "../http/walk.h"
#include "../txn/scratch.h"
#include "../upstream/lb.h"
#include "sample.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- requests ---- */

static void put_text(struct px_out *out, const char *text)
{
    px_put(out, text, strlen(text));
}

/* What could end a line, or the head, does not get into it. */
static void put_value(struct px_out *out, struct px_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] >= ' ' || s.p[i] == '\t')
            px_put(out, s.p + i, 1);
}

static void put_count(struct px_out *out, const char *what, uint64_t n)
{
    put_text(out, what);
    px_put_sint(out, (int64_t)n);
}

/* "UP 1/3": how far the counter is from the other side. */
static void put_state(struct px_out *out, const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    const struct px_checking *k = &st->check;
    bool up = st->operation != PX_SERVER_STOPPED;
    int n = up ? k->health - k->rise + 1 : k->health, of = up ? k->fall : k->rise;
    put_text(out, !up ? "DOWN" : st->operation == PX_SERVER_STOPPING ? "NOLB" : "UP");
    if (n == (up ? of : 0))
        return;
    put_count(out, " ", (uint64_t)n);
    put_count(out, "/", (uint64_t)of);
}

static uint64_t weight_of_all(const struct px_proxy *be)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < be->nservers; i++)
        if (px_server_in_use(be->servers[i]))
            sum += px_weight_now(be->servers[i]);
    return sum;
}

static const char *node_name(void)
{
    static _Thread_local char name[256];
    if (px_program.global->node)
        return px_program.global->node;
    if (!name[0])
        gethostname(name, sizeof name - 1);
    return name;
}

/* HAProxy manual, "http-check send-state". */
static void put_server_state(struct px_out *out, const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    const struct px_proxy_state *be = px_proxy_state(srv->proxy);
    const struct px_address *address = px_server_address(srv);
    struct px_addr a = {0};
    char ip[PX_ADDR_TEXT] = "";
    if (address) {
        px_addr_from(&a, &address->sa);
        px_addr_text(&a, ip);
    }
    put_text(out, "x-haproxy-server-state: ");
    put_state(out, srv);
    put_text(out, "; address=");
    put_text(out, ip);
    put_count(out, "; port=", a.port);
    put_text(out, "; name=");
    put_text(out, srv->proxy->name);
    put_text(out, "/");
    put_text(out, srv->name);
    put_text(out, "; node=");
    put_text(out, node_name());
    put_count(out, "; weight=", px_weight_now(srv));
    put_count(out, "/", weight_of_all(srv->proxy));
    put_count(out, "; scur=", st->served.now);
    put_count(out, "/", be->be_conns.now - be->queue.length.now);
    put_count(out, "; qcur=", st->queue.length.now);
    if (px_throttle(srv) >= 0) {
        put_count(out, "; throttle=", (uint32_t)px_throttle(srv));
        put_text(out, "%");
    }
    put_text(out, "\r\n");
}

static void put_fields(struct px_out *out, struct px_check_run *r)
{
    const struct px_check_request *q = r->step->request;
    for (unsigned i = 0; i < q->nfields; i++) {
        px_put(out, q->fields[i].name.p, q->fields[i].name.len);
        put_text(out, ": ");
        put_value(out, px_fmt_text(r->txn, q->fields[i].value));
        put_text(out, "\r\n");
    }
    if (q->state)
        put_server_state(out, r->checker->srv);
}

static void put_request(struct px_out *out, struct px_check_run *r, struct px_str body)
{
    const struct px_check_request *q = r->step->request;
    px_put(out, q->method.p, q->method.len);
    put_text(out, " ");
    put_value(out, px_fmt_text(r->txn, q->uri));
    put_text(out, " ");
    px_put(out, q->version.p, q->version.len);
    put_text(out, "\r\n");
    put_fields(out, r);
    if (q->body) {
        put_count(out, "content-length: ", body.len);
        put_text(out, "\r\n");
    }
    if (q->closes)
        put_text(out, "connection: close\r\n");
    put_text(out, "\r\n");
    px_put(out, body.p, body.len);
}

struct px_str px_check_request(struct px_check_run *r)
{
    const struct px_check_request *q = r->step->request;
    struct px_str body = {"", 0}, none = {NULL, 0};
    if (q->body) {
        body = px_fmt_text(r->txn, q->body);
        body.p = px_arena_copy(&r->sending, body.p, body.len);
        if (!body.p)
            return none;
    }
    size_t room = px_buf_size() + body.len;
    struct px_out out = {.p = px_arena_get(&r->sending, room), .cap = room};
    if (!out.p)
        return none;
    put_request(&out, r, body);
    r->no_body = q->method.len == 4 && !memcmp(q->method.p, "HEAD", 4);
    return out.full ? none : (struct px_str){out.p, out.len};
}

/* ---- the head of a response ---- */

/* A response 1xx announces another one (RFC 9110 15.2). */
static bool is_interim(const struct px_head *head)
{
    return head->status < 200 && head->status != 101;
}

static void head_known(struct px_check_run *r)
{
    r->has_head = true;
    r->status = r->head->status;
    if (!r->txn)
        return;
    r->txn->at.answered = px_self->now;
    r->txn->http->server_status = r->status;
}

/* Reads the head, if all of it has come. BAD: there will be none. */
static enum px_check_look read_head(struct px_check_run *r)
{
    struct px_buf *in = r->conn->back.sock.in;
    while (in && px_buf_len(in)) {
        enum px_h1_result result = px_h1_response(&r->h1, r->head, in, in->cap);
        if (result == PX_H1_MORE)
            break;
        if (result != PX_H1_DONE)
            return PX_LOOK_BAD;
        if (!is_interim(r->head)) {
            head_known(r);
            return PX_LOOK_GOOD;
        }
        in->start += r->head->len;
        px_h1_reset(&r->h1);
        px_head_start(r->head, r->head->arena);
    }
    return r->ended ? PX_LOOK_BAD : PX_LOOK_WAIT;
}

/* ---- bodies ---- */

struct body {
    struct px_str data; /* decoded, in scratch memory if it was coded */
    bool complete;
};

static struct px_body_walk walk_of(const struct px_check_run *r)
{
    struct px_body_walk walk;
    enum px_meth meth = r->no_body ? PX_M_HEAD : PX_M_GET;
    if (px_h1_response_framing(r->head, meth) != PX_H1_DONE)
        r->head->body = PX_BODY_NONE;
    px_body_begin(&walk, (enum px_body)r->head->body, r->head->length);
    return walk;
}

static struct body body_of(const struct px_check_run *r)
{
    struct px_str s = px_check_received(r);
    const char *p = s.p + r->head->len, *end = s.p + s.len;
    struct px_body_walk walk = walk_of(r);
    struct px_out out = {.p = px_scratch_get((size_t)(end - p) + 1), .cap = (size_t)(end - p)};
    for (;;) {
        const char *from = p;
        enum px_span_kind kind = px_body_next(&walk, &p, end);
        if (out.p && kind == PX_SPAN_DATA)
            px_put(&out, from, (size_t)(p - from));
        if (kind == PX_SPAN_MORE || kind == PX_SPAN_END || kind == PX_SPAN_BAD)
            return (struct body){{out.p ? out.p : "", out.p ? out.len : 0}, kind != PX_SPAN_MORE};
    }
}

static bool body_matches(const struct px_check_run *r, struct px_str data)
{
    const struct px_check_expect *e = r->step->expect;
    if (e->match == PX_EXPECT_BODY)
        return px_check_contains(data, e->text);
    if (e->match == PX_EXPECT_BODY_REGEX)
        return px_regex_match(e->regex, data);
    return px_check_contains(data, px_fmt_text(r->txn, e->fmt));
}

static enum px_check_look expect_body(struct px_check_run *r, struct px_check_fault *fault)
{
    const struct px_check_expect *e = r->step->expect;
    struct body b = body_of(r);
    bool all = b.complete || r->ended;
    if (!all && (!b.data.len || (e->min_recv > 0 && b.data.len < (size_t)e->min_recv)))
        return PX_LOOK_WAIT;
    if (!b.data.len)
        return px_check_blame(r, fault, "HTTP content check could not find a response body", false);
    bool matched = body_matches(r, b.data);
    if (!matched && !all && e->min_recv == -1)
        return PX_LOOK_WAIT;
    if (matched != e->inverse)
        return PX_LOOK_GOOD;
    return px_check_blame(r, fault,
                          e->inverse ? "HTTP check matched unwanted content"
                                     : "HTTP content check did not match",
                          matched);
}

/* ---- statuses and fields ---- */

static bool in_ranges(const struct px_check_expect *e, unsigned status)
{
    for (unsigned i = 0; i < e->nranges; i++)
        if (status >= e->ranges[i].low && status <= e->ranges[i].high)
            return true;
    return false;
}

static bool text_matches(const struct px_check_run *r, const struct px_check_text *t,
                         struct px_str s, bool fold)
{
    if (t->how == PX_WORD_REG)
        return px_regex_match(t->regex, s);
    struct px_str with = px_fmt_text(r->txn, t->fmt);
    int (*differ)(const char *, const char *, size_t) = fold ? strncasecmp : strncmp;
    switch ((enum px_match_word)t->how) {
    case PX_WORD_BEG:
        return s.len >= with.len && !differ(s.p, with.p, with.len);
    case PX_WORD_END:
        return s.len >= with.len && !differ(s.p + s.len - with.len, with.p, with.len);
    case PX_WORD_SUB:
        for (size_t i = 0; i + with.len <= s.len; i++)
            if (!differ(s.p + i, with.p, with.len))
                return true;
        return false;
    default:
        return s.len == with.len && !differ(s.p, with.p, with.len);
    }
}

static bool value_matches(const struct px_check_run *r, struct px_str value)
{
    const struct px_check_expect *e = r->step->expect;
    struct px_str one;
    uint32_t at = 0;
    if (!e->value.fmt && !e->value.regex)
        return true;
    if (e->full)
        return text_matches(r, &e->value, value, false);
    while (px_list_next(value, &at, &one))
        if (text_matches(r, &e->value, one, false))
            return true;
    return false;
}

static bool has_field(const struct px_check_run *r)
{
    const struct px_check_expect *e = r->step->expect;
    for (unsigned i = 0; i < r->head->nhdrs; i++) {
        const struct px_hdr *h = &r->head->hdrs[i];
        if (text_matches(r, &e->name, (struct px_str){h->name, h->name_len}, true) &&
            value_matches(r, (struct px_str){h->value, h->value_len}))
            return true;
    }
    return false;
}

static bool head_matches(const struct px_check_run *r)
{
    const struct px_check_expect *e = r->step->expect;
    char text[8];
    if (e->match == PX_EXPECT_STATUS)
        return in_ranges(e, r->status);
    if (e->match == PX_EXPECT_FIELD)
        return has_field(r);
    snprintf(text, sizeof text, "%u", r->status);
    return px_regex_match(e->regex, (struct px_str){text, strlen(text)});
}

static enum px_check_look expect_head(struct px_check_run *r, struct px_check_fault *fault)
{
    char reason[128];
    bool matched = head_matches(r);
    if (matched != r->step->expect->inverse)
        return PX_LOOK_GOOD;
    fault->status = PX_STATUS_L7STS;
    snprintf(reason, sizeof reason, "%.*s", (int)r->head->reason.len, r->head->reason.p);
    return px_check_blame(r, fault, reason, matched);
}

/* HAProxy manual, "http-check disable-on-404": of a server that is down, 404 says nothing good. */
static bool wants_no_more(const struct px_check_run *r)
{
    return r->script->disable_on_404 && r->status == 404 &&
           px_server_state(r->checker->srv)->operation != PX_SERVER_STOPPED;
}

static enum px_check_look is_no_response(struct px_check_run *r, struct px_check_fault *fault)
{
    px_check_blame(r, fault, "", false);
    fault->status = PX_STATUS_L7RSP;
    return PX_LOOK_BAD;
}

enum px_check_look px_check_expect_http(struct px_check_run *r, struct px_check_fault *fault)
{
    enum px_check_look look = r->has_head ? PX_LOOK_GOOD : read_head(r);
    if (look == PX_LOOK_BAD)
        return is_no_response(r, fault);
    if (look == PX_LOOK_WAIT)
        return look;
    fault->code = r->status;
    if (wants_no_more(r)) {
        fault->status = PX_STATUS_L7OKC;
        return PX_LOOK_BAD;
    }
    if (r->step->expect->match >= PX_EXPECT_BODY)
        return expect_body(r, fault);
    return expect_head(r, fault);
}
