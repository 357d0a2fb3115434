/*
 * Tests of runtime/stick/server.c: which server an entry stands for, in the backend that learnt it
 * and in others.
 */
#include "runtime/stick/server.h"

#include "runtime/base/mem.h"
#include "runtime/upstream/health.h"
#include "runtime/upstream/state.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

enum { HTTP, HTTPS, NPROXIES };
enum { A, B, HIDDEN, B2, A2, FAR, NAMELESS, NSERVERS };
enum { BY_NAME, BY_ADDR, NTABLES };

static const struct px_proxy proxies[NPROXIES];
static const struct px_server servers[NSERVERS] = {
    [A] = {.name = "a", .number = A, .id = 1, .proxy = &proxies[HTTP]},
    [B] = {.name = "b", .number = B, .id = 2, .proxy = &proxies[HTTP]},
    [HIDDEN] = {.name = "h", .number = HIDDEN, .id = 3, .proxy = &proxies[HTTP], .non_stick = true},
    /* the same names with other numbers, and the same addresses with other names */
    [B2] = {.name = "b", .number = B2, .id = 1, .proxy = &proxies[HTTPS]},
    [A2] = {.name = "a", .number = A2, .id = 20, .proxy = &proxies[HTTPS]},
    [FAR] = {.name = "far", .number = FAR, .id = 7, .proxy = &proxies[HTTPS]},
    [NAMELESS] = {.number = NAMELESS, .proxy = &proxies[HTTP]},
};
static const struct px_server *const of_http[] = {&servers[A], &servers[B], &servers[HIDDEN]};
static const struct px_server *const of_https[] = {&servers[B2], &servers[A2], &servers[FAR]};
static const struct px_proxy proxies[NPROXIES] = {
    [HTTP] = {.number = HTTP, .caps = PX_BACKEND, .servers = of_http, .nservers = 3},
    [HTTPS] = {.number = HTTPS, .caps = PX_BACKEND, .servers = of_https, .nservers = 3}};
static const struct px_proxy *const all_proxies[] = {&proxies[0], &proxies[1]};

#define DATA (1u << PX_STICK_SERVER_ID | 1u << PX_STICK_SERVER_KEY)
static const struct px_stick_table tables[NTABLES] = {
    [BY_NAME] = {.type = PX_STRING, .key_size = 8, .size = 10, .data = DATA},
    [BY_ADDR] = {.type = PX_STRING,
                 .key_size = 8,
                 .size = 10,
                 .data = DATA,
                 .by_addr = true,
                 .number = BY_ADDR}};
const struct px_program px_program = {.abi = PX_ABI_VERSION,
                                      .proxies = all_proxies,
                                      .nproxies = NPROXIES,
                                      .nservers = NSERVERS,
                                      .tables = tables,
                                      .ntables = NTABLES};

static struct px_loop loop;
static const struct px_str key = PX_STR("k");

static const uint16_t ports[] = {[A] = 80, [B] = 81, [B2] = 80, [A2] = 81};

static void settle(unsigned server, uint16_t port)
{
    union px_sockaddr sa = {.in = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons(port)}};
    ck_assert(px_address_set(&servers[server], &sa, sizeof sa.in));
}

/* All on one host; FAR has no address. */
static void begin(void)
{
    px_self = &loop;
    loop.now = 5000;
    ck_assert(px_state_init(1, 0));
    ck_assert(px_stick_prepare());
    for (unsigned i = 0; i < FAR; i++)
        settle(i, ports[i]);
}

static const struct px_server *found(unsigned table, unsigned be)
{
    struct px_stick_entry *e = px_stick_find(&tables[table], key, false);
    ck_assert_ptr_nonnull(e);
    const struct px_server *srv = px_stick_server(&tables[table], e, &proxies[be]);
    px_stick_release(e);
    return srv;
}

START_TEST(a_server_is_found_by_its_name)
{
    px_stick_set_server(&tables[BY_NAME], key, &servers[A]);
    ck_assert_ptr_eq(found(BY_NAME, HTTP), &servers[A]);
    ck_assert_ptr_eq(found(BY_NAME, HTTPS), &servers[A2]);
    px_stick_set_server(&tables[BY_NAME], key, &servers[B]);
    ck_assert_ptr_eq(found(BY_NAME, HTTP), &servers[B]);
    ck_assert_ptr_eq(found(BY_NAME, HTTPS), &servers[B2]);
}
END_TEST

START_TEST(or_by_its_number)
{
    px_stick_set_server(&tables[BY_NAME], key, &servers[FAR]);
    ck_assert_ptr_eq(found(BY_NAME, HTTPS), &servers[FAR]);
    ck_assert_ptr_null(found(BY_NAME, HTTP)); /* neither name nor number */
    struct px_stick_entry *e = px_stick_obtain(&tables[BY_NAME], key);
    px_stick_set_int(&tables[BY_NAME], e, PX_STICK_SERVER_ID, 20);
    px_stick_set_text(&tables[BY_NAME], e, PX_STICK_SERVER_KEY, NULL);
    ck_assert_ptr_eq(found(BY_NAME, HTTPS), &servers[A2]); /* not at the place of its number */
    px_stick_set_int(&tables[BY_NAME], e, PX_STICK_SERVER_ID, 0);
    ck_assert_ptr_null(found(BY_NAME, HTTPS));
    px_stick_release(e);
}
END_TEST

START_TEST(or_by_its_address)
{
    px_stick_set_server(&tables[BY_ADDR], key, &servers[A]);
    ck_assert_ptr_eq(found(BY_ADDR, HTTP), &servers[A]);
    ck_assert_ptr_eq(found(BY_ADDR, HTTPS), &servers[B2]);
    px_stick_set_server(&tables[BY_ADDR], key, &servers[B]);
    ck_assert_ptr_eq(found(BY_ADDR, HTTPS), &servers[A2]);
    px_stick_set_server(&tables[BY_ADDR], key, &servers[FAR]); /* it has none */
    ck_assert_ptr_eq(found(BY_ADDR, HTTPS), &servers[FAR]);
}
END_TEST

START_TEST(addresses_are_kept_once)
{
    const char *text = px_stick_server_key(&tables[BY_ADDR], &servers[A]);
    ck_assert_str_eq(text, "127.0.0.1:80");
    ck_assert_ptr_eq(px_stick_server_key(&tables[BY_ADDR], &servers[B2]), text);
    px_mem_fail_at(1);
    ck_assert_ptr_null(px_stick_server_key(&tables[BY_ADDR], &servers[B]));
    px_mem_fail_at(0);
    union px_sockaddr sa = {
        .in6 = {.sin6_family = AF_INET6, .sin6_addr.s6_addr[15] = 1, .sin6_port = htons(80)}};
    ck_assert(px_address_set(&servers[A], &sa, sizeof sa.in6));
    ck_assert_str_eq(px_stick_server_key(&tables[BY_ADDR], &servers[A]), "[::1]:80");
}
END_TEST

START_TEST(some_are_not_learnt)
{
    px_stick_set_server(&tables[BY_NAME], key, &servers[HIDDEN]);
    px_stick_set_server(&tables[BY_NAME], key, &servers[NAMELESS]);
    ck_assert_uint_eq(px_stick_used(&tables[BY_NAME]), 0);
    px_stick_set_server(&tables[BY_NAME], key, &servers[A]);
    px_stick_set_server(&tables[BY_NAME], key, &servers[HIDDEN]);
    ck_assert_ptr_eq(found(BY_NAME, HTTP), &servers[A]);
}
END_TEST

UNIT_MAIN("servers in stick tables", begin, NULL, a_server_is_found_by_its_name, or_by_its_number,
          or_by_its_address, addresses_are_kept_once, some_are_not_learnt)
