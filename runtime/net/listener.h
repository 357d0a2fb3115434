/*
 * Listening sockets: opened once by the process, then watched by every thread.
 *
 * A bind address has one socket for each thread (SO_REUSEPORT), or a single one that all threads
 * share (UNIX sockets, inherited descriptors). Opening happens before privileges are dropped.
 */
#ifndef PX_LISTENER_H
#define PX_LISTENER_H

#include "../abi/tables.h"
#include "../loop/loop.h"
#include "addr.h"

struct px_listener {
    struct px_watch watch;
    const struct px_bind *bind;
    bool shared, paused;
    struct px_listener *next_paused;
};

/* How the connections of a bind line are served. */
struct px_mode {
    const char *name;
    /* May another connection be taken now? If not, px_listeners_resume() is called later. */
    bool (*may_accept)(const struct px_listener *l);
    /* fd is connected, non-blocking and now owned by the callee. */
    void (*accepted)(struct px_listener *l, int fd, const union px_sockaddr *peer);
};

/* Opens the sockets of one bind line: nthreads of them, or one that is shared.
 * Answers how many were put into fds, or 0 with a complete sentence in why. */
unsigned px_listen(const struct px_bind *bind, unsigned nthreads, int *fds, char *why, size_t size);

/* Starts accepting on this thread. false: errno. */
bool px_listener_start(struct px_listener *l, const struct px_bind *bind, int fd, bool shared);
void px_listener_stop(struct px_listener *l); /* for good; the descriptor is closed */

/* Lets the paused listeners of this thread try again. */
void px_listeners_resume(void);

#endif
