/*
 * How many processors this process may use.
 */
#ifndef PX_CPUS_H
#define PX_CPUS_H

/* By affinity and by the CPU bandwidth of its control groups, rounded up; at least 1. */
unsigned px_usable_cpus(void);

/* How many processors the control groups (cgroups 7, v1 and v2) of a process leave it, rounded up:
 * groups is a file like /proc/self/cgroup, mount where they are mounted. 0: no limit. */
unsigned px_cpu_bandwidth(const char *groups, const char *mount);

#endif
