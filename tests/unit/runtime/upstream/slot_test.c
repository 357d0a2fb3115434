/*
 * Tests of runtime/upstream/slot.c: maxconn, and who is next when a slot becomes free.
 */
#include "backends.h"
#include "runtime/base/mem.h"

#include <stdio.h>

static char story[64];
static unsigned passed; /* the last one, by how many */

/* Grants are told as "3=one": who was given which server. */
static void grant(struct px_waiting *w)
{
    size_t len = strlen(story);
    snprintf(story + len, sizeof story - len, "%s%s=%s", len ? " " : "", (const char *)w->owner,
             w->granted ? w->granted->name : "none");
    passed = w->passed;
}

static struct px_waiting *join_as(unsigned proxy, const struct px_server *wanted,
                                  struct px_rank rank, char *who)
{
    struct px_waiting *w = px_queue_join(&proxies[proxy], wanted, rank, grant, who);
    ck_assert_ptr_nonnull(w);
    return w;
}

static struct px_waiting *join(unsigned proxy, const struct px_server *wanted, char *who)
{
    return join_as(proxy, wanted, (struct px_rank){0, 0, false}, who);
}

static void stop(struct px_timer *t)
{
    (void)t;
    loop.stop = true;
}

/* Delivers what is on its way, and answers what was granted since. */
static const char *granted(void)
{
    static char told[64];
    struct px_timer timer = {.fire = stop};
    loop.stop = false;
    px_arm(&timer, 3);
    px_loop_run(&loop);
    strcpy(told, story);
    story[0] = '\0';
    return told;
}

static const struct px_server *const one = &servers[ONE], *const zero = &servers[ZERO];

START_TEST(the_order_of_a_queue)
{
    static const struct {
        char *who;
        struct px_rank rank;
    } rows[] = {{"3", {0, 100, false}}, {"4", {0, 100, false}}, {"1", {-1, 900, false}},
                {"2", {0, 50, false}},  {"5", {0, 101, false}}, {"6", {7, 0, false}},
                {"0", {-1, 899, false}}};
    ck_assert(px_slot_take(one));
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        /* Whether for this server or for any, all are in one order. */
        const struct px_server *wanted = i % 2 ? one : NULL;
        join_as(ODD, wanted, rows[i].rank, rows[i].who);
    }
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        char want[8];
        px_slot_release(one);
        snprintf(want, sizeof want, "%u=one", i);
        ck_assert_str_eq(granted(), want);
    }
}
END_TEST

/* Who leaves without a server has not passed anybody. */
START_TEST(how_many_were_served_before)
{
    ck_assert(px_slot_take(one));
    join_as(ODD, one, (struct px_rank){0, 100, false}, "a");
    struct px_waiting *b = join_as(ODD, one, (struct px_rank){0, 100, false}, "b");
    struct px_waiting *c = join_as(ODD, one, (struct px_rank){0, 100, false}, "c");
    join_as(ODD, one, (struct px_rank){0, 100, false}, "d");
    ck_assert_uint_eq(px_queue_leave(b), 0);
    px_slot_release(one);
    ck_assert_str_eq(granted(), "a=one");
    ck_assert_uint_eq(passed, 0);
    join_as(ODD, one, (struct px_rank){-1, 200, false}, "e");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "e=one");
    ck_assert_uint_eq(passed, 0);
    ck_assert_uint_eq(px_queue_leave(c), 2);
    px_slot_release(one);
    ck_assert_str_eq(granted(), "d=one");
    ck_assert_uint_eq(passed, 2);
}
END_TEST

static bool comes_before(const struct px_waiting *a, const struct px_waiting *b)
{
    if (a->rank.class != b->rank.class)
        return a->rank.class < b->rank.class;
    return a->rank.when != b->rank.when ? a->rank.when < b->rank.when : a->turn < b->turn;
}

/* Requests of all classes come and go, and the list is in order. */
START_TEST(a_long_queue_of_all_classes)
{
    enum { LONGEST = 400, STEPS = 4000 };
    struct px_waiting *all[LONGEST];
    const struct px_queue *q = &px_proxy_state(&proxies[ODD])->queue;
    unsigned n = 0;
    uint32_t x = 1;
    ck_assert(px_slot_take(one));
    for (unsigned step = 0; step < STEPS; step++) {
        x = x * 1664525 + 1013904223;
        if (n == LONGEST || (n && x >> 30 == 0)) {
            unsigned leaves = (x >> 8) % n;
            px_queue_leave(all[leaves]);
            all[leaves] = all[--n];
            continue;
        }
        struct px_rank rank = {(int32_t)(x >> 8 & 31) - 16, x >> 16 & 7, false};
        all[n++] = join_as(ODD, NULL, rank, "x");
    }
    ck_assert_uint_eq(q->length.now, n);
    for (const struct px_waiting *w = q->first; w; w = w->next, n--)
        ck_assert(!w->next || comes_before(w, w->next));
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(slots_are_counted)
{
    ck_assert(px_slot_take(one));
    ck_assert(!px_slot_take(one));
    px_slot_release(one);
    ck_assert(px_slot_take(one));
    ck_assert_uint_eq(state_of(ONE)->served.now, 1);
    ck_assert_uint_eq(state_of(ONE)->served.max, 1);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert(px_slot_take(&servers[A]));
    ck_assert_uint_eq(state_of(A)->served.now, 1000);
}
END_TEST

START_TEST(first_come_first_served)
{
    ck_assert(px_slot_take(one));
    join(ODD, NULL, "1");
    join(ODD, NULL, "2");
    join(ODD, NULL, "3");
    ck_assert_str_eq(granted(), "");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "1=one");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "2=one");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "3=one");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "");
    ck_assert_uint_eq(state_of(ONE)->served.now, 0);
    ck_assert_uint_eq(px_proxy_state(&proxies[ODD])->queue.length.now, 0);
    ck_assert_uint_eq(px_proxy_state(&proxies[ODD])->queue.length.max, 3);
}
END_TEST

START_TEST(who_waited_longest_is_next)
{
    ck_assert(px_slot_take(one));
    join(ODD, NULL, "any1");
    join(ODD, one, "one2");
    join(ODD, one, "one3");
    join(ODD, NULL, "any4");
    for (unsigned i = 0; i < 4; i++) {
        static const char *const want[] = {"any1=one", "one2=one", "one3=one", "any4=one"};
        px_slot_release(one);
        ck_assert_str_eq(granted(), want[i]);
    }
}
END_TEST

START_TEST(a_free_slot_is_granted_at_once)
{
    join(ODD, NULL, "1");
    ck_assert_str_eq(granted(), "1=one");
    join(ODD, one, "2");
    ck_assert_str_eq(granted(), "");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "2=one");
}
END_TEST

START_TEST(leaving_the_queue)
{
    ck_assert(px_slot_take(one));
    struct px_waiting *first = join(ODD, NULL, "1"), *second = join(ODD, NULL, "2");
    struct px_waiting *third = join(ODD, NULL, "3");
    px_queue_leave(second);
    px_queue_leave(third);
    px_queue_leave(first);
    join(ODD, NULL, "4");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "4=one");
}
END_TEST

/* The slot that is on its way to one who has left goes on to the next. */
START_TEST(leaving_when_the_grant_is_on_its_way)
{
    ck_assert(px_slot_take(one));
    struct px_waiting *first = join(ODD, NULL, "1");
    join(ODD, NULL, "2");
    px_slot_release(one);
    px_queue_leave(first);
    ck_assert_str_eq(granted(), "2=one");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "");
    ck_assert_uint_eq(state_of(ONE)->served.now, 0);
}
END_TEST

START_TEST(servers_without_weight_serve_only_who_asks_for_them)
{
    ck_assert(px_slot_take(one));
    join(ODD, NULL, "any");
    ck_assert_str_eq(granted(), "");
    ck_assert(px_slot_take(zero));
    px_slot_release(zero);
    ck_assert_str_eq(granted(), "");
    join(ODD, zero, "zero");
    ck_assert_str_eq(granted(), "zero=zero");
}
END_TEST

START_TEST(who_insists_is_not_expelled)
{
    ck_assert(px_slot_take(one));
    join(ODD, one, "stays_not");
    join_as(ODD, one, (struct px_rank){0, 0, true}, "insists");
    ck_assert_int_eq(px_queue_expel(one), 1);
    px_slot_release(one);
    ck_assert_str_eq(granted(), "stays_not=none insists=one");
}
END_TEST

START_TEST(servers_in_maintenance_serve_only_those_who_insist)
{
    ck_assert(px_slot_take(one));
    join(ODD, &servers[DOWN], "down");
    join(ODD, NULL, "any");
    ck_assert(px_slot_take(&servers[DOWN]));
    px_slot_release(&servers[DOWN]);
    ck_assert_str_eq(granted(), "down=down");
    px_slot_release(&servers[DOWN]);
    ck_assert_str_eq(granted(), "");
}
END_TEST

START_TEST(backups_do_not_empty_the_queue_of_active_servers)
{
    ck_assert(px_slot_take(&servers[ACTIVE]));
    join(STANDBY, NULL, "1");
    ck_assert_str_eq(granted(), "");
    ck_assert(px_slot_take(&servers[BACKUP1]));
    px_slot_release(&servers[BACKUP1]);
    ck_assert_str_eq(granted(), "");
    px_slot_release(&servers[ACTIVE]);
    ck_assert_str_eq(granted(), "1=active");
    maintain(ACTIVE, true);
    join(STANDBY, NULL, "2");
    ck_assert_str_eq(granted(), "2=backup1");
}
END_TEST

START_TEST(backups_that_take_over_serve_who_waits)
{
    ck_assert(px_slot_take(&servers[ACTIVE]));
    join(STANDBY, NULL, "1");
    join(STANDBY, NULL, "2");
    ck_assert_str_eq(granted(), "");
    maintain(ACTIVE, true);
    ck_assert_str_eq(granted(), "1=backup1 2=backup1");
    maintain(ACTIVE, false);
    join(STANDBY, NULL, "3");
    maintain(BACKUP1, true);
    ck_assert_str_eq(granted(), "");
    weigh(ACTIVE, 0);
    ck_assert_str_eq(granted(), "3=backup2");
}
END_TEST

START_TEST(backends_do_not_share_queues)
{
    ck_assert(px_slot_take(one));
    ck_assert(px_slot_take(&servers[ACTIVE]));
    join(ODD, NULL, "odd");
    join(STANDBY, &servers[ACTIVE], "standby");
    px_slot_release(one);
    ck_assert_str_eq(granted(), "odd=one");
    px_slot_release(&servers[ACTIVE]);
    ck_assert_str_eq(granted(), "standby=active");
}
END_TEST

START_TEST(limits_follow_the_load)
{
    static const uint32_t rows[][2] = {{0, 2},  {1, 2},  {4, 2},   {6, 3},
                                       {13, 6}, {19, 9}, {20, 10}, {1000, 10}};
    for (unsigned i = 0; i < PX_COUNT(rows); i++) {
        px_proxy_state(&proxies[STEEP])->be_conns.now = rows[i][0];
        ck_assert_uint_eq(px_server_limit(&servers[RAMP]), rows[i][1]);
        ck_assert_uint_eq(px_server_limit(&servers[FLAT]), 7);
    }
    px_server_state(&servers[RAMP])->operation = PX_SERVER_STARTING;
    px_server_state(&servers[RAMP])->changed_ms = loop.now - 300;
    ck_assert_uint_eq(px_server_limit(&servers[RAMP]), 3);
}
END_TEST

/* A slot that becomes free may find that there are more of them now. */
START_TEST(the_limit_rises_while_requests_wait)
{
    struct px_level *load = &px_proxy_state(&proxies[STEEP])->be_conns;
    ck_assert(px_slot_take(&servers[RAMP]) && px_slot_take(&servers[RAMP]));
    for (unsigned i = 0; i < 4; i++)
        join(STEEP, NULL, (char *[]){"1", "2", "3", "4"}[i]);
    ck_assert_str_eq(granted(), "");
    load->now = 8;
    px_slot_release(&servers[RAMP]);
    ck_assert_str_eq(granted(), "1=ramp 2=ramp 3=ramp");
    load->now = 20;
    join(STEEP, NULL, "5");
    ck_assert_str_eq(granted(), "4=ramp");
}
END_TEST

START_TEST(no_memory_no_place)
{
    px_mem_fail_at(1);
    ck_assert_ptr_null(
        px_queue_join(&proxies[ODD], NULL, (struct px_rank){0, 0, false}, grant, "1"));
    px_mem_fail_at(0);
    ck_assert_uint_eq(px_proxy_state(&proxies[ODD])->queue.length.now, 0);
}
END_TEST

UNIT_MAIN("slot", backends_open, backends_close, the_order_of_a_queue, how_many_were_served_before,
          a_long_queue_of_all_classes, slots_are_counted, first_come_first_served,
          who_waited_longest_is_next, a_free_slot_is_granted_at_once, leaving_the_queue,
          leaving_when_the_grant_is_on_its_way, servers_without_weight_serve_only_who_asks_for_them,
          who_insists_is_not_expelled, servers_in_maintenance_serve_only_those_who_insist,
          backups_do_not_empty_the_queue_of_active_servers, backups_that_take_over_serve_who_waits,
          backends_do_not_share_queues, limits_follow_the_load, the_limit_rises_while_requests_wait,
          no_memory_no_place)
