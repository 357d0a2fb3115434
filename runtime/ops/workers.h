/*
 * The threads of the process, each with a loop and its part of the listening sockets.
 */
#ifndef PX_WORKERS_H
#define PX_WORKERS_H

#include <stdbool.h>

/* How the listening sockets are opened. */
struct px_opening {
    unsigned nthreads;
    bool alone; /* one socket for all threads, and no other process beside it */
    /* Asks the old processes to let go of their sockets (or to take them again); NULL: there are
     * none. */
    void (*make_room)(bool please);
};

/* Opens every listening socket of the program. false: what cannot be opened was said. */
bool px_sockets_open(const struct px_opening *how);
/* Calls f for every open listening socket of a proxy. */
void px_sockets_each(void (*f)(int fd, void *ctx), void *ctx);

/* How many listening sockets that makes, before they are open. */
unsigned px_sockets_needed(unsigned nthreads, bool share);

/* Makes the loops; the calling thread is the first worker. false: said. */
bool px_workers_init(unsigned nthreads);
/* Starts the other threads and listening on all. false: said. */
bool px_workers_start(void);
/* Begins to check servers, if any are to be. false: said. */
bool px_workers_check(void);
/* Serves on the calling thread until px_workers_stop, then joins the others. */
void px_workers_run(void);

/* What a worker is asked to do; run on its own thread. */
enum px_order {
    PX_CLOSE_LISTENERS, /* and idle connections: nothing new is taken */
    PX_PAUSE_LISTENERS,
    PX_RESUME_LISTENERS,
    PX_CUT_CLIENTS, /* whatever they do */
    PX_CUT_SERVER,  /* those that one server serves: px_workers_cut_server */
    PX_LEAVE,
};
void px_workers_order(enum px_order order);
struct px_proxy;
/* The same, of the first three, for the listeners of one frontend: its clients stay. */
void px_workers_order_frontend(enum px_order order, const struct px_proxy *frontend);
struct px_server;
/* cause: the first letter of the termination state of their sessions. */
void px_workers_cut_server(const struct px_server *server, char cause);

#endif
