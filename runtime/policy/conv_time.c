/*
 * Converters of seconds since 1970 into dates (HAProxy manual 7.3.1).
 */
#include "../abi/out.h"
#include "../base/macros.h"
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

/* Whole seconds, rounded down, and what is left over. */
static time_t split(int64_t v, int64_t offset, int64_t per_second, int64_t *fraction)
{
    if (PX_ADD_OVERFLOWS(v, offset, &v))
        v = offset < 0 ? INT64_MIN : INT64_MAX;
    *fraction = v % per_second;
    if (*fraction < 0)
        *fraction += per_second;
    return (time_t)(v / per_second - (v < 0 && *fraction));
}

bool px_conv_http_date(struct px_txn *t, struct px_sample *smp, int64_t offset, struct px_str unit)
{
    (void)t;
    int64_t per_second = unit_of(unit);
    int64_t fraction = -1;
    time_t when = (time_t)seconds_of(seconds_of(smp->u.i) + offset);
    if (per_second > 1)
        when = split(smp->u.i, offset, per_second, &fraction);
    struct tm tm;
    char *text = px_scratch_get(80);
    if (!text || !gmtime_r(&when, &tm) || tm.tm_year < -1900)
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

typedef struct tm *(*calendar)(const time_t *, struct tm *);

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

/* ---- parts of a second ---- */

enum { NANO_DIGITS = 9 };

/* Digits of the fraction: %N is all nine, %3N the first three. p stands behind the percent sign.
 * Answers how many characters were used, 0: it is something for strftime. */
static size_t put_fraction(struct px_out *out, const char *p, size_t len, const char *digits)
{
    bool counted = len > 1 && p[0] >= '1' && p[0] <= '9';
    if (!len || p[counted] != 'N')
        return 0;
    px_put(out, digits, counted ? (size_t)(p[0] - '0') : NANO_DIGITS);
    return counted + 1u;
}

/* The format with the fraction filled in, for strftime. */
static bool fill_fraction(struct px_str *format, int64_t nano)
{
    char digits[NANO_DIGITS];
    size_t room = format->len * NANO_DIGITS + 1;
    struct px_out out = {.p = px_scratch_get(room), .cap = room};
    for (int i = NANO_DIGITS; i-- > 0; nano /= 10)
        digits[i] = (char)('0' + nano % 10);
    for (size_t i = 0; out.p && i < format->len; i++) {
        size_t used = 0;
        if (format->p[i] == '%')
            used = put_fraction(&out, format->p + i + 1, format->len - i - 1, digits);
        if (!used && format->p[i] == '%' && i + 1 < format->len)
            px_put(&out, format->p + i++, 1);
        if (!used)
            px_put(&out, format->p + i, 1);
        i += used;
    }
    *format = (struct px_str){out.p, out.len};
    return out.p && !out.full;
}

static bool convert_parts(struct px_sample *smp, struct px_str format, int64_t offset,
                          int64_t per_second, calendar break_down)
{
    int64_t fraction;
    time_t when = split(smp->u.i, offset, per_second, &fraction);
    int64_t nano = fraction * (INT64_C(1000000000) / per_second);
    struct tm tm;
    return fill_fraction(&format, nano) && break_down(&when, &tm) && format_date(smp, &tm, format);
}

bool px_conv_ms_utime(struct px_txn *t, struct px_sample *smp, struct px_str format, int64_t offset)
{
    (void)t;
    return convert_parts(smp, format, offset, 1000, gmtime_r);
}

bool px_conv_ms_ltime(struct px_txn *t, struct px_sample *smp, struct px_str format, int64_t offset)
{
    (void)t;
    return convert_parts(smp, format, offset, 1000, localtime_r);
}

bool px_conv_us_utime(struct px_txn *t, struct px_sample *smp, struct px_str format, int64_t offset)
{
    (void)t;
    return convert_parts(smp, format, offset, 1000000, gmtime_r);
}

bool px_conv_us_ltime(struct px_txn *t, struct px_sample *smp, struct px_str format, int64_t offset)
{
    (void)t;
    return convert_parts(smp, format, offset, 1000000, localtime_r);
}
