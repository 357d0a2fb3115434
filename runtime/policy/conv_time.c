/*
 * Converters of seconds since 1970 into dates (HAProxy manual 7.3.1).
 */
#include "../txn/scratch.h"
#include "sample.h"

#include <time.h>

/* Years beyond what a calendar function can do are cut off here, as HAProxy does it. */
static int64_t seconds_of(int64_t v)
{
    return v & INT64_C(0x007fffffffffffff);
}

static char *put_two(char *p, int v)
{
    *p++ = (char)('0' + v / 10);
    *p++ = (char)('0' + v % 10);
    return p;
}

static char *put_text(char *p, const char *s, size_t len)
{
    memcpy(p, s, len);
    return p + len;
}

/* At least two digits, as many as it takes. */
static char *put_number(char *p, int64_t v, unsigned digits)
{
    char text[24], *end = text + sizeof text, *from = end;
    do
        *--from = (char)('0' + v % 10);
    while ((v /= 10) || (size_t)(end - from) < digits);
    return put_text(p, from, (size_t)(end - from));
}

/* IMF-fixdate (RFC 9110 5.6.7), with a number of fractions of a second behind a
 * point, unless that is negative. HAProxy puts no zeros in front of it. */
static size_t put_date(char *text, const struct tm *tm, int64_t fraction)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char *p = put_text(text, days + 3 * tm->tm_wday, 3);
    p = put_text(p, ", ", 2);
    p = put_two(p, tm->tm_mday);
    *p++ = ' ';
    p = put_text(p, months + 3 * tm->tm_mon, 3);
    *p++ = ' ';
    p = put_number(p, (int64_t)tm->tm_year + 1900, 2);
    *p++ = ' ';
    p = put_two(p, tm->tm_hour);
    *p++ = ':';
    p = put_two(p, tm->tm_min);
    *p++ = ':';
    p = put_two(p, tm->tm_sec);
    if (fraction >= 0) {
        *p++ = '.';
        p = put_number(p, fraction, 1);
    }
    return (size_t)(put_text(p, " GMT", 4) - text);
}

/* How many there are in a second. */
static int64_t unit_of(struct px_str s)
{
    if (s.len != 2)
        return 1;
    return s.p[0] == 'm' ? 1000 : 1000000;
}

bool px_conv_http_date(struct px_txn *t, struct px_sample *smp, int64_t offset, struct px_str unit)
{
    (void)t;
    int64_t per_second = unit_of(unit);
    int64_t v = seconds_of(seconds_of(smp->u.i) + offset);
    time_t when = (time_t)(v / per_second);
    int64_t fraction = per_second > 1 ? v % per_second : -1;
    struct tm tm;
    char *text = px_scratch_get(80);
    if (!text || !gmtime_r(&when, &tm))
        return false;
    px_set_text(smp, (struct px_str){text, put_date(text, &tm, fraction)});
    return true;
}

/* No conversion of strftime makes more of its two characters. */
enum { GROWTH = 16, EXTRA = 64, FORMAT_MAX = 1024 };

static bool format_date(struct px_sample *smp, const struct tm *tm, struct px_str format)
{
    char zero_ended[FORMAT_MAX + 1];
    if (format.len > FORMAT_MAX)
        return false;
    memcpy(zero_ended, format.p, format.len);
    zero_ended[format.len] = 0;
    size_t cap = format.len * GROWTH + EXTRA;
    char *text = px_scratch_get(cap);
    if (!text)
        return false;
    size_t len = strftime(text, cap, zero_ended, tm);
    px_scratch_cut(text, len);
    px_set_text(smp, (struct px_str){text, len});
    return true;
}

bool px_conv_utime(struct px_txn *t, struct px_sample *smp, struct px_str format, int64_t offset)
{
    (void)t;
    time_t when = (time_t)(seconds_of(smp->u.i) + offset);
    struct tm tm;
    return gmtime_r(&when, &tm) && format_date(smp, &tm, format);
}

bool px_conv_ltime(struct px_txn *t, struct px_sample *smp, struct px_str format, int64_t offset)
{
    (void)t;
    time_t when = (time_t)(seconds_of(smp->u.i) + offset);
    struct tm tm;
    return localtime_r(&when, &tm) && format_date(smp, &tm, format);
}
