/*
 * Scripted checks: the steps of tcp-check and http-check, one after the other.
 *
 * Not here: when checks are made, and on which connections (upstream/check.c); whether an answer is
 * as expected (check_expect.c, check_http.c).
 * Idea: a step that has to wait is taken again when something happens. Expressions see a bare
 * transaction, which has a backend, a server and what the server says, but no client.
 */
#include "check_run.h"

#include "../base/macros.h"
#include "../txn/scratch.h"
#include "number.h"
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

static void advance(struct px_check_run *r);

/* ---- the end ---- */

static void hang_up(struct px_check_run *r)
{
    if (!r->conn)
        return;
    px_check_hang_up(r->conn, !r->lingers);
    r->conn = NULL;
    if (r->txn)
        r->txn->back = NULL;
}

static void run_free(struct px_check_run *r)
{
    if (r->txn) {
        px_arena_release(&r->txn->arena);
        free(r->txn->http);
        free(r->txn);
    } else {
        free(r->head);
    }
    px_arena_release(&r->arena);
    px_arena_release(&r->sending);
    free(r);
}

static void over(struct px_check_run *r, enum px_check_status status, int code, const char *info)
{
    struct px_checker *c = r->checker;
    char text[128];
    snprintf(text, sizeof text, "%s", info ? info : "");
    c->run = NULL;
    hang_up(r);
    run_free(r);
    px_check_over(c, status, code, text);
}

static bool has_talked(const struct px_check *script)
{
    for (unsigned i = 0; i < script->nsteps; i++)
        if (script->steps[i].action != PX_STEP_CONNECT && script->steps[i].action != PX_STEP_SET)
            return true;
    return false;
}

static bool is_explicit(const struct px_check *script)
{
    for (unsigned i = 0; i < script->nsteps; i++)
        if (script->steps[i].place)
            return true;
    return false;
}

int32_t px_check_code(struct px_check_run *r, const struct px_check_expect *e, int32_t otherwise)
{
    struct px_sample s;
    if (e->code && e->code(r->txn, &s) == PX_FOUND && px_cast(&s, PX_SINT))
        return (int32_t)s.u.i;
    return otherwise;
}

/* What the last step says of a success, if it is one that expects something. */
static void succeed(struct px_check_run *r)
{
    const struct px_check *script = r->script;
    const struct px_check_step *last = script->nsteps ? &script->steps[script->nsteps - 1] : NULL;
    const struct px_check_expect *e = last ? last->expect : NULL;
    enum px_check_status status = has_talked(script) ? PX_STATUS_L7OK : PX_STATUS_L4OK;
    const char *info = script->tells_steps && !script->is_protocol && is_explicit(script)
                           ? "(tcp-check)"
                           : r->said;
    int32_t code = r->status;
    char text[128];
    px_scratch_reset();
    if (e && e->ok)
        status = e->ok;
    if (e && e->on_success) {
        struct px_str s = px_fmt_text(r->txn, e->on_success);
        snprintf(text, sizeof text, "%.*s", (int)s.len, s.p);
        info = text;
    }
    if (e)
        code = px_check_code(r, e, code);
    over(r, status, code, info);
}

/* ---- failures of connections ---- */

static void put_expected(char *to, size_t room, const struct px_check_expect *e)
{
    static const char *const words[] = {
        [PX_EXPECT_REGEX] = " (expect regex)",
        [PX_EXPECT_HEX_REGEX] = " (expect binary regex)",
        [PX_EXPECT_STRING_FMT] = " (expect log-format string)",
        [PX_EXPECT_HEX_FMT] = " (expect log-format binary)",
        [PX_EXPECT_PROTOCOL] = " (expect custom function)",
    };
    if (e->match == PX_EXPECT_STRING) {
        snprintf(to, room, " (expect string '%.*s')", (int)e->text.len, e->text.p);
    } else if (e->match == PX_EXPECT_BINARY) { /* logs encode what cannot be shown */
        snprintf(to, room, " (expect binary '%.*s')", (int)e->text.len, e->text.p);
    } else if (e->match < PX_COUNT(words) && words[e->match]) {
        snprintf(to, room, "%s", words[e->match]);
    }
}

/* Where it was, as users count steps. */
static void put_place(char *to, size_t room, const struct px_check_run *r)
{
    const struct px_check_step *s = r->step;
    size_t n;
    *to = 0;
    if (!r->script->tells_steps || r->script->is_protocol)
        return;
    if (!s || !s->place) {
        snprintf(to, room, " at initial connection step of tcp-check");
        return;
    }
    snprintf(to, room, " at step %u of tcp-check", s->place);
    n = strlen(to);
    if (s->action == PX_STEP_CONNECT && s->connect->port)
        snprintf(to + n, room - n, " (connect port %d)", (int)s->connect->port);
    else if (s->action == PX_STEP_CONNECT)
        snprintf(to + n, room - n, " (connect)");
    else if (s->action == PX_STEP_SEND)
        snprintf(to + n, room - n, " (send)");
    else if (s->expect)
        put_expected(to + n, room - n, s->expect);
    n = strlen(to);
    if (s->comment)
        snprintf(to + n, room - n, " comment: '%s'", s->comment);
}

static void fail(struct px_check_run *r, enum px_check_status status, const char *what)
{
    char place[512], info[640];
    put_place(place, sizeof place, r);
    snprintf(info, sizeof info, "%s%s", what, place);
    over(r, status, r->status, info);
}

static void expired(struct px_checker *c)
{
    struct px_check_run *r = c->run;
    const struct px_check_expect *e = r->step ? r->step->expect : NULL;
    if (r->connecting)
        fail(r, PX_STATUS_L4TOUT, "");
    else
        fail(r, e && e->tout ? e->tout : PX_STATUS_L7TOUT, "");
}

static void failed(struct px_sock *s, int err)
{
    struct px_check_run *r = px_check_conn_of(s)->checker->run;
    fail(r, r->connecting ? PX_STATUS_L4CON : PX_STATUS_SOCKERR, strerror(err));
}

/* ---- steps ---- */

static void next(struct px_check_run *r)
{
    if (++r->step == r->script->steps + r->script->nsteps)
        r->step = NULL;
    advance(r);
}

/* Does the connection of the step begin with a PROXY header? */
static bool announces(const struct px_check_run *r)
{
    const struct px_check_connect *c = r->step->connect;
    return c->send_proxy || (c->inherits && px_check_announces(r->checker->srv));
}

static void connected(struct px_sock *s)
{
    struct px_check_run *r = px_check_conn_of(s)->checker->run;
    r->connecting = false;
    if (px_check_connected(r->conn, announces(r)))
        next(r);
    else
        fail(r, PX_STATUS_SOCKERR, "Failed to send the PROXY header");
}

static void received(struct px_sock *s)
{
    struct px_check_run *r = px_check_conn_of(s)->checker->run;
    if (px_buf_len(s->in) == s->in->cap) {
        px_sock_hold(s);
        r->ended = true;
    }
    advance(r);
}

static void ended(struct px_sock *s)
{
    struct px_check_run *r = px_check_conn_of(s)->checker->run;
    r->ended = true;
    advance(r);
}

static void sent(struct px_sock *s)
{
    next(px_check_conn_of(s)->checker->run);
}

/* It has finished before it was asked for anything; what it has said can still be read. */
static void hung_up(struct px_sock *s)
{
    (void)s;
}

static const struct px_sock_ops script_ops = {
    .watch = {px_sock_event},
    .connected = connected,
    .received = received,
    .ended = ended,
    .sent = sent,
    .failed = failed,
    .hung_up = hung_up,
    .expired = hung_up,
    .freed = px_check_freed,
};

static void forget_answer(struct px_check_run *r)
{
    r->ended = r->has_head = false;
    px_h1_reset(&r->h1);
    if (r->head)
        px_head_start(r->head, r->head->arena);
    if (r->txn)
        r->txn->at.answered = 0;
}

static int port_of(struct px_check_run *r, const struct px_check_connect *c)
{
    struct px_sample s;
    if (!c->port_expr)
        return c->port;
    bool good = c->port_expr(r->txn, &s) == PX_FOUND && px_cast(&s, PX_SINT);
    return good && s.u.i > 0 && s.u.i < 65536 ? (int)s.u.i : 0;
}

static void step_connect(struct px_check_run *r)
{
    const struct px_check_connect *c = r->step->connect;
    struct px_check_failure why;
    const struct px_check *script = r->script;
    bool last = r->step + 1 == script->steps + script->nsteps;
    struct px_check_way way = {.addr = c->addr.family ? &c->addr : NULL,
                               .port = port_of(r, c),
                               .speaks = !last || c->linger || announces(r)};
    hang_up(r);
    forget_answer(r);
    r->lingers = c->linger;
    r->connecting = true;
    r->conn = px_check_dial(r->checker, &way, &script_ops, &why);
    if (!r->conn)
        fail(r, why.status, why.info);
    else if (r->txn)
        r->txn->back = &r->conn->back;
}

static bool put_hex(struct px_out *out, struct px_str hex)
{
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        int high = px_hex_value(hex.p[i]), low = px_hex_value(hex.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        px_put(out, (char[]){(char)(high << 4 | low)}, 1);
    }
    return !(hex.len % 2);
}

/* p == NULL: there is nothing that could be sent. */
static struct px_str bytes_to_send(struct px_check_run *r)
{
    if (r->step->request)
        return px_check_request(r);
    struct px_str s = px_fmt_text(r->txn, r->step->data);
    struct px_out out = {.p = px_arena_get(&r->sending, s.len + 1), .cap = s.len + 1};
    if (!out.p)
        return (struct px_str){NULL, 0};
    if (r->step->data_is_hex && !put_hex(&out, s))
        return (struct px_str){NULL, 0};
    if (!r->step->data_is_hex)
        px_put(&out, s.p, s.len);
    return (struct px_str){out.p, out.len};
}

/* What has come before belongs to what was asked before. */
static void drop_received(struct px_check_run *r)
{
    struct px_sock *s = &r->conn->back.sock;
    bool was_ended = r->ended;
    if (s->in) {
        s->in->start = s->in->end;
        px_sock_taken(s);
    }
    forget_answer(r);
    r->ended = was_ended;
}

static void step_send(struct px_check_run *r)
{
    px_arena_release(&r->sending);
    px_scratch_reset();
    struct px_str s = bytes_to_send(r);
    if (!s.p) {
        over(r, PX_STATUS_L7RSP, 0, "there is nothing that could be sent");
        return;
    }
    drop_received(r);
    struct iovec v = {(char *)s.p, s.len};
    enum px_sending how = s.len ? px_sock_send(&r->conn->back.sock, &v, 1) : PX_SENT;
    if (how == PX_SENT)
        next(r);
    else if (how == PX_SEND_FAILED)
        fail(r, PX_STATUS_SOCKERR, "Connection reset by peer");
}

static void step_expect(struct px_check_run *r)
{
    struct px_check_fault fault = {.status = PX_STATUS_L7RSP};
    px_scratch_reset();
    if (!r->ended)
        px_sock_want(&r->conn->back.sock);
    switch (px_check_expect(r, &fault)) {
    case PX_LOOK_GOOD:
        next(r);
        break;
    case PX_LOOK_BAD:
        over(r, fault.status, fault.code, fault.info);
        break;
    case PX_LOOK_WAIT:
        break;
    }
}

/* Takes the step, again if it has waited. The run may be gone afterwards. */
static void advance(struct px_check_run *r)
{
    if (!r->step) {
        succeed(r);
        return;
    }
    switch ((enum px_check_action)r->step->action) {
    case PX_STEP_CONNECT:
        if (!r->connecting)
            step_connect(r);
        break;
    case PX_STEP_SEND:
    case PX_STEP_REQUEST:
        if (!px_sock_sending(&r->conn->back.sock))
            step_send(r);
        break;
    case PX_STEP_EXPECT:
        step_expect(r);
        break;
    case PX_STEP_SET:
        px_scratch_reset();
        r->step->set->run(r->txn);
        next(r);
        break;
    }
}

/* ---- the beginning ---- */

static bool prepare_http(struct px_check_run *r)
{
    if (r->txn) {
        r->txn->http = calloc(1, sizeof *r->txn->http);
        if (!r->txn->http)
            return false;
        r->head = &r->txn->http->res;
        px_head_start(r->head, &r->txn->arena);
        return true;
    }
    r->head = malloc(sizeof *r->head);
    if (r->head)
        px_head_start(r->head, &r->arena);
    return r->head;
}

static bool prepare(struct px_check_run *r)
{
    const struct px_server *srv = r->checker->srv;
    if (r->script->computes) {
        r->txn = calloc(1, sizeof *r->txn);
        if (!r->txn)
            return false;
        r->txn->fe = r->txn->be = srv->proxy;
        r->txn->srv = srv;
        r->txn->flags = PX_T_FINAL;
        r->txn->stage = PX_STAGE_RESPONSE;
        r->txn->date_us = r->txn->accept_us = px_self->date_us;
    }
    return !r->script->is_http || prepare_http(r);
}

static void begin(struct px_checker *c)
{
    struct px_check_run *r = calloc(1, sizeof *r);
    if (!r) {
        px_check_over(c, PX_STATUS_SOCKERR, 0, "out of memory");
        return;
    }
    r->checker = c;
    r->script = c->srv->proxy->check;
    r->step = r->script->steps;
    c->run = r;
    if (prepare(r))
        advance(r);
    else
        over(r, PX_STATUS_SOCKERR, 0, "out of memory");
}

const struct px_check_kind px_check_script = {begin, expired};
