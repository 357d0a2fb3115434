/*
 * The end of transactions: what is counted and logged.
 */
#ifndef PX_END_H
#define PX_END_H

#include "../base/syslog.h"
#include "txn.h"

/* Where log lines go; linked only into programs that log. */
struct px_log_ops {
    /* Formats and sends the line of a transaction. */
    void (*line)(struct px_txn *t);
    /* "Connect from ...", for frontends without a log format. */
    void (*connected)(const struct px_client *c);
    /* A client was refused before it had a session. */
    void (*refused)(struct px_client *c, const struct px_fault *why);
    /* A message about a proxy, or about the process (NULL), to its log targets. */
    void (*event)(const struct px_proxy *proxy, enum px_syslog level, const char *text);
    unsigned long long (*dropped)(void); /* lines that could not be sent at once */
    /* Once, before the threads start. false: said. */
    bool (*prepare)(void);
};

/* HAProxy manual, "option dontlog-normal": an error, a timeout, a retry, another server than meant,
 * or a status of 500 and more. */
bool px_txn_went_wrong(const struct px_txn *t);

/* A counter of all that a transaction has to do with. */
#define PX_COUNT_EACH(t, counter)                                                                  \
    do {                                                                                           \
        PX_COUNT_ONE(px_fe_counters((t)->fe)->counter);                                            \
        PX_COUNT_ONE(px_bind_counters((t)->client->bind)->counter);                                \
        if ((t)->be)                                                                               \
            PX_COUNT_ONE(px_be_counters((t)->be)->counter);                                        \
        if ((t)->srv)                                                                              \
            PX_COUNT_ONE(px_srv_counters((t)->srv)->counter);                                      \
    } while (0)

/* Rules, or the proxy itself, refuse the request, or the response to it. */
void px_count_denied_request(struct px_txn *t);
void px_count_denied_response(struct px_txn *t);

/* Counts a response status. */
void px_count_status(struct px_counters *c, unsigned status);

/* Byte counters and times of a transaction that is over, then its log line. */
void px_txn_account(struct px_txn *t);

/* "option contstats": counts the bytes of a transfer that goes on, now and then. */
void px_txn_count(struct px_txn *t);

/* "option logasap": writes the log line now that the server is known. */
void px_txn_log_early(struct px_txn *t);

#endif
