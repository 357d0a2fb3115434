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
    _Atomic unsigned *holders; /* threads that watch the same descriptor */
    bool shared, paused, suspended;
    struct px_listener *next_paused;
};

struct px_kind; /* of the transactions of clients */

/* How the connections of a bind line are served. */
struct px_mode {
    const char *name;
    const struct px_kind *kind; /* NULL: not clients of a frontend */
    /* May another connection be taken now? If not, px_listeners_resume() is called later. */
    bool (*may_accept)(const struct px_listener *l);
    /* fd is connected, non-blocking and now owned by the callee. */
    void (*accepted)(struct px_listener *l, int fd, const union px_sockaddr *peer);
    /* For what is not a client of a frontend: how many are open, and the end of all. */
    unsigned (*open)(void);
    void (*close_all)(void);
};

/* The sockets of one bind line. */
struct px_sockets {
    int *fds;
    unsigned n;
};

struct px_refusal {
    char text[256]; /* a complete sentence */
    bool in_use;    /* somebody else listens there */
};

/* Opens the sockets of one bind line: `most` of them, or one where there can only be one; those
 * that an old process handed on come first, and may be more. alone: nobody else may listen there.
 * false: *why says it. */
bool px_listen(const struct px_bind *bind, unsigned most, bool alone, struct px_sockets *sockets,
               struct px_refusal *why);
void px_sockets_close(struct px_sockets *sockets);
/* Where a bind line listens. Once it is open, a name has become an address, and what was inherited
 * has its own. 0: unknown. */
socklen_t px_listener_address(const struct px_bind *bind, union px_sockaddr *sa);

/* Starts accepting on this thread; *holders is how many threads do so with fd. false: errno. */
bool px_listener_start(struct px_listener *l, const struct px_bind *bind, int fd,
                       _Atomic unsigned *holders);
/* For good: takes who has waited, and closes the descriptor when no thread uses it any more. */
void px_listener_stop(struct px_listener *l);

/* Refuses connections until resumed. Listening sockets of the file system only do not take them. */
void px_listener_suspend(struct px_listener *l);
void px_listener_resume(struct px_listener *l);

/* Lets the paused listeners of this thread try again. */
void px_listeners_resume(void);

#endif
