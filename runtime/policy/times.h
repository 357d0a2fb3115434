/*
 * How long the parts of a transaction took, in milliseconds (HAProxy manual 8.4); -1 when it did not
 * get that far. Log lines and sample fetches say the same.
 */
#ifndef PX_TIMES_H
#define PX_TIMES_H

#include "../txn/txn.h"

static inline int64_t px_span(uint64_t from, uint64_t to)
{
    return from && to ? (int64_t)(to - from) : -1;
}

static inline uint64_t px_end_of(const struct px_txn *t)
{
    return t->at.end ? t->at.end : px_self->now;
}

static inline uint64_t px_first_byte(const struct px_txn *t)
{
    return t->at.begin ? t->at.begin : t->at.start;
}

/* The header that announced the connection, if there had to be one. */
static inline int64_t px_time_handshake(const struct px_txn *t)
{
    return (int64_t)(t->at.welcome - t->at.start);
}

static inline int64_t px_time_idle(const struct px_txn *t)
{
    return t->at.begin ? (int64_t)(t->at.begin - t->at.welcome) : 0;
}

static inline int64_t px_time_head(const struct px_txn *t)
{
    return t->flags & PX_T_NO_TR ? -1 : px_span(t->at.begin, t->at.head);
}

static inline int64_t px_time_request(const struct px_txn *t)
{
    int64_t head = px_time_head(t);
    return head < 0 ? -1 : px_time_handshake(t) + px_time_idle(t) + head;
}

/* Waiting for a server begins with the whole head. */
static inline int64_t px_time_queue(const struct px_txn *t)
{
    return px_span(t->at.head ? t->at.head : t->at.start, t->at.queue);
}

static inline int64_t px_time_connect(const struct px_txn *t)
{
    return px_span(t->at.queue, t->at.connected);
}

static inline int64_t px_time_response(const struct px_txn *t)
{
    return px_span(t->at.connected, t->at.answered);
}

static inline int64_t px_time_data(const struct px_txn *t)
{
    return px_span(t->http ? t->at.answered : t->at.connected, px_end_of(t));
}

static inline int64_t px_time_active(const struct px_txn *t)
{
    return (int64_t)(px_end_of(t) - px_first_byte(t));
}

static inline int64_t px_time_total(const struct px_txn *t)
{
    return (int64_t)(px_end_of(t) - t->at.start);
}

#endif
