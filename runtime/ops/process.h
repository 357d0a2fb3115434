/*
 * The life of the process: start, threads, signals, stop.
 */
#ifndef PX_PROCESS_H
#define PX_PROCESS_H

#include "../abi/options.h"

#include <stdint.h>

extern const char *px_progname; /* last part of argv[0] */
extern int px_pid;              /* of the process that serves */
extern struct px_options px_options;

/* `chosen`, or the name of this host. */
const char *px_hostname(const char *chosen);

#endif
