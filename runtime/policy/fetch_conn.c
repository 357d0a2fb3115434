/*
 * Sample fetches about the client connection, its frontend and what was chosen for it
 * (HAProxy manual 7.3.3).
 *
 * Not here: counts of a whole frontend or backend (fetch_state.c).
 */
#include "../txn/txn.h"
#include "sample.h"

#include <unistd.h>

/* ---- addresses ---- */

static bool is_inet(const struct px_addr *addr)
{
    return addr->family == AF_INET || addr->family == AF_INET6;
}

static enum px_found found_addr(struct px_sample *out, const struct px_addr *addr)
{
    if (!is_inet(addr))
        return PX_ABSENT;
    px_addr_sample(addr, out);
    return PX_FOUND;
}

/* Port 0 stands for none: it can be announced, but nobody connects from or to it. */
static enum px_found found_port(struct px_sample *out, const struct px_addr *addr)
{
    return is_inet(addr) && addr->port ? px_found_int(out, addr->port) : PX_ABSENT;
}

enum px_found px_fetch_src(struct px_txn *t, struct px_sample *out)
{
    return found_addr(out, &t->client->src);
}

enum px_found px_fetch_src_port(struct px_txn *t, struct px_sample *out)
{
    return found_port(out, &t->client->src);
}

enum px_found px_fetch_dst(struct px_txn *t, struct px_sample *out)
{
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    return found_addr(out, &dst);
}

enum px_found px_fetch_dst_port(struct px_txn *t, struct px_sample *out)
{
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    return found_port(out, &dst);
}

/* An address belongs to this host when a socket can be bound to it. */
static bool is_local(const struct px_addr *addr)
{
    union px_sockaddr sa = {.sa.sa_family = addr->family};
    socklen_t len = addr->family == AF_INET ? sizeof sa.in : sizeof sa.in6;
    if (addr->family == AF_INET)
        memcpy(&sa.in.sin_addr, addr->ip, 4);
    else
        memcpy(&sa.in6.sin6_addr, addr->ip, 16);
    int fd = socket(addr->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool bound = fd >= 0 && !bind(fd, &sa.sa, len);
    if (fd >= 0)
        close(fd);
    return bound;
}

enum px_found px_fetch_src_is_local(struct px_txn *t, struct px_sample *out)
{
    const struct px_addr *src = &t->client->src;
    if (src->family == AF_UNIX)
        return px_found_bool(out, true);
    return is_inet(src) ? px_found_bool(out, is_local(src)) : PX_ABSENT;
}

/* ---- the connection ---- */

enum px_found px_fetch_fc_http_major(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, 1); /* HTTP/1 is all that clients are spoken to, TCP counts as 1 too */
}

enum px_found px_fetch_fc_rcvd_proxy(struct px_txn *t, struct px_sample *out)
{
    const struct px_client *c = t->client;
    if (c->expect && !c->announced) /* that will be seen */
        return PX_ABSENT;
    return px_found_bool(out, c->announced);
}

static enum px_found found_told(struct px_sample *out, struct px_str s)
{
    return s.p ? px_found_text(out, s) : PX_ABSENT;
}

enum px_found px_fetch_fc_pp_authority(struct px_txn *t, struct px_sample *out)
{
    const struct px_told *told = t->client->told;
    return told ? found_told(out, told->authority) : PX_ABSENT;
}

enum px_found px_fetch_fc_pp_unique_id(struct px_txn *t, struct px_sample *out)
{
    const struct px_told *told = t->client->told;
    return told ? found_told(out, told->unique_id) : PX_ABSENT;
}

/* No bind line speaks TLS yet. */
enum px_found px_fetch_ssl_fc(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_bool(out, false);
}

/* ---- the frontend and its listening addresses ---- */

enum px_found px_fetch_fe_id(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->fe->id);
}

enum px_found px_fetch_fe_name(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_text_of(t->fe->name));
}

enum px_found px_fetch_fe_defbe(struct px_txn *t, struct px_sample *out)
{
    const struct px_proxy *be = t->fe->default_backend;
    return be ? px_found_text(out, px_text_of(be->name)) : PX_ABSENT;
}

enum px_found px_fetch_dst_conn(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, px_proxy_state(t->client->bind->proxy)->fe_conns.now);
}

enum px_found px_fetch_so_id(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, t->client->bind->id);
}

enum px_found px_fetch_so_name(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_text_of(t->client->bind->name));
}

/* ---- what was chosen ---- */

/* Before a backend is chosen, the frontend stands for it. */
static const struct px_proxy *backend_of(const struct px_txn *t)
{
    return t->be ? t->be : t->fe;
}

enum px_found px_fetch_be_id(struct px_txn *t, struct px_sample *out)
{
    return px_found_int(out, backend_of(t)->id);
}

enum px_found px_fetch_be_name(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_text_of(backend_of(t)->name));
}

enum px_found px_fetch_unique_id(struct px_txn *t, struct px_sample *out)
{
    return px_found_text(out, px_txn_unique_id(t));
}

enum px_found px_fetch_srv_id(struct px_txn *t, struct px_sample *out)
{
    return t->srv ? px_found_int(out, t->srv->id) : PX_ABSENT;
}

enum px_found px_fetch_srv_name(struct px_txn *t, struct px_sample *out)
{
    return t->srv ? px_found_text(out, px_text_of(t->srv->name)) : PX_ABSENT;
}
