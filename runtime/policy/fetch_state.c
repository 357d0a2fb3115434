/*
 * Sample fetches about the state of the process, its proxies and servers (HAProxy manual 7.3.2).
 *
 * Not here: anything about one connection (fetch_conn.c).
 * Idea: these may be evaluated before there is a loop or a transaction (set-var in the global
 * section), so both px_self and t may be NULL.
 */
#include "../txn/txn.h"
#include "../upstream/health.h"
#include "../upstream/lb.h"
#include "../upstream/slot.h"
#include "sample.h"

/* ---- whose state ---- */

static const struct px_proxy *frontend_of(const struct px_txn *t, const struct px_proxy *given)
{
    return given ? given : t ? t->fe : NULL;
}

/* NULL: none was given, and the frontend at work has not got one yet. */
static const struct px_proxy *backend_of(const struct px_txn *t, const struct px_proxy *given)
{
    if (given || !t)
        return given;
    if (t->be)
        return t->be;
    return t->fe->caps & PX_BACKEND ? t->fe : NULL;
}

static enum px_found found_rate(struct px_sample *out, const struct px_rate *rate)
{
    return px_found_int(out, px_self ? px_rate_read(rate) : 0);
}

/* ---- frontends ---- */

enum px_found px_fetch_fe_conn(struct px_txn *t, struct px_sample *out, const struct px_proxy *p)
{
    p = frontend_of(t, p);
    return p ? px_found_int(out, px_proxy_state(p)->fe_conns.now) : PX_ABSENT;
}

enum px_found px_fetch_fe_req_rate(struct px_txn *t, struct px_sample *out,
                                   const struct px_proxy *p)
{
    p = frontend_of(t, p);
    return p ? found_rate(out, &px_proxy_state(p)->req_rate) : PX_ABSENT;
}

enum px_found px_fetch_fe_sess_rate(struct px_txn *t, struct px_sample *out,
                                    const struct px_proxy *p)
{
    p = frontend_of(t, p);
    return p ? found_rate(out, &px_proxy_state(p)->sess_rate) : PX_ABSENT;
}

/* ---- backends ---- */

enum px_found px_fetch_be_conn(struct px_txn *t, struct px_sample *out, const struct px_proxy *p)
{
    p = backend_of(t, p);
    return p ? px_found_int(out, px_proxy_state(p)->be_conns.now) : PX_ABSENT;
}

enum px_found px_fetch_be_sess_rate(struct px_txn *t, struct px_sample *out,
                                    const struct px_proxy *p)
{
    p = backend_of(t, p);
    return p ? found_rate(out, &px_proxy_state(p)->be_rate) : PX_ABSENT;
}

enum px_found px_fetch_nbsrv(struct px_txn *t, struct px_sample *out, const struct px_proxy *p)
{
    p = backend_of(t, p);
    return p ? px_found_int(out, px_usable_servers(p)) : PX_ABSENT;
}

static int64_t queued_for(const struct px_server *srv)
{
    return px_server_state(srv)->queue.length.now;
}

static int64_t queued_in(const struct px_proxy *be)
{
    int64_t sum = px_proxy_state(be)->queue.length.now;
    for (unsigned i = 0; i < be->nservers; i++)
        sum += queued_for(be->servers[i]);
    return sum;
}

enum px_found px_fetch_queue(struct px_txn *t, struct px_sample *out, const struct px_proxy *p)
{
    p = backend_of(t, p);
    return p ? px_found_int(out, queued_in(p)) : PX_ABSENT;
}

/* Rounded up, and twice the queue when nobody serves it (HAProxy manual, "avg_queue"). */
enum px_found px_fetch_avg_queue(struct px_txn *t, struct px_sample *out, const struct px_proxy *p)
{
    p = backend_of(t, p);
    if (!p)
        return PX_ABSENT;
    int64_t queued = queued_in(p), servers = px_usable_servers(p);
    return px_found_int(out, servers ? (queued + servers - 1) / servers : queued * 2);
}

/* Of a server that has a limit. */
static int64_t free_slots(const struct px_server *srv)
{
    int64_t left = px_server_limit(srv) - (int64_t)px_server_state(srv)->served.now;
    return left > 0 ? left : 0;
}

static int64_t free_places(const struct px_server *srv)
{
    int64_t left = srv->maxqueue - queued_for(srv);
    return left > 0 ? left : 0;
}

/* Of the servers that get requests now. -1: one of them has no limit. */
enum px_found px_fetch_be_conn_free(struct px_txn *t, struct px_sample *out,
                                    const struct px_proxy *p)
{
    int64_t sum = 0;
    p = backend_of(t, p);
    if (!p)
        return PX_ABSENT;
    for (unsigned i = 0; i < p->nservers; i++) {
        const struct px_server *srv = p->servers[i];
        if (!px_server_in_use(srv))
            continue;
        if (!px_server_limit(srv))
            return px_found_int(out, -1);
        sum += free_slots(srv);
    }
    return px_found_int(out, sum);
}

/* Of all servers that are not in maintenance, backups included. -1: one of them has no limit. */
enum px_found px_fetch_connslots(struct px_txn *t, struct px_sample *out, const struct px_proxy *p)
{
    int64_t sum = 0;
    p = backend_of(t, p);
    if (!p)
        return PX_ABSENT;
    for (unsigned i = 0; i < p->nservers; i++) {
        const struct px_server *srv = p->servers[i];
        if (!px_server_may_persist(srv))
            continue;
        if (!px_server_limit(srv) || !srv->maxqueue)
            return px_found_int(out, -1);
        sum += free_slots(srv) + free_places(srv);
    }
    return px_found_int(out, sum);
}

/* ---- servers ---- */

enum px_found px_fetch_srv_conn(struct px_txn *t, struct px_sample *out, const struct px_server *s)
{
    (void)t;
    return px_found_int(out, px_server_state(s)->served.now);
}

enum px_found px_fetch_srv_conn_free(struct px_txn *t, struct px_sample *out,
                                     const struct px_server *s)
{
    (void)t;
    return px_found_int(out, px_server_limit(s) ? free_slots(s) : -1);
}

enum px_found px_fetch_srv_is_up(struct px_txn *t, struct px_sample *out, const struct px_server *s)
{
    (void)t;
    return px_found_bool(out, px_server_may_persist(s));
}

enum px_found px_fetch_srv_queue(struct px_txn *t, struct px_sample *out, const struct px_server *s)
{
    (void)t;
    return px_found_int(out, queued_for(s));
}

enum px_found px_fetch_srv_sess_rate(struct px_txn *t, struct px_sample *out,
                                     const struct px_server *s)
{
    (void)t;
    return found_rate(out, &px_server_state(s)->rate);
}

/* As the configuration has it. */
enum px_found px_fetch_srv_iweight(struct px_txn *t, struct px_sample *out,
                                   const struct px_server *s)
{
    (void)t;
    return px_found_int(out, s->weight);
}

/* As it has been set. */
enum px_found px_fetch_srv_uweight(struct px_txn *t, struct px_sample *out,
                                   const struct px_server *s)
{
    (void)t;
    return px_found_int(out, px_server_state(s)->weight);
}

enum px_found px_fetch_srv_weight(struct px_txn *t, struct px_sample *out,
                                  const struct px_server *s)
{
    (void)t;
    return px_found_int(out, px_weight_now(s));
}

enum px_found px_fetch_prio_class(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->priority_class);
}

enum px_found px_fetch_prio_offset(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->priority_offset);
}

enum px_found px_fetch_acl(struct px_txn *t, struct px_sample *out, px_cond holds)
{
    enum px_tri v = holds(t);
    if (v == PX_UNKNOWN && !px_is_final(t))
        return PX_LATER;
    return px_found_bool(out, v == PX_TRUE);
}
