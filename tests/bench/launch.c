/*
 * launch.c - runs a command in the place of itself, under the conditions of a measurement.
 *
 *     launch CORE FILES COMMAND...
 *
 * For: pinning to the CORE-th processor that this process may use (0 is the first; the last one
 * where there are fewer; "any" pins nothing), raising the limit of open files to FILES, and
 * tying the command's life to its parent's, so that nothing outlives a driver that was killed.
 * Not for: waiting or restarting: it becomes the command, process id and all.
 * Keep in mind: the tie is to the direct parent, so never start it from a subshell that ends.
 */
#include "tool.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void pin(unsigned wanted)
{
    cpu_set_t allowed;
    cpu_set_t chosen;
    unsigned seen = 0;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) {
        tool_die("sched_getaffinity");
    }
    CPU_ZERO(&chosen);
    for (unsigned core = 0; core < CPU_SETSIZE && seen <= wanted; core++) {
        if (CPU_ISSET(core, &allowed)) {
            CPU_ZERO(&chosen);
            CPU_SET(core, &chosen);
            seen++;
        }
    }
    if (sched_setaffinity(0, sizeof(chosen), &chosen) != 0) {
        tool_die("sched_setaffinity");
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: launch CORE|any FILES COMMAND...\n");
        return 2;
    }
    if (strcmp(argv[1], "any") != 0) {
        pin((unsigned)tool_number(argv[1], CPU_SETSIZE - 1, "core"));
    }
    tool_raise_files(tool_number(argv[2], UINT32_MAX, "files"));
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[3], argv + 3);
    tool_die("cannot run %s", argv[3]);
}
