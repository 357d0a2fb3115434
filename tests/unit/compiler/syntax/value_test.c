/*
 * Tests of compiler/syntax/value.c: numbers, times (section 2.5 of HAProxy's manual), sizes,
 * addresses and masks.
 */
#include "compiler/syntax/value.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { OK = VALUE_OK, BAD = VALUE_MALFORMED, BIG = VALUE_TOO_BIG };

struct row {
    const char *text;
    int result;
    uint64_t value;
};

static void check_row(const struct row *row, int result, uint64_t value)
{
    ck_assert_msg(result == row->result, "'%s' answers %d", row->text, result);
    if (result == OK)
        ck_assert_msg(value == row->value, "'%s' is %llu", row->text, (unsigned long long)value);
}

START_TEST(unsigned_numbers)
{
    static const struct row rows[] = {
        {"0", OK, 0},
        {"007", OK, 7},
        {"65535", OK, 65535},
        {"65536", BIG, 0},
        {"99999999999999999999999", BIG, 0},
        {"", BAD, 0},
        {"-1", BAD, 0},
        {"+1", BAD, 0},
        {"1.0", BAD, 0},
        {"1k", BAD, 0},
        {" 1", BAD, 0},
        {"1 ", BAD, 0},
        {"0x10", BAD, 0},
        {"65536x", BAD, 0},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        uint64_t v = 0;
        int r = value_uint(str_of(rows[i].text), 65535, &v);
        check_row(&rows[i], r, v);
    }
    uint64_t v;
    ck_assert_int_eq(value_uint(STR("18446744073709551615"), UINT64_MAX, &v), VALUE_OK);
    ck_assert_uint_eq(v, UINT64_MAX);
    ck_assert_int_eq(value_uint(STR("18446744073709551616"), UINT64_MAX, &v), VALUE_TOO_BIG);
    ck_assert_int_eq(value_uint(STR("1"), 0, &v), VALUE_TOO_BIG);
    ck_assert_int_eq(value_uint((struct str){NULL, 0}, 5, &v), VALUE_MALFORMED);
}
END_TEST

START_TEST(signed_numbers)
{
    int64_t v;
    ck_assert_int_eq(value_int(STR("-9223372036854775808"), &v), VALUE_OK);
    ck_assert_int_eq(v, INT64_MIN);
    ck_assert_int_eq(value_int(STR("9223372036854775807"), &v), VALUE_OK);
    ck_assert_int_eq(v, INT64_MAX);
    ck_assert_int_eq(value_int(STR("+5"), &v), VALUE_OK);
    ck_assert_int_eq(v, 5);
    ck_assert_int_eq(value_int(STR("9223372036854775808"), &v), VALUE_TOO_BIG);
    ck_assert_int_eq(value_int(STR("-9223372036854775809"), &v), VALUE_TOO_BIG);
    ck_assert_int_eq(value_int(STR("-"), &v), VALUE_MALFORMED);
    ck_assert_int_eq(value_int(STR("--1"), &v), VALUE_MALFORMED);
    ck_assert_int_eq(value_int(STR(""), &v), VALUE_MALFORMED);
}
END_TEST

START_TEST(times)
{
    static const struct row rows[] = {
        {"0", OK, 0},
        {"5000", OK, 5000},
        {"5000ms", OK, 5000},
        {"5s", OK, 5000},
        {"2m", OK, 120000},
        {"1h", OK, 3600000},
        {"1d", OK, 86400000},
        {"24d", OK, 2073600000},
        {"25d", BIG, 0},
        {"1us", OK, 1},
        {"999us", OK, 1},
        {"1000us", OK, 1},
        {"1001us", OK, 2},
        {"0us", OK, 0},
        {"2147483647", OK, INT32_MAX},
        {"2147483648", BIG, 0},
        {"2147483s", OK, 2147483000},
        {"2147484s", BIG, 0},
        {"99999999999d", BIG, 0},
        {"", BAD, 0},
        {"s", BAD, 0},
        {"1.5s", BAD, 0},
        {"-1s", BAD, 0},
        {"+1", BAD, 0},
        {"1x", BAD, 0},
        {"1S", BAD, 0},
        {"1 s", BAD, 0},
        {"1sec", BAD, 0},
        {"1s1ms", BAD, 0},
        {"99999999999x", BAD, 0},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        uint64_t v = 0;
        int r = value_time(str_of(rows[i].text), 1, &v);
        check_row(&rows[i], r, v);
    }
    uint64_t v;
    ck_assert_int_eq(value_time(STR("5"), 1000, &v), VALUE_OK);
    ck_assert_uint_eq(v, 5000);
    ck_assert_int_eq(value_time(STR("5ms"), 1000, &v), VALUE_OK);
    ck_assert_uint_eq(v, 5);
}
END_TEST

START_TEST(sizes)
{
    static const struct row rows[] = {
        {"0", OK, 0},
        {"16384", OK, 16384},
        {"16k", OK, 16384},
        {"16K", OK, 16384},
        {"2m", OK, 2097152},
        {"1g", OK, 1073741824},
        {"5G", OK, 5368709120},
        {"17179869183g", OK, 18446744072635809792u},
        {"17179869184g", BIG, 0},
        {"99999999999999999999", BIG, 0},
        {"", BAD, 0},
        {"k", BAD, 0},
        {"1kb", BAD, 0},
        {"1.5k", BAD, 0},
        {"-1k", BAD, 0},
        {"1x", BAD, 0},
        {"1 k", BAD, 0},
        {"1\x0b", BAD, 0},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        uint64_t v = 0;
        int r = value_size(str_of(rows[i].text), &v);
        check_row(&rows[i], r, v);
    }
}
END_TEST

START_TEST(ipv4)
{
    static const struct {
        const char *text;
        uint8_t ip[4];
    } rows[] = {
        {"10.1.2.3", {10, 1, 2, 3}}, {"255.255.255.255", {255, 255, 255, 255}},
        {"10.1", {10, 0, 0, 1}},     {"10.1.2", {10, 1, 0, 2}},
        {"10", {10, 0, 0, 0}},       {"0.0.0.0", {0, 0, 0, 0}},
    };
    static const char *const bad[] = {"",         "256.0.0.1", "1.2.3.4.5", "1..2",     ".1",  "1.",
                                      "1.2.3.4.", "a.b.c.d",   "1.2.3.x",   "-1.2.3.4", "1 .2"};
    uint8_t ip[4];
    for (unsigned i = 0; i < COUNT(rows); i++) {
        ck_assert_msg(value_ipv4(str_of(rows[i].text), ip), "'%s'", rows[i].text);
        ck_assert_mem_eq(ip, rows[i].ip, 4);
        ck_assert_int_eq(value_ipv4_full(str_of(rows[i].text), ip), strlen(rows[i].text) > 6);
    }
    for (unsigned i = 0; i < COUNT(bad); i++) {
        ck_assert_msg(!value_ipv4(str_of(bad[i]), ip), "'%s'", bad[i]);
        ck_assert_msg(!value_ipv4_full(str_of(bad[i]), ip), "'%s'", bad[i]);
    }
}
END_TEST

START_TEST(ipv6)
{
    static const char *const bad[] = {"",
                                      ":",
                                      "1::2::3",
                                      "g::",
                                      "::1%lo",
                                      "1.2.3.4",
                                      "[::1]",
                                      "1:2:3:4:5:6:7:8:9",
                                      "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};
    static const uint8_t one[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 1, 2, 3, 4};
    uint8_t ip[16];
    ck_assert(value_ipv6(STR("2001:DB8::1"), ip));
    ck_assert_mem_eq(ip, one, 16);
    ck_assert(value_ipv6(STR("::ffff:1.2.3.4"), ip));
    ck_assert_mem_eq(ip, mapped, 16);
    for (unsigned i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!value_ipv6(str_of(bad[i]), ip), "'%s'", bad[i]);
}
END_TEST

START_TEST(masks)
{
    ck_assert_int_eq(value_mask(STR("24"), 32), 24);
    ck_assert_int_eq(value_mask(STR("0"), 32), 0);
    ck_assert_int_eq(value_mask(STR("32"), 32), 32);
    ck_assert_int_eq(value_mask(STR("33"), 32), -1);
    ck_assert_int_eq(value_mask(STR("64"), 128), 64);
    ck_assert_int_eq(value_mask(STR("129"), 128), -1);
    ck_assert_int_eq(value_mask(STR("255.255.255.0"), 32), 24);
    ck_assert_int_eq(value_mask(STR("255.255.255.255"), 32), 32);
    ck_assert_int_eq(value_mask(STR("0.0.0.0"), 32), 0);
    ck_assert_int_eq(value_mask(STR("255.0.255.0"), 32), -1);
    ck_assert_int_eq(value_mask(STR("255.255.255.0"), 128), -1);
    ck_assert_int_eq(value_mask(STR(""), 32), -1);
    ck_assert_int_eq(value_mask(STR("x"), 32), -1);
}
END_TEST

UNIT_MAIN("value", NULL, NULL, unsigned_numbers, signed_numbers, times, sizes, ipv4, ipv6, masks)
