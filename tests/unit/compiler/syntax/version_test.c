/*
 * Tests of compiler/syntax/version.c: versions in their order.
 */
#include "compiler/syntax/version.h"
#include "tests/unit/unit.h"

static struct version parsed(const char *text)
{
    struct version v;
    ck_assert_msg(version_parse(str_of(text), &v), "'%s' is a version", text);
    return v;
}

START_TEST(each_is_newer_than_the_one_before)
{
    static const char *const order[] = {
        "1.1.1",    "1.1.1a",       "1.1.1n",          "1.8.30",
        "2.4-dev1", "2.4-dev2",     "2.4-dev19",       "2.4-rc1",
        "2.4",      "2.4.1",        "2.4.9",           "2.4.10",
        "2.6.12",   "2.6.12-1",     "2.8.1-5e46fe-33", "2.8.1-5e46fe-34",
        "2.10",     "3.0.0-alpha1", "3.0.0-beta1",     "3.0.0",
        "10",
    };
    for (unsigned i = 0; i < COUNT(order); i++)
        for (unsigned k = 0; k < COUNT(order); k++) {
            struct version a = parsed(order[i]), b = parsed(order[k]);
            int want = i < k ? -1 : i > k, got = version_cmp(&a, &b);
            ck_assert_msg((got > 0) - (got < 0) == want, "%s, %s: %d", order[i], order[k], got);
        }
}
END_TEST

START_TEST(what_is_left_out_is_zero)
{
    struct version a = parsed("2.6"), b = parsed("2.6.0"), c = parsed("2"), d = parsed("2.0.0");
    ck_assert_int_eq(version_cmp(&a, &b), 0);
    ck_assert_int_eq(version_cmp(&c, &d), 0);
}
END_TEST

START_TEST(what_a_distribution_adds_does_not_count)
{
    struct version a = parsed("2.6.12-1+deb12u4"), b = parsed("2.6.12-1");
    ck_assert_int_eq(version_cmp(&a, &b), 0);
}
END_TEST

START_TEST(long_numbers_do_not_wrap)
{
    struct version a = parsed("4294967297.0"), b = parsed("2.0");
    ck_assert_int_gt(version_cmp(&a, &b), 0);
}
END_TEST

START_TEST(not_versions)
{
    static const char *const bad[] = {"",    "x",  "-dev1", ".",    ".1", "2.6.x",
                                      "2.x", "+1", "2..6",  "2.6.", "2 6"};
    struct version v;
    for (unsigned i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!version_parse(str_of(bad[i]), &v), "'%s'", bad[i]);
}
END_TEST

UNIT_MAIN("version", NULL, NULL, each_is_newer_than_the_one_before, what_is_left_out_is_zero,
          what_a_distribution_adds_does_not_count, long_numbers_do_not_wrap, not_versions)
