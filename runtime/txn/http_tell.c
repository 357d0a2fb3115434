/*
 * What servers are told beside the request itself: its identifier, the addresses of the client's
 * connection, their own name.
 *
 * Not here: what the connection needs (http_request.c).
 */
#include "../abi/out.h"
#include "../base/macros.h"
#include "http.h"
#include "scratch.h"

#include <string.h>

enum px_progress px_http_settle(struct px_txn *t)
{
    const struct px_name *name = t->fe->unique_id_header;
    if (!px_http_read_cookies(t))
        return px_txn_fail(t, 'R', 'R', 500);
    if (PX_UNLIKELY(t->be->cookie != NULL))
        px_scratch_renew(); /* its cookie may be gone, and samples have been read before */
    struct px_str id = px_txn_unique_id(t);
    if (name && !px_head_add(&t->http->req, name, id))
        return px_txn_fail(t, 'P', 'R', 500);
    return PX_NEXT;
}

/* HAProxy manual, "option forwardfor except": addresses of that network are not told of. */
static bool excepts(const struct px_forwardfor *f, const struct px_addr *addr)
{
    if (!f || f->except_family != (addr->family == AF_INET6 ? PX_AF_INET6 : PX_AF_INET))
        return false;
    unsigned bytes = f->except_len / 8u, bits = f->except_len % 8u;
    if (memcmp(f->except, addr->ip, bytes))
        return false;
    return !bits || !((f->except[bytes] ^ addr->ip[bytes]) >> (8 - bits));
}

/* HAProxy manual, "option forwardfor if-none": who does not say so wants it always, and wins. */
static bool only_if_none(const struct px_forwardfor *fe, const struct px_forwardfor *be)
{
    return (!fe || fe->if_none) && (!be || be->if_none);
}

/* What frontend and backend say of one address; the backend says how the field is called. */
static bool tell_address(struct px_txn *t, const struct px_forwardfor *fe,
                         const struct px_forwardfor *be, const struct px_addr *addr)
{
    const struct px_name *name = be ? be->name : fe->name;
    if (addr->family != AF_INET && addr->family != AF_INET6)
        return true;
    if (only_if_none(fe, be) && px_head_find(&t->http->req, name, 0))
        return true;
    if (excepts(fe, addr) || excepts(be, addr))
        return true;
    char text[PX_ADDR_TEXT];
    size_t len = px_addr_text(addr, text);
    return px_head_add(&t->http->req, name, (struct px_str){text, len});
}

enum { FORWARDED_MAX = 1024 };

static bool tell_forwarded(struct px_txn *t, const struct px_forwarded *f)
{
    char text[FORWARDED_MAX];
    struct px_out out = {.p = text, .cap = sizeof text};
    f->put(t, f, &out);
    if (!out.len || out.full) /* half of it would say something else */
        return true;
    return px_head_add(&t->http->req, f->name, (struct px_str){text, out.len});
}

bool px_http_tell_addresses(struct px_txn *t)
{
    const struct px_proxy *fe = t->fe, *be = t->be;
    struct px_addr dst;
    if (PX_UNLIKELY(be->forwarded != NULL) && !tell_forwarded(t, be->forwarded))
        return false;
    if ((fe->forwardfor || be->forwardfor) &&
        !tell_address(t, fe->forwardfor, be->forwardfor, &t->client->src))
        return false;
    if (!fe->originalto && !be->originalto)
        return true;
    px_client_dst(t->client, &dst);
    return tell_address(t, fe->originalto, be->originalto, &dst);
}

static bool says(const struct px_hdr *h, struct px_str s)
{
    return h->value_len == s.len && !memcmp(h->value, s.p, s.len);
}

bool px_http_tell_name(struct px_txn *t, bool again)
{
    const struct px_name *name = t->be->send_name;
    struct px_head *req = &t->http->req;
    if (!name || !t->srv->name)
        return true;
    struct px_str server = {t->srv->name, strlen(t->srv->name)};
    if (!again) {
        px_head_delete_name(req, name);
        return px_head_add(req, name, server);
    }
    unsigned at = px_head_find(req, name, 0);
    return !at || says(px_head_at(req, at), server) || px_head_change(req, at, server);
}
