/*
 * What the traffic of a server says about it ("observe"): errors in a row count as a failed check.
 *
 * Source: HAProxy manual 5.2, "observe", "error-limit", "on-error".
 */
#ifndef PX_OBSERVE_H
#define PX_OBSERVE_H

#include "../base/macros.h"
#include "state.h"

enum px_seen {
    PX_SEEN_CONNECTED,
    PX_SEEN_NO_CONNECTION,
    PX_SEEN_GOOD_STATUS,
    PX_SEEN_BAD_STATUS,
    PX_SEEN_BAD_HEAD,
    PX_SEEN_READ_ERROR,
    PX_SEEN_TIMEOUT,
    PX_SEEN_CLOSE,
};

void px_observe(const struct px_server *srv, enum px_seen seen);

/* For servers that are not observed, next to nothing. */
static inline void px_observed(const struct px_server *srv, enum px_seen seen)
{
    if (PX_UNLIKELY(px_server_state(srv)->observes))
        px_observe(srv, seen);
}

#endif
