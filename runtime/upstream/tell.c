/*
 * What is said about servers whose state changes, as HAProxy writes it. See change.h.
 */
#include "change.h"

#include "../base/macros.h"
#include "../base/syslog.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
    char p[1024];
    size_t len;
};

static void PX_PRINTF(2, 3) add(struct text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    size_t left = sizeof t->p - t->len;
    int n = vsnprintf(t->p + t->len, left, fmt, args);
    va_end(args);
    if (n > 0)
        t->len += (size_t)n < left ? (size_t)n : left - 1;
}

static void say(const struct px_server *srv, int level, const struct text *t)
{
    if (px_health_listener)
        px_health_listener->say(srv, level, t->p);
}

static void mail(const struct px_server *srv, int level, const struct text *t)
{
    if (px_health_listener)
        px_health_listener->mail(srv, level, t->p);
}

static void add_name(struct text *t, const struct px_server *srv)
{
    t->len = 0;
    add(t, "%sServer %s/%s", srv->backup ? "Backup " : "", srv->proxy->name, srv->name);
}

static void add_leader(struct text *t, const struct px_server *srv)
{
    if (srv->track)
        add(t, " via %s/%s", srv->track->proxy->name, srv->track->name);
}

/* What a server has said: nothing in it ends the text, or a line. */
static void add_quoted(struct text *t, const char *info)
{
    for (; *info; info++) {
        bool plain = *info >= ' ' && *info <= '~' && !strchr("\"<>", *info);
        add(t, plain ? "%c" : "<%02X>", (unsigned char)*info);
    }
}

static void add_report(struct text *t, const struct px_report *r)
{
    add(t, ", reason: %s", px_check_status_text(r->status));
    if (r->status >= PX_STATUS_L7OK)
        add(t, ", code: %d", r->code);
    if (r->info && *r->info) {
        add(t, ", info: \"");
        add_quoted(t, r->info);
        add(t, "\"");
    }
    if (r->status != PX_STATUS_HANA)
        add(t, ", check duration: %ums", r->duration_ms);
}

static void add_counts(struct text *t, const struct px_server *srv, bool down, int requeued)
{
    const struct px_proxy_state *be = px_proxy_state(srv->proxy);
    const struct px_server_state *st = px_server_state(srv);
    add(t, ". %u active and %u backup servers %s.%s", be->active, be->backups,
        down ? "left" : "online", be->backups && !be->active ? " Running on backup." : "");
    if (down)
        add(t, " %u sessions active, %d requeued, %u remaining in queue.", st->served.now, requeued,
            st->queue.length.now);
    else
        add(t, " %d sessions requeued, %u total in queue.", requeued, st->queue.length.now);
}

void px_tell_operation(const struct px_server *srv, enum px_operation before,
                       const struct px_news *news)
{
    static const char *const words[] = {[PX_SERVER_STOPPED] = "DOWN",
                                        [PX_SERVER_STARTING] = "UP",
                                        [PX_SERVER_RUNNING] = "UP",
                                        [PX_SERVER_STOPPING] = "stopping"};
    const struct px_server_state *st = px_server_state(srv);
    bool down = st->operation == PX_SERVER_STOPPED;
    bool minor = before == PX_SERVER_STOPPING || st->admin & PX_ADMIN_DRAIN;
    struct text t;
    add_name(&t, srv);
    add(&t, " is %s", words[st->operation]);
    add_leader(&t, srv);
    if (news->report)
        add_report(&t, news->report);
    if (news->cause)
        add(&t, ", %s", news->cause);
    add_counts(&t, srv, down, news->requeued);
    say(srv, down && !minor ? PX_ALERT : PX_NOTICE, &t);
    mail(srv, down && !minor ? PX_ALERT : PX_NOTICE, &t);
}

void px_tell_check(const struct px_server *srv, const struct px_checking *c,
                   const struct px_report *r)
{
    bool up = c->health >= c->rise;
    const char *word = r->result == PX_CHECK_FAILED        ? "failed"
                       : r->result == PX_CHECK_CONDITIONAL ? "conditionally succeeded"
                                                           : "succeeded";
    struct text t = {.len = 0};
    add(&t, "%s check for %sserver %s/%s %s", c->state & PX_CHECK_AGENT ? "Agent" : "Health",
        srv->backup ? "backup " : "", srv->proxy->name, srv->name, word);
    add_report(&t, r);
    add(&t, ", status: %d/%d %s.", up ? c->health - c->rise + 1 : c->health, up ? c->fall : c->rise,
        !up                            ? "DOWN"
        : px_server_state(srv)->weight ? "UP"
                                       : "DRAIN");
    say(srv, PX_NOTICE, &t);
    mail(srv, PX_INFO, &t);
}

void px_tell_admin(const struct px_server *srv, int level, const char *what,
                   const struct px_news *news)
{
    struct text t;
    add_name(&t, srv);
    add(&t, " %s%s", what, news && news->cause ? news->cause : "");
    if (news && news->inherited)
        add_leader(&t, srv);
    add(&t, ".");
    say(srv, level, &t);
}

void px_tell_counts(const struct px_server *srv, int level, const char *what,
                    const struct px_news *news)
{
    struct text t;
    add_name(&t, srv);
    add(&t, " %s%s", what, news->cause ? news->cause : "");
    if (news->inherited)
        add_leader(&t, srv);
    add_counts(&t, srv, px_server_state(srv)->operation == PX_SERVER_STOPPED, news->requeued);
    say(srv, level, &t);
    if (news->mailed)
        mail(srv, level, &t);
}

void px_tell_drain(const struct px_server *srv)
{
    static const struct px_news news = {.inherited = true};
    unsigned admin = px_server_state(srv)->admin;
    if (admin & PX_ADMIN_MAINT)
        return;
    if (admin & PX_ADMIN_FORCED_DRAIN)
        px_tell_admin(srv, PX_NOTICE, "remains in forced drain mode", NULL);
    else if (admin & PX_ADMIN_INHERITED_DRAIN)
        px_tell_admin(srv, PX_NOTICE, "is leaving forced drain but remains in drain mode", &news);
}

void px_tell_proxy(const struct px_proxy *be, bool had_servers)
{
    struct text t = {.len = 0};
    if (!had_servers || px_has_servers(be))
        return;
    add(&t, "%s %s has no server available!", be->caps & PX_FRONTEND ? "proxy" : "backend",
        be->name);
    if (px_health_listener)
        px_health_listener->say_of_proxy(be, PX_EMERG, t.p);
}
