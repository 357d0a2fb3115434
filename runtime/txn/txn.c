/*
 * The step machine of transactions. See txn.h.
 *
 * Not here: what the steps do (http_*.c, tcp.c, serve.c). Every way to fail comes together in
 * px_txn_fail, which is the only place that decides the termination state.
 */
#include "txn.h"

#include "../abi/out.h"
#include "../base/macros.h"
#include "../upstream/lookup.h"
#include "pump.h"
#include "scratch.h"

#include <string.h>

static _Thread_local struct px_pool txns = PX_POOL(struct px_txn);
static _Thread_local uint32_t numbers;

static void start_times(struct px_txn *t, struct px_client *c)
{
    t->accept_us = c->accept_us;
    t->date_us = px_self->date_us;
    t->at = (struct px_moments){.start = c->since, .welcome = c->since};
    if (c->welcome > c->since)
        t->at.welcome = c->welcome;
}

static void txn_timer(struct px_timer *timer)
{
    struct px_txn *t = PX_OWNER(timer, struct px_txn, timer);
    t->flags |= PX_T_TIMED;
    px_txn_run(t);
}

struct px_txn *px_txn_new(struct px_client *c, const struct px_kind *kind)
{
    struct px_txn *t = px_pool_get(&txns);
    if (!t)
        return NULL;
    memset(t, 0, sizeof *t);
    if (kind->begin && !kind->begin(t)) {
        px_pool_put(&txns, t);
        return NULL;
    }
    t->kind = kind;
    t->client = c;
    t->fe = c->bind->proxy;
    t->timer.fire = txn_timer;
    t->number = numbers++ * px_nthreads + px_self->number;
    start_times(t, c);
    c->txn = t;
    return t;
}

bool px_txn_become(struct px_txn *t, const struct px_kind *kind)
{
    if (kind->begin && !kind->begin(t))
        return false;
    t->kind = kind;
    t->at.head = 0; /* of a session there was none to wait for */
    t->client->sock.watch.ops = &kind->client_ops->watch;
    return true;
}

/* What rules about a request say of the client's addresses ends with that request. */
static void restore_ends(struct px_txn *t)
{
    if (!t->ends)
        return;
    t->client->src = t->ends->src;
    t->client->dst = t->ends->dst;
}

void px_txn_free(struct px_txn *t)
{
    px_timer_stop(&t->timer);
    if (PX_UNLIKELY(t->lanes)) {
        px_timer_stop(&t->lanes->up.timer);
        px_timer_stop(&t->lanes->down.timer);
    }
    restore_ends(t);
    px_arena_release(&t->arena);
    if (t->kind->end)
        t->kind->end(t);
    px_pool_put(&txns, t);
}

/* Rules that had not enough memory may have let pass what they should not. */
static enum px_progress refuse(struct px_txn *t)
{
    px_scratch_reset();
    return px_txn_fail(t, 'I', t->at.answered ? 'H' : 'R', 500);
}

/* Rules about a request: what one step has computed is good for the others. */
static bool goes_on(unsigned last, unsigned stage)
{
    return last >= PX_STAGE_FRONTEND && last < stage && stage <= PX_STAGE_BACKEND;
}

void px_txn_run(struct px_txn *t)
{
    unsigned last = 0;
    for (;;) {
        uint8_t stage = t->stage;
        px_stage_fn run = t->kind->stages[stage];
        if (run) {
            if (PX_UNLIKELY(px_scratch_state) && !goes_on(last, stage))
                px_scratch_clear(); /* what a step has computed ends with it */
            last = stage;
            if (run(t) != PX_NEXT)
                return;
            if (PX_UNLIKELY(px_scratch_failed()) && refuse(t) != PX_NEXT)
                return;
            if (t->stage != stage)
                continue; /* px_txn_go chose where to go on */
        }
        t->stage = (uint8_t)(stage + 1);
    }
}

enum px_progress px_txn_go(struct px_txn *t, enum px_stage stage)
{
    t->stage = (uint8_t)stage;
    return PX_NEXT;
}

void px_txn_count_abort(const struct px_txn *t)
{
    PX_COUNT_ONE(px_be_counters(t->be)->cli_aborts);
    if (t->srv)
        PX_COUNT_ONE(px_srv_counters(t->srv)->cli_aborts);
}

enum px_progress px_txn_fail(struct px_txn *t, char cause, char phase, unsigned status)
{
    if (!t->cause) {
        t->cause = cause;
        t->phase = phase;
    }
    t->flags |= PX_T_CLOSE;
    px_timer_stop(&t->timer);
    if (t->lookup)
        px_lookup_end(t->lookup);
    t->lookup = NULL;
    if (t->kind->refuse && status && !(t->flags & PX_T_ANSWERING)) {
        t->kind->refuse(t, status);
        t->flags &= ~(uint32_t)PX_T_CLOSE;
        return px_txn_go(t, PX_STAGE_ANSWER);
    }
    return px_txn_go(t, PX_STAGE_END);
}

void px_txn_abort(struct px_txn *t, char cause, char phase, unsigned status)
{
    px_txn_fail(t, cause, phase, status);
    px_txn_run(t);
}

enum { UNIQUE_ID_MAX = 127 };

struct px_str px_txn_unique_id(struct px_txn *t)
{
    const struct px_fmt *f = t->fe->unique_id;
    if (t->unique_id.p || !f || (t->http && !t->at.head))
        return t->unique_id;
    char text[UNIQUE_ID_MAX];
    struct px_out out = {.p = text, .cap = sizeof text};
    t->unique_id = (struct px_str){"", 0}; /* for a format that asks for the identifier itself */
    if (f->append)
        f->append(t, &out);
    else
        px_put(&out, f->text.p, f->text.len);
    t->unique_id = (struct px_str){px_arena_copy(&t->arena, out.p, out.len), out.len};
    return t->unique_id;
}

void px_txn_cut(struct px_txn *t, char cause)
{
    bool answered = !t->http || (t->flags & PX_T_ANSWERING);
    if (t->stage == PX_STAGE_END) {
        px_client_reset(t->client);         /* only what was queued for the client is lost */
    } else if (t->stage == PX_STAGE_HOLD) { /* time is up for this one, too */
        px_timer_stop(&t->timer);
        txn_timer(&t->timer);
    } else if (t->stage == PX_STAGE_CONNECT) {
        px_txn_abort(t, cause, 'C', 503);
    } else {
        px_txn_abort(t, cause, answered ? 'D' : 'H', answered ? 0 : 502);
    }
}
