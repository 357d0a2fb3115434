/*
 * What servers are told beside the request itself: its identifier.
 *
 * Not here: what the connection needs (http_request.c).
 */
#include "http.h"

enum px_progress px_http_settle(struct px_txn *t)
{
    const struct px_name *name = t->fe->unique_id_header;
    px_http_capture_cookie(t);
    struct px_str id = px_txn_unique_id(t);
    if (name && !px_head_add(&t->http->req, name, id))
        return px_txn_fail(t, 'P', 'R', 500);
    return PX_NEXT;
}
