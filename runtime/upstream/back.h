/*
 * Connections to servers: dialled, used by one transaction at a time, kept idle for the next one.
 *
 * Idle connections belong to the thread that opened them. A server that closes one, or says
 * something unasked, takes it out of the pool.
 */
#ifndef PX_BACK_H
#define PX_BACK_H

#include "../loop/sock.h"
#include "state.h"

struct px_back {
    struct px_sock sock;
    const struct px_server *srv;
    void *user; /* the transaction that uses it; NULL: idle */
    struct px_back *next, **link; /* among the idle connections of the server */
    uint64_t idle_since;
    uint32_t uses;  /* transactions so far */
    uint32_t moves; /* of the server, when it was dialled */
    bool proved;    /* it carried more than one request */
    bool parked;    /* idle, outside of the pool */
    bool personal;  /* the server takes it for the client that it served first */
};

/* How the packets of a connection are marked. */
struct px_marks {
    bool has_mark, has_tos;
    uint32_t mark;
    uint8_t tos;
};

/* What is particular to one connection, beside what its server's line says. */
struct px_way {
    int port;            /* of the server */
    struct px_addr to;   /* its address; family 0: as the line says */
    struct px_addr from; /* foreign address to come from; family 0: as the line says */
    const struct px_marks *marks; /* NULL: none */
    uint16_t netns;      /* network namespace; 0: the one of the process */
    bool speaks;         /* something is sent at once: it does not wait for the server to begin */
    bool withheld;       /* the last packet of the handshake waits for something to send with it */
};

/* A socket whose connection is being made. -1: errno says why. */
int px_back_socket(const struct px_server *srv, const struct px_way *way);

/* Begins a connection; `ops` get its events. NULL: errno says why. */
struct px_back *px_back_dial(const struct px_server *srv, const struct px_way *way,
                             const struct px_sock_ops *ops, void *user);

/* Does the system allow what the server's line asks for? false: errno. Its address is known. */
bool px_back_possible(const struct px_server *srv);

/* Marks that the system does not allow are left out. */
void px_set_marks(int fd, const struct px_marks *marks);

/* An idle connection, now in use. NULL: there is none. `proved_only`: one that served several. */
struct px_back *px_back_reuse(const struct px_server *srv, bool proved_only,
                              const struct px_sock_ops *ops, void *user);

/* Does it lead to where the server is now? */
static inline bool px_back_is_current(const struct px_back *back)
{
    return back->moves ==
           atomic_load_explicit(&px_server_state(back->srv)->moves, memory_order_acquire);
}

/* Gives a connection that is between two requests to the pool, or closes it when the pool is
 * full. */
void px_back_release(struct px_back *back);

/* The same for a connection that only one client may use again: it is kept at *place, which has to
 * be NULL, and becomes NULL when the connection ends. px_back_unpark empties it for another use. */
void px_back_park(struct px_back *back, struct px_back **place);
struct px_back *px_back_unpark(struct px_back **place, const struct px_sock_ops *ops, void *user);

void px_back_close(struct px_back *back, bool reset);
/* The same for a connection that is between two requests. */
void px_back_end(struct px_back *back);
void px_back_freed(struct px_sock *s); /* for the event tables of users */

/* Idle connections of one thread in the pool of a server. */
unsigned px_back_idle(const struct px_server *srv, unsigned thread);
/* Closes all idle connections of this thread. */
void px_back_drop_idle(void);
/* false: no memory. Once a thread. */
bool px_back_init(void);

#endif
