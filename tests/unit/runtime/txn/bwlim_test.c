/*
 * Tests of runtime/txn/bwlim.c: how much may go at which time.
 */
#include "runtime/txn/bwlim.h"
#include "tests/unit/unit.h"

static const struct px_global global = {.bufsize = 16384, .maxrewrite = 1024};
const struct px_program px_program = {.global = &global};

static struct px_loop loop;
static struct px_txn txn;
static struct px_client client;

static const struct px_bwlim up = {.upload = true, .limit = 1000, .period = 100};
static const struct px_bwlim down = {.limit = 1000, .period = 100};
static const struct px_bwlim coarse = {.limit = 1000, .period = 100, .min_size = 400};
static const struct px_bwlim other = {.limit = 5000, .period = 1000};

static void start(void)
{
    px_self = &loop;
    loop.now = 1000;
    txn = (struct px_txn){.client = &client};
}

static void stop(void)
{
    if (txn.lanes) {
        px_timer_stop(&txn.lanes->up.timer);
        px_timer_stop(&txn.lanes->down.timer);
    }
    px_arena_release(&txn.arena);
}

static struct px_lane *lane(void)
{
    return px_lane_down(&txn);
}

/* So many of the bytes that want to go do so now. */
static uint64_t go(uint64_t want)
{
    uint64_t n = lane()->ops->may(lane(), want);
    ck_assert_uint_le(n, want);
    lane()->ops->gone(lane(), n);
    return n;
}

/* What goes within so many milliseconds, when there is always more; pieces: how often. */
static uint64_t go_for(uint64_t ms, unsigned *pieces)
{
    uint64_t until = loop.now + ms, all = 0, n;
    while (loop.now < until) {
        while ((n = go(16384))) {
            all += n;
            ++*pieces;
        }
        lane()->ops->wait(lane(), 16384);
        ck_assert_uint_gt(lane()->timer.due, loop.now);
        loop.now = lane()->timer.due;
        px_timer_stop(&lane()->timer);
        ck_assert_uint_gt(lane()->ops->may(lane(), 16384), 0); /* it was not too early */
    }
    return all;
}

START_TEST(one_direction_at_a_time)
{
    ck_assert(px_bwlim_set(&txn, &up, 1000, 100));
    ck_assert_ptr_null(px_lane_down(&txn));
    ck_assert_ptr_nonnull(px_lane_up(&txn));
    ck_assert(px_bwlim_set(&txn, &down, 1000, 100));
    ck_assert_ptr_nonnull(px_lane_down(&txn));
}
END_TEST

START_TEST(a_burst_then_evenly)
{
    unsigned pieces = 0;
    ck_assert(px_bwlim_set(&txn, &down, 1000, 100));
    ck_assert_uint_eq(go(300), 300);
    ck_assert_uint_eq(go(900), 700);
    ck_assert_uint_eq(go(1), 0);
    loop.now += 99;
    ck_assert_uint_eq(go(1), 0);
    loop.now += 1 + 50;
    ck_assert_uint_eq(go(900), 500);
    uint64_t all = go_for(1000, &pieces);
    ck_assert_uint_ge(all, 9000);
    ck_assert_uint_le(all, 11000);
    ck_assert_uint_le(pieces, 1100);
}
END_TEST

START_TEST(pieces_have_a_size)
{
    unsigned pieces = 0;
    ck_assert(px_bwlim_set(&txn, &coarse, 1000, 100));
    uint64_t all = go_for(1000, &pieces);
    ck_assert_uint_ge(all, 7000);
    ck_assert_uint_le(all, 11000);
    ck_assert_uint_le(pieces, all / 400 + 1);
    loop.now += 1000;
    ck_assert_uint_eq(go(700), 700);
    ck_assert_uint_eq(go(16384), 0); /* 300 are left */
    ck_assert_uint_eq(go(200), 200); /* the last ones */
}
END_TEST

START_TEST(sizes_above_the_limit)
{
    unsigned pieces = 0;
    ck_assert(px_bwlim_set(&txn, &coarse, 3, 100));
    uint64_t all = go_for(1000, &pieces);
    ck_assert_uint_ge(all, 12); /* each piece has all of a limit, and lasts for two periods */
    ck_assert_uint_le(all, 33);
}
END_TEST

START_TEST(tiny_and_huge)
{
    unsigned pieces = 0;
    ck_assert(px_bwlim_set(&txn, &down, 1, 1));
    uint64_t all = go_for(100, &pieces);
    ck_assert_uint_ge(all, 30);
    ck_assert_uint_le(all, 101);
    ck_assert(px_bwlim_set(&txn, &down, UINT64_MAX, UINT64_MAX));
    ck_assert_uint_eq(go(16384), 16384);
    loop.now += UINT32_MAX;
    ck_assert_uint_eq(go(UINT32_MAX), UINT32_MAX);
    ck_assert_uint_eq(go(1), 0);
    lane()->ops->wait(lane(), 1);
    ck_assert_uint_ge(lane()->timer.due, loop.now + INT32_MAX);
    ck_assert_uint_eq(px_lane_pause(lane()), lane()->timer.due - loop.now);
}
END_TEST

START_TEST(who_was_idle_may_burst_again)
{
    ck_assert(px_bwlim_set(&txn, &down, 1000, 100));
    ck_assert_uint_eq(go(2000), 1000);
    loop.now += 250;
    ck_assert_uint_eq(go(2000), 1000);
    loop.now += 99;
    ck_assert_uint_eq(go(2000), 0);
}
END_TEST

START_TEST(the_slowest_of_several)
{
    unsigned pieces = 0;
    ck_assert(px_bwlim_set(&txn, &down, 1000, 100));
    ck_assert(px_bwlim_set(&txn, &other, 5000, 1000));
    uint64_t all = go_for(5000, &pieces);
    ck_assert_uint_ge(all, 24000);
    ck_assert_uint_le(all, 30000);
}
END_TEST

START_TEST(the_last_rule_counts)
{
    ck_assert(px_bwlim_set(&txn, &down, 1000, 100));
    ck_assert_uint_eq(go(2000), 1000);
    ck_assert(px_bwlim_set(&txn, &down, 3000, 100));
    ck_assert_uint_eq(go(5000), 2000);
    ck_assert(px_bwlim_set(&txn, &down, 100, 100));
    ck_assert_uint_eq(go(5000), 0);
    lane()->ops->wait(lane(), 5000);
    ck_assert_uint_le(lane()->timer.due, loop.now + 201);
}
END_TEST

UNIT_MAIN("bwlim", start, stop, one_direction_at_a_time, a_burst_then_evenly, pieces_have_a_size,
          sizes_above_the_limit, tiny_and_huge, who_was_idle_may_burst_again,
          the_slowest_of_several, the_last_rule_counts)
