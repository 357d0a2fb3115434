/*
 * The action that makes a bandwidth limit effective. How it works: txn/bwlim.c.
 */
#include "../txn/bwlim.h"
#include "act.h"

/* What the rule says, or what holds without it. */
static uint64_t measure(struct px_txn *t, px_expr expr, uint64_t otherwise)
{
    int64_t n;
    return expr && px_expr_int(t, expr, &n) && n > 0 ? (uint64_t)n : otherwise;
}

enum px_verdict px_act_set_bandwidth_limit(struct px_txn *t, enum px_phase at,
                                           const struct px_bwlim *filter, px_expr limit,
                                           px_expr period)
{
    (void)at;
    uint64_t bytes = measure(t, limit, filter->limit);
    uint64_t ms = measure(t, period, (uint64_t)filter->period);
    if (px_bwlim_set(t, filter, bytes, ms))
        return PX_GO;
    px_txn_fail(t, 'R', t->at.answered ? 'H' : 'R', 500);
    return PX_DONE;
}
