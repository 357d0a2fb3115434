/*
 * Maintenance and drain. See health.h.
 *
 * A server may be left alone for several reasons; what counts is whether there is any. Those that
 * track it inherit one reason of their own.
 */
#include "change.h"

#include <stdio.h>

enum { ALERT = 1, NOTICE = 5 };

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

static void pause_checks(struct px_server_state *st, bool pause)
{
    if (pause) {
        st->check.state |= PX_CHECK_PAUSED;
        st->agent.state |= PX_CHECK_PAUSED;
    } else {
        st->check.state &= (uint8_t)~PX_CHECK_PAUSED;
        st->agent.state &= (uint8_t)~PX_CHECK_PAUSED;
    }
}

static void enter_maint(const struct px_server *srv, const char *cause)
{
    struct px_server_state *st = px_server_state(srv);
    bool had_servers = px_has_servers(srv->proxy), was_down = st->operation == PX_SERVER_STOPPED;
    if (st->check.state & PX_CHECK_ENABLED || st->agent.state & PX_CHECK_ENABLED)
        pause_checks(st, true);
    st->check.health = 0;
    px_operation_note(srv, PX_SERVER_STOPPED);
    px_share_update(srv);
    struct px_news news = {.requeued = px_requests_leave(srv)};
    if (was_down)
        px_tell_admin(srv, NOTICE, "was DOWN and now enters maintenance", cause, NULL);
    else
        px_tell_admin(srv, ALERT, "is going DOWN for maintenance", cause, &news);
    px_tell_proxy(srv, had_servers);
    px_trackers_each(srv, inherit_maint, NULL);
}

/* What a server begins with that nobody has looked at for a while. */
static enum px_operation operation_afterwards(const struct px_server *srv)
{
    struct px_server_state *st = px_server_state(srv);
    if (srv->track)
        return px_server_state(srv->track)->operation;
    bool agent_agrees = !(st->agent.state & PX_CHECK_ENABLED) || st->agent.health >= st->agent.rise;
    if (st->check.state & PX_CHECK_ENABLED)
        st->check.health = st->check.rise;
    return agent_agrees ? srv->slowstart ? PX_SERVER_STARTING : PX_SERVER_RUNNING
                        : PX_SERVER_STOPPED;
}

static void begin_to_serve(const struct px_server *srv)
{
    pause_checks(px_server_state(srv), false);
    px_operation_note(srv, operation_afterwards(srv));
    if (px_server_state(srv)->operation == PX_SERVER_STARTING)
        px_warmup_begin(srv);
    px_share_update(srv);
    px_requests_come(srv);
}

static void end_maint(const struct px_server *srv, unsigned reasons)
{
    struct px_server_state *st = px_server_state(srv);
    char text[128];
    begin_to_serve(srv);
    snprintf(text, sizeof text, "is %s/%s (leaving %smaintenance)",
             st->operation == PX_SERVER_STOPPED ? "DOWN" : "UP",
             st->admin & PX_ADMIN_DRAIN ? "DRAIN" : "READY",
             reasons & PX_ADMIN_FORCED_MAINT ? "forced " : "");
    px_tell_admin(srv, NOTICE, text, NULL, NULL);
    if (st->admin & PX_ADMIN_FORCED_DRAIN)
        px_tell_admin(srv, NOTICE, "remains in forced drain mode", NULL, NULL);
    px_trackers_each(srv, leave_maint, NULL);
}

/* ---- drain ---- */

static void enter_drain(const struct px_server *srv, const char *cause)
{
    bool had_servers = px_has_servers(srv->proxy);
    struct px_news news = {.requeued = 0};
    px_share_update(srv);
    if (!(px_server_state(srv)->admin & PX_ADMIN_MAINT)) {
        px_tell_admin(srv, NOTICE, "enters drain state", cause, &news);
        px_tell_proxy(srv, had_servers);
    }
    px_trackers_each(srv, inherit_drain, NULL);
}

static void end_drain(const struct px_server *srv)
{
    const struct px_server_state *st = px_server_state(srv);
    px_share_update(srv);
    px_requests_come(srv);
    if (!(st->admin & PX_ADMIN_MAINT))
        px_tell_admin(srv, NOTICE,
                      st->operation == PX_SERVER_STOPPED ? "is DOWN (leaving forced drain)"
                                                         : "is UP (leaving forced drain)",
                      NULL, NULL);
    px_trackers_each(srv, leave_drain, NULL);
}

/* ---- reasons ---- */

static void add(const struct px_server *srv, unsigned reasons, const char *cause)
{
    struct px_server_state *st = px_server_state(srv);
    unsigned before = st->admin;
    st->admin |= (uint8_t)reasons;
    if (st->admin & PX_ADMIN_MAINT && !(before & PX_ADMIN_MAINT))
        enter_maint(srv, cause);
    if (st->admin & PX_ADMIN_DRAIN && !(before & PX_ADMIN_DRAIN))
        enter_drain(srv, cause);
}

static void take(const struct px_server *srv, unsigned reasons)
{
    struct px_server_state *st = px_server_state(srv);
    unsigned before = st->admin;
    st->admin &= (uint8_t)~reasons;
    if (before & PX_ADMIN_DRAIN && !(st->admin & PX_ADMIN_DRAIN))
        end_drain(srv);
    if (before & PX_ADMIN_MAINT && !(st->admin & PX_ADMIN_MAINT))
        end_maint(srv, before & reasons);
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
