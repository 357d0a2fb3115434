/*
 * Tests of runtime/txn/persist_values.c: which server a cookie leads to, cookies made of addresses,
 * and dates in cookies.
 */
#include "runtime/txn/persist.h"
#include "runtime/upstream/health.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

enum { STATIC, DYNAMIC, NPROXIES };
enum { A1, B, A2, BARE, A3, V4, V6, OWN, LOCAL, NSERVERS };

static const struct px_proxy proxies[NPROXIES];

#define SERVER(n, where, ...)                                                                      \
    [n] = {.number = n, .proxy = &proxies[where], .weight = 1, __VA_ARGS__}
static const struct px_server servers[NSERVERS] = {
    SERVER(A1, STATIC, .cookie = "a"),
    SERVER(B, STATIC, .cookie = "bb"),
    SERVER(A2, STATIC, .cookie = "a"),
    SERVER(BARE, STATIC, .cookie = NULL),
    SERVER(A3, STATIC, .cookie = "a", .backup = true),
    SERVER(V4, DYNAMIC, .cookie = NULL),
    SERVER(V6, DYNAMIC, .cookie = NULL),
    SERVER(OWN, DYNAMIC, .cookie = "own"),
    SERVER(LOCAL, DYNAMIC, .cookie = NULL),
};
static const struct px_server *const of_static[] = {&servers[A1], &servers[B], &servers[A2],
                                                    &servers[BARE], &servers[A3]};
static const struct px_server *const of_dynamic[] = {&servers[V4], &servers[V6], &servers[OWN],
                                                     &servers[LOCAL]};
static const struct px_persistence_cookie plain = {.name = PX_STR("S"), .attributes = ""};
static const struct px_persistence_cookie made = {
    .name = PX_STR("S"), .attributes = "", .dynamic = true, .dynamic_key = "secret"};
static const struct px_proxy proxies[NPROXIES] = {
    [STATIC] = {.number = STATIC, .servers = of_static, .nservers = 5, .cookie = &plain},
    [DYNAMIC] = {.number = DYNAMIC, .servers = of_dynamic, .nservers = 4, .cookie = &made},
};
static const struct px_proxy *const all_proxies[] = {&proxies[0], &proxies[1]};
const struct px_program px_program = {
    .proxies = all_proxies, .nproxies = NPROXIES, .nservers = NSERVERS};

static void at(unsigned server, int family, const char *ip)
{
    union px_sockaddr a = {.sa.sa_family = (sa_family_t)family};
    if (family == AF_INET6) {
        ck_assert(inet_pton(family, ip, &a.in6.sin6_addr));
        a.in6.sin6_port = htons(28999);
    } else if (family == AF_INET) {
        ck_assert(inet_pton(family, ip, &a.in.sin_addr));
        a.in.sin_port = htons(28999);
    }
    ck_assert(px_address_set(&servers[server], &a, sizeof a));
}

static void prepare(void)
{
    ck_assert(px_state_init(1, 0));
    for (unsigned i = 0; i < NSERVERS; i++)
        px_server_states[i].operation = PX_SERVER_RUNNING;
    at(V4, AF_INET, "127.0.0.1");
    at(V6, AF_INET6, "::1");
    at(OWN, AF_INET, "127.0.0.1");
    at(LOCAL, AF_UNIX, NULL);
    for (unsigned i = 0; i < NPROXIES; i++)
        ck_assert(px_cookie_values_prepare(&proxies[i]));
}

static const struct px_server *find(unsigned proxy, const char *value, bool down)
{
    return px_cookie_server(&proxies[proxy], (struct px_str){value, strlen(value)}, down);
}

static void take_down(unsigned server)
{
    px_server_state(&servers[server])->admin = PX_ADMIN_MAINT;
}

START_TEST(values_are_compared_as_a_whole)
{
    ck_assert_ptr_eq(find(STATIC, "bb", false), &servers[B]);
    ck_assert_ptr_null(find(STATIC, "b", false));
    ck_assert_ptr_null(find(STATIC, "bbb", false));
    ck_assert_ptr_null(find(STATIC, "c", false));
    ck_assert_ptr_null(find(STATIC, "", false));
    ck_assert_ptr_null(px_cookie_value(&servers[BARE]).p);
}
END_TEST

START_TEST(the_first_that_may_serve)
{
    ck_assert_ptr_eq(find(STATIC, "a", false), &servers[A1]);
    take_down(A1);
    ck_assert_ptr_eq(find(STATIC, "a", false), &servers[A2]);
    ck_assert_ptr_eq(find(STATIC, "a", true), &servers[A1]);
    take_down(A2);
    ck_assert_ptr_eq(find(STATIC, "a", false), &servers[A3]);
    take_down(A3);
    ck_assert_ptr_null(find(STATIC, "a", false));
    px_server_state(&servers[B])->weight = px_server_state(&servers[B])->share = 0;
    ck_assert_ptr_eq(find(STATIC, "bb", false), &servers[B]);
}
END_TEST

/* As HAProxy 2.6 makes them. */
START_TEST(cookies_are_made_of_addresses)
{
    ck_assert_str_eq(px_cookie_value(&servers[V4]).p, "445fa032a433a3c3");
    ck_assert_str_eq(px_cookie_value(&servers[V6]).p, "cc2e6b957450bdce");
    ck_assert_str_eq(px_cookie_value(&servers[OWN]).p, "own");
    ck_assert_ptr_null(px_cookie_value(&servers[LOCAL]).p);
    ck_assert_ptr_eq(find(DYNAMIC, "cc2e6b957450bdce", false), &servers[V6]);
}
END_TEST

START_TEST(cookies_follow_the_address)
{
    at(V6, AF_INET, "127.0.0.1");
    ck_assert_str_eq(px_cookie_value(&servers[V6]).p, "445fa032a433a3c3");
    ck_assert_ptr_null(find(DYNAMIC, "cc2e6b957450bdce", false));
    at(V4, AF_INET6, "::1");
    ck_assert_ptr_eq(find(DYNAMIC, "445fa032a433a3c3", false), &servers[V6]);
    ck_assert_ptr_eq(find(DYNAMIC, "cc2e6b957450bdce", false), &servers[V4]);
    ck_assert(px_address_set(&servers[V4], NULL, 0));
    ck_assert_ptr_null(px_cookie_value(&servers[V4]).p);
}
END_TEST

static void expect_made(const char *value)
{
    struct px_str v = px_cookie_value(&servers[V4]);
    if (value)
        ck_assert_str_eq(v.p, value);
    else
        ck_assert_ptr_null(v.p);
    ck_assert_str_eq(px_cookie_value(&servers[OWN]).p, "own");
}

START_TEST(cookies_are_made_when_they_are_wanted)
{
    ck_assert(px_cookie_values_make(&proxies[DYNAMIC], false, NULL));
    expect_made(NULL);
    ck_assert(px_cookie_values_make(&proxies[DYNAMIC], false, "other"));
    expect_made(NULL);
    ck_assert(px_cookie_values_make(&proxies[DYNAMIC], true, NULL));
    expect_made("ad2ea53944dc7bb0");
    ck_assert(px_cookie_values_make(&proxies[DYNAMIC], false, "secret"));
    expect_made("445fa032a433a3c3");
    ck_assert(px_cookie_values_make(&proxies[STATIC], true, NULL));
    ck_assert_ptr_null(px_cookie_value(&servers[BARE]).p);
}
END_TEST

static int64_t read_date(const char *text)
{
    return px_cookie_date((struct px_str){text, strlen(text)});
}

START_TEST(dates)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } known[] = {{4, "AAAAB"}, {4096, "AAAQA"}, {1795863600, "awq0M"}, {4294967292, "/////"}};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        char text[PX_COOKIE_DATE + 1] = "";
        struct px_out out = {.p = text, .cap = PX_COOKIE_DATE};
        px_cookie_date_put(&out, known[i].seconds + 3);
        ck_assert_str_eq(text, known[i].text);
        ck_assert_int_eq(read_date(text), known[i].seconds);
    }
    ck_assert_int_eq(read_date("AAAABxyz"), 4);
}
END_TEST

START_TEST(what_is_no_date)
{
    static const char *const texts[] = {"",
                                        "AAAA",
                                        "AAA|A",
                                        "AAAA=",
                                        "AAAAA",
                                        "AAAA-",
                                        "\xff"
                                        "AAAA"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_int_eq(read_date(texts[i]), 0);
    ck_assert_int_eq(px_cookie_date((struct px_str){"AAA\0B", 5}), 0);
}
END_TEST

UNIT_MAIN("persist_values", prepare, NULL, values_are_compared_as_a_whole, the_first_that_may_serve,
          cookies_are_made_of_addresses, cookies_follow_the_address,
          cookies_are_made_when_they_are_wanted, dates, what_is_no_date)
