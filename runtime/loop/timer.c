/*
 * The timer wheel. See timer.h.
 *
 * Level 0 has a slot for each of the next 64 milliseconds, level 1 for each of the next 64 groups
 * of 64, and so on. When the clock enters a group, its timers move one level down. The last level
 * holds what lies further ahead than 2^36 ms as well, and looks again when its time comes.
 */
#include "timer.h"

#include "../base/macros.h"

#include <stddef.h>

/* due is not before w->now; it equals w->now only while the slots of w->now are being emptied. */
static void wheel_put(struct px_wheel *w, struct px_timer *t, uint64_t due)
{
    uint64_t differs = due ^ w->now;
    unsigned level = differs ? PX_HIGHEST_BIT(differs) / PX_WHEEL_BITS : 0;
    if (level >= PX_WHEEL_LEVELS)
        level = PX_WHEEL_LEVELS - 1;
    unsigned slot = (due >> (level * PX_WHEEL_BITS)) & (PX_WHEEL_SLOTS - 1);
    struct px_timer **head = &w->slot[level][slot];
    t->next = *head;
    if (*head)
        (*head)->link = &t->next;
    *head = t;
    t->link = head;
    w->used[level] |= UINT64_C(1) << slot;
}

void px_timer_stop(struct px_timer *t)
{
    if (!t->link)
        return;
    *t->link = t->next;
    if (t->next)
        t->next->link = t->link;
    t->link = NULL;
}

void px_timer_set(struct px_wheel *w, struct px_timer *t, uint64_t due)
{
    px_timer_stop(t);
    t->due = due;
    wheel_put(w, t, due > w->now ? due : w->now + 1);
}

static struct px_timer *slot_take(struct px_wheel *w, unsigned level, unsigned slot)
{
    struct px_timer *list = w->slot[level][slot];
    w->slot[level][slot] = NULL;
    w->used[level] &= ~(UINT64_C(1) << slot);
    return list;
}

static void cascade(struct px_wheel *w)
{
    for (unsigned level = 1; level < PX_WHEEL_LEVELS; level++) {
        unsigned slot = (w->now >> (level * PX_WHEEL_BITS)) & (PX_WHEEL_SLOTS - 1);
        struct px_timer *t = slot_take(w, level, slot);
        while (t) {
            struct px_timer *next = t->next;
            wheel_put(w, t, t->due > w->now ? t->due : w->now);
            t = next;
        }
        if (slot)
            break;
    }
}

static void fire_slot(struct px_wheel *w, unsigned slot)
{
    /* Timers set while firing land in later slots, never in this one. */
    struct px_timer *t = slot_take(w, 0, slot);
    if (t)
        t->link = &t;
    while (t) {
        struct px_timer *timer = t;
        t = timer->next;
        if (t)
            t->link = &t;
        timer->link = NULL;
        timer->fire(timer);
    }
}

/* The next moment after w->now at which a slot has to be looked at. */
static uint64_t next_look(const struct px_wheel *w)
{
    uint64_t best = UINT64_MAX;
    for (unsigned level = 0; level < PX_WHEEL_LEVELS; level++) {
        if (!w->used[level])
            continue;
        unsigned shift = level * PX_WHEEL_BITS;
        unsigned at = (w->now >> shift) & (PX_WHEEL_SLOTS - 1);
        uint64_t later = at == 63 ? 0 : w->used[level] >> (at + 1) << (at + 1);
        uint64_t turn = w->now >> (shift + PX_WHEEL_BITS);
        if (!later) {
            later = w->used[level];
            turn++;
        }
        uint64_t slot = PX_LOWEST_BIT(later);
        uint64_t when = ((turn << PX_WHEEL_BITS) + slot) << shift;
        if (when < best)
            best = when;
    }
    return best;
}

void px_wheel_advance(struct px_wheel *w, uint64_t now)
{
    while (w->now < now) {
        uint64_t look = next_look(w);
        if (look > now) {
            w->now = now;
            return;
        }
        w->now = look;
        if (!(look & (PX_WHEEL_SLOTS - 1)))
            cascade(w);
        fire_slot(w, look & (PX_WHEEL_SLOTS - 1));
    }
}

int px_wheel_wait(const struct px_wheel *w, uint64_t now)
{
    uint64_t look = next_look(w);
    if (look == UINT64_MAX)
        return -1;
    if (look <= now)
        return 0;
    return look - now > INT32_MAX ? INT32_MAX : (int)(look - now);
}
