/*
 * The state of servers: whether they run, what administrators want of them, how much of the
 * traffic they get; and who is told when that changes.
 *
 * Two things decide whether a server gets requests: its operation, which checks, observed traffic
 * or the control socket find out, and its administrative state, a set of reasons to leave it alone.
 * A server that tracks another one follows both. Requests read the outcome without a lock
 * (px_server_usable, px_server_may_persist); changes take one lock for the process, for they are
 * rare and may spread to other backends.
 *
 * Everything here may be called from any thread that has a loop, except px_health_start.
 * Source: HAProxy manual 5.2, Management Guide 9.3 ("set server", "show servers state").
 */
#ifndef PX_HEALTH_H
#define PX_HEALTH_H

#include "state.h"

/* What a check says of its server; numbers as in server state files. */
enum px_check_result {
    PX_CHECK_UNKNOWN,
    PX_CHECK_NEUTRAL, /* nothing */
    PX_CHECK_FAILED,
    PX_CHECK_PASSED,
    PX_CHECK_CONDITIONAL, /* it runs, but wants no new users */
};

#define PX_CHECK_STATUS(symbol, number, code, result, text) PX_STATUS_##symbol = number,
enum px_check_status {
#include "../abi/check_status.def"
};
#undef PX_CHECK_STATUS

const char *px_check_status_code(enum px_check_status status); /* "L4OK" */
const char *px_check_status_text(enum px_check_status status); /* "Layer4 check passed" */
enum px_check_result px_check_status_result(enum px_check_status status);

/* How one check ended. */
struct px_report {
    enum px_check_result result;
    enum px_check_status status;
    int32_t code; /* of the protocol, such as 503; 0: none */
    uint32_t duration_ms;
    const char *info; /* what was received, or what went wrong; NULL: nothing to say */
};

/* Who is told of changes. Called with the lock held. */
struct px_health_listener {
    /* A message about a server for the log targets of its proxy and for standard error. `level`:
     * severity of RFC 5424. */
    void (*say)(const struct px_server *srv, int level, const char *text);
    /* What is worth a mail, by the level that alerts by mail go by. */
    void (*mail)(const struct px_server *srv, int level, const char *text);
    void (*say_of_proxy)(const struct px_proxy *be, int level, const char *text);
    /* The sessions that the server has are to end; `why`: the cause in their log lines, D or U. */
    void (*cut)(const struct px_server *srv, char why);
};

/* Once, before the threads start: servers begin as the configuration says; those without an address
 * in maintenance. false: no memory. */
bool px_health_init(const struct px_health_listener *listener);
/* The loop on whose thread servers that start slowly gain weight. Once, before it runs. */
void px_health_start(struct px_loop *home);

/* A health check is over. */
void px_health_report(const struct px_server *srv, const struct px_report *report);

/* The agent was asked. What it says of the operation counts if it did say something. */
void px_agent_report(const struct px_server *srv, const struct px_report *report);

/* Sets the operation at once; `cause` follows the message, as in ", changed from CLI". */
void px_health_force(const struct px_server *srv, enum px_operation operation, const char *cause);
/* As if the agent had said so: it runs if its checks agree. */
void px_agent_force(const struct px_server *srv, enum px_operation operation, const char *cause);
/* Are checks of that kind to be made at all? They are configured. */
void px_checking_enable(struct px_checking *checking, bool enable);

/* Adds or removes reasons (enum px_admin, several at once) to leave a server alone. `cause`, as
 * " (on resolver failure)", follows the message; NULL: nothing. */
void px_admin_add(const struct px_server *srv, unsigned reasons, const char *cause);
void px_admin_remove(const struct px_server *srv, unsigned reasons);
/* What the agent or an administrator wants now, whoever wanted something else before:
 * PX_ADMIN_FORCED_MAINT, PX_ADMIN_FORCED_DRAIN or 0. */
void px_admin_force(const struct px_server *srv, unsigned reason);

/* Sets the weight: "20", or "50%" of the configured one. NULL: done; else what is wrong with it. */
const char *px_weight_set(const struct px_server *srv, const char *text);
/* The weight as it counts when the server gets traffic, in user units, rounded up: less than what
 * was set while it starts. */
uint32_t px_weight_now(const struct px_server *srv);
/* It goes on to gain weight, as it does since `age_ms`. */
void px_warmup_resume(const struct px_server *srv, uint64_t age_ms);
/* Percent of its weight that a server which starts slowly has; -1: it is none, or is to drain. */
int px_throttle(const struct px_server *srv);
/* Percent of its slots that a server has; less than 100 while it starts slowly. */
unsigned px_slots_percent(const struct px_server *srv);

/* A limit of connections; 0: none. NULL: *n is it; else what is wrong with the text. */
const char *px_limit_read(const char *text, uint32_t *n);
/* Sets how many requests it may have at a time. */
void px_maxconn_set(const struct px_server *srv, uint32_t maxconn);

/* The address changes; requests that are being served stay where they are. `len` 0: there is none.
 * Not while the lock is held.
 * false: no memory, and it has the one it had. */
bool px_address_set(const struct px_server *srv, const union px_sockaddr *addr, socklen_t len);

/* Where its checks go to. false: no memory, and nothing has changed. */
bool px_check_address_set(const struct px_server *srv, const union px_sockaddr *addr,
                          socklen_t len);

/* The same of its agent. */
bool px_agent_address_set(const struct px_server *srv, const union px_sockaddr *addr,
                          socklen_t len);
/* What its agent is sent; it is copied. "": nothing. false: no memory, and nothing has changed. */
bool px_question_set(const struct px_server *srv, const char *text);

/* The name that its address comes from, that of a service left aside; NULL: there is none. It
 * changes under the lock; that of a server of a service, only on the thread that resolves names. */
const char *px_server_host(const struct px_server *srv);
/* `host` is copied; NULL: none but that of its line. false: no memory, and nothing has changed. */
bool px_host_set(const struct px_server *srv, const char *host);

/* Tells the listener something else about a server. */
void px_health_say(const struct px_server *srv, int level, const char *text);

/* Seconds that it was down in all. */
uint64_t px_downtime(const struct px_server *srv);
uint64_t px_proxy_downtime(const struct px_proxy *be);

/* Of the configuration's lock order the last: for code that reads several fields at once. */
void px_health_lock(void);
void px_health_unlock(void);

#endif
