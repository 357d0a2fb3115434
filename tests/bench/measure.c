/*
 * measure.c - prints what processes use.
 *
 *     measure PID...              one line each: everything since their start
 *     measure -i SECONDS PID...   one line each: used during that time; memory at its end
 *     measure -t COMMAND...       runs the command; wall and processor time, peak memory
 *
 * For: looking at a proxy by hand, and the build-time rows.
 * Not for: time per request under load; load.c samples that itself, at the very edges of its
 * measured window.
 * Keep in mind: every line is "key=value key=value", for awk.
 */
#include "proc.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PIDS = 64 };

static struct proc read_all(pid_t pid)
{
    struct proc proc;

    if (!proc_read_usage(pid, &proc) || !proc_read_memory(pid, &proc)) {
        tool_die("cannot read process %ld", (long)pid);
    }
    return proc;
}

static void print_line(pid_t pid, const struct proc *p)
{
    printf("pid=%ld threads=%llu cpu_us=%llu user_ms=%llu system_ms=%llu wait_us=%llu "
           "voluntary=%llu involuntary=%llu rss_kb=%llu pss_kb=%llu private_kb=%llu\n",
           (long)pid, (unsigned long long)p->threads, (unsigned long long)p->cpu_ns / 1000,
           (unsigned long long)p->user_ms, (unsigned long long)p->system_ms,
           (unsigned long long)p->wait_ns / 1000, (unsigned long long)p->voluntary,
           (unsigned long long)p->involuntary, (unsigned long long)p->rss_kb,
           (unsigned long long)p->pss_kb, (unsigned long long)p->private_kb);
}

static void pause_for(double seconds)
{
    struct timespec ts = {.tv_sec = (time_t)seconds};

    ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
    nanosleep(&ts, NULL);
}

static void measure_processes(int count, char **names, double seconds)
{
    struct proc before[MAX_PIDS] = {{0}};
    pid_t pids[MAX_PIDS];

    if (count == 0 || count > MAX_PIDS) {
        tool_die("give 1 to %d process ids", (int)MAX_PIDS);
    }
    for (int i = 0; i < count; i++) {
        pids[i] = (pid_t)tool_number(names[i], INT32_MAX, "process id");
    }
    for (int i = 0; seconds > 0 && i < count; i++) {
        before[i] = read_all(pids[i]);
    }
    pause_for(seconds);
    for (int i = 0; i < count; i++) {
        struct proc after = read_all(pids[i]);
        struct proc delta = proc_since(&before[i], &after);
        print_line(pids[i], &delta);
    }
}

static double milliseconds(const struct timeval *tv)
{
    return (double)tv->tv_sec * 1e3 + (double)tv->tv_usec / 1e3;
}

static int measure_command(char **command)
{
    struct rusage usage;
    int status = 0;
    uint64_t started = tool_now();
    pid_t child = fork();

    if (child < 0) {
        tool_die("fork");
    }
    if (child == 0) {
        execvp(command[0], command);
        fprintf(stderr, "measure: cannot run %s\n", command[0]);
        _exit(127);
    }
    if (wait4(child, &status, 0, &usage) != child) {
        tool_die("wait4");
    }
    double wall = (double)(tool_now() - started) / 1e6;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("wall_ms=%.2f cpu_ms=%.2f peak_kb=%ld status=%d\n", wall,
           milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime), usage.ru_maxrss, code);
    return code;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "-t") == 0) {
        return measure_command(argv + 2);
    }
    if (argc > 3 && strcmp(argv[1], "-i") == 0) {
        measure_processes(argc - 3, argv + 3, tool_fraction(argv[2], 86400, "seconds"));
        return 0;
    }
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: measure PID... | -i SECONDS PID... | -t COMMAND...\n");
        return 2;
    }
    measure_processes(argc - 1, argv + 1, 0);
    return 0;
}
