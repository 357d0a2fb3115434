/*
 * Rule sets around connections. See rules.h.
 */
#include "rules.h"

#include "../abi/policy.h"
#include "../http/body.h"
#include "end.h"
#include "scratch.h"

static bool buffer_is_full(const struct px_sock *s)
{
    const struct px_buf *in = s->in;
    return in &&
           px_buf_len(in) >= (uint32_t)(px_program.global->bufsize - px_program.global->maxrewrite);
}

bool px_request_is_whole(const struct px_txn *t)
{
    const struct px_buf *in = t->client->sock.in;
    if (!t->http || !in)
        return false;
    const struct px_head *req = &t->http->req;
    const char *p = req->base + req->len, *end = in->data + in->end;
    struct px_body_walk walk;
    px_body_begin(&walk, (enum px_body)req->body, req->length);
    enum px_span_kind kind;
    do
        kind = px_body_next(&walk, &p, end);
    while (kind != PX_SPAN_MORE && kind != PX_SPAN_END && kind != PX_SPAN_BAD);
    return kind == PX_SPAN_END;
}

enum px_verdict px_note_rule(struct px_txn *t, const char *file, uint32_t line, enum px_verdict v)
{
    if (v == PX_END || v == PX_DONE) {
        t->rule_file = file;
        t->rule_line = line;
    }
    return v;
}

enum px_verdict px_pause(struct px_txn *t, unsigned rule, enum px_verdict v)
{
    t->resume = v == PX_WAIT ? rule : 0;
    return v;
}

bool px_resumes(struct px_txn *t, unsigned rule)
{
    return t->resume == rule;
}

bool px_is_final(const struct px_txn *t)
{
    return t->flags & PX_T_FINAL;
}

static bool no_more_comes(const struct px_txn *t, const struct px_sock *s, int32_t delay)
{
    return !delay || (t->flags & PX_T_TIMED) || buffer_is_full(s) ||
           (s->state & (PX_S_ENDED | PX_S_BROKEN));
}

static enum px_progress wait_for_data(struct px_txn *t, struct px_sock *s, int32_t delay)
{
    if (!px_timer_is_set(&t->timer))
        px_arm(&t->timer, (uint64_t)delay);
    px_sock_want(s);
    return PX_STAY;
}

/* For the meaning of a name: no more data is needed. It ends by itself, without a delay, too. */
static enum px_progress wait_for_name(struct px_txn *t, struct px_sock *s, int32_t delay)
{
    if (delay && !px_timer_is_set(&t->timer))
        px_arm(&t->timer, (uint64_t)delay);
    px_sock_hold(s);
    return PX_STAY;
}

/* One evaluation, with the bytes of s. PX_STAY: the rules wait for more. */
static enum px_progress inspect(struct px_txn *t, enum px_verdict (*rules)(struct px_txn *),
                                struct px_sock *s, int32_t delay)
{
    px_scratch_reset();
    if (rules(t) == PX_WAIT)
        return t->lookup ? wait_for_name(t, s, delay) : wait_for_data(t, s, delay);
    px_timer_stop(&t->timer);
    t->flags &= ~(uint32_t)(PX_T_FINAL | PX_T_TIMED);
    t->resume = 0;
    return PX_NEXT;
}

enum px_progress px_content_rules(struct px_txn *t, enum px_verdict (*rules)(struct px_txn *),
                                  const struct px_proxy *p)
{
    struct px_sock *s = &t->client->sock;
    if (no_more_comes(t, s, p->inspect_delay) || px_request_is_whole(t))
        t->flags |= PX_T_FINAL;
    enum px_progress progress = inspect(t, rules, s, p->inspect_delay);
    if (progress == PX_NEXT)
        px_sock_hold(s);
    return progress;
}

enum px_progress px_content_of_backend(struct px_txn *t)
{
    const struct px_rules *all = t->be->rules;
    if (t->be == t->fe || !all || !all->tcp_request)
        return PX_NEXT;
    enum px_progress p = px_content_rules(t, all->tcp_request, t->be);
    if (t->http) /* logs count the wait as one for the request */
        t->at.head = px_self->now;
    return p;
}

/* Rules about an HTTP response are evaluated once: with its head, or when the time is over. */
static enum px_progress inspect_answer(struct px_txn *t, enum px_verdict (*rules)(struct px_txn *))
{
    struct px_sock *s = &t->back->sock;
    int32_t delay = t->be->response_inspect_delay;
    if (t->at.answered || no_more_comes(t, s, delay))
        t->flags |= PX_T_FINAL;
    else if (t->http)
        return wait_for_data(t, s, delay);
    enum px_progress progress = inspect(t, rules, s, delay);
    if (progress == PX_NEXT)
        t->flags |= PX_T_INSPECTED;
    return progress;
}

/* Is there what can be learnt from? Of a TCP session, that is its first data. */
static bool has_answer(const struct px_txn *t)
{
    const struct px_sock *s = &t->back->sock;
    return t->http ? t->at.answered : s->in || (s->state & (PX_S_ENDED | PX_S_BROKEN));
}

enum px_progress px_answer_rules(struct px_txn *t)
{
    const struct px_rules *all = t->be->rules;
    if (!all || (t->flags & PX_T_ANSWER_SEEN))
        return PX_NEXT;
    if (all->tcp_response && !(t->flags & PX_T_INSPECTED)) {
        enum px_stage stage = t->stage;
        enum px_progress progress = inspect_answer(t, all->tcp_response);
        if (progress != PX_NEXT || t->stage != stage)
            return progress;
    }
    if (all->stick_response && !has_answer(t))
        return PX_NEXT;
    t->flags |= PX_T_ANSWER_SEEN;
    if (all->stick_response) {
        px_scratch_renew();
        all->stick_response(t);
    }
    return PX_NEXT;
}

static bool passes(struct px_txn *t, enum px_verdict (*rules)(struct px_txn *))
{
    px_scratch_reset();
    return rules(t) != PX_DONE && !px_scratch_failed();
}

static bool pass_client(struct px_client *c, enum px_verdict (*rules)(struct px_txn *))
{
    if (!rules)
        return true;
    struct px_txn *t = px_txn_new(c, c->bind->serve->kind);
    bool good = t && passes(t, rules);
    if (t)
        px_txn_free(t);
    c->txn = NULL;
    return good;
}

/* Who was refused has had no session. */
static void count_session(const struct px_client *c)
{
    const struct px_proxy *fe = c->bind->proxy;
    PX_COUNT_ONE(px_fe_counters(fe)->sessions);
    PX_COUNT_ONE(px_bind_counters(c->bind)->sessions);
    px_rate_tick(&px_proxy_state(fe)->sess_rate);
    px_rate_tick(&px_sess_rate);
    if (fe->log_at_accept && !fe->is_http && px_program.log)
        px_program.log->connected(c);
}

void px_client_welcome(struct px_client *c)
{
    const struct px_rules *rules = c->bind->proxy->rules;
    c->welcome = px_self->now;
    if (rules && !pass_client(c, rules->tcp_session)) {
        px_client_close(c, false);
        return;
    }
    count_session(c);
    c->bind->serve->kind->start(c);
}

/* Who is refused before there is a session gets a reset at once. */
void px_client_admit(struct px_client *c)
{
    const struct px_rules *rules = c->bind->proxy->rules;
    if (rules && !pass_client(c, rules->tcp_connection))
        px_client_reset(c);
    else if (c->expect)
        c->expect->begin(c);
    else
        px_client_welcome(c);
}
