/*
 * The heads of a transaction, as fetches may look at them.
 *
 * Not here: what is kept beyond the head (method, version, captures); that is read from px_http.
 */
#ifndef PX_HEADS_H
#define PX_HEADS_H

#include "../txn/txn.h"

/* How a fetch finds its head: PX_FOUND and *head, PX_LATER while the head is still arriving. */
typedef enum px_found (*px_head_fn)(const struct px_txn *t, const struct px_head **head);

/* The bytes of the request head go when the request has been sent. */
static inline enum px_found px_request_head(const struct px_txn *t, const struct px_head **head)
{
    if (!t->http)
        return PX_ABSENT;
    if (!t->at.head)
        return t->stage <= PX_STAGE_RECEIVE ? PX_LATER : PX_ABSENT;
    *head = &t->http->req;
    return t->flags & PX_T_SENT ? PX_ABSENT : PX_FOUND;
}

/* The server's, or our own once it has been begun. */
static inline enum px_found px_response_head(const struct px_txn *t, const struct px_head **head)
{
    if (!t->http)
        return PX_ABSENT;
    bool own =
        (t->flags & PX_T_LOCAL) && ((t->flags & PX_T_ANSWERING) || t->stage == PX_STAGE_ANSWER);
    *head = &t->http->res;
    return t->at.answered || own ? PX_FOUND : PX_ABSENT;
}

static inline struct px_str px_value_of(const struct px_hdr *field)
{
    return (struct px_str){field->value, field->value_len};
}

#endif
