/*
 * The line between a master and each of its workers.
 *
 * The worker says once that it serves. The master sends connected sockets, each with the level
 * that commands on it may have. When the line breaks, the master is gone, and the worker leaves.
 */
#ifndef PX_CHANNEL_H
#define PX_CHANNEL_H

#include "control.h"

#include <stdbool.h>

/* ---- the worker's end; without a master, there is nothing to do ---- */

void px_channel_set(int fd); /* the end that px_channel_open gave */
/* Once the loop of the first thread exists. false: said. */
bool px_channel_serve(void);
/* This process serves. */
void px_channel_ready(void);

/* ---- the master's end ---- */

/* false: errno. */
bool px_channel_open(int *master, int *worker);
/* A connection to the worker's commands; -1: errno. */
int px_channel_connect(int fd, enum px_control_level level);

#endif
