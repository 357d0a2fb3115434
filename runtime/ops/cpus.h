/*
 * How many processors this process may use.
 */
#ifndef PX_CPUS_H
#define PX_CPUS_H

/* By affinity and by the CPU bandwidth of its control groups, rounded up; at least 1. */
unsigned px_usable_cpus(void);

#endif
