/*
 * Timers of one loop: a wheel of five levels with millisecond steps.
 *
 * A timer belongs to the loop whose wheel it was set on. Setting it again moves it. Times are
 * milliseconds of the loop's own clock (px_loop.now). A timer that fires is no longer set.
 */
#ifndef PX_TIMER_H
#define PX_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct px_timer {
    struct px_timer *next, **link; /* link == NULL: not set */
    uint64_t due;
    void (*fire)(struct px_timer *);
};

enum { PX_WHEEL_BITS = 6, PX_WHEEL_SLOTS = 1 << PX_WHEEL_BITS, PX_WHEEL_LEVELS = 6 };

struct px_wheel {
    uint64_t now; /* everything due before or at this time has fired */
    uint64_t used[PX_WHEEL_LEVELS];
    struct px_timer *slot[PX_WHEEL_LEVELS][PX_WHEEL_SLOTS];
};

void px_timer_set(struct px_wheel *wheel, struct px_timer *timer, uint64_t due);
void px_timer_stop(struct px_timer *timer);

static inline bool px_timer_is_set(const struct px_timer *timer)
{
    return timer->link;
}

/* Fires what is due at `now` and before, in order of time to the millisecond. */
void px_wheel_advance(struct px_wheel *wheel, uint64_t now);

/* Milliseconds until something may be due; -1: never. May be early, never late. */
int px_wheel_wait(const struct px_wheel *wheel, uint64_t now);

#endif
