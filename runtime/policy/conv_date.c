/*
 * Dates of HTTP in text (RFC 9110 5.6.7) into seconds since 1970 (HAProxy manual 7.3.1, "date").
 *
 * The other direction is conv_time.c.
 */
#include "../http/chars.h"
#include "sample.h"

#include <time.h>

struct cursor {
    const char *p, *end;
};

static bool take_text(struct cursor *c, const char *text)
{
    size_t len = strlen(text);
    if ((size_t)(c->end - c->p) < len || memcmp(c->p, text, len))
        return false;
    c->p += len;
    return true;
}

static bool take_one_of(struct cursor *c, const char *const *words, int n, int *which)
{
    for (*which = 0; *which < n; ++*which)
        if (take_text(c, words[*which]))
            return true;
    return false;
}

static bool take_number(struct cursor *c, int digits, int *v)
{
    for (*v = 0; digits--; c->p++) {
        if (c->p == c->end || !px_is_digit(*c->p))
            return false;
        *v = *v * 10 + (*c->p - '0');
    }
    return true;
}

static bool take_month(struct cursor *c, struct tm *tm)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return take_one_of(c, months, 12, &tm->tm_mon);
}

static bool take_time(struct cursor *c, struct tm *tm)
{
    return take_number(c, 2, &tm->tm_hour) && take_text(c, ":") && take_number(c, 2, &tm->tm_min) &&
           take_text(c, ":") && take_number(c, 2, &tm->tm_sec);
}

static bool take_year(struct cursor *c, struct tm *tm)
{
    bool good = take_number(c, 4, &tm->tm_year);
    tm->tm_year -= 1900;
    return good;
}

static bool take_day(struct cursor *c)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    int day;
    return take_one_of(c, days, 7, &day);
}

/* ---- the three forms ---- */

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool take_fixdate(struct cursor c, struct tm *tm)
{
    return take_day(&c) && take_text(&c, ", ") && take_number(&c, 2, &tm->tm_mday) &&
           take_text(&c, " ") && take_month(&c, tm) && take_text(&c, " ") && take_year(&c, tm) &&
           take_text(&c, " ") && take_time(&c, tm) && take_text(&c, " GMT") && c.p == c.end;
}

/* What seems to be more than 50 years in the future is in the past. */
static void place_century(struct tm *tm)
{
    time_t now = time(NULL);
    struct tm today;
    if (!gmtime_r(&now, &today))
        return;
    tm->tm_year += today.tm_year / 100 * 100;
    if (tm->tm_year > today.tm_year + 50)
        tm->tm_year -= 100;
    else if (tm->tm_year <= today.tm_year - 50)
        tm->tm_year += 100;
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static bool take_rfc850(struct cursor c, struct tm *tm)
{
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    int day;
    bool good = take_one_of(&c, days, 7, &day) && take_text(&c, ", ") &&
                take_number(&c, 2, &tm->tm_mday) && take_text(&c, "-") && take_month(&c, tm) &&
                take_text(&c, "-") && take_number(&c, 2, &tm->tm_year) && take_text(&c, " ") &&
                take_time(&c, tm) && take_text(&c, " GMT") && c.p == c.end;
    if (good)
        place_century(tm);
    return good;
}

/* Sun Nov  6 08:49:37 1994 */
static bool take_asctime(struct cursor c, struct tm *tm)
{
    return take_day(&c) && take_text(&c, " ") && take_month(&c, tm) && take_text(&c, " ") &&
           take_number(&c, 1 + !take_text(&c, " "), &tm->tm_mday) && take_text(&c, " ") &&
           take_time(&c, tm) && take_text(&c, " ") && take_year(&c, tm) && c.p == c.end;
}

static bool is_possible(const struct tm *tm)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = tm->tm_year + 1900;
    bool leap = !(year % 4) && (year % 100 || !(year % 400));
    int most = days[tm->tm_mon] + (tm->tm_mon == 1 && leap);
    return tm->tm_mday >= 1 && tm->tm_mday <= most && tm->tm_hour < 24 && tm->tm_min < 60 &&
           tm->tm_sec <= 60;
}

bool px_conv_date(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    const char *p = smp->u.s.p ? smp->u.s.p : "";
    struct cursor c = {p, p + smp->u.s.len};
    struct tm tm = {0};
    if (!take_fixdate(c, &tm) && !take_rfc850(c, &tm) && !take_asctime(c, &tm))
        return false;
    if (!is_possible(&tm))
        return false;
    px_set_int(smp, (int64_t)timegm(&tm));
    return true;
}
