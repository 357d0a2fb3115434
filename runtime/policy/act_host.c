/*
 * Host fields and authorities. See act_host.h.
 */
#include "act_host.h"

#include "../txn/http.h"
#include "../txn/scratch.h"

#include <string.h>

/* Host and port of a target. One that is neither a path nor "*" nor absolute is an authority
 * (RFC 9112 3.2.3). p == NULL: it has none. */
static struct px_str host_of(struct px_str uri)
{
    if (!uri.len || uri.p[0] == '/' || uri.p[0] == '*' || uri.p[0] == '?')
        return (struct px_str){NULL, 0};
    struct px_str host = px_uri_authority(uri);
    if (!host.p)
        host = uri;
    const char *user = memchr(host.p, '@', host.len);
    if (user) {
        host.len -= (size_t)(user + 1 - host.p);
        host.p = user + 1;
    }
    return host;
}

bool px_host_follows_uri(struct px_txn *t)
{
    struct px_head *req = &t->http->req;
    struct px_str host = host_of(req->uri);
    unsigned at = px_head_slot(req, PX_H_HOST, 0);
    if (!host.p || !at)
        return true;
    const struct px_hdr *field = px_head_at(req, at);
    if (field->value_len == host.len && !memcmp(field->value, host.p, host.len))
        return true;
    return px_head_change(req, at, host);
}

bool px_uri_follows_host(struct px_txn *t, struct px_str host)
{
    struct px_head *req = &t->http->req;
    struct px_str uri = req->uri, old = host_of(uri);
    if (!old.p)
        return true;
    size_t from = (size_t)(old.p - uri.p), rest = uri.len - from - old.len;
    char *whole = px_scratch_get(from + host.len + rest + 1);
    if (!whole)
        return false;
    memcpy(whole, uri.p, from);
    if (host.len)
        memcpy(whole + from, host.p, host.len);
    memcpy(whole + from + host.len, old.p + old.len, rest);
    bool done = px_head_set_uri(req, (struct px_str){whole, from + host.len + rest});
    px_scratch_cut(whole, 0);
    return done;
}
