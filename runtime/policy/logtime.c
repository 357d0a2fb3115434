/*
 * Dates and times in log lines (HAProxy manual 8.4).
 *
 * The text of a second is kept, because many lines fall into one. Times are -1 when the
 * transaction did not get that far.
 */
#include "logtext.h"
#include "times.h"

#include <stdio.h>
#include <time.h>

struct date_text {
    int64_t second;
    char text[40];
    size_t len;
};

static void make_date(struct date_text *d, int64_t second, bool utc, bool zone)
{
    time_t when = (time_t)second;
    struct tm tm;
    if (utc)
        gmtime_r(&when, &tm);
    else
        localtime_r(&when, &tm);
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int n = snprintf(d->text, sizeof d->text, "%02d/%.3s/%04d:%02d:%02d:%02d", tm.tm_mday,
                     months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (zone) {
        long off = tm.tm_gmtoff / 60;
        n += snprintf(d->text + n, sizeof d->text - (size_t)n, " %c%02ld%02ld", off < 0 ? '-' : '+',
                      (off < 0 ? -off : off) / 60, (off < 0 ? -off : off) % 60);
    }
    d->second = second;
    d->len = (size_t)n;
}

enum form { LOCAL, LOCAL_ZONE, UTC_ZONE, FORMS };

static void put_date(struct px_out *out, int64_t us, enum form form, unsigned flags)
{
    static _Thread_local struct date_text kept[FORMS];
    struct date_text *d = &kept[form];
    if (d->second != us / 1000000 || !d->len)
        make_date(d, us / 1000000, form == UTC_ZONE, form != LOCAL);
    (void)flags;
    px_put(out, d->text, d->len);
}

static void put_ms(struct px_out *out, int64_t us)
{
    unsigned ms = (unsigned)(us / 1000 % 1000);
    char text[4] = {'.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10), (char)('0' + ms % 10)};
    px_put(out, text, sizeof text);
}

void px_log_put_date(struct px_out *out, int64_t us)
{
    put_date(out, us, LOCAL, 0);
    put_ms(out, us);
}

void px_log_date(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_log_put_date(out, t->accept_us);
}

void px_log_date_local(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_date(out, t->accept_us, LOCAL_ZONE, flags);
}

void px_log_date_utc(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_date(out, t->accept_us, UTC_ZONE, flags);
}

void px_log_request_date(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_log_put_date(out, t->date_us);
}

void px_log_request_date_local(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_date(out, t->date_us, LOCAL_ZONE, flags);
}

void px_log_request_date_utc(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_date(out, t->date_us, UTC_ZONE, flags);
}

void px_log_date_seconds(struct px_txn *t, struct px_out *out, unsigned flags)
{
    char hex[20];
    if (flags & PX_LOG_HEX)
        px_put(out, hex,
               (size_t)snprintf(hex, sizeof hex, "%04llX", (long long)(t->accept_us / 1000000)));
    else
        px_put_sint(out, t->accept_us / 1000000);
}

void px_log_date_ms(struct px_txn *t, struct px_out *out, unsigned flags)
{
    char text[8];
    unsigned ms = (unsigned)(t->accept_us / 1000 % 1000);
    int n = snprintf(text, sizeof text, flags & PX_LOG_HEX ? "%02X" : "%03u", ms);
    px_put(out, text, (size_t)n);
}

/* ---- times ---- */

void px_log_time_head(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_put_sint(out, px_time_head(t));
}

void px_log_time_idle(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_put_sint(out, px_time_idle(t));
}

void px_log_time_handshake(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_put_sint(out, px_time_handshake(t));
}

void px_log_time_request(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_put_sint(out, px_time_request(t));
}

void px_log_time_queue(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_put_sint(out, px_time_queue(t));
}

void px_log_time_connect(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_put_sint(out, px_time_connect(t));
}

void px_log_time_response(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_put_sint(out, px_time_response(t));
}

void px_log_time_data(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    px_put_sint(out, px_time_data(t));
}

/* Lines that may be written before the end say so with a plus sign. */
static void put_end_time(struct px_txn *t, struct px_out *out, int64_t ms)
{
    if (t->fe->logasap)
        px_put(out, "+", 1);
    px_put_sint(out, ms);
}

void px_log_time_active(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    put_end_time(t, out, px_time_active(t));
}

void px_log_time_total(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    put_end_time(t, out, px_time_total(t));
}

void px_log_time_user(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)flags;
    put_end_time(t, out, px_time_active(t));
}
