/*
 * Tests of runtime/upstream/address.c.
 */
#include "backends.h"

#include <netinet/in.h>

static union px_sockaddr v4(uint32_t ip, uint16_t port)
{
    return (union px_sockaddr){.in = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(ip),
                                      .sin_port = htons(port)}};
}

START_TEST(an_address_is_found_until_it_changes)
{
    union px_sockaddr one = v4(0x7f000001, 80), two = v4(0x7f000002, 81);
    ck_assert(px_address_set(&servers[A], &one, sizeof one.in));
    const struct px_address *known = px_server_address(&servers[A]);
    ck_assert_uint_eq(known->len, sizeof one.in);
    ck_assert_uint_eq(ntohl(known->sa.in.sin_addr.s_addr), 0x7f000001);
    ck_assert_int_eq(px_address_port(known), 80);
    uint32_t moves = state_of(A)->moves;
    ck_assert(px_address_set(&servers[A], &two, sizeof two.in));
    ck_assert_uint_eq(ntohl(px_server_address(&servers[A])->sa.in.sin_addr.s_addr), 0x7f000002);
    ck_assert_int_eq(px_address_port(px_server_address(&servers[A])), 81);
    ck_assert_uint_ne(state_of(A)->moves, moves);
}
END_TEST

START_TEST(there_may_be_none)
{
    ck_assert(px_address_set(&servers[A], NULL, 0));
    ck_assert_ptr_null(px_server_address(&servers[A]));
    ck_assert_int_eq(px_address_port(NULL), 0);
    ck_assert_ptr_nonnull(px_server_address(&servers[B]));
}
END_TEST

START_TEST(ports_of_other_families)
{
    struct px_address v6 = {.sa.in6 = {.sin6_family = AF_INET6, .sin6_port = htons(8080)}};
    struct px_address un = {.sa.un = {.sun_family = AF_UNIX, .sun_path = "/x"}};
    ck_assert_int_eq(px_address_port(&v6), 8080);
    ck_assert_int_eq(px_address_port(&un), 0);
}
END_TEST

UNIT_MAIN("address", backends_open, backends_close, an_address_is_found_until_it_changes,
          there_may_be_none, ports_of_other_families)
