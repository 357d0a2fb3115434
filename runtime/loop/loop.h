/*
 * One event loop a thread: readiness from epoll, timers, notes from other threads, and objects
 * that are freed only when nobody on the stack can still hold them.
 *
 * Everything here is to be called on the loop's own thread, except px_loop_post.
 */
#ifndef PX_LOOP_H
#define PX_LOOP_H

#include "timer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct px_watch;

struct px_watch_ops {
    void (*event)(struct px_watch *watch, uint32_t epoll_events);
};

/* Something with a descriptor. Embedded as the first member. */
struct px_watch {
    const struct px_watch_ops *ops;
    int fd;
    int16_t nice; /* of several with events in one turn, the lowest is served first */
};

/* A message to another thread. Belongs to the receiver once posted. */
struct px_note {
    struct px_note *next;
    void (*deliver)(struct px_note *note);
};

/* Work to be done once at the end of the current turn. */
struct px_chore {
    struct px_chore *next;
    void (*run)(struct px_chore *chore);
};

struct px_loop {
    uint64_t now;    /* milliseconds, monotonic, as of this turn */
    int64_t date_us; /* wall clock, microseconds since 1970, as of this turn */
    unsigned number; /* 0 .. px_nthreads - 1 */
    int epoll_fd;
    bool ranks; /* some watch has a nice value; set by px_watch_rank */
    bool stop; /* leave px_loop_run at the end of this turn */
    struct px_watch wake;
    struct px_wheel wheel;
    struct px_chore *soon, **soon_tail; /* run in this turn, after the events */
    struct px_timer trim;               /* of buffers; set while there are too many */
    struct px_chore *grave;             /* run when everything else of the turn is over */
    int64_t date_offset_us;
    uint64_t date_checked;
    unsigned idle_pct; /* share of the time that was spent waiting lately */
    int64_t measured_us, busy_us;
    _Atomic(struct px_note *) inbox;
};

extern _Thread_local struct px_loop *px_self; /* the loop of this thread */

bool px_loop_init(struct px_loop *loop, unsigned number); /* false: errno says why */
void px_loop_run(struct px_loop *loop);
/* How many events a turn takes from the kernel at most. For loops that begin to run later. */
void px_loop_set_events(unsigned most);

/* Watches a descriptor. Edge-triggered unless level is asked for. false: errno. */
bool px_loop_watch(struct px_watch *watch, uint32_t epoll_events);
void px_loop_rewatch(struct px_watch *watch, uint32_t epoll_events);
void px_loop_unwatch(struct px_watch *watch);

/* From any thread: note->deliver runs on that loop's thread. */
void px_loop_post(struct px_loop *loop, struct px_note *note);

/* chore->run is called in this turn after the current event, in order of asking. */
void px_loop_soon(struct px_chore *chore);
/* chore->run is called when the turn is over: the place to free memory. */
void px_loop_bury(struct px_chore *chore);

static inline void px_watch_rank(struct px_watch *watch, int nice)
{
    watch->nice = (int16_t)nice;
    px_self->ranks |= nice;
}

static inline void px_arm(struct px_timer *timer, uint64_t in_ms)
{
    px_timer_set(&px_self->wheel, timer, px_self->now + in_ms);
}

#endif
