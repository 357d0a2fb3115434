/*
 * How much of the traffic servers get. See health.h.
 *
 * A server that starts slowly gains its share in sixteenths, as the time of "slowstart" goes by.
 */
#include "../base/macros.h"
#include "change.h"
#include "lb.h"
#include "room.h"
#include "slot.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 20, STEP_MS_LEAST = 1000, WEIGHT_MOST = 256 };

/* A server that gains weight: on the thread of the home loop. */
struct warmup {
    struct px_note note;
    struct px_timer timer;
    const struct px_server *srv;
    bool posted; /* under the lock */
};

static struct px_loop *home;
static struct warmup *warmups; /* by px_server.number */

void px_health_start(struct px_loop *loop)
{
    home = loop;
}

/* ---- shares ---- */

static uint64_t elapsed(const struct px_server *srv)
{
    uint64_t since = px_server_state(srv)->changed_ms;
    return px_self && px_self->now > since ? px_self->now - since : 0;
}

static bool is_starting(const struct px_server *srv)
{
    return px_server_state(srv)->operation == PX_SERVER_STARTING;
}

/* What it would get if nothing stood against it. */
static uint32_t full_share(const struct px_server *srv)
{
    uint64_t sixteenths = PX_SHARES;
    if (is_starting(srv) && srv->proxy->lb && srv->proxy->lb->dynamic)
        sixteenths = PX_SHARES * elapsed(srv) / (uint64_t)srv->slowstart + 1;
    return px_server_state(srv)->weight *
           (uint32_t)(sixteenths < PX_SHARES ? sixteenths : PX_SHARES);
}

static uint32_t share_of(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    bool runs = st->operation == PX_SERVER_STARTING || st->operation == PX_SERVER_RUNNING;
    return runs && !(st->admin & (PX_ADMIN_MAINT | PX_ADMIN_DRAIN)) ? full_share(srv) : 0;
}

static void proxy_changed(const struct px_proxy *be, bool had_servers)
{
    struct px_proxy_state *st = px_proxy_state(be);
    uint64_t now = (uint64_t)(px_self->date_us / 1000000);
    if (px_has_servers(be) == had_servers)
        return;
    if (!had_servers && now > st->changed)
        st->downtime += now - st->changed;
    if (had_servers)
        PX_COUNT_ONE(px_be_counters(be)->downs);
    st->changed = now;
}

static void count_servers(const struct px_proxy *be)
{
    struct px_proxy_state *st = px_proxy_state(be);
    uint32_t n[2] = {0};
    uint64_t shares[2] = {0};
    const struct px_server *first = NULL;
    for (unsigned i = 0; i < be->nservers; i++) {
        const struct px_server *srv = be->servers[i];
        struct px_server_state *ss = px_server_state(srv);
        ss->before = shares[srv->backup];
        if (!ss->share)
            continue;
        n[srv->backup]++;
        shares[srv->backup] += ss->share;
        if (srv->backup && !first)
            first = srv;
    }
    st->active = n[false];
    st->backups = n[true];
    st->first_backup = first;
    st->shares[false] = shares[false];
    st->shares[true] = shares[true];
}

/* A server that is left alone may make others take over, as backups do: for them, nobody else looks
 * who waits for any server. */
static void others_serve(const struct px_server *srv)
{
    const struct px_proxy *be = srv->proxy;
    for (unsigned i = 0; i < be->nservers && px_proxy_state(be)->queue.length.now; i++)
        if (be->servers[i] != srv && px_server_in_use(be->servers[i]))
            px_queue_pull(be->servers[i]);
}

void px_share_update(const struct px_server *srv)
{
    const struct px_proxy *be = srv->proxy;
    bool had_servers = px_has_servers(be);
    px_server_state(srv)->share = share_of(srv);
    count_servers(be);
    px_room_update(srv);
    if (be->lb && be->lb->changed)
        be->lb->changed(be);
    proxy_changed(be, had_servers);
    if (!px_server_state(srv)->share)
        others_serve(srv);
}

static void first_shares(const struct px_proxy *be)
{
    for (unsigned k = 0; k < be->nservers; k++)
        px_server_state(be->servers[k])->share = share_of(be->servers[k]);
    count_servers(be);
}

bool px_weight_init(void)
{
    warmups = calloc(px_program.nservers + 1u, sizeof *warmups);
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *be = px_program.proxies[i];
        first_shares(be);
        for (unsigned k = 0; warmups && k < be->nservers; k++)
            warmups[be->servers[k]->number].srv = be->servers[k];
    }
    return warmups && px_room_init();
}

/* ---- starting slowly ---- */

static void warm(struct px_timer *timer);

static void arm(struct warmup *w)
{
    uint64_t step = (uint64_t)w->srv->slowstart / STEPS;
    w->timer.fire = warm;
    px_arm(&w->timer, step > STEP_MS_LEAST ? step : STEP_MS_LEAST);
}

static void warm(struct px_timer *timer)
{
    struct warmup *w = PX_OWNER(timer, struct warmup, timer);
    px_health_lock();
    if (is_starting(w->srv)) {
        if (elapsed(w->srv) >= (uint64_t)w->srv->slowstart)
            px_server_state(w->srv)->operation = PX_SERVER_RUNNING;
        else
            arm(w);
        px_share_update(w->srv);
        px_requests_come(w->srv);
    }
    px_health_unlock();
}

static void warmup_delivered(struct px_note *note)
{
    struct warmup *w = PX_OWNER(note, struct warmup, note);
    px_health_lock();
    w->posted = false;
    px_health_unlock();
    arm(w);
}

void px_warmup_begin(const struct px_server *srv)
{
    struct warmup *w = &warmups[srv->number];
    if (!home || w->posted)
        return;
    w->posted = true;
    w->note.deliver = warmup_delivered;
    px_loop_post(home, &w->note);
}

void px_warmup_resume(const struct px_server *srv, uint64_t age_ms)
{
    struct px_server_state *st = px_server_state(srv);
    px_health_lock();
    if (st->operation == PX_SERVER_RUNNING && age_ms < (uint64_t)srv->slowstart) {
        st->operation = PX_SERVER_STARTING;
        st->changed_ms = px_self->now > age_ms ? px_self->now - age_ms : 0;
        px_warmup_begin(srv);
        px_share_update(srv);
    }
    px_health_unlock();
}

int px_throttle(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    uint32_t weight = st->weight;
    if (!is_starting(srv) || st->admin & PX_ADMIN_DRAIN)
        return -1;
    return weight ? (int)(100 * st->share / (weight * PX_SHARES)) : 100;
}

unsigned px_slots_percent(const struct px_server *srv)
{
    if (!is_starting(srv))
        return 100;
    uint64_t percent = 100 * elapsed(srv) / (uint64_t)srv->slowstart;
    return percent < 1 ? 1 : percent > 100 ? 100 : (unsigned)percent;
}

/* ---- weights ---- */

uint32_t px_weight_now(const struct px_server *srv)
{
    return (full_share(srv) + PX_SHARES - 1) / PX_SHARES;
}

static const char *read_weight(const struct px_server *srv, const char *text, uint32_t *weight)
{
    char *end;
    long n = strtol(text, &end, 10);
    bool relative = *end == '%' && !end[1];
    if (end == text)
        return "Empty weight string empty or preceded by garbage";
    if (*end && !relative)
        return "Trailing garbage in weight string";
    if (relative && n >= 0)
        n = n > 100L * WEIGHT_MOST ? WEIGHT_MOST : srv->weight * n / 100;
    else if (n < 0 || n > WEIGHT_MOST)
        return relative ? "Relative weight must be positive."
                        : "Absolute weight can only be between 0 and 256 inclusive.";
    bool all_or_nothing = !srv->proxy->lb || !srv->proxy->lb->dynamic;
    if (all_or_nothing && n && n != srv->weight)
        return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.";
    *weight = n > WEIGHT_MOST ? WEIGHT_MOST : (uint32_t)n;
    return NULL;
}

const char *px_weight_set(const struct px_server *srv, const char *text)
{
    uint32_t weight;
    const char *wrong = read_weight(srv, text, &weight);
    if (wrong)
        return wrong;
    px_health_lock();
    bool had_servers = px_has_servers(srv->proxy);
    px_server_state(srv)->weight = weight;
    px_share_update(srv);
    px_requests_come(srv);
    px_tell_proxy(srv->proxy, had_servers);
    px_health_unlock();
    return NULL;
}
