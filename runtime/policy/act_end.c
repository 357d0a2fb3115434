/*
 * Actions that end a rule set: verdicts, answers of our own, refusals.
 *
 * Which counters move and which state the log shows is what HAProxy does (manual 8.5): a refusal is
 * the proxy's doing (P), an answer is local (L); the second letter says whether the request (R) or
 * the response (H) was looked at.
 */
#include "../txn/http.h"
#include "../txn/scratch.h"
#include "act.h"

enum px_verdict px_act_accept(struct px_txn *t, enum px_phase at)
{
    (void)t;
    (void)at;
    return PX_END;
}

enum px_verdict px_act_allow(struct px_txn *t, enum px_phase at)
{
    (void)t;
    (void)at;
    return PX_END;
}

static void note_cause(struct px_txn *t, char cause, char phase)
{
    if (t->cause)
        return;
    t->cause = cause;
    t->phase = phase;
}

static enum px_verdict go(struct px_txn *t, enum px_stage stage)
{
    px_txn_go(t, stage);
    return PX_DONE;
}

/* ---- refusals that are counted ---- */

static void count_refused(struct px_txn *t, enum px_phase at)
{
    struct px_counters *fe = px_fe_counters(t->fe), *bind = px_bind_counters(t->client->bind);
    if (at == PX_AT_CONN) {
        PX_COUNT_ONE(fe->denied_conn);
        PX_COUNT_ONE(bind->denied_conn);
    } else if (at == PX_AT_SESS) {
        PX_COUNT_ONE(fe->denied_sess);
        PX_COUNT_ONE(bind->denied_sess);
    } else if (px_at_request(at)) {
        px_count_denied_request(t);
    } else {
        px_count_denied_response(t);
    }
}

/* ---- the connection ends without an answer ---- */

static enum px_verdict cut(struct px_txn *t)
{
    t->flags |= PX_T_CLOSE | PX_T_NO_TR;
    return go(t, PX_STAGE_END);
}

/* What the server has sent does not go on, but is counted. */
static enum px_verdict cut_response(struct px_txn *t)
{
    px_http_drop_response(t);
    if (!t->http && t->back->sock.in)
        t->down.bytes += px_buf_len(t->back->sock.in);
    t->flags |= PX_T_CLOSE;
    return go(t, PX_STAGE_END);
}

enum px_verdict px_act_reject(struct px_txn *t, enum px_phase at)
{
    count_refused(t, at);
    note_cause(t, 'P', px_at_request(at) ? 'R' : 'D');
    if (!px_at_request(at))
        return cut_response(t);
    if (t->stage == PX_STAGE_CONTENT && t->http)
        t->http->log_uri.p = NULL; /* refused as a connection: logs show no request */
    return cut(t);
}

/* As if the server had closed here: what has come from it goes on, nothing goes to it any more. */
enum px_verdict px_act_switch_mode(struct px_txn *t, enum px_phase at)
{
    (void)at;
    if (t->http || px_txn_become(t, t->fe->upgrade->kind))
        return PX_END;
    px_txn_fail(t, 'R', 'R', 0);
    return PX_DONE;
}

enum px_verdict px_act_close(struct px_txn *t, enum px_phase at)
{
    (void)at;
    if (t->http && !t->at.answered) {
        px_http_no_response(t, 'S', 502);
        return PX_DONE;
    }
    if (t->http) {
        t->http->server_close = true;
        return PX_END;
    }
    px_sock_hold(&t->client->sock);
    t->down.ended = true;
    t->up.over = true;
    t->flags |= PX_T_UNREAD; /* the client is let finish, so that nothing is lost */
    return PX_END;
}

enum px_verdict px_act_silent_drop(struct px_txn *t, enum px_phase at, int64_t rst_ttl)
{
    px_count_denied_request(t);
    note_cause(t, 'P', 'R');
    px_client_forget(t->client, (int)rst_ttl);
    if (px_at_request(at))
        return cut(t);
    px_http_drop_response(t);
    t->flags |= PX_T_CLOSE;
    return go(t, PX_STAGE_END);
}

/* ---- answers ---- */

static void answer_is(struct px_txn *t, enum px_phase at, const struct px_reply *reply,
                      const struct px_redirect *redirect)
{
    if (!px_at_request(at))
        px_http_drop_response(t);
    t->http->reply = reply;
    t->http->redirect = redirect;
    t->http->status = reply ? reply->status : redirect->code;
}

/* Only frontends count what they answer themselves. */
static void note_local(struct px_txn *t, enum px_phase at)
{
    note_cause(t, 'L', px_at_request(at) ? 'R' : 'H');
    if (px_at_request(at) && !t->be)
        PX_COUNT_ONE(px_fe_counters(t->fe)->intercepted);
}

enum px_verdict px_act_deny(struct px_txn *t, enum px_phase at, const struct px_reply *reply)
{
    count_refused(t, at);
    note_cause(t, 'P', px_at_request(at) ? 'R' : 'H');
    if (px_at_request(at))
        px_http_read_cookies(t);
    answer_is(t, at, reply, NULL);
    return go(t, PX_STAGE_ANSWER);
}

enum px_verdict px_act_tarpit(struct px_txn *t, enum px_phase at, const struct px_reply *reply)
{
    count_refused(t, at);
    note_cause(t, 'P', 'T');
    t->flags |= PX_T_TARPIT | PX_T_NO_TR;
    px_http_read_cookies(t);
    answer_is(t, at, reply, NULL);
    return go(t, PX_STAGE_HOLD);
}

enum px_verdict px_act_return(struct px_txn *t, enum px_phase at, const struct px_reply *reply)
{
    note_local(t, at);
    answer_is(t, at, reply, NULL);
    return go(t, PX_STAGE_ANSWER);
}

/* The same challenge as that of a server, said by a proxy (RFC 9110 11.7.1). NULL: no memory. */
static const struct px_reply *as_of_proxy(struct px_txn *t, const struct px_reply *reply)
{
    static const struct px_name name = {PX_STR("proxy-authenticate"), PX_H_PROXY_AUTHENTICATE};
    struct px_reply *r = px_arena_get(&t->arena, sizeof *r);
    struct px_reply_hdr *challenge = px_arena_get(&t->arena, sizeof *challenge);
    if (!r || !challenge)
        return NULL;
    *challenge = (struct px_reply_hdr){&name, reply->hdrs[0].value};
    *r = *reply;
    r->status = 407;
    r->hdrs = challenge;
    return r;
}

enum px_verdict px_act_auth(struct px_txn *t, enum px_phase at, const struct px_reply *reply)
{
    const struct px_reply *said = t->http->proxied ? as_of_proxy(t, reply) : reply;
    if (said)
        return px_act_return(t, at, said);
    px_txn_fail(t, 'R', 'R', 500);
    return PX_DONE;
}

enum px_verdict px_act_redirect(struct px_txn *t, enum px_phase at, const struct px_redirect *r)
{
    bool may_skip = r->ignore_empty && r->kind == PX_REDIR_LOCATION;
    if (may_skip && !px_fmt_text(t, r->target).len)
        return PX_GO;
    note_local(t, at);
    answer_is(t, at, NULL, r);
    return go(t, PX_STAGE_ANSWER);
}
