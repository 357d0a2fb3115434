/*
 * Socket addresses of endpoints, names included.
 */
#ifndef PX_RESOLVE_H
#define PX_RESOLVE_H

#include "addr.h"

/*
 * As px_endpoint_sockaddr, but asks the system's name service for PX_AF_NAME, so it may take
 * seconds: for the start of the process, and what administrators ask for. 0: *why says what is wrong.
 */
socklen_t px_resolve(const struct px_endpoint *ep, int port, union px_sockaddr *sa,
                     const char **why);

#endif
