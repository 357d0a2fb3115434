/*
 * Actions that keep something, and those that change how the transaction is logged, answered or
 * rewritten.
 *
 * A sample that is not there changes nothing.
 */
#include "../http/status.h"
#include "../txn/scratch.h"
#include "act.h"
#include "vars.h"

/* ---- variables ---- */

enum px_verdict px_act_set_var(struct px_txn *t, enum px_phase at, unsigned var, px_expr expr,
                               unsigned conds)
{
    struct px_sample value;
    (void)at;
    if (expr(t, &value) == PX_FOUND)
        px_var_set_if(t, var, &value, conds);
    return PX_GO;
}

enum px_verdict px_act_set_var_fmt(struct px_txn *t, enum px_phase at, unsigned var,
                                   const struct px_fmt *fmt, unsigned conds)
{
    struct px_sample value;
    (void)at;
    px_set_text(&value, px_fmt_text(t, fmt));
    px_var_set_if(t, var, &value, conds);
    return PX_GO;
}

enum px_verdict px_act_unset_var(struct px_txn *t, enum px_phase at, unsigned var)
{
    (void)at;
    px_var_unset(t, var);
    return PX_GO;
}

/* ---- early hints ---- */

/* The response head is free until a server answers. HTTP/1.0 clients know no interim responses. */
enum px_verdict px_act_early_hint(struct px_txn *t, enum px_phase at, const struct px_name *name,
                                  const struct px_fmt *fmt)
{
    struct px_str text;
    if (t->http->req.version != PX_HTTP_11)
        return PX_GO;
    if (!(t->flags & PX_T_HINTS))
        px_http_begin_interim(t, 103, "Early Hints");
    t->flags |= PX_T_HINTS;
    return px_rewritten(t, at,
                        px_edit_text(t, fmt, &text) && px_head_add(&t->http->res, name, text));
}

/* A client that does not take it gets the response, and will be seen to fail there. */
void px_hints_end(struct px_txn *t)
{
    if (!(t->flags & PX_T_HINTS))
        return;
    t->flags &= ~(uint32_t)PX_T_HINTS;
    px_http_send_interim(t);
}

/* ---- logs ---- */

/* The place of a slot among all: those of responses stand behind those of requests. -1: the
 * frontend has not got it, for a backend cannot know. */
static int64_t place_of(const struct px_txn *t, bool request, int64_t slot)
{
    const struct px_proxy *fe = t->fe;
    if (!t->http || slot >= (request ? fe->ncaptures_req : fe->ncaptures_res))
        return -1;
    return request ? slot : fe->ncaptures_req + slot;
}

static void keep_capture(struct px_txn *t, int64_t place, struct px_str text)
{
    struct px_str *captures = px_http_captures(t);
    size_t most = t->fe->captures[place].max_len;
    if (text.len > most)
        text.len = most;
    text.p = px_arena_copy(&t->arena, text.p, text.len);
    if (captures && text.p)
        captures[place] = text;
}

enum px_verdict px_act_capture(struct px_txn *t, enum px_phase at, px_expr expr, int64_t slot)
{
    struct px_sample s;
    int64_t place = place_of(t, px_at_request(at), slot);
    if (place >= 0 && expr(t, &s) == PX_FOUND && px_cast(&s, PX_STRING))
        keep_capture(t, place, s.u.s);
    return PX_GO;
}

/* false: there is no such slot. */
static bool capture_sample(struct px_txn *t, const struct px_sample *smp, bool request,
                           int64_t slot)
{
    int64_t place = t ? place_of(t, request, slot) : -1;
    if (place < 0)
        return false;
    keep_capture(t, place, smp->u.s);
    return true;
}

bool px_conv_capture_req(struct px_txn *t, struct px_sample *smp, int64_t slot)
{
    return capture_sample(t, smp, true, slot);
}

bool px_conv_capture_res(struct px_txn *t, struct px_sample *smp, int64_t slot)
{
    return capture_sample(t, smp, false, slot);
}

enum px_verdict px_act_set_log_level(struct px_txn *t, enum px_phase at, int level)
{
    (void)at;
    t->log_level = (uint8_t)(1 + level);
    return PX_GO;
}

enum px_verdict px_act_disable_l7_retry(struct px_txn *t, enum px_phase at)
{
    (void)at;
    t->flags |= PX_T_ONCE;
    return PX_GO;
}

enum px_verdict px_act_wait_for_body(struct px_txn *t, enum px_phase at, int64_t ms, int64_t least)
{
    uint8_t stage = t->stage;
    enum px_progress (*wait)(struct px_txn *, uint64_t, uint64_t) =
        px_at_request(at) ? px_http_wait_for_body : px_http_wait_for_answer_body;
    if (wait(t, (uint64_t)ms, (uint64_t)least) == PX_STAY)
        return PX_WAIT;
    return t->stage == stage ? PX_GO : PX_DONE;
}

/* ---- time ---- */

/* -1: there is none. */
static int64_t milliseconds(struct px_txn *t, px_expr expr)
{
    int64_t ms;
    return px_expr_int(t, expr, &ms) && ms >= 0 && ms <= INT32_MAX ? ms : -1;
}

/* A rule that waited already is the only one that can meet t->resume. */
enum px_verdict px_act_pause(struct px_txn *t, enum px_phase at, px_expr expr)
{
    if (!t->resume) {
        int64_t ms = milliseconds(t, expr);
        if (ms <= 0)
            return PX_GO;
        t->flags &= ~(uint32_t)PX_T_TIMED;
        px_arm(&t->timer, (uint64_t)ms);
        if (!px_at_request(at)) {
            px_sock_hold(&t->back->sock);
            px_sock_expire(&t->back->sock, 0);
        }
        return PX_WAIT;
    }
    if (!(t->flags & PX_T_TIMED))
        return PX_WAIT;
    t->flags &= ~(uint32_t)PX_T_TIMED;
    if (px_at_request(at))
        t->at.head = px_self->now; /* logs count the wait as one for the request */
    return PX_GO;
}

/* false: no memory. */
static bool has_timeouts(struct px_txn *t)
{
    if (!t->timeouts && (t->timeouts = px_arena_get(&t->arena, sizeof *t->timeouts)))
        *t->timeouts = (struct px_timeouts){0};
    return t->timeouts;
}

/* HAProxy does nothing about a sample that is no time either. */
enum px_verdict px_act_set_timeout(struct px_txn *t, enum px_phase at, int which, px_expr expr)
{
    int64_t ms = milliseconds(t, expr);
    (void)at;
    if (ms > 0 && has_timeouts(t))
        t->timeouts->ms[which] = (int32_t)ms;
    return PX_GO;
}

/* In a backend it is known already how many are left, and none has been needed. */
enum px_verdict px_act_set_retries(struct px_txn *t, enum px_phase at, px_expr expr)
{
    int64_t n;
    (void)at;
    if (!px_expr_int(t, expr, &n) || n < 0 || n > UINT16_MAX || !has_timeouts(t))
        return PX_GO;
    t->timeouts->retries = (int32_t)n + 1;
    t->retries_left = (uint16_t)n;
    return PX_GO;
}

/* ---- rewrites ---- */

enum px_verdict px_act_strict_mode(struct px_txn *t, enum px_phase at, int word)
{
    (void)at;
    t->http->rewrite_lax = word == PX_WORD_OFF;
    return PX_GO;
}

static bool is_bodyless(unsigned status)
{
    return status == 204 || status == 304;
}

/* The client does not expect a body any more: what there is of it is not sent. */
static void lose_body(struct px_http *h)
{
    h->head_request = true;
    if (h->res.body != PX_BODY_NONE)
        h->server_close = true;
    h->res.body = PX_BODY_NONE;
}

static bool drop_length(struct px_head *res, bool say_none)
{
    static const struct px_name length = {PX_STR("content-length"), PX_H_CONTENT_LENGTH};
    static const struct px_name coding = {PX_STR("transfer-encoding"), PX_H_TRANSFER_ENCODING};
    px_head_delete_name(res, &length);
    px_head_delete_name(res, &coding);
    return !say_none || px_head_add(res, &length, (struct px_str){"0", 1});
}

/* Bodies come and go with the status (RFC 9110 6.4.1). Interim responses are none of a rule's. */
static bool set_status(struct px_http *h, unsigned status, struct px_str reason)
{
    struct px_head *res = &h->res;
    bool had_none = is_bodyless(res->status) && !h->head_request;
    if (status < 200 || !px_head_set_status(res, status, reason))
        return false;
    h->status = (uint16_t)status;
    if (is_bodyless(status))
        lose_body(h);
    if (status == 204)
        return drop_length(res, false);
    return !had_none || is_bodyless(status) || drop_length(res, true);
}

enum px_verdict px_act_set_status(struct px_txn *t, enum px_phase at, int64_t status,
                                  struct px_str reason)
{
    if (!reason.p)
        reason = px_text_of(px_status_reason((unsigned)status));
    return px_rewritten(t, at, set_status(t->http, (unsigned)status, reason));
}

/* ---- queues ---- */

static int64_t limited(int64_t v, int64_t most)
{
    return v > most ? most : v < -most ? -most : v;
}

enum px_verdict px_act_set_priority_class(struct px_txn *t, enum px_phase at, px_expr expr)
{
    int64_t class;
    (void)at;
    if (px_expr_int(t, expr, &class))
        t->priority_class = (int16_t)limited(class, 2047);
    return PX_GO;
}

enum px_verdict px_act_set_priority_offset(struct px_txn *t, enum px_phase at, px_expr expr)
{
    int64_t ms;
    (void)at;
    if (px_expr_int(t, expr, &ms))
        t->priority_offset = (int32_t)limited(ms, 524287);
    return PX_GO;
}
