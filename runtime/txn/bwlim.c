/*
 * Bandwidth limits. See bwlim.h.
 */
#include "bwlim.h"

#include "../base/macros.h"

#include <string.h>

/* A limit at work. */
struct px_throttle {
    struct px_throttle *next;
    const struct px_bwlim *filter;
    uint64_t limit, period; /* bytes, milliseconds */
    uint64_t from;          /* when the period began */
    uint64_t used, before;  /* bytes in it, and in the one before */
};

static void turn(struct px_throttle *h, uint64_t now)
{
    uint64_t age = now - h->from;
    if (age < h->period)
        return;
    bool idle = age >= 2 * h->period;
    h->before = idle ? 0 : h->used;
    h->used = 0;
    h->from = idle ? now : h->from + h->period;
}

static uint64_t time_left(const struct px_throttle *h, uint64_t now)
{
    return h->from + h->period - now;
}

/* Bytes that may go now. The limits are below 2^32, the periods below 2^31. */
static uint64_t available(const struct px_throttle *h, uint64_t now)
{
    uint64_t gone = h->used + h->before * time_left(h, now) / h->period;
    return gone < h->limit ? h->limit - gone : 0;
}

enum { SMALLEST_SHARE = 100 };

/* So many bytes are worth a wake-up: a hundred in a period are enough. */
static uint64_t needed(const struct px_throttle *h, uint64_t want)
{
    uint64_t least = h->limit / SMALLEST_SHARE;
    if (least < h->filter->min_size)
        least = h->filter->min_size;
    if (least > want)
        least = want;
    return PX_UNLIKELY(!least) ? 1 : least < h->limit ? least : h->limit;
}

/* Milliseconds until `need` bytes may go, which is not now. */
static uint64_t patience(const struct px_throttle *h, uint64_t need, uint64_t now)
{
    uint64_t left = time_left(h, now);
    if (h->used + need <= h->limit) /* when less of the period before counts */
        return left - (h->limit - h->used - need) * h->period / h->before + 1;
    uint64_t counts = (h->limit - need) * h->period / h->used; /* of the next period's end */
    return counts < h->period ? left + h->period - counts + 1 : left;
}

static uint64_t lane_may(struct px_lane *lane, uint64_t want)
{
    uint64_t may = want;
    for (struct px_throttle *h = lane->first; h; h = h->next) {
        turn(h, px_self->now);
        uint64_t here = available(h, px_self->now);
        if (here < needed(h, want))
            return 0;
        if (may > here)
            may = here;
    }
    return may;
}

static void lane_gone(struct px_lane *lane, uint64_t bytes)
{
    for (struct px_throttle *h = lane->first; h; h = h->next)
        h->used += bytes;
}

static void lane_wait(struct px_lane *lane, uint64_t want)
{
    uint64_t longest = 1;
    for (struct px_throttle *h = lane->first; h; h = h->next) {
        uint64_t need = needed(h, want);
        uint64_t ms = available(h, px_self->now) < need ? patience(h, need, px_self->now) : 0;
        if (longest < ms)
            longest = ms;
    }
    px_arm(&lane->timer, longest);
}

static const struct px_lane_ops ops = {lane_may, lane_gone, lane_wait};

/* What waits may go on. */
static void go_on(struct px_pump *p, struct px_sock *src)
{
    if (!p->blocked || p->over)
        return;
    px_pump_unblock(p, src);
    px_sock_again(src);
}

static void up_timer(struct px_timer *timer)
{
    struct px_txn *t = PX_OWNER(timer, struct px_lanes, up.timer)->of;
    go_on(&t->up, &t->client->sock);
}

static void down_timer(struct px_timer *timer)
{
    struct px_txn *t = PX_OWNER(timer, struct px_lanes, down.timer)->of;
    if (t->back)
        go_on(&t->down, &t->back->sock);
}

static struct px_lanes *lanes_of(struct px_txn *t)
{
    if (t->lanes || !(t->lanes = px_arena_get(&t->arena, sizeof *t->lanes)))
        return t->lanes;
    *t->lanes = (struct px_lanes){.of = t};
    t->lanes->up = (struct px_lane){.ops = &ops, .timer.fire = up_timer};
    t->lanes->down = (struct px_lane){.ops = &ops, .timer.fire = down_timer};
    return t->lanes;
}

static struct px_throttle *throttle_of(struct px_txn *t, struct px_lane *lane,
                                       const struct px_bwlim *filter)
{
    struct px_throttle *h = lane->first;
    while (h && h->filter != filter)
        h = h->next;
    if (h || !(h = px_arena_get(&t->arena, sizeof *h)))
        return h;
    *h = (struct px_throttle){.next = lane->first, .filter = filter, .from = px_self->now};
    lane->first = h;
    return h;
}

/* For a direction that is moving already, from now on. */
static void take_over(struct px_pump *p, struct px_lane *lane, struct px_sock *src)
{
    p->lane = lane;
    p->splice = PX_SPLICE_NEVER;
    src->unseen = 0;
}

bool px_bwlim_set(struct px_txn *t, const struct px_bwlim *filter, uint64_t limit, uint64_t period)
{
    struct px_lanes *lanes = lanes_of(t);
    if (!lanes)
        return false;
    struct px_lane *lane = filter->upload ? &lanes->up : &lanes->down;
    struct px_throttle *h = throttle_of(t, lane, filter);
    if (!h)
        return false;
    h->limit = limit < UINT32_MAX ? limit : UINT32_MAX;
    h->period = period < INT32_MAX ? period : INT32_MAX;
    turn(h, px_self->now);
    if (filter->upload && t->up.begun)
        take_over(&t->up, lane, &t->client->sock);
    else if (!filter->upload && t->down.begun && t->back)
        take_over(&t->down, lane, &t->back->sock);
    return true;
}
