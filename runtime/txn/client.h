/*
 * Client connections: accepted, idle between transactions, closed.
 *
 * This is all that an idle client costs; everything about a request is in its transaction.
 */
#ifndef PX_CLIENT_H
#define PX_CLIENT_H

#include "../loop/sock.h"
#include "../net/listener.h"
#include "../net/proxy_protocol.h"
#include "../upstream/back.h"
#include "../upstream/state.h"

struct px_txn;

/* Why a client gets no session. */
struct px_fault {
    int number;       /* the one that HAProxy gives to it; 0: it has none */
    const char *text; /* for logs */
};

/* Addresses of a client connection. */
struct px_ends {
    struct px_addr src, dst; /* dst.family 0: the address it connected to */
};

/* What is known of a client beside what all have: announced by a PROXY header, or said by rules
 * about connections. */
struct px_told {
    bool ruled;          /* rules about connections have changed the addresses */
    struct px_ends ends; /* then these are the connection's, whatever is announced later */
    struct px_str authority, unique_id; /* p == NULL: not given */
    struct px_str syn;                  /* px_client_syn, in memory of its own */
    struct px_str vectors;              /* of programs that ask for them */
    uint16_t netns;                     /* network namespace; 0: none that we know */
    char bytes[];
};

struct px_client {
    struct px_sock sock;
    const struct px_bind *bind;
    struct px_txn *txn; /* NULL: idle */
    struct px_client *next, **link; /* among the clients of this thread */
    int64_t accept_us;
    uint64_t since;   /* accepted, or idle since: px_loop.now */
    uint64_t welcome; /* its session began */
    uint32_t requests;

    bool lingering; /* closed for us; reads until the client closes too */
    bool forgotten; /* px_client_forget */
    bool prefers_last; /* was asked for credentials: goes to the same server again */
    bool announced; /* the header that it owed has come */
    struct px_addr src;
    struct px_addr dst; /* announced, or set by rules; family 0: the address it connected to */
    struct px_back *own;    /* idle server connection that only this client may use; or NULL */
    const struct px_expect *expect; /* what it owes before its session begins; NULL: nothing */
    struct px_told *told;           /* NULL: nothing */
    struct px_sample *vars; /* of scope sess; NULL: none set */
};

/* How clients pay what they owe: px_expect_proxy waits for a PROXY header, px_expect_netscaler for a
 * NetScaler Client IP header. */
struct px_expect {
    /* Reads what has come. */
    enum px_pp_result (*parse)(const struct px_client *c, struct px_pp_header *h, const char *p,
                               size_t len);
    struct px_fault why[PX_PP_RESULTS]; /* by what was read */
    struct px_fault closed, failed, expired;
    bool is_proxy; /* what comes is a PROXY header */
    /* Waits, and calls px_client_welcome when all has come; else the client is gone. */
    void (*begin)(struct px_client *c);
};

/* A client for an accepted descriptor. NULL: no memory; the descriptor is closed. */
struct px_client *px_client_new(struct px_listener *l, int fd, const union px_sockaddr *peer,
                                const struct px_sock_ops *ops);

/* Closes; what is queued is not sent. `linger`: the client may still be sending. */
void px_client_close(struct px_client *c, bool linger);
void px_client_reset(struct px_client *c);

/* From now on nothing is sent, and closing the connection does not tell the client either; or, with
 * rst_ttl, by a reset that reaches so many hops. */
void px_client_forget(struct px_client *c, int rst_ttl);

/* Shared parts of the event tables. */
void px_client_freed(struct px_sock *s);
bool px_client_may_accept(const struct px_listener *l);

/* Calls f for every client of this thread. f may close it. */
void px_clients_each(void (*f)(struct px_client *c));

/* The addresses are now those of the connection. false: no memory. */
bool px_client_rule_ends(struct px_client *c);

/* The headers of the SYN that the connection began with (tcp(7), TCP_SAVED_SYN); len 0: they are not
 * kept. */
struct px_str px_client_syn(struct px_client *c);

/* The addresses of the connection: as rules about connections or the kernel have them. */
void px_client_ends(const struct px_client *c, struct px_ends *ends);

/* The address that the client connected to, or what rules have set instead. */
void px_client_dst(const struct px_client *c, struct px_addr *dst);

#endif
