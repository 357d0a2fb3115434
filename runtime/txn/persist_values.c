/*
 * Values of persistence cookies: which server has which. See persist.h.
 *
 * Values are sorted once, so that a thousand servers cost no more than a few comparisons. Servers
 * with the same value stay in the order of the configuration, in which they are tried.
 */
#include "persist.h"

#include "../abi/out.h"
#include "../base/macros.h"
#include "../loop/grace.h"
#include "../upstream/lb.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct entry {
    struct px_str value;
    const struct px_server *srv;
};

/* What the control socket may change. */
struct making {
    bool on;
    char *key; /* NULL: there is none */
};

/* Of one backend. Replaced as a whole when something changes that a value is made of. */
struct values {
    struct px_retired retired;
    bool dynamic;      /* some are made of addresses */
    uint32_t moves;    /* px_moves, when they were made */
    unsigned n;        /* servers that have a value */
    struct px_str *of; /* by the place of a server in its backend */
    struct entry sorted[];
};

static _Atomic(struct values *) *all; /* by px_proxy.number */
static struct making *makings;        /* the same; under the lock */
static pthread_mutex_t renewing = PTHREAD_MUTEX_INITIALIZER;

static int compare(struct px_str a, struct px_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

static int in_order(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    int c = compare(a->value, b->value);
    return c ? c : (a->srv->number > b->srv->number) - (a->srv->number < b->srv->number);
}

/* ---- dynamic values ---- */

enum { HEX_DIGITS = 16, MOST_KEY = 1024 };

/* HAProxy manual, "dynamic-cookie-key": a hash of the key, the address and the port. */
static uint64_t hash_of(const char *key, const struct px_addr *addr)
{
    char bytes[MOST_KEY + sizeof addr->ip + 4];
    size_t n = strnlen(key, MOST_KEY), ip = addr->family == AF_INET6 ? 16 : 4;
    const char port[] = {0, 0, (char)(addr->port >> 8), (char)addr->port};
    memcpy(bytes, key, n);
    memcpy(bytes + n, addr->ip, ip);
    memcpy(bytes + n + ip, port, sizeof port);
    return XXH64(bytes, n + ip + sizeof port, 0);
}

/* text: room for HEX_DIGITS and NUL. p == NULL: the server has no address that one is made of. */
static struct px_str make_value(const struct px_server *srv, const char *key, char *text)
{
    const struct px_address *known = px_server_address(srv);
    struct px_addr addr = {0};
    if (known)
        px_addr_from(&addr, &known->sa);
    if (!px_addr_is_ip(&addr))
        return (struct px_str){NULL, 0};
    snprintf(text, HEX_DIGITS + 1, "%016llx", (unsigned long long)hash_of(key, &addr));
    return (struct px_str){text, HEX_DIGITS};
}

/* ---- all values ---- */

static struct px_str value_of(const struct px_server *srv, char *text)
{
    const struct making *m = &makings[srv->proxy->number];
    if (srv->cookie)
        return (struct px_str){srv->cookie, strlen(srv->cookie)};
    return m->on && m->key ? make_value(srv, m->key, text) : (struct px_str){NULL, 0};
}

/* NULL: no memory. */
static struct values *values_new(const struct px_proxy *be)
{
    struct values *v;
    size_t each = sizeof v->sorted[0] + sizeof v->of[0] + HEX_DIGITS + 1;
    uint32_t moves =
        atomic_load_explicit(&px_moves, memory_order_acquire); /* before they are read */
    v = malloc(sizeof *v + be->nservers * each);
    if (!v)
        return NULL;
    *v = (struct values){.dynamic = makings[be->number].on,
                         .moves = moves,
                         .of = (struct px_str *)&v->sorted[be->nservers]};
    char *texts = (char *)&v->of[be->nservers];
    for (unsigned i = 0; i < be->nservers; i++) {
        v->of[i] = value_of(be->servers[i], texts + i * (HEX_DIGITS + 1u));
        if (v->of[i].len)
            v->sorted[v->n++] = (struct entry){v->of[i], be->servers[i]};
    }
    qsort(v->sorted, v->n, sizeof v->sorted[0], in_order);
    return v;
}

static bool have_room(void)
{
    if (!all)
        all = calloc(px_program.nproxies, sizeof *all);
    if (!makings)
        makings = calloc(px_program.nproxies, sizeof *makings);
    return all && makings;
}

bool px_cookie_values_prepare(const struct px_proxy *be)
{
    const struct px_persistence_cookie *c = be->cookie;
    if (!have_room())
        return false;
    struct making *m = &makings[be->number];
    *m = (struct making){.on = c->dynamic, .key = c->dynamic_key ? strdup(c->dynamic_key) : NULL};
    struct values *v = c->dynamic_key && !m->key ? NULL : values_new(be);
    atomic_store(&all[be->number], v);
    return v;
}

static void values_free(struct px_retired *r)
{
    free(PX_OWNER(r, struct values, retired));
}

static bool is_former(const struct values *v)
{
    return v->dynamic && v->moves != atomic_load_explicit(&px_moves, memory_order_acquire);
}

/* The lock is held. NULL: no memory; the former ones have to do. */
static struct values *values_replace(const struct px_proxy *be, struct values *former)
{
    struct values *v = values_new(be);
    if (!v)
        return NULL;
    atomic_store_explicit(&all[be->number], v, memory_order_release);
    px_retire(&former->retired, values_free);
    return v;
}

static PX_COLD const struct values *values_renew(const struct px_proxy *be)
{
    pthread_mutex_lock(&renewing);
    struct values *former = all[be->number];
    struct values *v = is_former(former) ? values_replace(be, former) : NULL;
    pthread_mutex_unlock(&renewing);
    return v ? v : former;
}

bool px_cookie_values_make(const struct px_proxy *be, bool on, const char *key)
{
    struct making *m = &makings[be->number];
    char *fresh = key ? strdup(key) : NULL;
    if (key && !fresh)
        return false;
    pthread_mutex_lock(&renewing);
    if (fresh) {
        free(m->key);
        m->key = fresh;
    } else {
        m->on = on;
    }
    bool done = values_replace(be, all[be->number]);
    pthread_mutex_unlock(&renewing);
    return done;
}

static const struct values *values_now(const struct px_proxy *be)
{
    const struct values *v = atomic_load_explicit(&all[be->number], memory_order_acquire);
    return PX_UNLIKELY(is_former(v)) ? values_renew(be) : v;
}

struct px_str px_cookie_value(const struct px_server *srv)
{
    const struct px_proxy *be = srv->proxy;
    return values_now(be)->of[srv->number - be->servers[0]->number];
}

static unsigned first_with(const struct values *v, struct px_str value)
{
    unsigned low = 0, high = v->n;
    while (low < high) {
        unsigned mid = (low + high) / 2;
        if (compare(v->sorted[mid].value, value) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct px_server *px_cookie_server(const struct px_proxy *be, struct px_str value, bool down)
{
    const struct values *v = values_now(be);
    for (unsigned i = first_with(v, value); i < v->n && !compare(v->sorted[i].value, value); i++)
        if (down || px_server_may_persist(v->sorted[i].srv))
            return v->sorted[i].srv;
    return NULL;
}

/* ---- dates ---- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void px_cookie_date_put(struct px_out *out, int64_t seconds)
{
    for (int shift = 6 * (PX_COOKIE_DATE - 1); shift >= 0; shift -= 6)
        px_put(out, &digits[seconds / 4 >> shift & 63], 1);
}

int64_t px_cookie_date(struct px_str text)
{
    int64_t quarter = 0;
    if (text.len < PX_COOKIE_DATE)
        return 0;
    for (unsigned i = 0; i < PX_COOKIE_DATE; i++) {
        const char *digit = text.p[i] ? strchr(digits, text.p[i]) : NULL;
        if (!digit)
            return 0;
        quarter = quarter << 6 | (digit - digits);
    }
    return quarter * 4;
}
