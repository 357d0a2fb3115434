/*
 * Queues of requests. See queue.h.
 */
#include "queue.h"

#include "../base/hash.h"

bool px_waiting_is_before(const struct px_waiting *a, const struct px_waiting *b)
{
    if (a->rank.class != b->rank.class)
        return a->rank.class < b->rank.class;
    return a->rank.when != b->rank.when ? a->rank.when < b->rank.when : a->turn < b->turn;
}

/* What is below `top` in two: before and behind `w`. */
static void split(struct px_waiting *top, const struct px_waiting *w, struct px_waiting **before,
                  struct px_waiting **behind)
{
    if (!top) {
        *before = *behind = NULL;
        return;
    }
    if (px_waiting_is_before(w, top)) {
        split(top->before, w, before, &top->before);
        *behind = top;
    } else {
        split(top->behind, w, &top->behind, behind);
        *before = top;
    }
}

/* All of a are before all of b. */
static struct px_waiting *join(struct px_waiting *a, struct px_waiting *b)
{
    if (!a || !b)
        return a ? a : b;
    struct px_waiting *top = a->height >= b->height ? a : b;
    if (top == a)
        a->behind = join(a->behind, b);
    else
        b->before = join(a, b->before);
    return top;
}

static void list_insert(struct px_waiting **link, struct px_waiting *w)
{
    w->link = link;
    w->next = *link;
    if (w->next)
        w->next->link = &w->next;
    *link = w;
}

void px_queue_put(struct px_queue *q, struct px_waiting *w)
{
    struct px_waiting **at = &q->root, *last = NULL; /* the last one that is ahead of it */
    w->height = px_hash_spread((uint32_t)w->turn);
    w->since = q->granted;
    while (*at && (*at)->height >= w->height) {
        struct px_waiting *top = *at;
        bool first = px_waiting_is_before(w, top);
        last = first ? last : top;
        at = first ? &top->before : &top->behind;
    }
    split(*at, w, &w->before, &w->behind);
    *at = w;
    for (struct px_waiting *p = w->before; p; p = p->behind)
        last = p;
    list_insert(last ? &last->next : &q->first, w);
    px_level_up(&q->length);
}

void px_queue_drop(struct px_queue *q, struct px_waiting *w)
{
    struct px_waiting **at = &q->root;
    while (*at != w)
        at = px_waiting_is_before(w, *at) ? &(*at)->before : &(*at)->behind;
    *at = join(w->before, w->behind);
    *w->link = w->next;
    if (w->next)
        w->next->link = w->link;
    w->link = NULL;
    w->passed = (uint32_t)(q->granted - w->since);
    px_level_down(&q->length);
}
