/*
 * The command line of proxyc: what was asked for, and the commands.
 */
#ifndef CLI_H
#define CLI_H

#include "compile.h"

struct cli {
    struct arena *arena;
    struct words_list files;  /* of -f, and where a command takes files the plain words */
    struct words_list rest;   /* behind "--" */
    const char *output, *format, *color, *cc;
    bool quiet, diag, werror, explain, resolve, debug, help, version;
};

/* Exit codes. */
enum { EXIT_VALID = 0, EXIT_INVALID = 1, EXIT_USAGE = 2, EXIT_INTERNAL = 70 };

/* "proxyc: ..." on standard error. */
void cli_complain(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Each answers an exit code. */
#define CLI_COMMAND(name, arguments, function, doc) int function(struct cli *cli);
#include "cli.def"

/* The same tool under HAProxy's name, with its options. */
int haproxy_main(int argc, char **argv);

#endif
