/*
 * Choosing a server and connecting to it. See serve.h.
 */
#include "serve.h"

#include "../base/macros.h"
#include "../upstream/lb.h"
#include "../upstream/observe.h"
#include "http.h"

#include <errno.h>
#include <string.h>

enum { RETRY_PAUSE_MS = 1000 };

static void enter_backend(struct px_txn *t)
{
    struct px_proxy_state *st = px_proxy_state(t->be);
    t->flags |= PX_T_IN_BACKEND;
    px_level_up(&st->be_conns);
    px_rate_tick(&st->be_rate);
    PX_COUNT_ONE(px_be_counters(t->be)->sessions);
    if (t->http)
        PX_COUNT_ONE(px_be_counters(t->be)->requests);
}

/* HAProxy manual 4: who comes to an HTTP backend is taken to speak HTTP; HTTP does not go to TCP
 * backends. */
static enum px_progress change_mode(struct px_txn *t)
{
    if (t->http)
        return px_txn_fail(t, 'I', 'R', 0);
    if (!px_txn_become(t, t->fe->upgrade->kind->routed))
        return px_txn_fail(t, 'R', 'R', 0);
    return px_txn_go(t, PX_STAGE_RECEIVE);
}

enum px_progress px_serve_persistence(struct px_txn *t)
{
    static const uint32_t flags[] = {[PX_PERSIST_USUAL] = 0,
                                     [PX_PERSIST_FORCE] = PX_T_FORCE_PERSIST,
                                     [PX_PERSIST_IGNORE] = PX_T_IGNORE_PERSIST};
    const struct px_rules *rules = t->be->rules;
    if (PX_UNLIKELY(rules && rules->persist))
        t->flags |= flags[rules->persist(t)];
    return PX_NEXT;
}

enum px_progress px_serve_route(struct px_txn *t)
{
    const struct px_rules *rules = t->fe->rules;
    if (rules && rules->use_backend)
        t->be = rules->use_backend(t);
    if (!t->be)
        t->be = t->fe->default_backend;
    if (!t->be && (t->fe->caps & PX_BACKEND))
        t->be = t->fe;
    if (!t->be)
        return px_txn_fail(t, 'S', 'C', 503);
    enum px_progress p = PX_NEXT;
    if (PX_UNLIKELY(t->fe->upgrade != NULL) && t->be->is_http != (t->http != NULL))
        p = change_mode(t);
    else
        px_serve_persistence(t);
    t->retries_left = px_retries(t);
    enter_backend(t);
    return p;
}

static void count_retry(const struct px_txn *t)
{
    PX_COUNT_ONE(px_be_counters(t->be)->retries);
    PX_COUNT_ONE(px_srv_counters(t->srv)->retries);
}

static void count_attempt(const struct px_server *srv)
{
    struct px_server_state *st = px_server_state(srv);
    px_rate_tick(&st->rate);
    PX_COUNT_ONE(px_srv_counters(srv)->sessions);
    atomic_store_explicit(&st->last_session, (uint64_t)(px_self->date_us / 1000000),
                          memory_order_relaxed);
}

/* It does not get the server that it has asked for. */
static void lose_server(struct px_txn *t)
{
    t->persist = NULL;
    if (t->http && t->http->trace && t->http->trace->client == 'V')
        t->http->trace->client = 'D'; /* as it turned out */
}

static void leave_server(struct px_txn *t, const struct px_server *srv)
{
    t->flags |= PX_T_REDISPATCHED;
    lose_server(t);
    PX_COUNT_ONE(px_be_counters(t->be)->redispatches);
    PX_COUNT_ONE(px_srv_counters(srv)->redispatches);
}

/* An attempt that was allowed to leave its server has, or has not. */
static void note_move(struct px_txn *t, const struct px_server *to)
{
    if (to == t->srv) {
        count_retry(t);
        return;
    }
    leave_server(t, t->srv);
}

static void have_server(struct px_txn *t, const struct px_server *srv)
{
    if (PX_UNLIKELY(t->failed != NULL))
        note_move(t, srv);
    t->srv = srv;
    t->flags |= PX_T_SLOT;
    t->at.queue = px_self->now;
    count_attempt(srv);
}

/* HAProxy manual, "srv_queue": how many were served before it, and HAProxy counts the request
 * itself, too; over all queues that it goes through. */
static void note_queue(struct px_txn *t, const struct px_server *wanted, uint32_t passed)
{
    uint32_t *at = wanted ? &t->ahead_server : &t->ahead_backend;
    *at += passed + 1;
    t->waiting = NULL;
}

static void granted(struct px_waiting *w)
{
    struct px_txn *t = w->owner;
    note_queue(t, w->wanted, w->passed);
    px_timer_stop(&t->timer);
    if (w->granted) {
        have_server(t, w->granted);
    } else {
        t->flags &= ~(uint32_t)(PX_T_DESIGNATED | PX_T_ASKED);
        leave_server(t, w->wanted);
    }
    px_txn_go(t, w->granted ? PX_STAGE_CONNECT : PX_STAGE_SERVER);
    px_txn_run(t);
}

static enum px_progress wait_in_queue(struct px_txn *t, const struct px_server *wanted)
{
    struct px_rank rank = {t->priority_class, (int64_t)px_self->now + t->priority_offset,
                           t->flags & PX_T_FORCE_PERSIST};
    t->waiting = px_queue_join(t->be, wanted, rank, granted, t);
    if (!t->waiting)
        return px_txn_fail(t, 'R', 'C', 503);
    t->flags |= PX_T_WAITED;
    uint64_t patience = px_queue_timeout(t);
    t->flags &= ~(uint32_t)PX_T_TIMED;
    if (patience)
        px_arm(&t->timer, patience);
    return PX_STAY;
}

static enum px_progress no_server(struct px_txn *t, char cause, char phase)
{
    PX_COUNT_ONE(px_be_counters(t->be)->failed_conns);
    return px_txn_fail(t, cause, phase, 503);
}

static enum px_progress choose_server(struct px_txn *t);

static struct px_choice make_choice(struct px_txn *t)
{
    struct px_choice c = {.avoid = t->failed && px_usable_servers(t->be) > 1 ? t->failed : NULL};
    if (t->be->balance)
        c.has_hash = t->be->balance->hash(t, t->be->balance, &c.hash);
    return c;
}

static void count_choice(const struct px_txn *t, const struct px_server *srv)
{
    if (srv == t->srv) /* another attempt */
        return;
    PX_COUNT_ONE(px_be_counters(t->be)->balanced);
    PX_COUNT_ONE(px_srv_counters(srv)->balanced);
}

/* HAProxy manual, "maxqueue"; 0: there is no limit. */
static bool queue_is_full(const struct px_server *srv)
{
    return srv->maxqueue && px_server_state(srv)->queue.length.now >= (uint32_t)srv->maxqueue;
}

/* If all others are full, the server that failed has another chance. */
static const struct px_server *next_choice(const struct px_txn *t, struct px_choice *choice)
{
    const struct px_server *srv = t->be->lb->choose(t->be, choice);
    if (srv || !choice->avoid)
        return srv;
    choice->avoid = NULL;
    return t->be->lb->choose(t->be, choice);
}

/* A turn may be lost to another thread between choosing and taking, hence several tries. Who comes
 * while others wait for any server waits behind them. */
static enum px_progress take_turn(struct px_txn *t, struct px_choice choice)
{
    for (unsigned i = 0; i <= t->be->nservers && !px_proxy_state(t->be)->queue.length.now; i++) {
        const struct px_server *srv = next_choice(t, &choice);
        if (!srv)
            break;
        if (px_slot_take(srv)) {
            count_choice(t, srv);
            have_server(t, srv);
            return PX_NEXT;
        }
        if (t->be->lb->queues && srv->maxqueue && !queue_is_full(srv)) {
            count_choice(t, srv);
            return wait_in_queue(t, srv);
        }
    }
    return wait_in_queue(t, NULL);
}

/* The queue of the server that was to be is full: to another one, where that is allowed. */
static enum px_progress spill(struct px_txn *t, const struct px_server *srv)
{
    bool asked = t->flags & PX_T_ASKED;
    t->flags &= ~(uint32_t)(PX_T_DESIGNATED | PX_T_ASKED);
    if (!t->be->redispatch || t->flags & PX_T_FORCE_PERSIST) {
        t->srv = srv;
        PX_COUNT_ONE(px_srv_counters(srv)->failed_conns);
        return no_server(t, 'S', 'Q');
    }
    leave_server(t, srv);
    if (asked)
        return choose_server(t);
    return take_turn(t, (struct px_choice){.avoid = srv});
}

static enum px_progress take_server(struct px_txn *t, const struct px_server *srv)
{
    if (px_slot_take(srv)) {
        have_server(t, srv);
        return PX_NEXT;
    }
    return queue_is_full(srv) ? spill(t, srv) : wait_in_queue(t, srv);
}

static enum px_progress choose_server(struct px_txn *t)
{
    if (!px_any_server(t->be))
        return no_server(t, 'S', 'C');
    struct px_choice choice = make_choice(t);
    const struct px_server *srv = choice.has_hash ? t->be->lb->choose(t->be, &choice) : NULL;
    if (!srv)
        return take_turn(t, choice);
    t->flags |= PX_T_DESIGNATED;
    count_choice(t, srv);
    return take_server(t, srv);
}

/* Does the queue of srv let a client stay that would rather not go elsewhere? */
static bool may_stay(const struct px_server *srv)
{
    struct px_server_state *st = px_server_state(srv);
    int32_t most = srv->proxy->max_keep_alive_queue;
    uint32_t maxconn = px_server_limit(srv);
    bool has_room = !maxconn || st->served.now < maxconn;
    return most < 0 || has_room || st->queue.length.now < (uint32_t)most;
}

/* HAProxy manual, "option prefer-last-server": the server to which the client has a connection of
 * its own. Who has been asked for credentials goes there in any case. NULL: any one. */
static const struct px_server *last_server(const struct px_txn *t)
{
    const struct px_client *c = t->client;
    if (PX_LIKELY(!c->own) || c->own->srv->proxy != t->be || t->failed || t->be->balance)
        return NULL;
    const struct px_server *srv = c->own->srv;
    if (!c->prefers_last && !(t->be->prefer_last && may_stay(srv)))
        return NULL;
    return px_server_usable(srv) ? srv : NULL;
}

/* A rule comes before what the client asks for; logs call its cookie unused then. */
static void prefer(struct px_txn *t, const struct px_server *srv)
{
    struct px_cookie_trace *k = t->http ? t->http->trace : NULL;
    if (!srv)
        return;
    t->persist = srv;
    if (k && (k->client == 'V' || k->client == 'D' || k->client == 'I'))
        k->client = 'U';
}

/* NULL: any, for nothing asks for one, or it has been tried. */
static const struct px_server *asked_for(struct px_txn *t)
{
    const struct px_rules *rules = t->be->rules;
    if (t->failed)
        return NULL;
    if (rules && rules->use_server)
        prefer(t, rules->use_server(t));
    if (PX_UNLIKELY(t->be->rdp != NULL) && !t->persist)
        t->persist = t->be->rdp->find(t, t->be->rdp);
    if (rules && rules->stick_request)
        rules->stick_request(t);
    return t->persist;
}

enum px_progress px_serve_server(struct px_txn *t)
{
    if (t->waiting) { /* only a timeout brings us here while waiting */
        if (!(t->flags & PX_T_TIMED))
            return PX_STAY;
        t->at.queue = px_self->now;
        if (t->waiting->wanted)
            PX_COUNT_ONE(px_srv_counters(t->waiting->wanted)->failed_conns);
        return no_server(t, 's', 'Q');
    }
    if (t->flags & PX_T_SLOT) /* another attempt on the same server */
        return PX_NEXT;
    const struct px_server *asked = asked_for(t);
    if (asked) {
        t->flags |= PX_T_DESIGNATED | PX_T_ASKED;
        return take_server(t, asked);
    }
    if (t->be->dispatch)
        return take_server(t, t->be->dispatch);
    const struct px_server *last = last_server(t);
    return last ? take_server(t, last) : choose_server(t);
}

/* The port of a server may be relative to the one that the client connected to, or the same. */
int px_serve_port(const struct px_txn *t)
{
    const struct px_endpoint *ep = &t->srv->addr;
    if (ep->has_port && !ep->port_offset)
        return px_address_port(px_server_address(t->srv));
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    return dst.port + (ep->has_port ? ep->port : 0);
}

void px_serve_addr(const struct px_txn *t, struct px_addr *addr)
{
    const struct px_address *known = px_server_address(t->srv);
    *addr = (struct px_addr){0};
    if (PX_UNLIKELY(t->srv->follows))
        px_client_dst(t->client, addr);
    else if (PX_LIKELY(known))
        px_addr_from(addr, &known->sa);
}

static bool may_reuse(const struct px_txn *t, bool *proved_only)
{
    *proved_only = false;
    if (!t->http)
        return false;
    if (t->client->requests > 1 || t->be->reuse == PX_REUSE_ALWAYS)
        return true;
    *proved_only = true;
    return t->be->reuse == PX_REUSE_AGGRESSIVE;
}

/* HAProxy manual, "http-reuse never": connections are not shared, but kept for their client. So are
 * those that began by announcing a client, or pretend to be one. */
static bool is_private(const struct px_txn *t)
{
    return t->be->reuse == PX_REUSE_NEVER || t->srv->personal;
}

/* Was, or would be, the connection made for something else than what holds for the client's next
 * request? */
static bool is_one_off(const struct px_txn *t)
{
    const struct px_source *source = t->srv->source;
    if (t->marks || t->srv->vectors)
        return true;
    return t->srv->personal && (t->ends || (source && source->usesrc == PX_USESRC_SAMPLE));
}

static struct px_back *reuse_own(struct px_txn *t)
{
    struct px_client *c = t->client;
    if (!c->own || c->own->srv != t->srv || !px_back_is_current(c->own))
        return NULL;
    return px_back_unpark(&c->own, t->kind->back_ops, t);
}

static void keep_connection(struct px_txn *t)
{
    struct px_back *back = t->back;
    struct px_client *c = t->client;
    t->back = NULL;
    if (is_one_off(t)) {
        px_back_end(back);
        return;
    }
    if (!is_private(t) && !back->personal) {
        px_back_release(back);
        return;
    }
    if (c->own)
        px_back_end(c->own);
    px_back_park(back, &c->own);
}

static bool connect_by_reuse(struct px_txn *t)
{
    bool proved_only;
    if ((t->flags & PX_T_REUSED) || !may_reuse(t, &proved_only) || is_one_off(t))
        return false;
    if (is_private(t))
        t->back = reuse_own(t);
    else if (!(t->back = reuse_own(t)))
        t->back = px_back_reuse(t->srv, proved_only, t->kind->back_ops, t);
    if (!t->back)
        return false;
    t->flags |= PX_T_REUSED;
    PX_COUNT_ONE(px_be_counters(t->be)->reuses);
    PX_COUNT_ONE(px_srv_counters(t->srv)->reuses);
    return true;
}

/* As the address that a request names, if it does. */
static void come_from_sample(struct px_txn *t, px_expr sample, struct px_addr *from)
{
    struct px_sample s;
    if (!t->http || sample(t, &s) != PX_FOUND || (s.type != PX_IPV4 && s.type != PX_IPV6))
        return;
    from->family = s.type == PX_IPV4 ? AF_INET : AF_INET6;
    memcpy(from->ip, &s.u, s.type == PX_IPV4 ? 4 : 16);
}

/* As whom the connection comes. false: as the client, who has no address; no other one will do. */
static bool choose_face(struct px_txn *t, struct px_addr *from)
{
    const struct px_source *source = t->srv->source;
    switch (source ? source->usesrc : PX_USESRC_NONE) {
    case PX_USESRC_CLIENT:
    case PX_USESRC_CLIENTIP:
        *from = t->client->src;
        if (source->usesrc == PX_USESRC_CLIENTIP)
            from->port = 0;
        return px_addr_is_ip(from);
    case PX_USESRC_SAMPLE:
        come_from_sample(t, source->sample, from);
        return true;
    default:
        return true;
    }
}

static unsigned netns_of(const struct px_txn *t)
{
    const struct px_told *told = t->client->told;
    if (t->srv->netns == PX_NETNS_OF_CLIENT)
        return told ? told->netns : 0;
    return t->srv->netns;
}

static struct px_back *dial(struct px_txn *t)
{
    struct px_way way = {.port = px_serve_port(t),
                         .netns = (uint16_t)netns_of(t),
                         .marks = t->marks,
                         .speaks = t->http || t->client->sock.in || t->srv->announce};
    if (t->srv->follows)
        px_client_dst(t->client, &way.to);
    if (!choose_face(t, &way.from) || (t->srv->follows && !px_addr_is_ip(&way.to))) {
        errno = EADDRNOTAVAIL;
        return NULL;
    }
    return px_back_dial(t->srv, &way, t->kind->back_ops, t);
}

/* Whose limit left no socket for a server (HAProxy manual 8.5): the configuration's, the system's;
 * 0: it failed for another reason. */
static char limit_reached(int err)
{
    if (err == EMFILE && px_program.global->ulimit_n)
        return 'P';
    return err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM ? 'R' : 0;
}

static enum px_progress begin_connection(struct px_txn *t)
{
    PX_COUNT_ONE(px_be_counters(t->be)->connects);
    PX_COUNT_ONE(px_srv_counters(t->srv)->connects);
    t->flags &= ~(uint32_t)PX_T_REUSED;
    t->back = dial(t);
    char limit = t->back ? 0 : limit_reached(errno);
    if (limit)
        return px_txn_fail(t, limit, 'C', 503);
    if (!t->back)
        return px_serve_retry(t, 'S');
    px_sock_expire(&t->back->sock, px_connect_timeout(t));
    return PX_STAY;
}

static void keep_source(struct px_txn *t)
{
    union px_sockaddr sa;
    socklen_t len = sizeof sa;
    if ((t->fe->log_needs & PX_LOG_BACK) && !getsockname(t->back->sock.watch.fd, &sa.sa, &len))
        px_addr_from(&t->back_src, &sa);
}

static bool announce(struct px_txn *t)
{
    const struct px_announce *a = t->srv->announce;
    return !a || (t->flags & PX_T_REUSED) || a->send(t);
}

/* HAProxy manual, "redir": who asks for something there is sent there. */
static bool is_elsewhere(const struct px_txn *t)
{
    const struct px_head *req = &t->http->req;
    return (req->meth == PX_M_GET || req->meth == PX_M_HEAD) && px_uri_path(req->uri).len;
}

static enum px_progress redirect(struct px_txn *t)
{
    t->cause = 'L';
    t->phase = 'C';
    t->http->redirect = t->srv->redirect;
    t->http->status = t->srv->redirect->code;
    if (t->http->req.body == PX_BODY_NONE) /* else that counts it */
        t->http->head_sizes += strlen("connection") + strlen("close");
    t->flags |= PX_T_CLOSE;
    return px_txn_go(t, PX_STAGE_ANSWER);
}

enum px_progress px_serve_connect(struct px_txn *t)
{
    if (t->back && (t->back->sock.state & PX_S_CONNECTING))
        return PX_STAY;
    if (!t->back) {
        if (px_timer_is_set(&t->timer))
            return PX_STAY; /* the pause before another attempt */
        t->flags &= ~(uint32_t)PX_T_TIMED;
        if (PX_UNLIKELY(!(t->flags & PX_T_SLOT)))
            return px_txn_go(t, PX_STAGE_SERVER);
        if (PX_UNLIKELY(t->srv->redirect) && t->http && is_elsewhere(t))
            return redirect(t);
        if (!connect_by_reuse(t))
            return begin_connection(t);
    }
    if (!announce(t))
        return px_serve_retry(t, 'S');
    t->at.connected = px_self->now;
    if (!(t->flags & PX_T_REUSED))
        px_observed(t->srv, PX_SEEN_CONNECTED);
    keep_source(t);
    if (PX_UNLIKELY(t->lessons != NULL))
        t->lessons->learn(t);
    px_sock_expire(&t->back->sock, 0);
    t->back->sock.watch.nice = t->client->sock.watch.nice;
    return PX_NEXT;
}

static void drop_connection(struct px_txn *t)
{
    struct px_back *back = t->back;
    bool answered = t->http && t->up.over && t->down.over && !(t->flags & PX_T_TUNNEL);
    t->back = NULL;
    if (back && answered)
        px_back_end(back);
    else if (back)
        px_back_close(back, t->flags & PX_T_RESET_SERVER);
}

static void give_slot(struct px_txn *t)
{
    if (t->flags & PX_T_SLOT) {
        t->flags &= ~(uint32_t)PX_T_SLOT;
        px_slot_release(t->srv);
    }
}

void px_serve_release(struct px_txn *t, bool keep)
{
    if (t->waiting) {
        const struct px_server *wanted = t->waiting->wanted;
        if (t->failed && wanted && wanted != t->srv)
            leave_server(t, t->srv);
        if (wanted) /* logs name it, as HAProxy's do */
            t->srv = wanted;
        note_queue(t, wanted, px_queue_leave(t->waiting));
    }
    if (t->back && keep)
        keep_connection(t);
    drop_connection(t);
    give_slot(t);
    if (t->flags & PX_T_IN_BACKEND) {
        t->flags &= ~(uint32_t)PX_T_IN_BACKEND;
        px_level_down(&px_proxy_state(t->be)->be_conns);
    }
}

/* HAProxy manual, "option redispatch": which retries leave the server. */
static bool leaves_server(const struct px_txn *t)
{
    int every = t->be->redispatch;
    if (!every || (t->flags & PX_T_FORCE_PERSIST))
        return false;
    if (every < 0)
        every += px_retries(t) + 1;
    if (every <= 0 || t->retries % every == 0 || !px_server_usable(t->srv))
        return true;
    return !(t->flags & PX_T_DESIGNATED) && px_usable_servers(t->be) > 1;
}

static enum px_progress pause_retry(struct px_txn *t)
{
    uint64_t most = px_connect_timeout(t);
    px_arm(&t->timer, most && most < RETRY_PAUSE_MS ? most : RETRY_PAUSE_MS);
    t->stage = PX_STAGE_CONNECT;
    return PX_STAY;
}

/* Where there is no other server the pause is due, but one may be there at its end. */
static enum px_progress move_on(struct px_txn *t, bool pause)
{
    bool alone = px_server_in_use(t->srv) && px_usable_servers(t->be) <= 1;
    t->failed = t->srv;
    t->flags &= ~(uint32_t)(PX_T_DESIGNATED | PX_T_ASKED);
    give_slot(t);
    return pause && alone ? pause_retry(t) : px_txn_go(t, PX_STAGE_SERVER);
}

static enum px_progress try_again(struct px_txn *t, bool pause)
{
    t->retries++;
    t->retries_left--;
    if (leaves_server(t))
        return move_on(t, pause);
    count_retry(t);
    count_attempt(t->srv);
    return pause ? pause_retry(t) : px_txn_go(t, PX_STAGE_SERVER);
}

void px_serve_resend(struct px_txn *t, bool counts)
{
    drop_connection(t);
    t->flags |= PX_T_REUSED; /* so that none is used again */
    if (counts) {
        count_retry(t); /* as HAProxy does, beside the attempt on the same server */
        try_again(t, false);
    } else {
        px_txn_go(t, PX_STAGE_SERVER);
    }
}

enum px_progress px_serve_retry(struct px_txn *t, char cause)
{
    bool reused = t->flags & PX_T_REUSED;
    drop_connection(t);
    if (reused) /* it was idle for too long; that says nothing about the server */
        return px_txn_go(t, PX_STAGE_SERVER);
    px_observed(t->srv, PX_SEEN_NO_CONNECTION);
    if (t->retries_left && !(t->be->retry_on & PX_RETRY_NO_CONN)) {
        return try_again(t, cause == 'S');
    }
    PX_COUNT_ONE(px_be_counters(t->be)->failed_conns);
    PX_COUNT_ONE(px_srv_counters(t->srv)->failed_conns);
    return px_txn_fail(t, cause, 'C', 503);
}
