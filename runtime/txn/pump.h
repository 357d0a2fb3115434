/*
 * Moving one direction of a transfer from the buffer of one socket into the other.
 *
 * At most one buffer is held: while the destination has bytes queued, the source is not read.
 * With p->keep, what was sent stays in that buffer, until it is full or px_pump_forget is called.
 */
#ifndef PX_PUMP_H
#define PX_PUMP_H

#include "../base/macros.h"
#include "txn.h"

enum px_flow {
    PX_FLOW_MORE,    /* all was sent; the source is read on */
    PX_FLOW_BLOCKED, /* px_pump_unblock when the destination has sent what it holds */
    PX_FLOW_OVER,    /* the last byte was sent */
    PX_FLOW_BAD,     /* the body is malformed; what came before was sent */
    PX_FLOW_FAILED,  /* the destination cannot be written to */
};

enum { PX_IOV = 32 };

/* How much may go in one direction (bwlim.h). */
struct px_lane_ops {
    uint64_t (*may)(struct px_lane *lane, uint64_t want); /* bytes, now */
    void (*gone)(struct px_lane *lane, uint64_t bytes);   /* so many are sent */
    void (*wait)(struct px_lane *lane, uint64_t want);    /* px_pump_unblock once some may */
};

struct px_lane {
    const struct px_lane_ops *ops;
    struct px_throttle *first;
    struct px_timer timer;
};

struct px_lanes {
    struct px_txn *of;
    struct px_lane up, down;
};

/* lane: NULL: as fast as it goes. */
void px_pump_begin(struct px_pump *p, enum px_body kind, uint64_t length, enum px_splice splice,
                   struct px_lane *lane);

static inline struct px_lane *px_lane_up(const struct px_txn *t)
{
    return t->lanes && t->lanes->up.first ? &t->lanes->up : NULL;
}

static inline struct px_lane *px_lane_down(const struct px_txn *t)
{
    return t->lanes && t->lanes->down.first ? &t->lanes->down : NULL;
}

/* Milliseconds that a lane has to wait. */
static inline uint64_t px_lane_pause(const struct px_lane *lane)
{
    bool waits = lane && px_timer_is_set(&lane->timer) && lane->timer.due > px_self->now;
    return waits ? lane->timer.due - px_self->now : 0;
}

/* What two proxies have to say about it together. */
static inline enum px_splice px_splice_of(unsigned fe, unsigned be)
{
    unsigned any = fe | be;
    return any & PX_SPLICE_ALWAYS ? PX_SPLICE_ALWAYS : (enum px_splice)any;
}

/*
 * Sends the n entries of v (room for PX_IOV), then what the source's buffer holds behind
 * p->skip bytes.
 */
enum px_flow px_pump_run(struct px_pump *p, struct px_sock *src, struct px_sock *dst,
                         struct iovec *v, unsigned n);

/* What was kept is not needed any more. */
void px_pump_forget(struct px_pump *p, struct px_sock *src);

/*
 * The deadline of a side: it has to do something within ms (0: nothing). `from` moves what it
 * sends, `to` what is sent to it. HAProxy manual, "option independent-streams": with it, only what
 * comes from the side moves the deadline, and that it takes what is there for it.
 */
static inline void px_pump_expire(struct px_pump *from, const struct px_pump *to,
                                  struct px_sock *side, bool independent, uint64_t ms)
{
    bool silent = false;
    if (ms && PX_UNLIKELY(from->lane || to->lane)) /* nobody is to blame for a limit */
        ms += px_lane_pause(from->lane) + px_lane_pause(to->lane);
    if (ms && independent && !to->blocked) {
        silent = from->seen == from->bytes && side->deadline;
        from->seen = from->bytes;
    }
    if (!silent)
        px_sock_expire(side, ms);
}

/* After `sent`: takes what was sent out of the source's buffer. */
void px_pump_unblock(struct px_pump *p, struct px_sock *src);

#endif
