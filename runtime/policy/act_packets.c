/*
 * Actions about the packets of connections: marks for routes and filters, type of service, and who
 * is served first.
 *
 * What the system does not allow is not done: a request does not fail because of it.
 */
#include "act.h"

enum px_verdict px_act_set_fc_mark(struct px_txn *t, enum px_phase at, px_expr expr)
{
    int64_t n;
    (void)at;
    if (px_expr_int(t, expr, &n))
        px_set_marks(t->client->sock.watch.fd,
                     &(struct px_marks){.has_mark = true, .mark = (uint32_t)n});
    return PX_GO;
}

enum px_verdict px_act_set_fc_tos(struct px_txn *t, enum px_phase at, px_expr expr)
{
    int64_t n;
    (void)at;
    if (px_expr_int(t, expr, &n))
        px_set_marks(t->client->sock.watch.fd,
                     &(struct px_marks){.has_tos = true, .tos = (uint8_t)n});
    return PX_GO;
}

/* NULL: no memory. */
static struct px_marks *marks_of(struct px_txn *t)
{
    if (!t->marks && (t->marks = px_arena_get(&t->arena, sizeof *t->marks)))
        *t->marks = (struct px_marks){0};
    return t->marks;
}

enum px_verdict px_act_set_bc_mark(struct px_txn *t, enum px_phase at, px_expr expr)
{
    int64_t n;
    (void)at;
    struct px_marks *marks = px_expr_int(t, expr, &n) ? marks_of(t) : NULL;
    if (marks) {
        marks->has_mark = true;
        marks->mark = (uint32_t)n;
    }
    return PX_GO;
}

enum px_verdict px_act_set_bc_tos(struct px_txn *t, enum px_phase at, px_expr expr)
{
    int64_t n;
    (void)at;
    struct px_marks *marks = px_expr_int(t, expr, &n) ? marks_of(t) : NULL;
    if (marks) {
        marks->has_tos = true;
        marks->tos = (uint8_t)n;
    }
    return PX_GO;
}

enum px_verdict px_act_set_nice(struct px_txn *t, enum px_phase at, int64_t nice)
{
    (void)at;
    px_watch_rank(&t->client->sock.watch, (int)nice);
    if (t->back)
        t->back->sock.watch.nice = (int16_t)nice;
    return PX_GO;
}
