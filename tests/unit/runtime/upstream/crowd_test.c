/*
 * Randomised tests of the algorithms of runtime/upstream/lb.h over a thousand servers whose state
 * changes: each is compared with the plainest way to say what it should do.
 */
#include "runtime/base/macros.h"
#include "runtime/loop/grace.h"
#include "runtime/upstream/change.h"
#include "runtime/upstream/lb.h"
#include "runtime/upstream/slot.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <unistd.h>

enum { MOST = 1000, THREADS = 3, SLOWSTART = 16000 };

static struct px_server servers[MOST];
static const struct px_server *list[MOST];
static struct px_proxy crowd = {.name = "crowd", .caps = PX_BACKEND, .servers = list, .lb_arg = 2};
static const struct px_proxy *const proxies[] = {&crowd};
const struct px_program px_program = {
    .abi = PX_ABI_VERSION, .proxies = proxies, .nproxies = 1, .nservers = MOST};

static struct px_loop loops[THREADS];
static struct px_loop *const all_loops[] = {&loops[0], &loops[1], &loops[2]};
static uint64_t seed;

static uint32_t below(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(seed >> 33) % n;
}

static struct px_server_state *state(unsigned i)
{
    return px_server_state(&servers[i]);
}

static void begin(void)
{
    seed = 1;
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert(px_loop_init(&loops[i], i));
    px_self = &loops[0];
    loops[0].now = 1000 * SLOWSTART;
    px_maxconn = 1000;
}

/* State is made once a process and never taken back; here it is made again and again. */
const char *__lsan_default_suppressions(void);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:gather\nleak:none_has_more_than_its_share\n";
}

const char *__asan_default_options(void)
{
    return "print_suppressions=0";
}

/* n servers; weights 1 to `heaviest`. */
static void gather(const struct px_lb *lb, unsigned n, uint32_t heaviest, uint32_t maxconn)
{
    crowd.lb = lb;
    crowd.nservers = n;
    for (unsigned i = 0; i < n; i++) {
        servers[i] = (struct px_server){.name = "one",
                                        .number = (uint16_t)i,
                                        .id = (int32_t)(n - i), /* not in their order */
                                        .proxy = &crowd,
                                        .slowstart = SLOWSTART,
                                        .weight = 1 + below(heaviest),
                                        .maxconn = maxconn ? 1 + below(maxconn) : 0};
        list[i] = &servers[i];
    }
    static const union px_sockaddr home = {.in = {.sin_family = AF_INET}};
    ck_assert(px_state_init(THREADS, 0));
    for (unsigned i = 0; i < n; i++)
        ck_assert(px_address_set(&servers[i], &home, sizeof home.in));
    ck_assert(px_health_init(NULL));
    ck_assert(!lb->prepare || lb->prepare(&crowd));
}

static void maintain(unsigned i, bool down)
{
    if (down)
        px_admin_add(&servers[i], PX_ADMIN_FORCED_MAINT, NULL);
    else
        px_admin_remove(&servers[i], PX_ADMIN_FORCED_MAINT);
}

static void set_weight(unsigned i, uint32_t weight)
{
    servers[i].weight = (int32_t)weight;
    state(i)->weight = weight;
    px_share_update(&servers[i]);
}

/* It has so many sixteenths of its weight. */
static void start_slowly(unsigned i, uint32_t sixteenths)
{
    state(i)->operation = PX_SERVER_STARTING;
    state(i)->changed_ms = px_self->now - (sixteenths - 1) * (SLOWSTART / PX_SHARES);
    px_share_update(&servers[i]);
    if (crowd.lb->dynamic)
        ck_assert_uint_eq(state(i)->share, (uint32_t)servers[i].weight * sixteenths);
}

static const struct px_server *choose(uint32_t hash)
{
    struct px_choice c = {.hash = hash, .has_hash = true}, any = {0};
    bool hashes = crowd.lb == &px_lb_map_based || crowd.lb == &px_lb_consistent;
    return crowd.lb->choose(&crowd, hashes ? &c : &any);
}

/* ---- turns ---- */

static uint32_t divisor(void)
{
    uint32_t all = 0;
    for (unsigned i = 0; i < crowd.nservers; i++)
        for (uint32_t a = state(i)->share, r; a; a = r) {
            r = all % a;
            all = a;
        }
    return all;
}

static uint32_t shares(void)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < crowd.nservers; i++)
        sum += state(i)->share;
    return sum;
}

/* In a whole cycle each has its share, and never waits much longer than its share says. */
static void expect_cycle(void)
{
    static uint32_t counts[MOST], last[MOST];
    uint32_t each = divisor(), cycle = shares() / each;
    memset(counts, 0, sizeof counts);
    for (uint32_t turn = 1; turn <= cycle; turn++) {
        unsigned i = choose(0)->number;
        uint32_t ideal = cycle / (state(i)->share / each), waited = turn - last[i];
        ck_assert_msg(!counts[i] || waited <= 5 * ideal + 1, "%u, not %u", waited, ideal);
        counts[i]++;
        last[i] = turn;
    }
    for (unsigned i = 0; i < crowd.nservers; i++)
        ck_assert_uint_eq(counts[i], state(i)->share / each);
}

START_TEST(turns_are_exact_over_a_cycle)
{
    static const struct {
        unsigned n;
        uint32_t heaviest;
    } rows[] = {{1, 1}, {2, 1}, {3, 5}, {10, 256}, {100, 1}, {100, 20}, {MOST, 1}, {MOST, 256}};
    for (unsigned row = 0; row < PX_COUNT(rows); row++) {
        gather(&px_lb_roundrobin, rows[row].n, rows[row].heaviest, 0);
        expect_cycle();
        for (unsigned i = 1; i < rows[row].n; i += 1 + i / 3) {
            if (i % 2)
                maintain(i, true);
            else
                start_slowly(i, 1 + below(PX_SHARES));
        }
        expect_cycle();
    }
}
END_TEST

START_TEST(a_thousand_of_any_weight_take_little_memory)
{
    gather(&px_lb_roundrobin, MOST, 1, 0);
    for (unsigned i = 0; i < MOST; i++) {
        set_weight(i, 256);
        start_slowly(i, 1 + i % PX_SHARES); /* a cycle of 2 million turns */
    }
    uint32_t first = 0, lightest = 0;
    for (unsigned i = 0; i < 100000; i++) {
        const struct px_server *srv = choose(0);
        first += srv == &servers[PX_SHARES - 1];
        lightest += srv == &servers[0];
    }
    ck_assert_msg(first > 180 && first < 200, "%u of 188", first);
    ck_assert_msg(lightest > 8 && lightest < 16, "%u of 12", lightest);
}
END_TEST

START_TEST(who_returns_gets_no_burst)
{
    gather(&px_lb_roundrobin, 10, 1, 0);
    for (unsigned round = 0; round < 50; round++) {
        unsigned back = 0, turns = 1000 + below(1000);
        maintain(4, true);
        for (unsigned i = 0; i < turns; i++)
            ck_assert_ptr_ne(choose(0), &servers[4]);
        servers[4].slowstart = 0;
        maintain(4, false);
        for (unsigned i = 0; i < 20; i++)
            back += choose(0) == &servers[4];
        ck_assert_uint_eq(back, 2);
    }
}
END_TEST

START_TEST(draws_follow_shares)
{
    static uint32_t counts[MOST];
    crowd.lb_arg = 1;
    gather(&px_lb_random, 400, 256, 0);
    maintain(7, true);
    start_slowly(8, 4);
    enum { DRAWS = 400000 };
    memset(counts, 0, sizeof counts);
    for (unsigned i = 0; i < DRAWS; i++)
        counts[choose(0)->number]++;
    crowd.lb_arg = 2;
    ck_assert_uint_eq(counts[7], 0);
    double chi = 0;
    for (unsigned i = 0; i < crowd.nservers; i++) {
        double want = (double)state(i)->share / shares() * DRAWS;
        chi += want > 0 ? (counts[i] - want) * (counts[i] - want) / want : 0;
    }
    ck_assert_msg(chi < 398 + 6 * 28.2, "chi square %f of 398 +- 28", chi); /* 6 deviations */
}
END_TEST

/* ---- hashes ---- */

enum { KEYS = 20000 };

static uint32_t key(uint32_t k)
{
    return k * UINT32_C(2654435761);
}

static const struct px_server *before[KEYS];

static unsigned moved_keys(void)
{
    unsigned n = 0;
    for (uint32_t k = 0; k < KEYS; k++)
        n += choose(key(k)) != before[k];
    return n;
}

START_TEST(only_keys_of_the_server_that_leaves_move)
{
    gather(&px_lb_consistent, 100, 1, 0);
    for (unsigned i = 0; i < 100; i++)
        set_weight(i, 16);
    for (uint32_t k = 0; k < KEYS; k++)
        before[k] = choose(key(k));
    for (unsigned round = 0; round < 20; round++) {
        unsigned leaves = below(100), moved = 0;
        servers[leaves].slowstart = 0;
        maintain(leaves, true);
        for (uint32_t k = 0; k < KEYS; k++) {
            const struct px_server *now = choose(key(k));
            ck_assert(now != &servers[leaves]);
            ck_assert(now == before[k] || before[k] == &servers[leaves]);
            moved += now != before[k];
        }
        ck_assert_msg(moved > KEYS / 200 && moved < KEYS / 50, "%u of %u", moved, KEYS / 100);
        maintain(leaves, false);
        ck_assert_uint_eq(moved_keys(), 0);
    }
}
END_TEST

/* Each step takes keys from others, and gives none back. */
START_TEST(who_starts_slowly_gains_keys)
{
    gather(&px_lb_consistent, 50, 20, 0);
    maintain(3, true);
    for (uint32_t sixteenths = 1; sixteenths <= PX_SHARES; sixteenths++) {
        for (uint32_t k = 0; k < KEYS; k++)
            before[k] = choose(key(k));
        if (sixteenths == 1)
            maintain(3, false);
        start_slowly(3, sixteenths);
        for (uint32_t k = 0; k < KEYS; k++) {
            const struct px_server *now = choose(key(k));
            ck_assert(now == before[k] || now == &servers[3]);
        }
    }
}
END_TEST

/* Whoever is there, and whatever they weigh: no more than 1.01 times its part, rounded upwards. */
static void expect_parts(void)
{
    uint64_t whole = shares();
    for (unsigned n = 0; n < 150; n++) {
        const struct px_server *srv = choose(12345);
        uint64_t all = ((n + 1) * 101 + 99) / 100;
        ck_assert(px_slot_take(srv));
        ck_assert_uint_le(state(srv->number)->served.now,
                          (all * state(srv->number)->share + whole - 1) / whole);
    }
}

START_TEST(none_has_more_than_its_share)
{
    crowd.hash_balance_factor = 101;
    for (unsigned round = 0; round < 40; round++) {
        gather(&px_lb_consistent, 20, 20, 0);
        for (unsigned i = 1; i < 20; i++) {
            servers[i].slowstart = 0;
            if (below(2))
                maintain(i, true);
            else if (round % 2)
                set_weight(i, 1 + below(20));
        }
        expect_parts();
    }
    crowd.hash_balance_factor = 0;
}
END_TEST

/* HAProxy's rule as it stands: at each place all gain their weight, and the one with most whole
 * rounds pays one; among equals it is the first. */
static void expect_map(void)
{
    static int64_t score[MOST];
    int64_t each = 0, total = 0;
    memset(score, 0, sizeof score);
    for (unsigned i = 0; i < crowd.nservers; i++)
        for (int64_t a = servers[i].weight, r; a; a = r) {
            r = each % a;
            each = a;
        }
    for (unsigned i = 0; i < crowd.nservers; i++)
        total += state(i)->share ? servers[i].weight / each : 0;
    for (int64_t place = 0; place < total; place++) {
        unsigned best = MOST;
        for (unsigned i = 0; i < crowd.nservers; i++) {
            if (!state(i)->share)
                continue;
            score[i] += servers[i].weight / each;
            if (best == MOST || (score[i] + total) / total > (score[best] + total) / total)
                best = i;
        }
        score[best] -= total;
        ck_assert_ptr_eq(choose((uint32_t)place), &servers[best]);
        ck_assert_ptr_eq(choose((uint32_t)(place + total)), &servers[best]);
    }
}

START_TEST(maps_are_as_the_rule_says)
{
    for (unsigned row = 0; row < 24; row++) {
        gather(&px_lb_map_based, 1 + below(row < 20 ? 12 : 60), row % 2 ? 256 : 1, 0);
        expect_map();
        for (unsigned change = 0; change < 5; change++) {
            unsigned i = below(crowd.nservers);
            maintain(i, state(i)->share);
            expect_map();
        }
    }
}
END_TEST

/* ---- loads and room ---- */

static uint32_t used[MOST], moment; /* when each was last taken or given back */

static uint32_t load_of(unsigned i)
{
    uint32_t n = state(i)->served.now;
    return n ? (n + 1) * 256 * PX_SHARES / state(i)->share : 0;
}

static bool has_room(unsigned i)
{
    uint32_t most = px_server_limit(&servers[i]);
    return state(i)->share && (!most || state(i)->served.now < most);
}

static unsigned least_loaded(void)
{
    unsigned best = MOST;
    for (unsigned i = 0; i < crowd.nservers; i++) {
        if (!has_room(i))
            continue;
        if (best == MOST || load_of(i) < load_of(best) ||
            (load_of(i) == load_of(best) && used[i] < used[best]))
            best = i;
    }
    return best;
}

static unsigned lowest_id(void)
{
    for (unsigned i = crowd.nservers; i-- > 0;)
        if (has_room(i))
            return i;
    return MOST;
}

/* Requests come and go, servers too; the choice is always the one that a walk finds. */
static void expect_as_by_a_walk(unsigned (*walk)(void), unsigned n, uint32_t heaviest)
{
    for (unsigned i = 0; i < n; i++)
        used[i] = i;
    moment = n;
    for (unsigned step = 0; step < 2000; step++) {
        unsigned i = below(n), best = walk();
        const struct px_server *srv = choose(0);
        ck_assert_ptr_eq(srv, best < MOST ? &servers[best] : NULL);
        if (srv && step % 9 < 7) {
            ck_assert(px_slot_take(srv));
            used[best] = ++moment;
        } else if (step % 97 == 8) {
            maintain(i, state(i)->share);
            used[i] = ++moment;
        } else if (step % 31 == 8 && state(i)->share) {
            state(i)->weight = 1 + below(heaviest);
            if (state(i)->share != state(i)->weight * PX_SHARES && load_of(i))
                used[i] = ++moment;
            px_share_update(&servers[i]);
        } else if (state(i)->served.now) {
            px_slot_release(&servers[i]);
            used[i] = ++moment;
        }
    }
}

START_TEST(the_least_loaded)
{
    static const unsigned sizes[] = {1, 2, 3, 17, 100, MOST};
    for (unsigned k = 0; k < PX_COUNT(sizes); k++) {
        gather(&px_lb_leastconn, sizes[k], 1, 0);
        for (unsigned i = 0; i < sizes[k]; i++)
            servers[i].slowstart = 0;
        expect_as_by_a_walk(least_loaded, sizes[k], 256);
        gather(&px_lb_leastconn, sizes[k], 1, 5);
        for (unsigned i = 0; i < sizes[k]; i++)
            servers[i].slowstart = 0;
        expect_as_by_a_walk(least_loaded, sizes[k], 3);
    }
}
END_TEST

START_TEST(the_first_with_room)
{
    static const unsigned sizes[] = {1, 3, 64, 65, 300, MOST};
    for (unsigned k = 0; k < PX_COUNT(sizes); k++) {
        gather(&px_lb_first, sizes[k], 1, 3);
        for (unsigned i = 0; i < sizes[k]; i++)
            servers[i].slowstart = 0;
        expect_as_by_a_walk(lowest_id, sizes[k], 3);
    }
}
END_TEST

/* Whatever the algorithm, the only one with room is found among a thousand. */
START_TEST(the_last_one_with_room)
{
    static const struct px_lb *const lbs[] = {&px_lb_roundrobin, &px_lb_static_rr, &px_lb_first,
                                              &px_lb_leastconn, &px_lb_random};
    for (unsigned k = 0; k < PX_COUNT(lbs); k++) {
        gather(lbs[k], MOST, 256, 1);
        for (unsigned i = 0; i < MOST; i++)
            ck_assert(px_slot_take(&servers[i]));
        ck_assert_ptr_null(choose(0));
        for (unsigned n = 0; n < 100; n++) {
            unsigned i = below(MOST);
            px_slot_release(&servers[i]);
            ck_assert_ptr_eq(choose(0), &servers[i]);
            struct px_choice other = {.avoid = &servers[i]};
            ck_assert_ptr_null(crowd.lb->choose(&crowd, &other));
            ck_assert(px_slot_take(&servers[i]));
        }
    }
}
END_TEST

/* ---- threads ---- */

enum { CHANGES = 150, HELD = 40 };
static _Atomic bool over;

static void stop(struct px_note *note)
{
    (void)note;
    px_self->stop = true;
}

/* What was posted to this thread's loop is delivered. */
static void turn(void)
{
    struct px_note note = {.deliver = stop};
    px_loop_post(px_self, &note);
    px_loop_run(px_self);
    px_self->stop = false;
}

static void *requests(void *arg)
{
    px_self = arg;
    const struct px_server *held[HELD] = {NULL};
    for (uint32_t n = px_self->number; !over; n += 7) {
        for (unsigned i = 0; i < HELD; i++) {
            if (held[i])
                px_slot_release(held[i]);
            held[i] = choose(key(n + i));
            if (held[i] && !px_slot_take(held[i]))
                held[i] = NULL;
        }
        turn();
    }
    for (unsigned i = 0; i < HELD; i++)
        if (held[i] && i % 2)
            px_slot_release(held[i]); /* and some are never given back */
    return NULL;
}

static void change_one(unsigned n)
{
    unsigned i = below(crowd.nservers);
    if (n % 3) {
        maintain(i, state(i)->share);
    } else if (state(i)->share) {
        px_health_lock();
        start_slowly(i, 1 + below(PX_SHARES));
        px_health_unlock();
    }
    turn();
}

static void expect_good_choices(const struct px_lb *lb, unsigned n, uint32_t maxconn)
{
    pthread_t threads[2];
    gather(lb, n, 20, maxconn);
    px_grace_init(all_loops, THREADS);
    over = false;
    for (unsigned i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, requests, all_loops[i + 1]);
    for (unsigned i = 0; i < CHANGES; i++)
        change_one(i);
    over = true;
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < 3 * THREADS; i++) {
        px_self = all_loops[i % THREADS];
        turn(); /* what was retired is freed */
    }
    px_self = &loops[0];
    px_grace_init(NULL, 0);
}

START_TEST(two_threads_while_servers_change)
{
    static const struct px_lb *const lbs[] = {&px_lb_roundrobin, &px_lb_static_rr,
                                              &px_lb_first,      &px_lb_random,
                                              &px_lb_map_based,  &px_lb_consistent};
    for (unsigned k = 0; k < PX_COUNT(lbs); k++) {
        expect_good_choices(lbs[k], 30, 4);
        unsigned best = lowest_id();
        const struct px_server *srv = choose(0);
        ck_assert((best < MOST) == (srv != NULL));
        ck_assert(!srv || state(srv->number)->share);
        if (lbs[k] == &px_lb_first)
            ck_assert_ptr_eq(srv, best < MOST ? &servers[best] : NULL);
    }
}
END_TEST

/* When nobody changes anything any more, the choices are as good as those of one thread. */
START_TEST(two_threads_leave_a_good_tree)
{
    for (unsigned round = 0; round < 6; round++) {
        expect_good_choices(&px_lb_leastconn, round % 2 ? 30 : 5, round % 3 ? 0 : 10);
        for (;;) {
            const struct px_server *srv = choose(0);
            unsigned best = MOST;
            for (unsigned i = 0; i < crowd.nservers; i++)
                if (has_room(i) && (best == MOST || load_of(i) < load_of(best)))
                    best = i;
            ck_assert((best < MOST) == (srv != NULL));
            if (!srv || state(srv->number)->served.now > 50)
                break;
            ck_assert_uint_eq(load_of(srv->number), load_of(best));
            ck_assert(px_slot_take(srv));
        }
    }
}
END_TEST

UNIT_MAIN("crowd", begin, NULL, turns_are_exact_over_a_cycle,
          a_thousand_of_any_weight_take_little_memory, who_returns_gets_no_burst,
          draws_follow_shares, only_keys_of_the_server_that_leaves_move,
          who_starts_slowly_gains_keys, none_has_more_than_its_share, maps_are_as_the_rule_says,
          the_least_loaded, the_first_with_room, the_last_one_with_room,
          two_threads_while_servers_change, two_threads_leave_a_good_tree)
