/*
 * The target as the key of "balance uri" (HAProxy manual, "balance").
 */
#include "../txn/http.h"
#include "balance.h"
#include "heads.h"

/* As far as it counts: to the query, to the slash behind so many directories, to so many bytes. */
static struct px_str counted(const struct px_balance *b, struct px_str uri)
{
    uint32_t slashes = 0;
    if (b->len && uri.len > b->len)
        uri.len = b->len;
    for (size_t i = 0; i < uri.len; i++) {
        bool deep = uri.p[i] == '/' && b->depth && ++slashes > b->depth;
        if (deep || (uri.p[i] == '?' && !b->whole))
            uri.len = i;
    }
    return uri;
}

static struct px_str path_and_query(struct px_str uri)
{
    struct px_str path = px_uri_path(uri);
    if (path.p)
        path.len = (size_t)(uri.p + uri.len - path.p);
    return path;
}

bool px_balance_uri(struct px_txn *t, const struct px_balance *b, uint32_t *hash)
{
    const struct px_head *head;
    if (px_request_head(t, &head) != PX_FOUND)
        return false;
    struct px_str uri = b->path_only ? path_and_query(head->uri) : head->uri;
    if (!uri.p)
        return false;
    *hash = px_balance_hash(b, counted(b, uri));
    return true;
}
