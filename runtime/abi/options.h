/*
 * HAProxy's command line: parsed alike by the compiler and by the proxies that it makes.
 *
 * Source: HAProxy Management Guide, "Starting HAProxy".
 */
#ifndef PX_OPTIONS_H
#define PX_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

struct px_words {
    const char **v;
    unsigned n;
};

struct px_pids {
    pid_t *v;
    unsigned n;
};

struct px_options {
    struct px_words files;
    const char *directory, *condition, *keywords, *poison, *master_socket, *pidfile, *local_peer,
        *old_socket;
    int maxconn, proxy_maxconn, memory_mb; /* 0: not given */
    int check, version, verbose, quiet, foreground, diagnostics, libraries, lax_resolution,
        no_reuseport, no_splice, no_ssl_verify, strict, debug, daemon, master_worker,
        forks;
    struct px_pids finish, terminate;
    int nothing;
};

/* Words behind "--" are files. Answers NULL, or the word that is wrong (or lacks its argument);
 * memory of *options is never freed. */
const char *px_options_parse(struct px_options *options, int argc, char **argv);

#endif
