/*
 * Tests of runtime/loop/timer.c: timers fire at their time, in order, however far ahead they are.
 */
#include "runtime/loop/timer.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { MOST = 4000 };

static struct px_wheel wheel;

static struct probe {
    struct px_timer timer;
    uint64_t fired_at;
    unsigned fired, order;
} probes[MOST];

static unsigned fired;

static void note_fire(struct px_timer *t)
{
    struct probe *p = (struct probe *)t;
    ck_assert(!px_timer_is_set(t));
    p->fired_at = wheel.now;
    p->fired++;
    p->order = fired++;
}

static void begin(void)
{
    memset(&wheel, 0, sizeof wheel);
    memset(probes, 0, sizeof probes);
    for (unsigned i = 0; i < MOST; i++)
        probes[i].timer.fire = note_fire;
    fired = 0;
}

static void end(void)
{
}

static void set(unsigned i, uint64_t due)
{
    px_timer_set(&wheel, &probes[i].timer, due);
}

START_TEST(a_timer_fires_once_at_its_time)
{
    static const uint64_t dues[] = {1,
                                    2,
                                    63,
                                    64,
                                    65,
                                    127,
                                    128,
                                    4095,
                                    4096,
                                    4097,
                                    262143,
                                    262144,
                                    16777216,
                                    16777217,
                                    1073741824,
                                    1073741825,
                                    UINT64_C(68719476735),
                                    UINT64_C(68719476736),
                                    UINT64_C(68719476737),
                                    UINT64_C(999999999999)};
    for (unsigned i = 0; i < sizeof dues / sizeof *dues; i++) {
        begin();
        set(0, dues[i]);
        px_wheel_advance(&wheel, dues[i] - 1);
        ck_assert_msg(!probes[0].fired, "%llu is early", (unsigned long long)dues[i]);
        ck_assert(px_timer_is_set(&probes[0].timer));
        px_wheel_advance(&wheel, dues[i]);
        ck_assert_msg(probes[0].fired == 1, "%llu is late", (unsigned long long)dues[i]);
        px_wheel_advance(&wheel, dues[i] + 100000);
        ck_assert_uint_eq(probes[0].fired, 1);
    }
}
END_TEST

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Many timers at any distance from any start; the clock goes on in steps of any size. */
static void race(uint64_t start, uint64_t far, uint64_t *seed)
{
    begin();
    wheel.now = start;
    for (unsigned i = 0; i < MOST; i++)
        set(i, start + 1 + next_random(seed) % far);
    for (unsigned i = 0; i < MOST; i += 3)
        px_timer_stop(&probes[i].timer);
    for (unsigned i = 0; i < MOST; i += 5)
        set(i, start + 1 + next_random(seed) % far);
    while (wheel.now < start + far) {
        uint64_t to = wheel.now + 1 + next_random(seed) % (far / 50 + 1);
        int wait = px_wheel_wait(&wheel, wheel.now);
        unsigned before = fired;
        if (wait > 1) {
            px_wheel_advance(&wheel, wheel.now + (uint64_t)wait - 1);
            ck_assert_msg(fired == before, "something fired before the wait was over");
        }
        px_wheel_advance(&wheel, to > wheel.now ? to : wheel.now + 1);
    }
    for (unsigned i = 0; i < MOST; i++) {
        bool stopped = i % 3 == 0 && i % 5;
        ck_assert_uint_eq(probes[i].fired, !stopped);
        if (!stopped)
            ck_assert_uint_eq(probes[i].fired_at, probes[i].timer.due);
    }
}

START_TEST(thousands_at_random)
{
    uint64_t seed = 88172645463325252u;
    static const uint64_t fars[] = {50, 100, 5000, 300000, 20000000, UINT64_C(5000000000)};
    for (unsigned i = 0; i < sizeof fars / sizeof *fars; i++) {
        race(0, fars[i], &seed);
        race(next_random(&seed) % UINT64_C(1000000000000), fars[i], &seed);
        race(UINT64_C(68719476736) - 40, fars[i], &seed);
    }
}
END_TEST

START_TEST(order_is_that_of_times)
{
    begin();
    for (unsigned i = 0; i < 1000; i++)
        set(i, 1000 - i);
    px_wheel_advance(&wheel, 5000);
    ck_assert_uint_eq(fired, 1000);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_uint_eq(probes[i].order, 999 - i);
}
END_TEST

START_TEST(what_is_overdue_fires_next)
{
    begin();
    wheel.now = 1000;
    set(0, 1000);
    set(1, 5);
    set(2, 0);
    ck_assert_uint_eq(fired, 0);
    px_wheel_advance(&wheel, 1000);
    ck_assert_uint_eq(fired, 0);
    px_wheel_advance(&wheel, 1001);
    ck_assert_uint_eq(fired, 3);
}
END_TEST

START_TEST(setting_again_moves)
{
    begin();
    set(0, 10);
    set(0, 5000);
    px_wheel_advance(&wheel, 4999);
    ck_assert_uint_eq(fired, 0);
    set(0, 5002);
    px_wheel_advance(&wheel, 5001);
    ck_assert_uint_eq(fired, 0);
    px_wheel_advance(&wheel, 5002);
    ck_assert_uint_eq(fired, 1);
}
END_TEST

START_TEST(stopping)
{
    begin();
    px_timer_stop(&probes[0].timer);
    set(0, 10);
    set(1, 10);
    set(2, 10);
    px_timer_stop(&probes[1].timer);
    px_timer_stop(&probes[1].timer);
    ck_assert(!px_timer_is_set(&probes[1].timer));
    px_wheel_advance(&wheel, 10);
    ck_assert_uint_eq(fired, 2);
    ck_assert_uint_eq(probes[1].fired, 0);
}
END_TEST

static void stop_others(struct px_timer *t)
{
    note_fire(t);
    for (unsigned i = 0; i < 10; i++)
        px_timer_stop(&probes[i].timer);
}

START_TEST(a_timer_may_stop_its_neighbours)
{
    begin();
    for (unsigned i = 0; i < 10; i++) {
        probes[i].timer.fire = stop_others;
        set(i, 70);
    }
    set(10, 70);
    px_wheel_advance(&wheel, 100);
    ck_assert_uint_eq(probes[10].fired, 1);
    ck_assert_uint_eq(fired, 2);
}
END_TEST

static void set_again(struct px_timer *t)
{
    note_fire(t);
    px_timer_set(&wheel, t, wheel.now);
}

START_TEST(a_timer_may_set_itself)
{
    begin();
    probes[0].timer.fire = set_again;
    set(0, 60);
    px_wheel_advance(&wheel, 159);
    ck_assert_uint_eq(probes[0].fired, 100);
    ck_assert_uint_eq(probes[0].fired_at, 159);
}
END_TEST

START_TEST(waiting)
{
    begin();
    ck_assert_int_eq(px_wheel_wait(&wheel, 0), -1);
    set(0, 40);
    ck_assert_int_eq(px_wheel_wait(&wheel, 0), 40);
    ck_assert_int_eq(px_wheel_wait(&wheel, 30), 10);
    ck_assert_int_eq(px_wheel_wait(&wheel, 40), 0);
    ck_assert_int_eq(px_wheel_wait(&wheel, 50), 0);
    set(0, 5000);
    int wait = px_wheel_wait(&wheel, 0);
    ck_assert_msg(wait > 0 && wait <= 5000, "%d", wait);
    set(0, UINT64_C(1) << 40);
    wait = px_wheel_wait(&wheel, 0);
    ck_assert_msg(wait > 0, "%d", wait);
}
END_TEST

UNIT_MAIN("timer", begin, end, a_timer_fires_once_at_its_time, thousands_at_random,
          order_is_that_of_times, what_is_overdue_fires_next, setting_again_moves, stopping,
          a_timer_may_stop_its_neighbours, a_timer_may_set_itself, waiting)
