/*
 * One side of the comparison: a proxy, its clients, its servers and its log, all in one thread.
 */
#ifndef DIFF_SIDE_H
#define DIFF_SIDE_H

#include "origin.h"
#include "proxy.h"

enum { SIDE_CLIENTS = 8 };

struct client {
    int fd; /* -1: not connected, or ended by us */
    unsigned port;
    bool used, peer_closed, peer_reset, ended, gave_up;
    struct text in, out;
    size_t sent;
    unsigned requests; /* sent so far */
    bool to_head[64];  /* was that request a HEAD? */
};

struct result { /* of one exchange */
    struct text transcript;
    struct client first;              /* what became of the first client */
    struct text served[ORIGIN_CONNS]; /* what came by each server connection */
    unsigned nserved;
    struct text logs;
    struct known *known;
    unsigned nknown;
};

struct side {
    struct proxy proxy;
    struct origin origin;
    int log;
    unsigned log_port;
    struct places places;
    struct text log_lines;
    unsigned nlogs;
    struct client clients[SIDE_CLIENTS];
    const struct group *group;
    struct result *results; /* one for each exchange of the group */
    bool up;
    struct text why; /* not up, or what it said when it died */
};

/* Runs a group: start, every exchange, stop. */
void side_run(struct side *s, const struct group *g);
void side_free(struct side *s);

#endif
