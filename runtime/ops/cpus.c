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

/* v2: "max 100000" or "150000 100000". 0: no limit here. */
static unsigned quota_v2(const char *dir)
{
    char path[640], line[64];
    long long limit, period;
    snprintf(path, sizeof path, "%s/cpu.max", dir);
    if (!first_line(path, line, sizeof line) || sscanf(line, "%lld %lld", &limit, &period) != 2)
        return 0;
    return quota(limit, period);
}

static unsigned quota_v1(const char *dir)
{
    char path[640], line[64];
    long long limit = 0, period = 0;
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", dir);
    if (first_line(path, line, sizeof line))
        sscanf(line, "%lld", &limit);
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", dir);
    if (first_line(path, line, sizeof line))
        sscanf(line, "%lld", &period);
    return quota(limit, period);
}

/* The least of all directories from the group's up to the root of the mount. Of a group that is
 * not seen from inside a container, the root is what there is. */
static unsigned least_quota(const char *root, const char *group, unsigned (*quota_in)(const char *))
{
    char dir[600];
    unsigned least = 0;
    size_t len = strlen(group);
    for (;;) {
        snprintf(dir, sizeof dir, "%s%.*s", root, (int)len, group);
        unsigned n = quota_in(dir);
        if (n && (!least || n < least))
            least = n;
        if (!len)
            return least;
        do
            len--;
        while (len && group[len] != '/');
    }
}

/* Is the cpu controller among these: "cpu,cpuacct"? */
static bool has_cpu(const char *controllers, size_t len)
{
    for (size_t at = 0, n; at < len; at += n + 1) {
        n = strcspn(controllers + at, ",:");
        if (n == 3 && !memcmp(controllers + at, "cpu", 3))
            return true;
    }
    return false;
}

/* A line "ID:CONTROLLERS:/GROUP"; v2 has ID 0 and no controllers. */
static unsigned by_line(const char *line, const char *mount)
{
    char root[256];
    const char *controllers = strchr(line, ':');
    const char *group = controllers ? strchr(++controllers, ':') : NULL;
    if (!group)
        return 0;
    if (group == controllers)
        return least_quota(mount, group + 1, quota_v2);
    if (!has_cpu(controllers, (size_t)(group - controllers)))
        return 0;
    snprintf(root, sizeof root, "%s/%.*s", mount, (int)(group - controllers), controllers);
    unsigned n = least_quota(root, group + 1, quota_v1);
    snprintf(root, sizeof root, "%s/cpu", mount);
    return n ? n : least_quota(root, group + 1, quota_v1);
}

unsigned px_cpu_bandwidth(const char *groups, const char *mount)
{
    char line[600];
    unsigned least = 0;
    FILE *f = fopen(groups, "re");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        unsigned n = by_line(line, mount);
        if (n && (!least || n < least))
            least = n;
    }
    if (f)
        fclose(f);
    return least;
}

unsigned px_usable_cpus(void)
{
    unsigned cpus = by_affinity(), share = px_cpu_bandwidth("/proc/self/cgroup", "/sys/fs/cgroup");
    return share && share < cpus ? share : cpus;
}
