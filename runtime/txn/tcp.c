/*
 * TCP sessions: two connections, and bytes that go both ways until both sides have finished.
 *
 * A direction that ends is closed on the other side once what it carried has left; the opposite
 * direction goes on (half-close). That of a client that was reset did not end: its server must not
 * take what has come for all there was, so it sees a reset, too.
 */
#include "../base/macros.h"
#include "end.h"
#include "pump.h"
#include "rules.h"
#include "serve.h"

static struct px_txn *txn_of_client(struct px_sock *s)
{
    return PX_OWNER(s, struct px_client, sock)->txn;
}

static struct px_txn *txn_of_back(struct px_sock *s)
{
    return PX_OWNER(s, struct px_back, sock)->user;
}

/* ---- steps ---- */

static enum px_progress tcp_content(struct px_txn *t)
{
    enum px_verdict (*rules)(struct px_txn *) = t->fe->rules ? t->fe->rules->tcp_request : NULL;
    if (!t->at.head) /* waiting for data counts as waiting in the queue */
        t->at.head = px_self->now;
    return rules ? px_content_rules(t, rules, t->fe) : PX_NEXT;
}

/*
 * Any byte is a sign of life of the whole session. A side that has finished is only waited for
 * while it does not take what there is for it; one that was told that there is no more has its own
 * time.
 */
static void tcp_expect(struct px_txn *t)
{
    uint64_t client = (uint64_t)t->fe->timeout_client, server = (uint64_t)t->be->timeout_server;
    if (t->be->timeout_tunnel)
        client = server = (uint64_t)t->be->timeout_tunnel;
    if (t->down.over && t->fe->timeout_client_fin)
        client = (uint64_t)t->fe->timeout_client_fin;
    if (t->up.over && t->be->timeout_server_fin)
        server = (uint64_t)t->be->timeout_server_fin;
    px_pump_expire(&t->up, &t->down, &t->client->sock, t->fe->independent_streams,
                   !t->up.ended || t->down.blocked ? client : 0);
    px_pump_expire(&t->down, &t->up, &t->back->sock, t->be->independent_streams,
                   !t->down.ended || t->up.blocked ? server : 0);
}

static enum px_progress tcp_begin(struct px_txn *t)
{
    px_pump_begin(&t->up, PX_BODY_CLOSE, 0, px_splice_of(t->fe->splice_up, t->be->splice_up),
                  px_lane_up(t));
    px_pump_begin(&t->down, PX_BODY_CLOSE, 0, px_splice_of(t->fe->splice_down, t->be->splice_down),
                  px_lane_down(t));
    t->up.ended = t->client->sock.state & PX_S_ENDED; /* while content rules waited */
    t->flags |= PX_T_SENT;
    px_txn_log_early(t);
    return PX_NEXT;
}

static enum px_progress tcp_fail(struct px_txn *t, char cause, bool of_client)
{
    if (of_client) {
        if (cause == 'C' && !t->up.over)
            t->flags |= PX_T_RESET_SERVER;
        px_txn_count_abort(t);
    } else {
        PX_COUNT_ONE(px_be_counters(t->be)->srv_aborts);
        PX_COUNT_ONE(px_srv_counters(t->srv)->srv_aborts);
    }
    return px_txn_fail(t, cause, 'D', 0);
}

/* Moves what there is in one direction. reset: how its destination will end when there is no more.
 * false: the destination is gone. */
static bool tcp_move(struct px_pump *p, struct px_sock *src, struct px_sock *dst, bool reset)
{
    struct iovec v[PX_IOV];
    if (p->over || p->blocked)
        return true;
    enum px_flow f = px_pump_run(p, src, dst, v, 0);
    if (f == PX_FLOW_FAILED)
        return false;
    if (f == PX_FLOW_MORE && p->ended) {
        p->over = true;
        px_sock_hold(src);
        if (!reset)
            px_sock_shut(dst);
    }
    return true;
}

static enum px_progress tcp_forward(struct px_txn *t)
{
    bool slam = t->be->nolinger && !t->down.ended;
    if (!tcp_move(&t->up, &t->client->sock, &t->back->sock, slam))
        return tcp_fail(t, 'S', false);
    if (t->up.over && slam) {
        t->flags |= PX_T_RESET_SERVER;
        return PX_NEXT;
    }
    enum px_progress p = px_answer_rules(t);
    if (t->stage != PX_STAGE_FORWARD)
        return p;
    bool last = t->up.over && t->fe->nolinger;
    if (p == PX_NEXT && !tcp_move(&t->down, &t->back->sock, &t->client->sock, last))
        return tcp_fail(t, 'C', true);
    if (t->up.over && t->down.over)
        return PX_NEXT;
    px_txn_count(t);
    tcp_expect(t);
    return PX_STAY;
}

static enum px_progress tcp_end(struct px_txn *t)
{
    struct px_client *c = t->client;
    bool unread = t->flags & PX_T_UNREAD;
    px_serve_release(t, false); /* first: logs count the others */
    px_txn_account(t);
    px_txn_free(t);
    c->txn = NULL;
    px_client_close(c, unread);
    return PX_OVER;
}

/* ---- events ---- */

static void client_ready(struct px_sock *s)
{
    px_txn_run(txn_of_client(s));
}

static void client_ended(struct px_sock *s)
{
    struct px_txn *t = txn_of_client(s);
    t->up.ended = true;
    px_txn_run(t);
}

static bool waits_for_server(const struct px_txn *t)
{
    return t->stage == PX_STAGE_SERVER || t->stage == PX_STAGE_CONNECT;
}

/* The phase of a session that transfers nothing yet. */
static char phase_of(const struct px_txn *t)
{
    return t->stage < PX_STAGE_SERVER ? 'R' : t->stage == PX_STAGE_SERVER ? 'Q' : 'C';
}

static void client_failed(struct px_sock *s, int err)
{
    struct px_txn *t = txn_of_client(s);
    (void)err;
    if (t->stage == PX_STAGE_SERVER)
        t->at.queue = px_self->now;
    if (t->stage < PX_STAGE_FORWARD) {
        px_txn_abort(t, 'C', phase_of(t), 0);
        return;
    }
    tcp_fail(t, 'C', true);
    px_txn_run(t);
}

/* "option abortonclose": for who has left no server is looked for. */
static void client_hung_up(struct px_sock *s)
{
    struct px_txn *t = txn_of_client(s);
    bool cares = waits_for_server(t) && (t->fe->abortonclose || t->be->abortonclose);
    if (cares || (s->state & PX_S_BROKEN))
        client_failed(s, 0);
}

static void client_sent(struct px_sock *s)
{
    struct px_txn *t = txn_of_client(s);
    px_pump_unblock(&t->down, &t->back->sock);
    px_txn_run(t);
}

static void client_expired(struct px_sock *s)
{
    struct px_txn *t = txn_of_client(s);
    if (waits_for_server(t)) /* it has nothing to say */
        return;
    if (t->stage < PX_STAGE_FORWARD) {
        px_txn_abort(t, 'c', 'R', 0);
        return;
    }
    tcp_fail(t, 'c', true);
    px_txn_run(t);
}

static void back_ready(struct px_sock *s)
{
    px_txn_run(txn_of_back(s));
}

static void back_ended(struct px_sock *s)
{
    struct px_txn *t = txn_of_back(s);
    t->down.ended = true;
    px_txn_run(t);
}

static void back_failed(struct px_sock *s, int err)
{
    struct px_txn *t = txn_of_back(s);
    (void)err;
    enum px_progress p =
        t->stage == PX_STAGE_CONNECT ? px_serve_retry(t, 'S') : tcp_fail(t, 'S', false);
    if (p == PX_NEXT)
        px_txn_run(t);
}

static void back_hung_up(struct px_sock *s)
{
    if (s->state & PX_S_BROKEN)
        back_failed(s, 0);
}

static void back_sent(struct px_sock *s)
{
    struct px_txn *t = txn_of_back(s);
    px_pump_unblock(&t->up, &t->client->sock);
    px_txn_run(t);
}

static void back_expired(struct px_sock *s)
{
    struct px_txn *t = txn_of_back(s);
    if (t->stage == PX_STAGE_CONNECT) {
        if (px_serve_retry(t, 's') == PX_NEXT)
            px_txn_run(t);
        return;
    }
    /* Where both sides have been silent for as long, the client is the one to blame. */
    bool alike = t->be->timeout_tunnel || t->fe->timeout_client == t->be->timeout_server;
    bool of_client = alike && !t->up.ended && !t->down.ended;
    tcp_fail(t, of_client ? 'c' : 's', of_client);
    px_txn_run(t);
}

static const struct px_sock_ops client_ops = {
    .watch = {px_sock_event},
    .received = client_ready,
    .ended = client_ended,
    .sent = client_sent,
    .failed = client_failed,
    .hung_up = client_hung_up,
    .expired = client_expired,
    .freed = px_client_freed,
};

static const struct px_sock_ops back_ops = {
    .watch = {px_sock_event},
    .connected = back_ready,
    .received = back_ready,
    .ended = back_ended,
    .sent = back_sent,
    .failed = back_failed,
    .hung_up = back_hung_up,
    .expired = back_expired,
    .freed = px_back_freed,
};

static void tcp_start(struct px_client *c)
{
    struct px_txn *t = px_txn_new(c, &px_kind_tcp);
    if (!t) {
        px_client_close(c, false);
        return;
    }
    px_sock_expire(&c->sock, (uint64_t)t->fe->timeout_client);
    px_txn_run(t);
}

const struct px_kind px_kind_tcp = {
    .name = "tcp",
    .stages = {[PX_STAGE_CONTENT] = tcp_content,
               [PX_STAGE_ROUTE] = px_serve_route,
               [PX_STAGE_INSPECT] = px_content_of_backend,
               [PX_STAGE_SERVER] = px_serve_server,
               [PX_STAGE_CONNECT] = px_serve_connect,
               [PX_STAGE_SEND] = tcp_begin,
               [PX_STAGE_FORWARD] = tcp_forward,
               [PX_STAGE_END] = tcp_end},
    .start = tcp_start,
    .client_ops = &client_ops,
    .back_ops = &back_ops,
};

static void tcp_accepted(struct px_listener *l, int fd, const union px_sockaddr *peer)
{
    struct px_client *c = px_client_new(l, fd, peer, &client_ops);
    if (c)
        px_client_admit(c);
}

const struct px_mode px_mode_tcp = {.name = "tcp",
                                    .kind = &px_kind_tcp,
                                    .may_accept = px_client_may_accept,
                                    .accepted = tcp_accepted};
