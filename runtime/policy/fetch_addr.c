/*
 * Sample fetches about the addresses of both connections (HAProxy manual 7.3.3).
 *
 * "src" and "dst" are what PROXY headers and rules have made of them; "fc_src" and "fc_dst" are
 * those of the connection itself, which only tcp-request connection rules change.
 */
#include "../net/netns.h"
#include "../txn/serve.h"
#include "sample.h"

#include <unistd.h>

static enum px_found found_addr(struct px_sample *out, const struct px_addr *addr)
{
    if (!px_addr_is_ip(addr))
        return PX_ABSENT;
    px_addr_sample(addr, out);
    return PX_FOUND;
}

/* Port 0 stands for none: it can be announced, but nobody connects from or to it. */
static enum px_found found_port(struct px_sample *out, const struct px_addr *addr)
{
    return px_addr_is_ip(addr) && addr->port ? px_found_int(out, addr->port) : PX_ABSENT;
}

/* ---- whose address it is ---- */

static struct px_addr src_of(const struct px_txn *t)
{
    return t->client->src;
}

static struct px_addr dst_of(const struct px_txn *t)
{
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    return dst;
}

static struct px_addr fc_src_of(const struct px_txn *t)
{
    struct px_ends ends;
    px_client_ends(t->client, &ends);
    return ends.src;
}

static struct px_addr fc_dst_of(const struct px_txn *t)
{
    struct px_ends ends;
    px_client_ends(t->client, &ends);
    return ends.dst;
}

/* Logs are written when the connection is gone already; programs that need it keep its address. */
static struct px_addr bc_src_of(const struct px_txn *t)
{
    union px_sockaddr sa;
    socklen_t len = sizeof sa;
    struct px_addr src = t->back_src;
    if (!src.family && t->back && !getsockname(t->back->sock.watch.fd, &sa.sa, &len))
        px_addr_from(&src, &sa);
    return src;
}

/* Where it was connected to; family 0: it was not. */
static struct px_addr bc_dst_of(const struct px_txn *t)
{
    struct px_addr dst = {0};
    if (!t->srv || !t->at.connected)
        return dst;
    px_serve_addr(t, &dst);
    if (px_addr_is_ip(&dst))
        dst.port = (uint16_t)px_serve_port(t);
    return dst;
}

/* ---- the fetches ---- */

#define ADDRESS(symbol)                                                                            \
    enum px_found px_fetch_##symbol(struct px_txn *t, struct px_sample *out)                       \
    {                                                                                              \
        struct px_addr addr = symbol##_of(t);                                                      \
        return found_addr(out, &addr);                                                             \
    }                                                                                              \
    enum px_found px_fetch_##symbol##_port(struct px_txn *t, struct px_sample *out)                \
    {                                                                                              \
        struct px_addr addr = symbol##_of(t);                                                      \
        return found_port(out, &addr);                                                             \
    }

ADDRESS(src)
ADDRESS(dst)
ADDRESS(fc_src)
ADDRESS(fc_dst)
ADDRESS(bc_src)
ADDRESS(bc_dst)

/* ---- is it ours? ---- */

/* An address belongs to this host when a socket can be bound to it. */
static bool is_local(const struct px_txn *t, struct px_addr addr)
{
    union px_sockaddr sa;
    addr.port = 0;
    int fd = px_netns_socket(t->client->bind->netns, addr.family);
    bool bound = fd >= 0 && !bind(fd, &sa.sa, px_addr_sockaddr(&addr, &sa));
    if (fd >= 0)
        close(fd);
    return bound;
}

static enum px_found found_local(struct px_txn *t, struct px_sample *out, struct px_addr addr)
{
    if (addr.family == AF_UNIX)
        return px_found_bool(out, true);
    return px_addr_is_ip(&addr) ? px_found_bool(out, is_local(t, addr)) : PX_ABSENT;
}

#define LOCALITY(symbol)                                                                           \
    enum px_found px_fetch_##symbol##_is_local(struct px_txn *t, struct px_sample *out)            \
    {                                                                                              \
        return found_local(t, out, symbol##_of(t));                                                \
    }

LOCALITY(src)
LOCALITY(dst)
LOCALITY(fc_src)
LOCALITY(fc_dst)
