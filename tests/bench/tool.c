/*
 * tool.c - the small needs that all benchmark tools share.
 *
 * For: clock, error exit, argument numbers, the limit of open files.
 * Not for: sockets (net.c), or numbers about other processes (proc.c).
 * Keep in mind: these tools measure; when anything is unusual they stop with a message rather
 * than go on and print a number that means something else.
 */
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

uint64_t tool_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * TOOL_SECOND + (uint64_t)ts.tv_nsec;
}

void tool_die(const char *format, ...)
{
    int error = errno;
    va_list args;

    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    if (error != 0) {
        fprintf(stderr, ": %s", strerror(error));
    }
    fputc('\n', stderr);
    exit(1);
}

uint64_t tool_number(const char *text, uint64_t max, const char *what)
{
    char *end = NULL;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || value > max) {
        errno = 0;
        tool_die("%s: '%s' is not a number from 0 to %llu", what, text, (unsigned long long)max);
    }
    return value;
}

double tool_fraction(const char *text, double max, const char *what)
{
    char *end = NULL;

    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(value >= 0 && value <= max)) {
        errno = 0;
        tool_die("%s: '%s' is not a number from 0 to %g", what, text, max);
    }
    return value;
}

uint64_t tool_raise_files(uint64_t wanted)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        tool_die("getrlimit");
    }
    if (limit.rlim_cur >= wanted) {
        return limit.rlim_cur;
    }
    struct rlimit raised = {wanted, limit.rlim_max > wanted ? limit.rlim_max : wanted};
    if (setrlimit(RLIMIT_NOFILE, &raised) != 0) {
        /* without the privilege to lift the hard limit, the soft one may still go up to it */
        raised.rlim_cur = raised.rlim_max = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &raised) != 0) {
            return limit.rlim_cur;
        }
    }
    return raised.rlim_cur;
}

void *tool_alloc(uint64_t count, uint64_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL) {
        tool_die("no memory for %llu objects", (unsigned long long)count);
    }
    return memory;
}
