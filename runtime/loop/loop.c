/*
 * The event loop. See loop.h.
 *
 * The clock is read once a turn: on some machines that is a system call, and everything that
 * happens in one turn happened at the same time as far as timeouts and logs are concerned.
 */
#include "loop.h"

#include "../base/macros.h"
#include "../base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 200, DATE_CHECK_MS = 500, TRIM_MS = 100 };

_Thread_local struct px_loop *px_self;

static int64_t clock_us(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* The share of time that this thread did not run since this was last called. */
static void idle_measure(struct px_loop *loop, int64_t us)
{
    int64_t busy = clock_us(CLOCK_THREAD_CPUTIME_ID), span = us - loop->measured_us;
    int64_t pct = span ? 100 - (busy - loop->busy_us) * 100 / span : 100;
    loop->idle_pct = pct < 0 ? 0 : pct > 100 ? 100 : (unsigned)pct;
    loop->measured_us = us;
    loop->busy_us = busy;
}

static void clock_read(struct px_loop *loop)
{
    int64_t us = clock_us(CLOCK_MONOTONIC);
    loop->now = (uint64_t)us / 1000;
    if (PX_UNLIKELY(loop->now >= loop->date_checked)) {
        loop->date_checked = loop->now + DATE_CHECK_MS;
        loop->date_offset_us = clock_us(CLOCK_REALTIME) - us;
        idle_measure(loop, us);
    }
    loop->date_us = us + loop->date_offset_us;
}

static void inbox_empty(struct px_loop *loop)
{
    struct px_note *note = atomic_exchange_explicit(&loop->inbox, NULL, memory_order_acquire);
    struct px_note *in_order = NULL;
    while (note) {
        struct px_note *next = note->next;
        note->next = in_order;
        in_order = note;
        note = next;
    }
    while (in_order) {
        struct px_note *next = in_order->next;
        in_order->deliver(in_order);
        in_order = next;
    }
}

static void wake_event(struct px_watch *watch, uint32_t events)
{
    uint64_t count;
    (void)events;
    if (read(watch->fd, &count, sizeof count) == sizeof count)
        inbox_empty(PX_OWNER(watch, struct px_loop, wake));
}

static const struct px_watch_ops wake_ops = {wake_event};

bool px_loop_init(struct px_loop *loop, unsigned number)
{
    *loop = (struct px_loop){.number = number, .wake.ops = &wake_ops};
    loop->soon_tail = &loop->soon;
    clock_read(loop);
    loop->wheel.now = loop->now;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0)
        return false;
    loop->wake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->wake.fd < 0)
        return false;
    struct px_loop *self = px_self;
    px_self = loop;
    bool done = px_loop_watch(&loop->wake, EPOLLIN);
    px_self = self;
    return done;
}

bool px_loop_watch(struct px_watch *watch, uint32_t epoll_events)
{
    struct epoll_event ev = {.events = epoll_events, .data.ptr = watch};
    return !epoll_ctl(px_self->epoll_fd, EPOLL_CTL_ADD, watch->fd, &ev);
}

void px_loop_rewatch(struct px_watch *watch, uint32_t epoll_events)
{
    struct epoll_event ev = {.events = epoll_events, .data.ptr = watch};
    epoll_ctl(px_self->epoll_fd, EPOLL_CTL_MOD, watch->fd, &ev);
}

void px_loop_unwatch(struct px_watch *watch)
{
    epoll_ctl(px_self->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
}

void px_loop_post(struct px_loop *loop, struct px_note *note)
{
    struct px_note *head = atomic_load_explicit(&loop->inbox, memory_order_relaxed);
    do
        note->next = head;
    while (!atomic_compare_exchange_weak_explicit(&loop->inbox, &head, note, memory_order_release,
                                                  memory_order_relaxed));
    static const uint64_t one = 1;
    if (!head && write(loop->wake.fd, &one, sizeof one) < 0)
        return; /* the counter is full: the loop is about to wake up anyway */
}

void px_loop_soon(struct px_chore *chore)
{
    chore->next = NULL;
    *px_self->soon_tail = chore;
    px_self->soon_tail = &chore->next;
}

void px_loop_bury(struct px_chore *chore)
{
    chore->next = px_self->grave;
    px_self->grave = chore;
}

/* What a chore adds while chores run is run in the next turn, so that no one is starved. */
static void run_soon(struct px_loop *loop)
{
    struct px_chore *chore = loop->soon;
    loop->soon = NULL;
    loop->soon_tail = &loop->soon;
    while (chore) {
        struct px_chore *next = chore->next;
        chore->run(chore);
        chore = next;
    }
}

static void run_grave(struct px_loop *loop)
{
    while (loop->grave) {
        struct px_chore *chore = loop->grave;
        loop->grave = chore->next;
        chore->run(chore);
    }
}

static int wait_time(const struct px_loop *loop)
{
    return loop->soon ? 0 : px_wheel_wait(&loop->wheel, loop->now);
}

static int rank_of(const struct epoll_event *event)
{
    return ((const struct px_watch *)event->data.ptr)->nice;
}

/* Of the same rank, who was ready first stays first. */
static void rank(struct epoll_event *events, int n)
{
    for (int i = 1; i < n; i++) {
        struct epoll_event event = events[i];
        int k = i;
        for (; k && rank_of(&events[k - 1]) > rank_of(&event); k--)
            events[k] = events[k - 1];
        events[k] = event;
    }
}

static void trim_buffers(struct px_timer *timer)
{
    (void)timer;
    px_buf_trim();
}

/* Once everything is done, so that a burst keeps its buffers while it lasts. */
static void mind_buffers(struct px_loop *loop)
{
    if (px_timer_is_set(&loop->trim))
        return;
    loop->trim.fire = trim_buffers;
    px_arm(&loop->trim, TRIM_MS);
}

static unsigned most_events = EVENTS;

void px_loop_set_events(unsigned most)
{
    most_events = most;
}

static void run_turns(struct px_loop *loop, struct epoll_event *events, int most)
{
    clock_read(loop);
    while (!loop->stop) {
        int n = epoll_wait(loop->epoll_fd, events, most, wait_time(loop));
        clock_read(loop);
        if (PX_UNLIKELY(loop->ranks))
            rank(events, n);
        for (int i = 0; i < n; i++) {
            struct px_watch *watch = events[i].data.ptr;
            watch->ops->event(watch, events[i].events);
        }
        run_soon(loop);
        px_wheel_advance(&loop->wheel, loop->now);
        run_grave(loop);
        if (PX_UNLIKELY(px_buf_surplus()))
            mind_buffers(loop);
    }
}

void px_loop_run(struct px_loop *loop)
{
    struct epoll_event few[EVENTS];
    px_self = loop;
    if (most_events <= EVENTS) {
        run_turns(loop, few, (int)most_events);
        return;
    }
    struct epoll_event *many = malloc(most_events * sizeof *many);
    run_turns(loop, many ? many : few, many ? (int)most_events : EVENTS);
    free(many);
}
