/*
 * What the tool says about itself rather than about a configuration. See cli.h.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>

void cli_complain(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("proxyc: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
}
