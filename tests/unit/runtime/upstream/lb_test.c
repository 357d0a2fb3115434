/*
 * Tests of the algorithms of runtime/upstream/lb.h, after "balance" in HAProxy's manual: shares by
 * weight, servers that cannot serve, backups.
 */
#include "backends.h"

static const struct px_choice any;

static unsigned counts[NSERVERS];

static const struct px_server *choose(const struct px_lb *lb, unsigned proxy)
{
    return lb->choose(&proxies[proxy], &any);
}

static void prepare(const struct px_lb *lb)
{
    for (unsigned i = 0; i < NPROXIES; i++) {
        proxies[i].lb = lb;
        ck_assert(!lb->prepare || lb->prepare(&proxies[i]));
    }
}

/* How often each server is chosen in n turns. */
static void deal(const struct px_lb *lb, unsigned proxy, unsigned n)
{
    memset(counts, 0, sizeof counts);
    for (unsigned i = 0; i < n; i++) {
        const struct px_server *srv = choose(lb, proxy);
        ck_assert_ptr_nonnull(srv);
        counts[srv->number]++;
        ck_assert(px_slot_take(srv));
        px_slot_release(srv);
    }
}

static void expect_counts(unsigned first, unsigned a, unsigned b, unsigned c)
{
    ck_assert_msg(counts[first] == a && counts[first + 1] == b && counts[first + 2] == c,
                  "%u %u %u", counts[first], counts[first + 1], counts[first + 2]);
}

START_TEST(turns_are_in_proportion_to_weights)
{
    prepare(&px_lb_roundrobin);
    deal(&px_lb_roundrobin, WEIGHTED, 6);
    expect_counts(A, 1, 2, 3);
    deal(&px_lb_roundrobin, WEIGHTED, 600);
    expect_counts(A, 100, 200, 300);
}
END_TEST

START_TEST(turns_are_spread)
{
    prepare(&px_lb_roundrobin);
    unsigned run = 0, before = NSERVERS;
    for (unsigned i = 0; i < 60; i++) {
        unsigned now = choose(&px_lb_roundrobin, WEIGHTED)->number;
        run = now == before ? run + 1 : 1;
        ck_assert_uint_le(run, 2);
        before = now;
    }
}
END_TEST

START_TEST(servers_that_cannot_serve_are_passed_over)
{
    prepare(&px_lb_roundrobin);
    maintain(C, true);
    deal(&px_lb_roundrobin, WEIGHTED, 30);
    ck_assert_uint_eq(counts[C], 0);
    ck_assert_uint_gt(counts[A], 0);
    weigh(B, 0);
    deal(&px_lb_roundrobin, WEIGHTED, 30);
    expect_counts(A, 30, 0, 0);
    maintain(A, true);
    ck_assert_ptr_null(choose(&px_lb_roundrobin, WEIGHTED));
    ck_assert_uint_eq(px_usable_servers(&proxies[WEIGHTED]), 0);
    maintain(C, false);
    deal(&px_lb_roundrobin, WEIGHTED, 5);
    expect_counts(A, 0, 0, 5);
}
END_TEST

/* Every algorithm keeps to the same rules about full servers, backups, and the one to avoid. */
static void expect_standby(const struct px_lb *lb)
{
    prepare(lb);
    ck_assert_ptr_eq(choose(lb, STANDBY), &servers[ACTIVE]);
    serve(ACTIVE, 1);
    ck_assert_ptr_null(choose(lb, STANDBY));
    serve(ACTIVE, 0);
    maintain(ACTIVE, true);
    deal(lb, STANDBY, 10);
    expect_counts(ACTIVE, 0, 10, 0);
    maintain(BACKUP1, true);
    deal(lb, STANDBY, 10);
    expect_counts(ACTIVE, 0, 0, 10);
    maintain(BACKUP2, true);
    ck_assert_ptr_null(choose(lb, STANDBY));
    maintain(ACTIVE, false);
    ck_assert_ptr_eq(choose(lb, STANDBY), &servers[ACTIVE]);
}

START_TEST(roundrobin_and_backups)
{
    expect_standby(&px_lb_roundrobin);
}
END_TEST

START_TEST(leastconn_and_backups)
{
    expect_standby(&px_lb_leastconn);
}
END_TEST

START_TEST(first_and_backups)
{
    expect_standby(&px_lb_first);
}
END_TEST

START_TEST(random_and_backups)
{
    expect_standby(&px_lb_random);
}
END_TEST

START_TEST(allbackups_share)
{
    prepare(&px_lb_roundrobin);
    deal(&px_lb_roundrobin, TOGETHER, 10);
    expect_counts(G, 10, 0, 0);
    maintain(G, true);
    deal(&px_lb_roundrobin, TOGETHER, 10);
    expect_counts(G, 0, 5, 5);
    prepare(&px_lb_leastconn);
    deal(&px_lb_leastconn, TOGETHER, 10);
    expect_counts(G, 0, 5, 5);
}
END_TEST

START_TEST(who_is_asked_for_needs_no_weight)
{
    ck_assert(px_server_may_persist(&servers[ZERO]));
    ck_assert(px_server_may_persist(&servers[BACKUP2]));
    ck_assert(!px_server_may_persist(&servers[DOWN]));
    maintain(A, true);
    ck_assert(!px_server_may_persist(&servers[A]));
}
END_TEST

START_TEST(usable_servers)
{
    ck_assert_uint_eq(px_usable_servers(&proxies[WEIGHTED]), 3);
    ck_assert_uint_eq(px_usable_servers(&proxies[STANDBY]), 1);
    ck_assert_uint_eq(px_usable_servers(&proxies[TOGETHER]), 1);
    ck_assert_uint_eq(px_usable_servers(&proxies[ODD]), 1);
    maintain(ACTIVE, true);
    maintain(G, true);
    ck_assert_uint_eq(px_usable_servers(&proxies[STANDBY]), 1);
    ck_assert_uint_eq(px_usable_servers(&proxies[TOGETHER]), 2);
    ck_assert(!px_server_in_use(&servers[ACTIVE]));
    ck_assert(px_server_in_use(&servers[BACKUP1]));
    ck_assert(!px_server_in_use(&servers[BACKUP2]));
    ck_assert(px_server_in_use(&servers[H]) && px_server_in_use(&servers[I]));
    maintain(G, false);
    ck_assert(!px_server_in_use(&servers[H]) && px_server_in_use(&servers[G]));
    ck_assert(!px_server_in_use(&servers[ZERO]) && !px_server_in_use(&servers[DOWN]));
}
END_TEST

START_TEST(the_one_to_avoid)
{
    const struct px_lb *const all[] = {&px_lb_roundrobin, &px_lb_leastconn, &px_lb_first,
                                       &px_lb_random};
    const struct px_choice not_a = {.avoid = &servers[A]};
    for (unsigned i = 0; i < 4; i++) {
        prepare(all[i]);
        for (unsigned k = 0; k < 20; k++) {
            const struct px_server *srv = all[i]->choose(&proxies[WEIGHTED], &not_a);
            ck_assert(srv && srv != &servers[A]);
        }
    }
}
END_TEST

START_TEST(least_loaded_for_its_weight)
{
    prepare(&px_lb_leastconn);
    serve(A, 1); /* 1 of 1 */
    serve(B, 1); /* 1 of 2 */
    serve(C, 2); /* 2 of 3 */
    ck_assert_ptr_eq(choose(&px_lb_leastconn, WEIGHTED), &servers[B]);
    serve(B, 2);
    ck_assert_ptr_eq(choose(&px_lb_leastconn, WEIGHTED), &servers[C]);
    serve(A, 0);
    ck_assert_ptr_eq(choose(&px_lb_leastconn, WEIGHTED), &servers[A]);
}
END_TEST

START_TEST(equals_take_turns)
{
    prepare(&px_lb_leastconn);
    for (unsigned i = A; i <= C; i++)
        weigh(i, 1);
    deal(&px_lb_leastconn, WEIGHTED, 30);
    expect_counts(A, 10, 10, 10);
}
END_TEST

START_TEST(first_fills_one_after_the_other)
{
    prepare(&px_lb_first);
    deal(&px_lb_first, WEIGHTED, 5);
    expect_counts(A, 5, 0, 0);
    maintain(A, true);
    deal(&px_lb_first, WEIGHTED, 5);
    expect_counts(A, 0, 5, 0);
}
END_TEST

START_TEST(random_is_near_the_weights)
{
    prepare(&px_lb_random);
    proxies[WEIGHTED].lb_arg = 1;
    memset(counts, 0, sizeof counts);
    for (unsigned i = 0; i < 6000; i++)
        counts[choose(&px_lb_random, WEIGHTED)->number]++;
    ck_assert_msg(counts[A] > 800 && counts[A] < 1200, "%u of 1000", counts[A]);
    ck_assert_msg(counts[C] > 2700 && counts[C] < 3300, "%u of 3000", counts[C]);
}
END_TEST

START_TEST(two_draws_find_the_less_loaded)
{
    prepare(&px_lb_random);
    serve(C, 1000);
    deal(&px_lb_random, WEIGHTED, 1000);
    ck_assert_msg(counts[C] < 400, "%u of 1000 went to the loaded server", counts[C]);
}
END_TEST

static const struct px_server *by_hash(const struct px_lb *lb, unsigned be, uint32_t hash)
{
    return lb->choose(&proxies[be], &(struct px_choice){.hash = hash, .has_hash = true});
}

static void expect_decided(const struct px_lb *lb, bool consistent)
{
    enum { HASHES = 6000 };
    const struct px_server *before[HASHES];
    prepare(lb);
    memset(counts, 0, sizeof counts);
    for (uint32_t i = 0; i < HASHES; i++) {
        uint32_t hash = consistent ? i * UINT32_C(2654435761) : i;
        before[i] = by_hash(lb, WEIGHTED, hash);
        ck_assert_ptr_eq(by_hash(lb, WEIGHTED, hash), before[i]);
        counts[before[i]->number]++;
    }
    if (consistent)
        ck_assert_msg(counts[A] > 300 && counts[C] > 1500, "%u and %u", counts[A], counts[C]);
    else
        expect_counts(A, 1000, 2000, 3000);
    maintain(C, true);
    for (uint32_t i = 0; i < HASHES; i++) {
        const struct px_server *now =
            by_hash(lb, WEIGHTED, consistent ? i * UINT32_C(2654435761) : i);
        ck_assert_ptr_ne(now, &servers[C]);
        /* Keys of servers that stay do not move. */
        ck_assert(before[i] == &servers[C] || now == before[i]);
    }
    maintain(C, false);
}

static void expect_patience(const struct px_lb *lb)
{
    prepare(lb);
    const struct px_server *srv = by_hash(lb, ODD, 12345);
    ck_assert_ptr_eq(srv, &servers[ONE]);
    serve(ONE, 1);
    ck_assert_ptr_eq(by_hash(lb, ODD, 12345), &servers[ONE]);
    serve(ONE, 0);
}

START_TEST(the_hash_decides)
{
    expect_decided(&px_lb_map_based, false);
    expect_decided(&px_lb_consistent, true);
}
END_TEST

START_TEST(the_hash_waits_for_a_full_server)
{
    expect_patience(&px_lb_map_based);
    expect_patience(&px_lb_consistent);
}
END_TEST

/* One key, and one server after the other that has as much as it takes. */
static void expect_next(const struct px_lb *lb, enum px_affinity affinity, unsigned queued)
{
    enum { HASH = 12345, SERVERS = 3 };
    prepare(lb);
    proxies[WEIGHTED].affinity = (uint8_t)affinity;
    const struct px_server *met[SERVERS];
    for (unsigned n = A; n <= C; n++)
        state_of(n)->maxconn = 1;
    for (unsigned i = 0; i < SERVERS; i++) {
        met[i] = by_hash(lb, WEIGHTED, HASH);
        for (unsigned k = 0; k < i; k++)
            ck_assert_ptr_ne(met[i], met[k]);
        serve(met[i]->number, 1);
        if (queued)
            ck_assert_ptr_eq(by_hash(lb, WEIGHTED, HASH), met[i]);
        state_of(met[i]->number)->queue.length.now = queued;
    }
    ck_assert_ptr_eq(by_hash(lb, WEIGHTED, HASH), met[0]);
    for (unsigned i = 0; i < SERVERS; i++) {
        serve(met[i]->number, 0);
        state_of(met[i]->number)->queue.length.now = 0;
        state_of(met[i]->number)->maxconn = 0;
    }
}

START_TEST(the_hash_does_not_wait_for_a_full_server)
{
    expect_next(&px_lb_map_based, PX_AFFINITY_MAXCONN, 0);
    expect_next(&px_lb_consistent, PX_AFFINITY_MAXCONN, 0);
}
END_TEST

START_TEST(the_hash_waits_while_there_is_a_place)
{
    expect_next(&px_lb_map_based, PX_AFFINITY_MAXQUEUE, 1);
    expect_next(&px_lb_consistent, PX_AFFINITY_MAXQUEUE, 1);
}
END_TEST

/* Requests with one key, one after another, none of which ends. */
START_TEST(no_server_takes_more_than_its_share)
{
    proxies[WEIGHTED].hash_balance_factor = 101;
    prepare(&px_lb_consistent);
    for (unsigned n = 0; n < 300; n++) {
        struct px_choice c = {.hash = 12345, .has_hash = true};
        const struct px_server *srv = px_lb_consistent.choose(&proxies[WEIGHTED], &c);
        ck_assert_ptr_nonnull(srv);
        ck_assert(px_slot_take(srv));
        /* 1.01 times the average for its weight; both roundings are upwards. */
        unsigned weight = srv->number - A + 1, most = ((n + 1) * 101 + 99) / 100;
        ck_assert_uint_le(state_of(srv->number)->served.now, (most * weight + 5) / 6);
    }
    ck_assert_uint_gt(state_of(A)->served.now, 40);
    ck_assert_uint_gt(state_of(B)->served.now, 90);
}
END_TEST

START_TEST(another_server_than_the_one_that_failed)
{
    prepare(&px_lb_consistent);
    for (uint32_t hash = 0; hash < 100; hash++) {
        const struct px_server *first = by_hash(&px_lb_consistent, WEIGHTED, hash << 24);
        struct px_choice c = {.hash = hash << 24, .has_hash = true, .avoid = first};
        ck_assert_ptr_ne(px_lb_consistent.choose(&proxies[WEIGHTED], &c), first);
    }
}
END_TEST

UNIT_MAIN("lb", backends_open, backends_close, turns_are_in_proportion_to_weights, turns_are_spread,
          servers_that_cannot_serve_are_passed_over, roundrobin_and_backups, leastconn_and_backups,
          first_and_backups, random_and_backups, allbackups_share, usable_servers, the_one_to_avoid,
          who_is_asked_for_needs_no_weight, least_loaded_for_its_weight, equals_take_turns,
          first_fills_one_after_the_other, random_is_near_the_weights,
          two_draws_find_the_less_loaded, the_hash_decides, the_hash_waits_for_a_full_server,
          the_hash_does_not_wait_for_a_full_server, the_hash_waits_while_there_is_a_place,
          another_server_than_the_one_that_failed, no_server_takes_more_than_its_share)
