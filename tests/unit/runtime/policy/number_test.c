/*
 * Tests of runtime/policy/number.c: the three ways in which HAProxy reads integers, and addresses.
 */
#include "runtime/policy/number.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static struct px_str text(const char *s)
{
    return (struct px_str){s, s ? strlen(s) : 0};
}

START_TEST(integers_of_64_bits)
{
    ck_assert_int_eq(px_read_int64(text(NULL)), 0);
    ck_assert_int_eq(px_read_int64(text("")), 0);
    ck_assert_int_eq(px_read_int64(text("-")), 0);
    ck_assert_int_eq(px_read_int64(text("--1")), 0);
    ck_assert_int_eq(px_read_int64(text("+-1")), 0);
    ck_assert_int_eq(px_read_int64(text("007")), 7);
    ck_assert_int_eq(px_read_int64(text("7.9")), 7);
    ck_assert_int_eq(px_read_int64(text("9223372036854775806")), INT64_MAX - 1);
    ck_assert_int_eq(px_read_int64(text("9223372036854775807")), INT64_MAX);
    ck_assert_int_eq(px_read_int64(text("9223372036854775808")), INT64_MAX);
    ck_assert_int_eq(px_read_int64(text("92233720368547758070")), INT64_MAX);
    ck_assert_int_eq(px_read_int64(text("-9223372036854775807")), INT64_MIN + 1);
    ck_assert_int_eq(px_read_int64(text("-9223372036854775808")), INT64_MIN);
    ck_assert_int_eq(px_read_int64(text("-9223372036854775809")), INT64_MIN);
    ck_assert_int_eq(px_read_int64(text("-92233720368547758080")), INT64_MIN);
    ck_assert_int_eq(px_read_int64((struct px_str){"123", 2}), 12);
}
END_TEST

START_TEST(every_64_bit_value_comes_back)
{
    uint64_t v = 1;
    for (unsigned i = 0; i < 2000; i++) {
        char digits[24];
        v = v * UINT64_C(6364136223846793005) + 1442695040888963407u;
        int64_t want = (int64_t)v >> i % 64;
        snprintf(digits, sizeof digits, "%lld", (long long)want);
        ck_assert_int_eq(px_read_int64(text(digits)), want);
    }
}
END_TEST

START_TEST(integers_of_32_bits_wrap)
{
    ck_assert_int_eq(px_read_int32(text(NULL)), 0);
    ck_assert_int_eq(px_read_int32(text("-12")), -12);
    ck_assert_int_eq(px_read_int32(text("4294967299")), 3);
    ck_assert_int_eq(px_read_int32(text("2147483648")), INT32_MIN);
    ck_assert_int_eq(px_read_int32(text("12:3")), 12);
    ck_assert_int_eq(px_read_int32(text("1/")), 9); /* '/' is one below '0' */
    ck_assert_uint_eq(px_read_uint32(text(NULL)), 0);
    ck_assert_uint_eq(px_read_uint32(text("80")), 80);
    ck_assert_uint_eq(px_read_uint32(text("8x")), 8 * 10 + 'x' - '0');
    ck_assert_uint_eq(px_read_uint32(text("99999999999")), 1215752191);
}
END_TEST

static const char *ipv4(const char *s)
{
    static char shown[64];
    struct in_addr ip;
    size_t used = px_read_ipv4(text(s), &ip);
    if (!used)
        return "none";
    char addr[INET_ADDRSTRLEN];
    snprintf(shown, sizeof shown, "%s+%zu", inet_ntop(AF_INET, &ip, addr, sizeof addr),
             strlen(s) - used);
    return shown;
}

START_TEST(addresses_of_version_4)
{
    ck_assert_str_eq(ipv4("1.2.3.4"), "1.2.3.4+0");
    ck_assert_str_eq(ipv4("255.255.255.255:1"), "255.255.255.255+2");
    ck_assert_str_eq(ipv4("1.2.3.4/8"), "1.2.3.4+2");
    ck_assert_str_eq(ipv4("000.001.002.003"), "0.1.2.3+0");
    ck_assert_str_eq(ipv4("1.2.3.0000000001"), "1.2.3.1+0");
    static const char *const none[] = {"",         "1",        "1.2.3",    "1.2.3.",
                                       "1..2.3",   ".1.2.3",   "a.2.3.4",  "1.2.3.256",
                                       "1.2.3.4.", "-1.2.3.4", "+1.2.3.4", "1.2.3.99999999999"};
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_str_eq(ipv4(none[i]), "none");
}
END_TEST

static const char *ipv6(const char *s)
{
    static char shown[INET6_ADDRSTRLEN];
    struct in6_addr ip;
    return px_read_ipv6(text(s), &ip) ? inet_ntop(AF_INET6, &ip, shown, sizeof shown) : "none";
}

START_TEST(addresses_of_version_6)
{
    ck_assert_str_eq(ipv6("::"), "::");
    ck_assert_str_eq(ipv6("2001:DB8::1"), "2001:db8::1");
    ck_assert_str_eq(ipv6("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
    ck_assert_str_eq(ipv6("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
    ck_assert_str_eq(ipv6("0000:0000:0000:0000:0000:ffff:255.255.255.255"),
                     "::ffff:255.255.255.255");
    static const char *const none[] = {"",
                                       ":",
                                       ":::",
                                       "1:2:3:4:5:6:7",
                                       "1:2:3:4:5:6:7:8:9",
                                       "::1%lo",
                                       "[::1]",
                                       "::g",
                                       "::12345",
                                       "1.2.3.4",
                                       "0000:0000:0000:0000:0000:ffff:255.255.255.2555"};
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_str_eq(ipv6(none[i]), "none");
    struct in6_addr ip;
    ck_assert(!px_read_ipv6((struct px_str){"::1\0", 4}, &ip));
}
END_TEST

START_TEST(mapped_addresses)
{
    struct in6_addr v6;
    struct in_addr v4 = {htonl(0xc0000201)}, back;
    px_map_v4(&v4, &v6);
    char shown[INET6_ADDRSTRLEN];
    ck_assert_str_eq(inet_ntop(AF_INET6, &v6, shown, sizeof shown), "::ffff:192.0.2.1");
    ck_assert(px_unmap(&v6, &back));
    ck_assert_uint_eq(back.s_addr, v4.s_addr);
    v6.s6_addr[10] = 0;
    ck_assert(!px_unmap(&v6, &back));
}
END_TEST

START_TEST(hexadecimal_digits)
{
    for (int c = -128; c < 128; c++) {
        int want = c >= '0' && c <= '9'   ? c - '0'
                   : c >= 'a' && c <= 'f' ? c - 'a' + 10
                   : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                          : -1;
        ck_assert_int_eq(px_hex_value((char)c), want);
    }
}
END_TEST

UNIT_MAIN("number", NULL, NULL, integers_of_64_bits, every_64_bit_value_comes_back,
          integers_of_32_bits_wrap, addresses_of_version_4, addresses_of_version_6,
          mapped_addresses, hexadecimal_digits)
