/*
 * Sample fetches about the process: its clock, its random numbers, what it is called
 * (HAProxy manual 7.3.2).
 *
 * Not here: its proxies and servers (fetch_state.c).
 * Idea: these may be evaluated before there is a loop (set-var in the global section), so px_self
 * may be NULL.
 */
#include "../base/random.h"
#include "../txn/scratch.h"
#include "../upstream/state.h"
#include "sample.h"

#include <pthread.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum px_found px_fetch_act_conn(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, px_conns.now);
}

enum px_found px_fetch_stopping(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_bool(out, px_stopping);
}

enum px_found px_fetch_pid(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, getpid());
}

enum px_found px_fetch_thread(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, px_self ? px_self->number : 0);
}

/* ---- names ---- */

/* The environment does not change any more once threads run. */
enum px_found px_fetch_env(struct px_txn *t, struct px_sample *out, struct px_str name)
{
    (void)t;
    for (char **e = environ; e && *e; e++)
        if (!strncmp(*e, name.p, name.len) && (*e)[name.len] == '=')
            return px_found_text(out, px_text_of(*e + name.len + 1));
    return PX_ABSENT;
}

static char host[256];

static void host_read(void)
{
    if (gethostname(host, sizeof host - 1))
        host[0] = 0;
}

enum px_found px_fetch_hostname(struct px_txn *t, struct px_sample *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)t;
    pthread_once(&once, host_read);
    return px_found_text(out, px_text_of(host));
}

/* ---- the date ---- */

static int64_t now_us(void)
{
    struct timespec ts;
    if (px_self)
        return px_self->date_us;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

enum px_found px_fetch_date(struct px_txn *t, struct px_sample *out, int64_t offset,
                            struct px_str unit)
{
    int64_t us = px_unit_us(unit);
    (void)t;
    if (!us)
        return PX_ABSENT;
    return px_found_int(out, (int64_t)((uint64_t)(now_us() / us) + (uint64_t)offset));
}

enum px_found px_fetch_date_us(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, now_us() % 1000000);
}

enum px_found px_fetch_uptime(struct px_txn *t, struct px_sample *out)
{
    (void)t;
    return px_found_int(out, px_start_time ? now_us() / 1000000 - px_start_time : 0);
}

/* ---- random numbers ---- */

enum px_found px_fetch_rand(struct px_txn *t, struct px_sample *out, int64_t range)
{
    uint64_t values = range > 0 ? (uint64_t)range : (uint64_t)UINT32_MAX + 1;
    (void)t;
    return px_found_int(out, (int64_t)(px_random() % values));
}

enum { UUID_TEXT = 36, UUID_BYTES = 16 };

/* RFC 9562 4: hexadecimal digits in groups of 4, 2, 2, 2 and 6 bytes. */
static void put_uuid(char *text, const uint8_t bytes[UUID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
}

/* RFC 9562 5.4: all random but for version and variant. These may serve as secrets, so the kernel
 * makes them. */
enum px_found px_fetch_uuid(struct px_txn *t, struct px_sample *out, int64_t version)
{
    uint8_t bytes[UUID_BYTES];
    (void)t;
    if (version && version != 4)
        return PX_ABSENT;
    char *text = px_scratch_get(UUID_TEXT);
    if (!text || getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return PX_ABSENT;
    bytes[6] = (uint8_t)(0x40 | (bytes[6] & 0x0f));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    put_uuid(text, bytes);
    return px_found_text(out, (struct px_str){text, UUID_TEXT});
}
