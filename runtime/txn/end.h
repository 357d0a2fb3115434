/*
 * The end of transactions: what is counted and logged.
 */
#ifndef PX_END_H
#define PX_END_H

#include "txn.h"

/* Where log lines go; linked only into programs that log. */
struct px_log_ops {
    /* Formats and sends the line of a transaction. */
    void (*line)(struct px_txn *t);
    /* Once, before the threads start. false: no memory. */
    bool (*prepare)(void);
};

/* Counts a response status. */
void px_count_status(struct px_counters *c, unsigned status);

/* Byte counters and times of a transaction that is over, then its log line. */
void px_txn_account(struct px_txn *t);

#endif
