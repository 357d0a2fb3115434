/*
 * Processors. See cpus.h.
 *
 * Containers are limited by bandwidth rather than by affinity: more threads than that only take
 * turns in being throttled.
 */
#include "cpus.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned by_affinity(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set))
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}

/* The first line of a file; false: there is none. */
static bool first_line(const char *path, char *line, int size)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool got = fgets(line, size, f);
    fclose(f);
    return got;
}

static unsigned quota(long long limit, long long period)
{
    return limit > 0 && period > 0 ? (unsigned)((limit + period - 1) / period) : 0;
}

/* cgroup v2: "max 100000" or "150000 100000" in every directory from ours to the root. */
static unsigned by_cgroup2(const char *group)
{
    char path[512], line[64];
    unsigned least = 0;
    size_t len = strlen(group);
    for (;;) {
        long long limit, period;
        snprintf(path, sizeof path, "/sys/fs/cgroup%.*s/cpu.max", (int)len, group);
        if (first_line(path, line, sizeof line) &&
            sscanf(line, "%lld %lld", &limit, &period) == 2) {
            unsigned n = quota(limit, period);
            if (n && (!least || n < least))
                least = n;
        }
        if (!len)
            return least;
        do
            len--;
        while (len && group[len] != '/');
    }
}

static unsigned by_cgroup1(void)
{
    char line[64];
    long long limit = 0, period = 0;
    if (first_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", line, sizeof line))
        sscanf(line, "%lld", &limit);
    if (first_line("/sys/fs/cgroup/cpu/cpu.cfs_period_us", line, sizeof line))
        sscanf(line, "%lld", &period);
    return quota(limit, period);
}

static unsigned by_bandwidth(void)
{
    char line[400];
    unsigned n = 0;
    if (first_line("/proc/self/cgroup", line, sizeof line) && !strncmp(line, "0::/", 4)) {
        line[strcspn(line, "\n")] = 0;
        n = by_cgroup2(line[4] ? line + 3 : "");
    }
    return n ? n : by_cgroup1();
}

unsigned px_usable_cpus(void)
{
    unsigned cpus = by_affinity(), share = by_bandwidth();
    return share && share < cpus ? share : cpus;
}
