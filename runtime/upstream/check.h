/*
 * Checks of servers: when they are made, on which connections, and what becomes of their results.
 *
 * Not here: what is said on a connection, which is the business of a kind of check; what the
 * results mean (health.h). Each server's checks belong to one loop, and happen one after the other.
 * Source: HAProxy manual 5.2, "check", "inter", "port", "addr".
 */
#ifndef PX_CHECK_H
#define PX_CHECK_H

#include "../base/macros.h"
#include "back.h"
#include "health.h"

struct px_checks_ops {
    /* The loops that share the work; they may be running. false: no memory. */
    bool (*start)(struct px_loop *const *loops, unsigned n);
};

/* The checks of one kind of one server. */
struct px_checker {
    const struct px_server *srv;
    const struct px_check_kind *kind;
    bool asks_agent;
    struct px_timer timer; /* the next check; in progress: when its time is over */
    uint64_t began;        /* ms: the one in progress; 0: there is none */
    struct px_note haste;  /* the next check is to come soon */
    _Atomic bool hastens;  /* it is on its way */
    void *run;             /* of the kind, while one is in progress; NULL: nothing */
};

/* What is done in a check. */
struct px_check_kind {
    void (*begin)(struct px_checker *c);
    void (*expired)(struct px_checker *c);
};
extern const struct px_check_kind px_check_connection; /* a connection, and nothing else */

/* A connection of a check; not counted as one of its server. */
struct px_check_conn {
    struct px_back back;
    struct px_checker *checker;
    bool up; /* for the kind */
};

static inline struct px_check_conn *px_check_conn_of(struct px_sock *s)
{
    return PX_OWNER(PX_OWNER(s, struct px_back, sock), struct px_check_conn, back);
}

/* Where it goes to. Agents are where they are. */
struct px_check_way {
    const struct px_endpoint *addr; /* NULL: as the server's line says */
    int port;                       /* 0: likewise */
    bool speaks; /* something will be sent, so the server's side of the connection is wanted, too */
};

/* What went wrong. */
struct px_check_failure {
    enum px_check_status status;
    char info[128];
};

/* Begins a connection, which has the time that a connection has; `ops` get its events. NULL: *why.
 */
struct px_check_conn *px_check_dial(struct px_checker *c, const struct px_check_way *way,
                                    const struct px_sock_ops *ops, struct px_check_failure *why);
/* The connection is up, and the time that an answer has begins; sends the PROXY header, if one is
 * wanted. false: that failed. */
bool px_check_connected(struct px_check_conn *conn, bool announce);
/* Does the server want a PROXY header in front of checks that say nothing about it? */
bool px_check_announces(const struct px_server *srv);
/* The time that a connection has, or what takes the place of one, begins. */
void px_check_limit(struct px_checker *c);
void px_check_hang_up(struct px_check_conn *conn, bool reset);
void px_check_freed(struct px_sock *s); /* for the event tables of kinds */

/* The check is over; the next one will come. `info`: NULL or what to show. */
void px_check_over(struct px_checker *c, enum px_check_status status, int code, const char *info);

#endif
