/*
 * Tests of runtime/upstream/health.h, after "rise", "fall", "track" and "slowstart" in HAProxy's
 * manual and "set server" in its Management Guide. What is said is compared with what HAProxy 2.6
 * says in the same situation.
 */
#include "backends.h"

#include "runtime/upstream/health.h"

#include <stdio.h>

static char said[8192];
static char cuts[64];

static void say(const struct px_server *srv, int level, const char *text)
{
    (void)srv;
    size_t len = strlen(said);
    snprintf(said + len, sizeof said - len, "%d %s\n", level, text);
}

static char mailed[4096];

static void mail(const struct px_server *srv, int level, const char *text)
{
    (void)srv;
    size_t len = strlen(mailed);
    snprintf(mailed + len, sizeof mailed - len, "%d %.24s\n", level, text);
}

static void say_of_proxy(const struct px_proxy *be, int level, const char *text)
{
    (void)be;
    say(NULL, level, text);
}

static void cut(const struct px_server *srv, char why)
{
    size_t len = strlen(cuts);
    snprintf(cuts + len, sizeof cuts - len, "%s%c ", srv->name, why);
}

static void expect_said(const char *text)
{
    ck_assert_str_eq(said, text);
    said[0] = 0;
}

static void setup(void)
{
    static const struct px_health_listener listener = {say, mail, say_of_proxy, cut};
    backends_open();
    px_health_listener = &listener;
    said[0] = cuts[0] = mailed[0] = 0;
}

static void enable_checks(unsigned server, int rise, int fall)
{
    struct px_checking *c = &state_of(server)->check;
    c->state = PX_CHECK_CONFIGURED | PX_CHECK_ENABLED;
    c->rise = c->health = rise;
    c->fall = fall;
}

static void check(unsigned server, enum px_check_status status)
{
    struct px_report r = {px_check_status_result(status), status, 0, 3, NULL};
    px_health_report(&servers[server], &r);
}

static void expect(unsigned server, enum px_operation operation, int health)
{
    ck_assert_int_eq(state_of(server)->operation, operation);
    ck_assert_int_eq(state_of(server)->check.health, health);
}

START_TEST(the_first_failure_is_enough)
{
    enable_checks(B, 2, 3);
    check(B, PX_STATUS_L4CON);
    expect(B, PX_SERVER_STOPPED, 0);
    expect_said("1 Server weighted/b is DOWN, reason: Layer4 connection problem, check duration: "
                "3ms. 2 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 "
                "remaining in queue.\n");
}
END_TEST

START_TEST(later_it_takes_fall_of_them)
{
    enable_checks(B, 2, 3);
    check(B, PX_STATUS_L4OK);
    expect(B, PX_SERVER_RUNNING, 4);
    check(B, PX_STATUS_L4CON);
    check(B, PX_STATUS_L4CON);
    expect(B, PX_SERVER_RUNNING, 2);
    check(B, PX_STATUS_L4OK);
    expect(B, PX_SERVER_RUNNING, 4);
    for (int i = 0; i < 3; i++)
        check(B, PX_STATUS_L4TOUT);
    expect(B, PX_SERVER_STOPPED, 0);
    check(B, PX_STATUS_L4OK);
    expect(B, PX_SERVER_STOPPED, 1);
    check(B, PX_STATUS_L4TOUT);
    expect(B, PX_SERVER_STOPPED, 0);
    said[0] = 0;
    check(B, PX_STATUS_L4OK);
    check(B, PX_STATUS_L4OK);
    expect(B, PX_SERVER_RUNNING, 4);
    expect_said("5 Server weighted/b is UP, reason: Layer4 check passed, check duration: 3ms. 3 "
                "active and 0 backup servers online. 0 sessions requeued, 0 total in queue.\n");
}
END_TEST

START_TEST(a_server_that_stops_gets_nothing_new)
{
    struct px_report r = {PX_CHECK_CONDITIONAL, PX_STATUS_L7OKC, 404, 0, NULL};
    enable_checks(B, 1, 1);
    px_health_report(&servers[B], &r);
    expect(B, PX_SERVER_STOPPING, 1);
    ck_assert(!px_server_usable(&servers[B]) && px_server_may_persist(&servers[B]));
    said[0] = 0;
    check(B, PX_STATUS_L7STS);
    ck_assert(!px_server_may_persist(&servers[B]));
    expect_said("5 Server weighted/b is DOWN, reason: Layer7 wrong status, code: 0, check "
                "duration: 3ms. 2 active and 0 backup servers left. 0 sessions active, 0 "
                "requeued, 0 remaining in queue.\n");
    px_health_report(&servers[B], &r); /* only who is up can stop */
    expect(B, PX_SERVER_STOPPED, 1);
    check(B, PX_STATUS_L7OK);
    expect(B, PX_SERVER_RUNNING, 1);
}
END_TEST

START_TEST(servers_do_not_write_logs)
{
    struct px_report r = {PX_CHECK_FAILED, PX_STATUS_L7RSP, 0, 3,
                          "bad \"x\" <y>\nfake\x1b[31m line\xe9\r\n"};
    enable_checks(B, 1, 1);
    px_health_report(&servers[B], &r);
    expect_said("1 Server weighted/b is DOWN, reason: Layer7 invalid response, info: \"bad "
                "<22>x<22> <3C>y<3E><0A>fake<1B>[31m line<E9><0D><0A>\", check duration: 3ms. 2 "
                "active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in "
                "queue.\n");
}
END_TEST

START_TEST(trackers_follow)
{
    px_health_force(&servers[A], PX_SERVER_STOPPED, "changed from CLI");
    ck_assert_int_eq(state_of(FOLLOWER)->operation, PX_SERVER_STOPPED);
    ck_assert_int_eq(state_of(LAST)->operation, PX_SERVER_STOPPED);
    expect_said("1 Server weighted/a is DOWN, changed from CLI. 2 active and 0 backup servers "
                "left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
                "1 Server chain/follower is DOWN via weighted/a. 1 active and 0 backup servers "
                "left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
                "1 Server chain/last is DOWN via chain/follower. 0 active and 0 backup servers "
                "left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
                "0 backend chain has no server available!\n");
    px_health_force(&servers[A], PX_SERVER_RUNNING, NULL);
    ck_assert(px_server_usable(&servers[LAST]));
}
END_TEST

START_TEST(maintenance_is_inherited)
{
    maintain(A, true);
    expect_said("1 Server weighted/a is going DOWN for maintenance. 2 active and 0 backup servers "
                "left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
                "1 Server chain/follower is going DOWN for maintenance via weighted/a. 1 active "
                "and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
                "1 Server chain/last is going DOWN for maintenance via chain/follower. 0 active "
                "and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
                "0 backend chain has no server available!\n");
    px_admin_add(&servers[LAST], PX_ADMIN_FORCED_MAINT, NULL);
    expect_said("");
    maintain(A, false);
    expect_said("5 Server weighted/a is UP/READY (leaving forced maintenance).\n"
                "5 Server chain/follower is UP/READY (leaving maintenance).\n"
                "5 Server chain/last remains in forced maintenance.\n");
    ck_assert_int_eq(state_of(LAST)->admin, PX_ADMIN_FORCED_MAINT);
}
END_TEST

/* What it tracks may start slowly; whether it does so itself is its own affair. */
START_TEST(who_tracks_a_slow_server_need_not_be_slow)
{
    maintain(FOLLOWER, true);
    state_of(A)->operation = PX_SERVER_STARTING;
    maintain(FOLLOWER, false);
    ck_assert_int_eq(px_throttle(&servers[FOLLOWER]), -1);
    ck_assert_int_eq(state_of(FOLLOWER)->operation, PX_SERVER_RUNNING);
    maintain(FOLLOWER, true);
    state_of(A)->operation = PX_SERVER_STOPPING;
    maintain(FOLLOWER, false);
    ck_assert_int_eq(state_of(FOLLOWER)->operation, PX_SERVER_STOPPING);
}
END_TEST

START_TEST(drained_servers_serve_who_knows_them)
{
    px_admin_add(&servers[A], PX_ADMIN_FORCED_DRAIN, NULL);
    ck_assert(!px_server_usable(&servers[A]) && px_server_may_persist(&servers[A]));
    ck_assert(!px_server_usable(&servers[LAST]) && px_server_may_persist(&servers[LAST]));
    said[0] = 0;
    maintain(A, true);
    said[0] = 0;
    maintain(A, false);
    ck_assert_ptr_nonnull(strstr(said, "Server weighted/a is UP/DRAIN (leaving forced maintenance)"
                                       ".\n5 Server weighted/a remains in forced drain mode.\n"));
    said[0] = 0;
    px_admin_remove(&servers[A], PX_ADMIN_FORCED_DRAIN);
    expect_said("5 Server weighted/a is UP (leaving forced drain).\n"
                "5 Server chain/follower is UP (leaving forced drain).\n"
                "5 Server chain/last is UP (leaving forced drain).\n");
    ck_assert(px_server_usable(&servers[A]) && px_server_usable(&servers[LAST]));
}
END_TEST

/* A server that tracks another one has reasons of its own, beside those that it inherits. */
START_TEST(reasons_add_up)
{
    px_admin_add(&servers[A], PX_ADMIN_FORCED_DRAIN, NULL);
    said[0] = 0;
    px_admin_add(&servers[FOLLOWER], PX_ADMIN_FORCED_DRAIN, NULL);
    expect_said("5 Server chain/follower remains in forced drain mode.\n");
    px_admin_remove(&servers[FOLLOWER], PX_ADMIN_FORCED_DRAIN);
    expect_said("5 Server chain/follower is leaving forced drain but remains in drain mode via "
                "weighted/a.\n");
    px_admin_add(&servers[FOLLOWER], PX_ADMIN_FORCED_MAINT, NULL);
    expect_said("5 Server chain/follower is going DOWN for maintenance. 0 active and 0 backup "
                "servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
                "5 Server chain/last is going DOWN for maintenance via chain/follower. 0 active "
                "and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in "
                "queue.\n");
    px_admin_remove(&servers[FOLLOWER], PX_ADMIN_FORCED_MAINT);
    expect_said("5 Server chain/follower is UP/DRAIN (leaving forced maintenance).\n"
                "5 Server chain/follower is leaving forced drain but remains in drain mode via "
                "weighted/a.\n"
                "5 Server chain/last is UP/DRAIN (leaving maintenance).\n"
                "5 Server chain/last is leaving forced drain but remains in drain mode via "
                "chain/follower.\n");
    px_admin_remove(&servers[A], PX_ADMIN_FORCED_DRAIN);
    maintain(A, true);
    px_admin_add(&servers[FOLLOWER], PX_ADMIN_FORCED_MAINT, NULL);
    said[0] = 0;
    px_admin_remove(&servers[FOLLOWER], PX_ADMIN_FORCED_MAINT);
    expect_said("5 Server chain/follower is leaving forced maintenance but remains in maintenance "
                "via weighted/a.\n");
    px_admin_add(&servers[FOLLOWER], PX_ADMIN_FORCED_DRAIN, NULL);
    expect_said("");
    maintain(A, false);
    expect_said("5 Server weighted/a is UP/READY (leaving forced maintenance).\n"
                "5 Server chain/follower is UP/DRAIN (leaving maintenance).\n"
                "5 Server chain/follower remains in forced drain mode.\n"
                "5 Server chain/last is UP/DRAIN (leaving maintenance).\n"
                "5 Server chain/last is leaving forced drain but remains in drain mode via "
                "chain/follower.\n");
}
END_TEST

START_TEST(operations_change_under_drain)
{
    px_health_force(&servers[A], PX_SERVER_STOPPED, NULL);
    said[0] = 0;
    px_admin_add(&servers[A], PX_ADMIN_FORCED_DRAIN, NULL);
    expect_said("5 Server weighted/a enters drain state. 2 active and 0 backup servers left. 0 "
                "sessions active, 0 requeued, 0 remaining in queue.\n"
                "5 Server chain/follower enters drain state via weighted/a. 0 active and 0 backup "
                "servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
                "5 Server chain/last enters drain state via chain/follower. 0 active and 0 backup "
                "servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n");
    px_health_force(&servers[A], PX_SERVER_STOPPING, "changed from CLI");
    expect_said("5 Server weighted/a is stopping, changed from CLI. 2 active and 0 backup servers "
                "online. 0 sessions requeued, 0 total in queue.\n"
                "5 Server weighted/a remains in forced drain mode.\n"
                "5 Server chain/follower is stopping via weighted/a. 0 active and 0 backup servers "
                "online. 0 sessions requeued, 0 total in queue.\n"
                "5 Server chain/follower is leaving forced drain but remains in drain mode via "
                "weighted/a.\n"
                "5 Server chain/last is stopping via chain/follower. 0 active and 0 backup servers "
                "online. 0 sessions requeued, 0 total in queue.\n"
                "5 Server chain/last is leaving forced drain but remains in drain mode via "
                "chain/follower.\n");
    maintain(A, true);
    said[0] = 0;
    px_health_force(&servers[A], PX_SERVER_STOPPED, NULL); /* counts only afterwards */
    expect_said("");
    maintain(A, false);
    px_admin_remove(&servers[A], PX_ADMIN_FORCED_DRAIN);
    ck_assert(px_server_usable(&servers[A]) && px_server_usable(&servers[LAST]));
}
END_TEST

START_TEST(some_changes_are_worth_a_mail)
{
    maintain(C, true);
    maintain(C, false);
    ck_assert_str_eq(mailed, "");
    px_admin_add(&servers[C], PX_ADMIN_FORCED_DRAIN, NULL);
    px_health_force(&servers[C], PX_SERVER_STOPPED, NULL);
    px_admin_remove(&servers[C], PX_ADMIN_FORCED_DRAIN);
    px_health_force(&servers[C], PX_SERVER_RUNNING, NULL);
    px_health_force(&servers[C], PX_SERVER_STOPPED, NULL);
    ck_assert_str_eq(mailed, "5 Server weighted/c enters\n"
                             "5 Server weighted/c is DOW\n"
                             "5 Server weighted/c is UP.\n"
                             "1 Server weighted/c is DOW\n");
}
END_TEST

START_TEST(backups_take_over)
{
    maintain(ACTIVE, true);
    expect_said("1 Server standby/active is going DOWN for maintenance. 0 active and 2 backup "
                "servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in "
                "queue.\n");
    maintain(BACKUP1, true);
    ck_assert(px_server_in_use(&servers[BACKUP2]));
    maintain(BACKUP2, true);
    ck_assert(!px_any_server(&proxies[STANDBY]));
    ck_assert_uint_eq(px_be_counters(&proxies[STANDBY])->downs, 1);
}
END_TEST

START_TEST(slow_servers_gain_their_weight)
{
    px_health_force(&servers[SLOW], PX_SERVER_STOPPED, NULL);
    loop.now = 100000;
    px_health_force(&servers[SLOW], PX_SERVER_RUNNING, NULL);
    ck_assert_int_eq(state_of(SLOW)->operation, PX_SERVER_STARTING);
    ck_assert_uint_eq(state_of(SLOW)->share, 10);
    ck_assert_uint_eq(px_server_limit(&servers[SLOW]), 1);
    loop.now = 105000;
    px_share_update(&servers[SLOW]);
    ck_assert_uint_eq(state_of(SLOW)->share, 90);
    ck_assert_uint_eq(px_weight_now(&servers[SLOW]), 6);
    ck_assert_int_eq(px_throttle(&servers[SLOW]), 56);
    ck_assert_uint_eq(px_server_limit(&servers[SLOW]), 20);
    loop.now = 120000;
    px_share_update(&servers[SLOW]);
    ck_assert_uint_eq(state_of(SLOW)->share, 160);
}
END_TEST

START_TEST(weights_are_absolute_or_relative)
{
    ck_assert_ptr_null(px_weight_set(&servers[SLOW], "50%"));
    ck_assert_uint_eq(state_of(SLOW)->weight, 5);
    ck_assert_ptr_null(px_weight_set(&servers[SLOW], "39%"));
    ck_assert_uint_eq(state_of(SLOW)->weight, 3);
    ck_assert_ptr_null(px_weight_set(&servers[SLOW], "256"));
    ck_assert_uint_eq(state_of(SLOW)->share, 256 * PX_SHARES);
    ck_assert_ptr_null(px_weight_set(&servers[SLOW], "0"));
    ck_assert(!px_server_usable(&servers[SLOW]) && px_server_may_persist(&servers[SLOW]));
    static const char *const wrong[] = {"257", "-1", "-1%", "x", "", "10x", "10%%"};
    for (unsigned i = 0; i < PX_COUNT(wrong); i++)
        ck_assert_ptr_nonnull(px_weight_set(&servers[SLOW], wrong[i]));
    ck_assert_uint_eq(state_of(SLOW)->weight, 0);
    ck_assert_ptr_nonnull(px_weight_set(&servers[C], "2")); /* its algorithm is static */
    ck_assert_ptr_null(px_weight_set(&servers[C], "0%"));
    ck_assert_ptr_null(px_weight_set(&servers[C], "100%"));
}
END_TEST

START_TEST(sessions_end_with_their_server)
{
    px_health_force(&servers[KILLER], PX_SERVER_STOPPED, NULL);
    ck_assert_str_eq(cuts, "killerD ");
    px_health_force(&servers[KILLER], PX_SERVER_RUNNING, NULL);
    ck_assert_str_eq(cuts, "killerD spareU ");
}
END_TEST

START_TEST(seconds_without_service_are_counted)
{
    loop.date_us = 1000 * INT64_C(1000000);
    maintain(FOLLOWER, true);
    loop.date_us += 7 * INT64_C(1000000);
    ck_assert_uint_eq(px_downtime(&servers[LAST]), 7);
    ck_assert_uint_eq(px_proxy_downtime(&proxies[CHAIN]), 7);
    maintain(FOLLOWER, false);
    loop.date_us += 2 * INT64_C(1000000);
    ck_assert_uint_eq(px_downtime(&servers[LAST]), 7);
    ck_assert_uint_eq(px_proxy_downtime(&proxies[CHAIN]), 7);
    maintain(LAST, true);
    loop.date_us += INT64_C(1000000);
    ck_assert_uint_eq(px_downtime(&servers[LAST]), 8);
    ck_assert_uint_eq(px_proxy_downtime(&proxies[CHAIN]), 7);
}
END_TEST

/* "init-state": what a server is before its first check. */
START_TEST(some_have_to_prove_first_that_they_run)
{
    expect(FULLY_UP, PX_SERVER_RUNNING, 4);
    expect(UP, PX_SERVER_RUNNING, 2);
    expect(NOT_UP, PX_SERVER_STOPPED, 1);
    expect(FULLY_DOWN, PX_SERVER_STOPPED, 0);
    expect(UNCHECKED, PX_SERVER_RUNNING, 2);
    ck_assert_int_eq(state_of(AFTER)->operation, PX_SERVER_STOPPED);
    ck_assert(!px_server_usable(&servers[NOT_UP]));
    for (unsigned i = FULLY_UP; i <= UP; i++)
        check(i, PX_STATUS_L4CON);
    expect(FULLY_UP, PX_SERVER_RUNNING, 3);
    expect(UP, PX_SERVER_STOPPED, 0);
    for (unsigned i = NOT_UP; i <= FULLY_DOWN; i++)
        check(i, PX_STATUS_L4OK);
    expect(NOT_UP, PX_SERVER_RUNNING, 4);
    expect(FULLY_DOWN, PX_SERVER_STOPPED, 1);
    ck_assert(px_server_usable(&servers[AFTER]));
    check(FULLY_DOWN, PX_STATUS_L4OK);
    expect(FULLY_DOWN, PX_SERVER_RUNNING, 4);
}
END_TEST

START_TEST(they_have_to_behind_maintenance_too)
{
    check(NOT_UP, PX_STATUS_L4OK);
    said[0] = 0;
    for (unsigned i = FULLY_UP; i <= FULLY_DOWN; i++)
        maintain(i, true);
    said[0] = 0;
    maintain(NOT_UP, false);
    expect_said("5 Server untested/down is DOWN/READY (leaving forced maintenance).\n"
                "5 Server untested/after is DOWN/READY (leaving maintenance).\n");
    maintain(FULLY_UP, false);
    maintain(FULLY_DOWN, false);
    expect(NOT_UP, PX_SERVER_STOPPED, 1);
    expect(FULLY_UP, PX_SERVER_RUNNING, 4);
    expect(FULLY_DOWN, PX_SERVER_STOPPED, 0);
    check(NOT_UP, PX_STATUS_L4OK);
    expect(NOT_UP, PX_SERVER_RUNNING, 4);
    ck_assert(px_server_usable(&servers[AFTER]));
}
END_TEST

UNIT_MAIN("health", setup, backends_close, the_first_failure_is_enough, later_it_takes_fall_of_them,
          a_server_that_stops_gets_nothing_new, servers_do_not_write_logs,
          trackers_follow, maintenance_is_inherited, who_tracks_a_slow_server_need_not_be_slow,
          drained_servers_serve_who_knows_them, reasons_add_up, operations_change_under_drain,
          some_changes_are_worth_a_mail, backups_take_over, slow_servers_gain_their_weight, weights_are_absolute_or_relative,
          sessions_end_with_their_server, seconds_without_service_are_counted,
          some_have_to_prove_first_that_they_run, they_have_to_behind_maintenance_too)
