/*
 * Tests of runtime/policy/conv_date.c and conv_x509.c, which HAProxy 2.6 does not have.
 */
#include "conv_desk.h"

#include <openssl/x509_vfy.h>
#include <time.h>

/* RFC 9110 5.6.7 writes this one in all three forms. */
START_TEST(the_three_forms)
{
    TEXT_TO_INT(px_conv_date(t, s), "Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
    TEXT_TO_INT(px_conv_date(t, s), "Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
    TEXT_TO_INT(px_conv_date(t, s), "Sun Nov  6 08:49:37 1994", 784111777);
    TEXT_TO_INT(px_conv_date(t, s), "Wed Nov 16 08:49:37 1994", 784975777);
    TEXT_TO_INT(px_conv_date(t, s), "Thu, 01 Jan 1970 00:00:00 GMT", 0);
    TEXT_TO_INT(px_conv_date(t, s), "Wed, 31 Dec 1969 23:59:59 GMT", -1);
    TEXT_TO_INT(px_conv_date(t, s), "Tue, 29 Feb 2000 00:00:00 GMT", 951782400);
    TEXT_TO_INT(px_conv_date(t, s), "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799);
    TEXT_TO_INT(px_conv_date(t, s), "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800);
}
END_TEST

START_TEST(what_is_no_date)
{
    TEXT_TO_NONE(px_conv_date(t, s), "");
    TEXT_TO_NONE(px_conv_date(t, s), "0");
    TEXT_TO_NONE(px_conv_date(t, s), "784111777");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nov 1994 08:49:37");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nov 1994 08:49:37 UTC");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nov 1994 08:49:37 GMT ");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nov 1994 08:49:37 GMTx");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nov 94 08:49:37 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 6 Nov 1994 08:49:37 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "sun, 06 nov 1994 08:49:37 gmt");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06-Nov-94 08:49:37 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sunday, 06-Nov-1994 08:49:37 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun Nov 6 08:49:37 1994");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun Nov  6 08:49:37 1994\n");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun Nov  6 08:49:37");
    TEXT_TO_NONE(px_conv_date(t, s), "Xun, 06 Nov 1994 08:49:37 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nox 1994 08:49:37 GMT");
}
END_TEST

START_TEST(what_no_calendar_has)
{
    TEXT_TO_NONE(px_conv_date(t, s), "Wed, 29 Feb 1900 00:00:00 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 31 Nov 1994 00:00:00 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 00 Nov 1994 00:00:00 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nov 1994 24:00:00 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nov 1994 00:60:00 GMT");
    TEXT_TO_NONE(px_conv_date(t, s), "Sun, 06 Nov 1994 00:00:61 GMT");
}
END_TEST

/* Two digits mean a year that is at most 50 years ahead. */
START_TEST(centuries)
{
    for (int ahead = 49; ahead <= 52; ahead++) {
        time_t now = time(NULL);
        struct tm today, read;
        char text[64];
        gmtime_r(&now, &today);
        int year = today.tm_year + ahead;
        int n = snprintf(text, sizeof text, "Sunday, 06-Nov-%02d 08:49:37 GMT", year % 100);
        conv_text_in(text, (size_t)n);
        ck_assert(px_conv_date(t, s));
        time_t when = (time_t)s->u.i;
        gmtime_r(&when, &read);
        ck_assert_int_eq(read.tm_year, ahead > 50 ? year - 100 : year);
    }
}
END_TEST

START_TEST(errors_of_certificates)
{
    INT_TO_TEXT(px_conv_x509_v_err_str(t, s), 0, "X509_V_OK");
    INT_TO_TEXT(px_conv_x509_v_err_str(t, s), X509_V_ERR_CERT_HAS_EXPIRED,
                "X509_V_ERR_CERT_HAS_EXPIRED");
    INT_TO_TEXT(px_conv_x509_v_err_str(t, s), X509_V_ERR_EC_KEY_EXPLICIT_PARAMS,
                "X509_V_ERR_EC_KEY_EXPLICIT_PARAMS");
    INT_TO_TEXT(px_conv_x509_v_err_str(t, s), -1, "-1");
    INT_TO_TEXT(px_conv_x509_v_err_str(t, s), 100000, "100000");
    for (int64_t i = 0; i <= X509_V_ERR_EC_KEY_EXPLICIT_PARAMS; i++) {
        conv_int_in(PX_SINT, i);
        ck_assert(px_conv_x509_v_err_str(t, s));
        ck_assert_msg(!strncmp(s->u.s.p, "X509_V_", 7), "%d has no name", (int)i);
    }
}
END_TEST

UNIT_MAIN("conv_date", NULL, NULL, the_three_forms, what_is_no_date, what_no_calendar_has,
          centuries, errors_of_certificates)
