/*
 * Limits of the process: descriptors, memory, and the most connections that follow from them.
 */
#ifndef PX_LIMITS_H
#define PX_LIMITS_H

#include "../abi/options.h"

#include <stdbool.h>

struct px_limits {
    int descriptors; /* that this process may open */
    int memory_mb;   /* 0: no limit */
};
extern struct px_limits px_limits;

/*
 * Raises what has to be raised for `listening` listening sockets and nthreads threads, and sets
 * px_maxconn. false: a limit cannot be raised, which was said.
 */
bool px_limits_apply(const struct px_options *options, unsigned nthreads, unsigned listening);

/* Limits memory as -m says; in the process that serves. false: said. */
bool px_limits_memory(const struct px_options *options);

#endif
