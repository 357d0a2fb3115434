/*
 * Log lines on their way out: syslog framing, levels, sampling, and the sockets.
 *
 * A line that cannot be sent at once is dropped and counted: logging never waits.
 */
#ifndef PX_LOG_H
#define PX_LOG_H

#include "../abi/tables.h"
#include "../base/macros.h"
#include "../txn/end.h"

enum px_level_number {
    PX_EMERG,
    PX_ALERT,
    PX_CRIT,
    PX_ERR,
    PX_WARNING,
    PX_NOTICE,
    PX_INFO,
    PX_DEBUG,
};


/* A message about a proxy, or about the process (NULL), to its log targets. */
void px_log_event(const struct px_proxy *proxy, int level, const char *fmt, ...) PX_PRINTF(3, 4);

/* Lines dropped because a socket was full. */
extern _Atomic uint64_t px_logs_dropped;

#endif
