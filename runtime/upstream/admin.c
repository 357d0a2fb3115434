/*
 * Maintenance and drain. See health.h.
 *
 * A server may be left alone for several reasons; what counts is whether there is any. Those that
 * track it inherit one reason of their own.
 */
#include "change.h"

#include "../base/syslog.h"

#include <stdio.h>

static void add(const struct px_server *srv, unsigned reasons, const char *cause);
static void take(const struct px_server *srv, unsigned reasons);

static void inherit_maint(const struct px_server *srv, void *context)
{
    (void)context;
    add(srv, PX_ADMIN_INHERITED_MAINT, NULL);
}

static void inherit_drain(const struct px_server *srv, void *context)
{
    (void)context;
    add(srv, PX_ADMIN_INHERITED_DRAIN, NULL);
}

static void leave_maint(const struct px_server *srv, void *context)
{
    (void)context;
    take(srv, PX_ADMIN_INHERITED_MAINT);
}

static void leave_drain(const struct px_server *srv, void *context)
{
    (void)context;
    take(srv, PX_ADMIN_INHERITED_DRAIN);
}

/* ---- maintenance ---- */

/* Agents are still asked. */
static void pause_check(struct px_checking *c)
{
    if (c->state & PX_CHECK_ENABLED)
        c->state |= PX_CHECK_PAUSED;
    c->health = 0;
}

static void resume_check(const struct px_server *srv)
{
    struct px_checking *c = &px_server_state(srv)->check;
    if (!(c->state & PX_CHECK_ENABLED))
        return;
    c->state &= (uint8_t)~PX_CHECK_PAUSED;
    c->health = px_health_untested(srv);
}

/* `minor`: it got no new users before. */
static void enter_maint(const struct px_server *srv, bool minor, const char *cause)
{
    struct px_server_state *st = px_server_state(srv);
    bool had_servers = px_has_servers(srv->proxy), was_down = st->operation == PX_SERVER_STOPPED;
    pause_check(&st->check);
    if (!was_down)
        px_operation_note(srv, PX_SERVER_STOPPED);
    px_share_update(srv);
    struct px_news news = {.requeued = was_down ? 0 : px_requests_leave(srv),
                           .cause = cause,
                           .inherited = st->admin & PX_ADMIN_INHERITED_MAINT};
    if (was_down)
        px_tell_admin(srv, PX_NOTICE, "was DOWN and now enters maintenance", &news);
    else
        px_tell_counts(srv, minor ? PX_NOTICE : PX_ALERT, "is going DOWN for maintenance", &news);
    px_tell_proxy(srv->proxy, had_servers);
    px_trackers_each(srv, inherit_maint, NULL);
}

/* What a server begins with that nobody has looked at for a while. Of the one that it tracks, it
 * inherits whether it serves, and not how slowly it starts. */
static enum px_operation operation_afterwards(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    enum px_operation leader =
        srv->track ? px_server_state(srv->track)->operation : PX_SERVER_RUNNING;
    bool agent_agrees = !(st->agent.state & PX_CHECK_ENABLED) || st->agent.health >= st->agent.rise;
    bool untested = (st->check.state & PX_CHECK_ENABLED) && st->check.health < st->check.rise;
    if (leader == PX_SERVER_STOPPED || leader == PX_SERVER_STOPPING)
        return leader;
    return untested || !agent_agrees ? PX_SERVER_STOPPED
           : srv->slowstart          ? PX_SERVER_STARTING
                                     : PX_SERVER_RUNNING;
}

static void begin_to_serve(const struct px_server *srv)
{
    struct px_server_state *st = px_server_state(srv);
    resume_check(srv);
    px_operation_note(srv, operation_afterwards(srv));
    if (st->operation == PX_SERVER_STARTING)
        px_warmup_begin(srv);
    px_share_update(srv);
    px_requests_come(srv);
}

static void tell_end(const struct px_server *srv, unsigned gone)
{
    const struct px_server_state *st = px_server_state(srv);
    const char *host = gone & PX_ADMIN_UNRESOLVED_MAINT ? px_server_host(srv) : NULL;
    const char *now = st->operation == PX_SERVER_STOPPED ? "DOWN" : "UP";
    const char *traffic = st->admin & PX_ADMIN_DRAIN ? "DRAIN" : "READY";
    char text[384];
    if (host)
        snprintf(text, sizeof text, "('%s') is %s/%s (resolves again)", host, now, traffic);
    else
        snprintf(text, sizeof text, "is %s/%s (leaving %smaintenance)", now, traffic,
                 gone & PX_ADMIN_FORCED_MAINT ? "forced " : "");
    px_tell_admin(srv, PX_NOTICE, text, NULL);
}

static void end_maint(const struct px_server *srv, unsigned gone)
{
    begin_to_serve(srv);
    tell_end(srv, gone);
    px_tell_drain(srv);
    px_trackers_each(srv, leave_maint, NULL);
}

static void tell_resolved(const struct px_server *srv)
{
    const char *host = px_server_host(srv);
    char text[384];
    snprintf(text, sizeof text, "('%s') resolves again but remains in maintenance",
             host ? host : "");
    px_tell_admin(srv, PX_NOTICE, text, NULL);
}

/* One of several reasons is gone. */
static void stay_in_maint(const struct px_server *srv, unsigned gone)
{
    unsigned left = px_server_state(srv)->admin;
    const struct px_news news = {.inherited = left & PX_ADMIN_INHERITED_MAINT};
    if (gone & PX_ADMIN_UNRESOLVED_MAINT)
        tell_resolved(srv);
    else if (left & PX_ADMIN_FORCED_MAINT)
        px_tell_admin(srv, PX_NOTICE, "remains in forced maintenance", NULL);
    else if (gone & PX_ADMIN_MAINT)
        px_tell_admin(srv, PX_NOTICE, "is leaving forced maintenance but remains in maintenance",
                      &news);
}

/* ---- drain ---- */

static void enter_drain(const struct px_server *srv, const char *cause)
{
    bool had_servers = px_has_servers(srv->proxy);
    struct px_news news = {.cause = cause,
                           .mailed = true,
                           .inherited = px_server_state(srv)->admin & PX_ADMIN_INHERITED_DRAIN};
    px_operation_note(srv, px_server_state(srv)->operation);
    px_share_update(srv);
    if (!(px_server_state(srv)->admin & PX_ADMIN_MAINT)) {
        px_tell_counts(srv, PX_NOTICE, "enters drain state", &news);
        px_tell_proxy(srv->proxy, had_servers);
    }
    px_trackers_each(srv, inherit_drain, NULL);
}

static void end_drain(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    px_operation_note(srv, st->operation);
    px_share_update(srv);
    px_requests_come(srv);
    if (!(st->admin & PX_ADMIN_MAINT))
        px_tell_admin(srv, PX_NOTICE,
                      st->operation == PX_SERVER_STOPPED ? "is DOWN (leaving forced drain)"
                                                         : "is UP (leaving forced drain)",
                      NULL);
    px_trackers_each(srv, leave_drain, NULL);
}

/* ---- reasons ---- */

static void add(const struct px_server *srv, unsigned reasons, const char *cause)
{
    struct px_server_state *st = px_server_state(srv);
    unsigned before = st->admin, fresh = reasons & ~before;
    st->admin |= (uint8_t)reasons;
    if (fresh & PX_ADMIN_MAINT && !(before & PX_ADMIN_MAINT))
        enter_maint(srv, before & PX_ADMIN_DRAIN || st->operation == PX_SERVER_STOPPING, cause);
    if (fresh & PX_ADMIN_DRAIN && !(before & PX_ADMIN_DRAIN))
        enter_drain(srv, cause);
    else if (fresh & PX_ADMIN_DRAIN)
        px_tell_drain(srv);
}

static void take(const struct px_server *srv, unsigned reasons)
{
    struct px_server_state *st = px_server_state(srv);
    unsigned before = st->admin, gone = reasons & before;
    st->admin &= (uint8_t)~reasons;
    if (gone & PX_ADMIN_DRAIN && !(st->admin & PX_ADMIN_DRAIN))
        end_drain(srv);
    else if (gone & PX_ADMIN_DRAIN)
        px_tell_drain(srv);
    if (gone & PX_ADMIN_MAINT && !(st->admin & PX_ADMIN_MAINT))
        end_maint(srv, gone);
    else if (gone & PX_ADMIN_MAINT)
        stay_in_maint(srv, gone);
}

void px_admin_add(const struct px_server *srv, unsigned reasons, const char *cause)
{
    px_health_lock();
    add(srv, reasons, cause);
    px_health_unlock();
}

void px_admin_remove(const struct px_server *srv, unsigned reasons)
{
    px_health_lock();
    take(srv, reasons);
    px_health_unlock();
}

void px_admin_force(const struct px_server *srv, unsigned reason)
{
    px_health_lock();
    add(srv, reason, NULL);
    take(srv, (PX_ADMIN_FORCED_MAINT | PX_ADMIN_FORCED_DRAIN) & ~reason);
    px_health_unlock();
}
