/*
 * The threads of the process, each with a loop and its part of the listening sockets.
 */
#ifndef PX_WORKERS_H
#define PX_WORKERS_H

#include <stdbool.h>

/* Opens every listening socket of the program. false: what cannot be opened was said. */
bool px_sockets_open(unsigned nthreads, bool share);

/* How many listening sockets that makes, before they are open. */
unsigned px_sockets_needed(unsigned nthreads, bool share);

/* Makes the loops; the calling thread is the first worker. false: said. */
bool px_workers_init(unsigned nthreads);
/* Starts the other threads and listening on all. false: said. */
bool px_workers_start(void);
/* Serves on the calling thread until px_workers_stop, then joins the others. */
void px_workers_run(void);

/* What a worker is asked to do; run on its own thread. */
enum px_order {
    PX_CLOSE_LISTENERS, /* and idle connections: nothing new is taken */
    PX_PAUSE_LISTENERS,
    PX_RESUME_LISTENERS,
    PX_CUT_CLIENTS, /* whatever they do */
    PX_LEAVE,
};
void px_workers_order(enum px_order order);

#endif
