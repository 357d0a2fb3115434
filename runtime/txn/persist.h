/*
 * Clients that stay with the server they had, by a cookie that says which one it was.
 *
 * Not here: what a transaction does with the server it asks for (serve.c).
 */
#ifndef PX_PERSIST_H
#define PX_PERSIST_H

#include "txn.h"

/* Linked only into programs with such a cookie. */
struct px_cookie_ops {
    /* Once, when the addresses of the servers are known. false: no memory. */
    bool (*prepare)(const struct px_proxy *be);
    /* Finds the server, and takes what is ours out of the request. false: no memory. */
    bool (*request)(struct px_txn *t);
    /* Makes the response lead back to its server. false: there is no room for that. */
    bool (*response)(struct px_txn *t);
    /* The value of the cookie that leads to the server, until the event is over; p == NULL: there is
     * none. */
    struct px_str (*value)(const struct px_server *srv);
    /* Changes the key that values are made of; without one, whether they are. false: no memory. */
    bool (*make)(const struct px_proxy *be, bool on, const char *key);
};

/* Of the servers of a backend, whose values they are (persist_values.c). */
bool px_cookie_values_prepare(const struct px_proxy *be);
bool px_cookie_values_make(const struct px_proxy *be, bool on, const char *key);
struct px_str px_cookie_value(const struct px_server *srv);
/* The first server with the value that may serve now, or, down: that is down. NULL: there is none.
 */
const struct px_server *px_cookie_server(const struct px_proxy *be, struct px_str value, bool down);

/* A date in a cookie: the base64 digits of a quarter of its seconds since 1970, highest first. */
enum { PX_COOKIE_DATE = 5 };
void px_cookie_date_put(struct px_out *out, int64_t seconds);
/* 0: none, or malformed. */
int64_t px_cookie_date(struct px_str text);

#endif
