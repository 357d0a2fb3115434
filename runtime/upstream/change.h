/*
 * What the parts of health.h share. The lock is held wherever these are called.
 */
#ifndef PX_CHANGE_H
#define PX_CHANGE_H

#include "health.h"

/* What is said behind the new state of a server. */
struct px_news {
    const struct px_report *report; /* of the check that led to it; NULL: none, or said already */
    const char *cause;              /* NULL: none */
    bool mailed;                    /* alerts by mail are about it */
    bool inherited;                 /* from the server that it tracks, which is named */
    int requeued;                   /* requests that look for another server, or found this one */
};

/* Runs `f` for all servers that track `srv`. */
void px_trackers_each(const struct px_server *srv,
                      void (*f)(const struct px_server *srv, void *context), void *context);

/* ---- weight.c ---- */

/* Computes the share again, and what the backend and its algorithm keep about it. */
void px_share_update(const struct px_server *srv);
/* It begins to gain weight. */
void px_warmup_begin(const struct px_server *srv);
bool px_weight_init(void);

/* ---- health.c ---- */

/* Changes the operation and that of the servers that track it, and says so. */
void px_operation_set(const struct px_server *srv, enum px_operation operation,
                      const struct px_news *news);
/* Notes the moment of a change, and the time that it was down before. */
void px_operation_note(const struct px_server *srv, enum px_operation operation);
/* What happens to requests of a server that goes down: those in its queue may look for another one.
 * How many do. */
int px_requests_leave(const struct px_server *srv);
/* The number of requests that a server which comes up takes from the queue of its backend. */
int px_requests_come(const struct px_server *srv);

/* The counter of a server that no check has looked at yet, or not for a while. */
int32_t px_health_untested(const struct px_server *srv);
/* A check is over; what it says is counted, and drawn conclusions from. */
void px_check_note(const struct px_server *srv, struct px_checking *c,
                   const struct px_report *report);
/* The next check is to come after "fastinter"; NULL: there are no checks. */
extern void (*px_health_hasten)(const struct px_server *srv);
/* A check could not connect: the server may have moved. Without the lock; NULL: no server has a name
 * that is resolved while the proxy runs. */
extern void (*px_health_missed)(const struct px_server *srv);

/* ---- tell.c ---- */

void px_tell_operation(const struct px_server *srv, enum px_operation before,
                       const struct px_news *news);
void px_tell_check(const struct px_server *srv, const struct px_checking *checking,
                   const struct px_report *report);
/* What administrators have asked for. news may be NULL. */
void px_tell_admin(const struct px_server *srv, int level, const char *what,
                   const struct px_news *news);
/* The same with the servers that are left. */
void px_tell_counts(const struct px_server *srv, int level, const char *what,
                    const struct px_news *news);
/* Whatever changed, a server that is to drain says that it still does. */
void px_tell_drain(const struct px_server *srv);
/* "backend be has no server available!", if that is so and was not before. */
void px_tell_proxy(const struct px_proxy *be, bool had_servers);

extern const struct px_health_listener *px_health_listener;

static inline bool px_has_servers(const struct px_proxy *be)
{
    const struct px_proxy_state *st = px_proxy_state(be);
    return st->active || st->backups;
}

#endif
