/*
 * Messages. See message.h.
 *
 * One write for each, so that lines of several processes do not mix.
 */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

bool px_quiet;

static void say(const char *level, const char *fmt, va_list args)
{
    char line[2048];
    if (px_quiet)
        return;
    int n = snprintf(line, sizeof line, "%-10s (%ld) : ", level, (long)getpid());
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, args);
    size_t len = (size_t)n + (m < 0 ? 0 : (size_t)m);
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, len) < 0)
        return; /* nobody reads it */
}

#define SAY(level)                                                                                 \
    va_list args;                                                                                  \
    va_start(args, fmt);                                                                           \
    say(level, fmt, args);                                                                         \
    va_end(args)

void px_notice(const char *fmt, ...)
{
    SAY("[NOTICE]");
}

void px_warning(const char *fmt, ...)
{
    SAY("[WARNING]");
}

void px_alert(const char *fmt, ...)
{
    SAY("[ALERT]");
}
