/*
 * proc.c - reads the accounting that the kernel keeps about another process.
 *
 * For: processor time per request, memory per connection.
 * Not for: starting or stopping processes.
 * Keep in mind: ticks of /proc/PID/stat are 10 ms and are charged to whoever runs when the tick
 * falls; the scheduler clock is exact, so every ratio uses that one and the ticks only tell the
 * shares of user and system apart.
 */
#include "proc.h"

#include "tool.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_SIZE = 4096, PATH_SIZE = 320 };

static bool read_text(const char *path, char text[TEXT_SIZE])
{
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, TEXT_SIZE - 1, file);
    text[length] = '\0';
    fclose(file);
    return length > 0;
}

/* The number that follows "name:" at the start of a line; 0 without such a line. */
static uint64_t field_of(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            return strtoull(line + length + 1, NULL, 10);
        }
    }
    return 0;
}

static bool read_cpu(pid_t pid, struct proc *proc)
{
    clockid_t clock;
    struct timespec ts;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &ts) != 0) {
        return false;
    }
    proc->cpu_ns = (uint64_t)ts.tv_sec * TOOL_SECOND + (uint64_t)ts.tv_nsec;
    return true;
}

static bool read_ticks(pid_t pid, struct proc *proc)
{
    char path[PATH_SIZE];
    char text[TEXT_SIZE];
    unsigned long long user = 0;
    unsigned long long system = 0;

    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    if (!read_text(path, text)) {
        return false;
    }
    /* the command name in parentheses may hold anything, so count fields after the last one */
    const char *rest = strrchr(text, ')');
    if (rest == NULL || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                               &user, &system) != 2) {
        return false;
    }
    uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
    proc->user_ms = user * 1000 / ticks;
    proc->system_ms = system * 1000 / ticks;
    return true;
}

static void add_thread(pid_t pid, const char *thread, struct proc *proc)
{
    char path[PATH_SIZE];
    char text[TEXT_SIZE];
    unsigned long long waited = 0;

    proc->threads++;
    snprintf(path, sizeof(path), "/proc/%ld/task/%s/status", (long)pid, thread);
    if (read_text(path, text)) {
        proc->voluntary += field_of(text, "voluntary_ctxt_switches");
        proc->involuntary += field_of(text, "nonvoluntary_ctxt_switches");
    }
    snprintf(path, sizeof(path), "/proc/%ld/task/%s/schedstat", (long)pid, thread);
    if (read_text(path, text) && sscanf(text, "%*u %llu", &waited) == 1) {
        proc->wait_ns += waited;
    }
}

static bool read_threads(pid_t pid, struct proc *proc)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return false;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (entry->d_name[0] != '.') {
            add_thread(pid, entry->d_name, proc);
        }
    }
    closedir(directory);
    return proc->threads > 0;
}

bool proc_read_usage(pid_t pid, struct proc *proc)
{
    *proc = (struct proc){0};
    return read_threads(pid, proc) && read_ticks(pid, proc) && read_cpu(pid, proc);
}

bool proc_read_memory(pid_t pid, struct proc *proc)
{
    char path[PATH_SIZE];
    char text[TEXT_SIZE];

    snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", (long)pid);
    if (!read_text(path, text)) {
        return false;
    }
    proc->rss_kb = field_of(text, "Rss");
    proc->pss_kb = field_of(text, "Pss");
    proc->private_kb = field_of(text, "Private_Clean") + field_of(text, "Private_Dirty");
    return proc->rss_kb > 0;
}

struct proc proc_since(const struct proc *before, const struct proc *after)
{
    struct proc delta = *after;

    delta.cpu_ns -= before->cpu_ns;
    delta.user_ms -= before->user_ms;
    delta.system_ms -= before->system_ms;
    delta.wait_ns -= before->wait_ns;
    delta.voluntary -= before->voluntary;
    delta.involuntary -= before->involuntary;
    return delta;
}
