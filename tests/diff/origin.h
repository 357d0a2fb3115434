/*
 * The servers behind a proxy under test: they keep what they receive, and answer by script.
 *
 * One idea: whichever connection first has what a script waits for gets the next script; when none
 * is left, requests get a plain 200 that names the server.
 */
#ifndef DIFF_ORIGIN_H
#define DIFF_ORIGIN_H

#include "casefile.h"

#include <poll.h>

enum { ORIGIN_SERVERS = 5, ORIGIN_CONNS = 64 };

struct record { /* of one request */
    unsigned server, conn, nth;
    size_t start;
    unsigned order; /* of arrival among all requests of the exchange */
};

struct origin_conn {
    int fd;
    unsigned server, port; /* port: of the proxy */
    unsigned nrecords;
    bool peer_closed, peer_reset, ended; /* ended: by us */
    struct text in, out;
    size_t used; /* bytes of `in` that belong to requests already answered */
    size_t sent;
    const struct script *script; /* that runs, NULL: none */
    unsigned step;
    long wake;
    bool tunnel, hung;
};

struct origin {
    int listeners[ORIGIN_SERVERS], refusing;
    unsigned ports[ORIGIN_SERVERS], dead_port;
    struct origin_conn conns[ORIGIN_CONNS]; /* of this exchange, in order of arrival */
    unsigned nconns;
    const struct exchange *exchange;
    unsigned next_script;
    struct record records[1024];
    unsigned nrecords;
};

void origin_start(struct origin *o);
void origin_stop(struct origin *o);

/* Forgets all and ends the connections that are left. */
void origin_expect(struct origin *o, const struct exchange *x);

/* Sends no more on any connection. */
void origin_leave(struct origin *o);
/* Has the proxy closed them all? */
bool origin_is_alone(const struct origin *o);

/* Adds what to wait for; returns the number of entries. */
unsigned origin_poll(const struct origin *o, struct pollfd *list);
/* Does what can be done now. */
void origin_turn(struct origin *o);
/* Time of net_now() at which origin_turn() has to be called again, or `latest`. */
long origin_wake(const struct origin *o, long latest);

/* Appends what servers received. */
void origin_show(const struct origin *o, struct text *to);

#endif
