/*
 * How many processors a control group leaves: directories of both versions, made for the test.
 */
#include "runtime/ops/cpus.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char mount[] = "/tmp/cpus-test-XXXXXX";
static char groups[64];

static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", mount, name);
    for (char *c = path + sizeof mount; (c = strchr(c, '/')); c++) {
        *c = 0;
        mkdir(path, 0700);
        *c = '/';
    }
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void set_up(void)
{
    strcpy(mount, "/tmp/cpus-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(mount));
    snprintf(groups, sizeof groups, "%s/groups", mount);
}

static void tear_down(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", mount);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(version_2)
{
    put("groups", "0::/a/b\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 0);
    put("a/b/cpu.max", "max 100000\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 0);
    put("a/b/cpu.max", "250000 100000\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 3);
    put("a/cpu.max", "50000 100000\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 1);
}
END_TEST

START_TEST(version_2_at_the_root)
{
    put("groups", "0::/\n");
    put("cpu.max", "200000 100000\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 2);
}
END_TEST

START_TEST(version_1)
{
    put("groups", "9:name=systemd:/x\n3:cpuset:/x\n2:cpu,cpuacct:/x\n0::/\n");
    put("cpu,cpuacct/x/cpu.cfs_period_us", "100000\n");
    put("cpu,cpuacct/x/cpu.cfs_quota_us", "-1\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 0);
    put("cpu,cpuacct/x/cpu.cfs_quota_us", "400000\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 4);
}
END_TEST

START_TEST(version_1_seen_from_a_container)
{
    put("groups", "1:cpuset:/y\n2:cpu:/docker/0123\n");
    put("cpu/cpu.cfs_period_us", "100000\n");
    put("cpu/cpu.cfs_quota_us", "150000\n");
    put("cpuset/y/cpu.cfs_quota_us", "1\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 2);
}
END_TEST

START_TEST(nonsense)
{
    put("groups", "\nnothing\n1:\n:::\n2:cpu\n");
    ck_assert_uint_eq(px_cpu_bandwidth(groups, mount), 0);
    ck_assert_uint_eq(px_cpu_bandwidth("/nowhere", mount), 0);
}
END_TEST

START_TEST(never_none)
{
    ck_assert_uint_ge(px_usable_cpus(), 1);
}
END_TEST

UNIT_MAIN("cpus", set_up, tear_down, version_2, version_2_at_the_root, version_1,
          version_1_seen_from_a_container, nonsense, never_none)
