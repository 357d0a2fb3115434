/*
 * Tests of runtime/net/addr.c: addresses as text, as samples, and as the kernel takes them.
 */
#include "runtime/net/addr.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static struct px_addr from_text(const char *text)
{
    union px_sockaddr sa = {0};
    struct px_addr a;
    bool v6 = strchr(text, ':');
    sa.sa.sa_family = v6 ? AF_INET6 : AF_INET;
    if (v6)
        sa.in6.sin6_port = htons(8080);
    else
        sa.in.sin_port = htons(8080);
    void *ip = v6 ? (void *)&sa.in6.sin6_addr : (void *)&sa.in.sin_addr;
    ck_assert_int_eq(inet_pton(sa.sa.sa_family, text, ip), 1);
    px_addr_from(&a, &sa);
    return a;
}

START_TEST(text)
{
    static const char *const texts[] = {
        "0.0.0.0",
        "255.255.255.255",
        "10.9.99.100",
        "127.0.0.1",
        "1.20.203.4",
        "200.100.10.0",
        "::",
        "::1",
        "2001:db8::1",
        "fe80::1:2",
        "::ffff:10.1.2.3",
        "1111:2222:3333:4444:5555:6666:7777:8888",
    };
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        char out[PX_ADDR_TEXT];
        struct px_addr a = from_text(texts[i]);
        ck_assert_uint_eq(px_addr_text(&a, out), strlen(texts[i]));
        ck_assert_str_eq(out, texts[i]);
        ck_assert_uint_eq(a.port, 8080);
    }
}
END_TEST

START_TEST(every_byte)
{
    for (unsigned v = 0; v < 256; v++) {
        struct px_addr a = {.family = AF_INET, .ip = {(uint8_t)v, 0, (uint8_t)(255 - v), 1}};
        char got[PX_ADDR_TEXT], want[PX_ADDR_TEXT];
        snprintf(want, sizeof want, "%u.0.%u.1", v, 255 - v);
        px_addr_text(&a, got);
        ck_assert_str_eq(got, want);
    }
}
END_TEST

START_TEST(other_families)
{
    union px_sockaddr sa = {.sa.sa_family = AF_UNIX};
    struct px_addr a;
    char out[PX_ADDR_TEXT];
    px_addr_from(&a, &sa);
    ck_assert_uint_eq(px_addr_text(&a, out), 4);
    ck_assert_str_eq(out, "unix");
    ck_assert_uint_eq(a.port, 0);
    a = (struct px_addr){0};
    ck_assert_uint_eq(px_addr_text(&a, out), 1);
    ck_assert_str_eq(out, "-");
}
END_TEST

START_TEST(samples)
{
    struct px_addr a = from_text("10.1.2.3");
    struct px_sample s;
    px_addr_sample(&a, &s);
    ck_assert_int_eq(s.type, PX_IPV4);
    ck_assert_mem_eq(&s.u.v4, a.ip, 4);
    a = from_text("2001:db8::1");
    px_addr_sample(&a, &s);
    ck_assert_int_eq(s.type, PX_IPV6);
    ck_assert_mem_eq(&s.u.v6, a.ip, 16);
}
END_TEST

START_TEST(endpoints)
{
    union px_sockaddr sa;
    struct px_endpoint ep = {.family = PX_AF_INET, .port = 80, .ip.v4 = {10, 1, 2, 3}};
    ck_assert_uint_eq(px_endpoint_sockaddr(&ep, 8443, &sa), sizeof sa.in);
    ck_assert_int_eq(sa.in.sin_family, AF_INET);
    ck_assert_int_eq(ntohs(sa.in.sin_port), 8443);
    ck_assert_mem_eq(&sa.in.sin_addr, ep.ip.v4, 4);
    ep = (struct px_endpoint){.family = PX_AF_INET6, .ip.v6 = {0x20, 1, [15] = 9}};
    ck_assert_uint_eq(px_endpoint_sockaddr(&ep, 65535, &sa), sizeof sa.in6);
    ck_assert_int_eq(ntohs(sa.in6.sin6_port), 65535);
    ck_assert_mem_eq(&sa.in6.sin6_addr, ep.ip.v6, 16);
    ck_assert_int_eq((int)sa.in6.sin6_scope_id, 0);
    ep = (struct px_endpoint){.family = PX_AF_NAME, .path = "localhost"};
    ck_assert_uint_eq(px_endpoint_sockaddr(&ep, 80, &sa), 0);
}
END_TEST

START_TEST(paths_are_bounded)
{
    union px_sockaddr sa;
    char path[200];
    size_t room = sizeof sa.un.sun_path;
    for (size_t len = room - 2; len <= room + 1; len++) {
        memset(path, 'p', len);
        path[len] = '\0';
        struct px_endpoint ep = {.family = PX_AF_UNIX, .path = path};
        socklen_t got = px_endpoint_sockaddr(&ep, 0, &sa);
        ck_assert_uint_eq(got, len < room ? offsetof(struct sockaddr_un, sun_path) + len + 1 : 0);
        if (got)
            ck_assert_str_eq(sa.un.sun_path, path);
        ep.family = PX_AF_ABNS;
        got = px_endpoint_sockaddr(&ep, 0, &sa);
        ck_assert_uint_eq(got, len < room ? sizeof sa.un : 0);
        if (got) {
            ck_assert_int_eq(sa.un.sun_path[0], 0);
            ck_assert_mem_eq(sa.un.sun_path + 1, path, len);
        }
    }
}
END_TEST

UNIT_MAIN("addr", NULL, NULL, text, every_byte, other_families, samples, endpoints,
          paths_are_bounded)
