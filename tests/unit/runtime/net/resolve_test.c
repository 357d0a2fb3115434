/*
 * Tests of runtime/net/resolve.c: names become addresses, or a reason why not.
 */
#include "runtime/net/resolve.h"
#include "tests/unit/unit.h"

#include <string.h>

START_TEST(host_name)
{
    struct px_endpoint ep = {.family = PX_AF_NAME, .path = "localhost"};
    union px_sockaddr sa;
    const char *why = NULL;
    socklen_t len = px_resolve(&ep, 8080, &sa, &why);
    struct px_addr a;
    ck_assert_uint_gt(len, 0);
    px_addr_from(&a, &sa);
    ck_assert(a.family == AF_INET || a.family == AF_INET6);
    ck_assert_int_eq(a.port, 8080);
    static const uint8_t v4[] = {127, 0, 0, 1}, v6[16] = {[15] = 1};
    ck_assert_mem_eq(a.ip, a.family == AF_INET ? v4 : v6, a.family == AF_INET ? 4 : 16);
}
END_TEST

START_TEST(unknown_name)
{
    struct px_endpoint ep = {.family = PX_AF_NAME, .path = "no..such..host"};
    union px_sockaddr sa;
    const char *why = NULL;
    ck_assert_uint_eq(px_resolve(&ep, 80, &sa, &why), 0);
    ck_assert_ptr_nonnull(why);
    ck_assert_uint_gt(strlen(why), 0);
}
END_TEST

START_TEST(family)
{
    struct px_endpoint ep = {.family = PX_AF_NAME, .path = "127.0.0.1", .only = PX_AF_INET};
    union px_sockaddr sa;
    const char *why = NULL;
    ck_assert_uint_eq(px_resolve(&ep, 80, &sa, &why), sizeof sa.in);
    ep.only = PX_AF_INET6;
    ck_assert_uint_eq(px_resolve(&ep, 80, &sa, &why), 0);
    ck_assert_ptr_nonnull(why);
    ep.path = "::1";
    ck_assert_uint_eq(px_resolve(&ep, 80, &sa, &why), sizeof sa.in6);
}
END_TEST

START_TEST(address)
{
    struct px_endpoint ep = {.family = PX_AF_INET, .ip.v4 = {10, 1, 2, 3}};
    union px_sockaddr sa;
    const char *why;
    ck_assert_uint_eq(px_resolve(&ep, 99, &sa, &why), sizeof sa.in);
    ck_assert_uint_eq(ntohl(sa.in.sin_addr.s_addr), 0x0a010203);
    ck_assert_uint_eq(ntohs(sa.in.sin_port), 99);
}
END_TEST

START_TEST(unix_path)
{
    char path[200];
    struct px_endpoint ep = {.family = PX_AF_UNIX, .path = "/tmp/a"};
    union px_sockaddr sa;
    const char *why;
    ck_assert_uint_gt(px_resolve(&ep, 0, &sa, &why), 0);
    ck_assert_str_eq(sa.un.sun_path, "/tmp/a");
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = 0;
    ep.path = path;
    ck_assert_uint_eq(px_resolve(&ep, 0, &sa, &why), 0);
    ck_assert_str_eq(why, "the path is too long");
}
END_TEST

UNIT_MAIN("resolve", NULL, NULL, host_name, unknown_name, family, address, unix_path)
