/*
 * Tests of runtime/policy/conv_time.c: dates.
 */
#include "conv_desk.h"
#include <time.h>

START_TEST(http_date_values)
{
    INT_TO_TEXT(px_conv_http_date(t, s, 0, NONE), 0, "Thu, 01 Jan 1970 00:00:00 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 0, NONE), 1700000000, "Tue, 14 Nov 2023 22:13:20 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 3600, NONE), 1700000000, "Tue, 14 Nov 2023 23:13:20 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, -3600, NONE), 1700000000, "Tue, 14 Nov 2023 21:13:20 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 0, S("ms")), 1700000000123,
                "Tue, 14 Nov 2023 22:13:20.123 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 0, S("us")), 1700000000000045,
                "Tue, 14 Nov 2023 22:13:20.45 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 0, S("s")), 1, "Thu, 01 Jan 1970 00:00:01 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 0, NONE), -1, "Sun, 13 Jun 1141709097 06:26:07 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 0, NONE), 253402300800, "Sat, 01 Jan 10000 00:00:00 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 0, S("ms")), 1700000000005,
                "Tue, 14 Nov 2023 22:13:20.5 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 60, S("ms")), 1700000000005,
                "Tue, 14 Nov 2023 22:13:20.65 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 1, S("us")), 1700000000999999,
                "Tue, 14 Nov 2023 22:13:21.0 GMT");
    INT_TO_TEXT(px_conv_http_date(t, s, 0, S("us")), 1700000000000000,
                "Tue, 14 Nov 2023 22:13:20.0 GMT");
}
END_TEST

START_TEST(utime_values)
{
    INT_TO_TEXT(px_conv_utime(t, s, S("%Y-%m-%d %H:%M:%S"), 0), 1700000000, "2023-11-14 22:13:20");
    INT_TO_TEXT(px_conv_utime(t, s, S("%a %b %e %j %%"), 0), 0, "Thu Jan  1 001 %");
    INT_TO_TEXT(px_conv_utime(t, s, S("%H:%M"), 60), 0, "00:01");
    INT_TO_TEXT(px_conv_utime(t, s, S("%H:%M"), -60), 3600, "00:59");
    INT_TO_TEXT(px_conv_utime(t, s, S(""), 0), 0, "");
    INT_TO_TEXT(px_conv_utime(t, s, S("%Z%z"), 0), 0, "GMT+0000");
    INT_TO_TEXT(px_conv_utime(t, s, S("%Y"), 0), 253402300800, "10000");
    INT_TO_TEXT(px_conv_utime(t, s, S("%Y"), 0), -1, "1141709097");
}
END_TEST

/* Local time is that of the process. */
START_TEST(parts_of_a_second)
{
    INT_TO_TEXT(px_conv_ms_utime(t, s, S("%Y %T.%3N"), 0), 1700000000123, "2023 22:13:20.123");
    INT_TO_TEXT(px_conv_ms_utime(t, s, S("%s.%N"), 5), 1004, "1.009000000");
    INT_TO_TEXT(px_conv_ms_utime(t, s, S("%%N%1N%"), 0), 1987, "%N9%");
    INT_TO_TEXT(px_conv_us_utime(t, s, S("%T.%6N"), 0), 1000007, "00:00:01.000007");
    INT_TO_TEXT(px_conv_us_utime(t, s, S("%Y %T.%6N"), -1), 0, "1969 23:59:59.999999");
    INT_TO_TEXT(px_conv_ms_ltime(t, s, S("%M.%3N"), 0), 61001, "01.001");
    INT_TO_TEXT(px_conv_us_ltime(t, s, S("%M.%2N"), 0), 61990000, "01.99");
}
END_TEST

START_TEST(local_time)
{
    setenv("TZ", "XYZ-05:30", 1);
    tzset();
    INT_TO_TEXT(px_conv_ltime(t, s, S("%H:%M %z"), 0), 0, "05:30 +0530");
    INT_TO_TEXT(px_conv_utime(t, s, S("%H:%M %z"), 0), 0, "00:00 +0000");
    setenv("TZ", "XYZ3", 1);
    tzset();
    INT_TO_TEXT(px_conv_ltime(t, s, S("%d %H:%M %z"), 60), 0, "31 21:01 -0300");
}
END_TEST

START_TEST(long_formats)
{
    static char format[1025];
    memset(format, 'x', sizeof format);
    conv_int_in(PX_SINT, 0);
    ck_assert(px_conv_utime(t, s, (struct px_str){format, 1024}, 0));
    ck_assert_uint_eq(s->u.s.len, 1024);
    for (unsigned i = 0; i < 1024; i += 2)
        memcpy(format + i, "%c", 2);
    conv_int_in(PX_SINT, 0);
    ck_assert(px_conv_utime(t, s, (struct px_str){format, 512}, 0));
    ck_assert_uint_eq(s->u.s.len, 256 * strlen("Thu Jan  1 00:00:00 1970"));
}
END_TEST

UNIT_MAIN("conv_time", NULL, NULL, parts_of_a_second, http_date_values, utime_values, local_time,
          long_formats)
