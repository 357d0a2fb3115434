/*
 * From a backend to a connection with one of its servers: choosing, queueing, connecting, retrying.
 * The same for HTTP and TCP.
 */
#ifndef PX_SERVE_H
#define PX_SERVE_H

#include "txn.h"

/* What a server is told before anything else, on connections that are never shared. */
struct px_announce {
    /* Sends it at once; false: it could not be sent. */
    bool (*send)(struct px_txn *t);
};

/* The steps. */
enum px_progress px_serve_route(struct px_txn *t);
/* Part of px_serve_route, but for clients who become others there: their request is not known yet.
 */
enum px_progress px_serve_persistence(struct px_txn *t);
enum px_progress px_serve_server(struct px_txn *t);
enum px_progress px_serve_connect(struct px_txn *t);

/* The port of the server to which t is connected, or will be. */
int px_serve_port(const struct px_txn *t);
/* Its address; the port in it is not always the server's. */
void px_serve_addr(const struct px_txn *t, struct px_addr *addr);

/* A connection failed, cause 'S' or 's' (timeout): another attempt, or the end of it. */
enum px_progress px_serve_retry(struct px_txn *t, char cause);

/* The request is sent again, on a connection of its own. counts: this is one of the retries that are
 * allowed, and may leave the server; else it is the same attempt, which had a bad start. */
void px_serve_resend(struct px_txn *t, bool counts);

/* Gives back what the transaction holds of its server: slot, place in the queue, connection. */
void px_serve_release(struct px_txn *t, bool keep_connection);

#endif
