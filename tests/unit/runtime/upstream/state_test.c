/*
 * Tests of runtime/upstream/state.c: counters of threads, levels, rates, sliding averages.
 */
#include "backends.h"

#include <pthread.h>

START_TEST(counters_are_summed_over_threads)
{
    static struct px_loop second;
    second.number = 1;
    PX_COUNT_ONE(px_srv_counters(&servers[B])->sessions);
    PX_ADD(px_fe_counters(&proxies[FRONT])->sessions, 5);
    px_self = &second;
    PX_ADD(px_srv_counters(&servers[B])->sessions, 10);
    PX_ADD(px_be_counters(&proxies[FRONT])->sessions, 7);
    px_self = &loop;
    struct px_counters sum;
    px_counters_sum(PX_OF_SERVER, B, &sum);
    ck_assert_uint_eq(sum.sessions, 11);
    px_counters_sum(PX_OF_SERVER, A, &sum);
    ck_assert_uint_eq(sum.sessions, 0);
    px_counters_sum(PX_OF_FRONTEND, FRONT, &sum);
    ck_assert_uint_eq(sum.sessions, 5);
    px_counters_sum(PX_OF_BACKEND, FRONT, &sum);
    ck_assert_uint_eq(sum.sessions, 7);
    px_counters_sum(PX_OF_BACKEND, WEIGHTED, &sum);
    ck_assert_uint_eq(sum.sessions, 0);
}
END_TEST

START_TEST(counters_begin_anew)
{
    struct px_counters sum;
    struct px_server_state *st = state_of(B);
    PX_ADD(px_srv_counters(&servers[B])->sessions, 5);
    PX_ADD(px_be_counters(&proxies[FRONT])->sessions, 7);
    px_level_up(&st->served);
    px_level_up(&st->served);
    px_level_down(&st->served);
    px_time_add(&st->qtime, &st->qtime_max, 1024);
    st->last_session = 10;
    px_counters_clear(false);
    px_counters_sum(PX_OF_SERVER, B, &sum);
    ck_assert_uint_eq(sum.sessions, 5);
    ck_assert_uint_eq(st->served.max, 1);
    ck_assert_uint_eq(st->qtime_max, 0);
    ck_assert_uint_eq(px_time_read(&st->qtime), 1);
    px_counters_clear(true);
    PX_ADD(px_srv_counters(&servers[B])->sessions, 2);
    px_counters_sum(PX_OF_SERVER, B, &sum);
    ck_assert_uint_eq(sum.sessions, 2);
    px_counters_sum(PX_OF_BACKEND, FRONT, &sum);
    ck_assert_uint_eq(sum.sessions, 0);
    ck_assert_uint_eq(st->last_session, 0);
    ck_assert_uint_eq(px_time_read(&st->qtime), 0);
    ck_assert_uint_eq(st->served.now, 1);
}
END_TEST

START_TEST(limits)
{
    ck_assert_uint_eq(px_proxy_state(&proxies[FRONT])->maxconn, 500);
    ck_assert_uint_eq(px_proxy_state(&proxies[WEIGHTED])->fullconn, 50);
    ck_assert_uint_eq(px_proxy_state(&proxies[ODD])->fullconn, 77);
    ck_assert_uint_eq(px_proxy_state(&proxies[STANDBY])->fullconn, 1);
    ck_assert_uint_eq(state_of(C)->weight, 3);
    ck_assert(state_of(DOWN)->admin & PX_ADMIN_MAINT && !state_of(C)->admin);
}
END_TEST

START_TEST(levels)
{
    struct px_level l = {0};
    px_level_up(&l);
    px_level_up(&l);
    px_level_down(&l);
    ck_assert_uint_eq(l.now, 1);
    ck_assert_uint_eq(l.max, 2);
    ck_assert(px_level_take(&l, 3));
    ck_assert(px_level_take(&l, 3));
    ck_assert(!px_level_take(&l, 3));
    ck_assert(px_level_take(&l, 0));
    ck_assert_uint_eq(l.now, 4);
    ck_assert_uint_eq(l.max, 4);
}
END_TEST

static struct px_level shared;
static _Atomic unsigned taken;

static void *take_many(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 100000; i++)
        if (px_level_take(&shared, 2)) {
            taken++;
            px_level_down(&shared);
        }
    return NULL;
}

START_TEST(levels_are_shared_by_threads)
{
    pthread_t threads[3];
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_many, NULL), 0);
    for (unsigned i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(shared.now, 0);
    ck_assert_uint_le(shared.max, 2);
    ck_assert_uint_gt(taken, 0);
}
END_TEST

static void tick(struct px_rate *r, uint64_t now, unsigned n)
{
    loop.now = now;
    while (n--)
        px_rate_tick(r);
}

START_TEST(rates_slide)
{
    struct px_rate r = {0};
    tick(&r, 10000, 100);
    ck_assert_uint_eq(px_rate_read(&r), 100);
    loop.now = 10999;
    ck_assert_uint_eq(px_rate_read(&r), 100);
    loop.now = 11500;
    ck_assert_uint_eq(px_rate_read(&r), 50);
    tick(&r, 11500, 20);
    ck_assert_uint_eq(px_rate_read(&r), 70);
    loop.now = 11999;
    ck_assert_uint_eq(px_rate_read(&r), 20);
    loop.now = 13000;
    ck_assert_uint_eq(px_rate_read(&r), 0);
    tick(&r, 20000, 1);
    ck_assert_uint_eq(px_rate_read(&r), 1);
    ck_assert_uint_eq(px_rate_max(&r), 100);
}
END_TEST

START_TEST(averages_slide)
{
    _Atomic uint64_t sum = 0, max = 0;
    ck_assert_uint_eq(px_time_read(&sum), 0);
    for (unsigned i = 0; i < 20000; i++)
        px_time_add(&sum, &max, 100);
    ck_assert_uint_eq(px_time_read(&sum), 100);
    px_time_add(&sum, &max, 5000);
    ck_assert_uint_eq(max, 5000);
    for (unsigned i = 0; i < 20000; i++)
        px_time_add(&sum, &max, 0);
    ck_assert_uint_eq(px_time_read(&sum), 0);
    ck_assert_uint_eq(max, 5000);
}
END_TEST

UNIT_MAIN("state", backends_open, backends_close, counters_are_summed_over_threads,
          counters_begin_anew, limits, levels, levels_are_shared_by_threads, rates_slide, averages_slide)
