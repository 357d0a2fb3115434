/*
 * Actions that change the addresses of the client connection, as logs, fetches, balancing and
 * X-Forwarded-For see them.
 *
 * Rules about connections and sessions change them for good; rules about a request do so until it
 * ends (px_txn.ends). expect-proxy lets the client announce them.
 */
#include "../txn/client.h"
#include "act.h"

static bool keep_ends(struct px_txn *t, enum px_phase at)
{
    if (at <= PX_AT_SESS || t->ends)
        return true;
    t->ends = px_arena_get(&t->arena, sizeof *t->ends);
    if (t->ends)
        *t->ends = (struct px_ends){t->client->src, t->client->dst};
    return t->ends;
}

/* What rules about connections say of the addresses stays true of the connection. */
static enum px_verdict changed(struct px_txn *t, enum px_phase at)
{
    if (at == PX_AT_CONN)
        px_client_rule_ends(t->client);
    return PX_GO;
}

/* The port stays. */
static void take_ip(struct px_addr *addr, const struct px_sample *s)
{
    *addr = (struct px_addr){.family = s->type == PX_IPV6 ? AF_INET6 : AF_INET,
                             .port = px_addr_is_ip(addr) ? addr->port : 0};
    memcpy(addr->ip, &s->u, s->type == PX_IPV6 ? 16 : 4);
}

static void take_port(struct px_addr *addr, const struct px_sample *s)
{
    if (!px_addr_is_ip(addr))
        *addr = (struct px_addr){.family = AF_INET};
    addr->port = (uint16_t)s->u.i;
}

/* The sample as an address or a port. false: there is none, or nothing can be changed. */
static bool take(struct px_txn *t, enum px_phase at, px_expr expr, enum px_type type,
                 struct px_sample *s)
{
    return expr(t, s) == PX_FOUND && px_cast(s, type) && keep_ends(t, at);
}

enum px_verdict px_act_set_src(struct px_txn *t, enum px_phase at, px_expr expr)
{
    struct px_sample s;
    if (take(t, at, expr, PX_ADDR, &s))
        take_ip(&t->client->src, &s);
    return changed(t, at);
}

enum px_verdict px_act_set_src_port(struct px_txn *t, enum px_phase at, px_expr expr)
{
    struct px_sample s;
    if (take(t, at, expr, PX_SINT, &s))
        take_port(&t->client->src, &s);
    return changed(t, at);
}

enum px_verdict px_act_set_dst(struct px_txn *t, enum px_phase at, px_expr expr)
{
    struct px_sample s;
    if (!take(t, at, expr, PX_ADDR, &s))
        return PX_GO;
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    take_ip(&dst, &s);
    t->client->dst = dst;
    return changed(t, at);
}

enum px_verdict px_act_set_dst_port(struct px_txn *t, enum px_phase at, px_expr expr)
{
    struct px_sample s;
    if (!take(t, at, expr, PX_SINT, &s))
        return PX_GO;
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    take_port(&dst, &s);
    t->client->dst = dst;
    return changed(t, at);
}

/* Which layer is announced is only a word: there is no other. */
enum px_verdict px_act_expect_proxy(struct px_txn *t, enum px_phase at, int layer)
{
    (void)at;
    (void)layer;
    t->client->expect = &px_expect_proxy;
    return PX_GO;
}

enum px_verdict px_act_expect_netscaler_cip(struct px_txn *t, enum px_phase at, int layer)
{
    (void)at;
    (void)layer;
    t->client->expect = &px_expect_netscaler;
    return PX_GO;
}
