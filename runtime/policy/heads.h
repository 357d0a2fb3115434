/*
 * The heads of a transaction, as fetches may look at them.
 *
 * Not here: what is kept beyond the head (method, version, captures); that is read from px_http.
 */
#ifndef PX_HEADS_H
#define PX_HEADS_H

#include "../abi/policy.h"
#include "../base/macros.h"
#include "../txn/txn.h"

/* How a fetch finds its head: PX_FOUND and *head, PX_LATER while the head is still arriving. */
typedef enum px_found (*px_head_fn)(const struct px_txn *t, const struct px_head **head);

/* Are these rules that may see more bytes of the client later? */
static inline bool px_may_wait(const struct px_txn *t)
{
    bool content = t->stage == PX_STAGE_CONTENT || t->stage == PX_STAGE_INSPECT;
    return content && !px_is_final(t);
}

/* What a TCP client has sent, read as a request, until it goes to a server; PX_ABSENT: it is none.
 * Good until scratch memory is reset. */
enum px_found px_raw_head(const struct px_txn *t, const struct px_head **head);
/* What has arrived behind the head that px_raw_head has just found. */
struct px_str px_raw_rest(void);

/* The bytes of the request head go when the request has been sent. */
static inline enum px_found px_request_head(const struct px_txn *t, const struct px_head **head)
{
    if (PX_UNLIKELY(!t->http))
        return px_raw_head(t, head);
    if (!t->at.head)
        return t->stage <= PX_STAGE_RECEIVE ? PX_LATER : PX_ABSENT;
    *head = &t->http->req;
    return t->flags & PX_T_SENT ? PX_ABSENT : PX_FOUND;
}

/* The same where nothing has to be asked for it; NULL: px_request_head tells. */
static inline const struct px_head *px_request_head_here(const struct px_txn *t)
{
    return t->http && t->at.head && !(t->flags & PX_T_SENT) ? &t->http->req : NULL;
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
