/*
 * Master and worker: one process that supervises, and one that serves.
 *
 * The master opens the listening sockets and keeps them, so a reload loses no connection: they
 * belong to the old worker and to the new one. It never serves, and keeps the rights it was started
 * with. Source: HAProxy Management Guide, "Stopping and restarting HAProxy".
 */
#ifndef PX_MASTER_H
#define PX_MASTER_H

#include "estate.h"

#include <stdbool.h>

/* Before anything is changed. false: no memory. */
bool px_master_init(char **argv);

/* This program has taken the place of another one, in the same process. */
bool px_master_is_successor(void);

/*
 * Forks. Answers true in the worker. The master does not come back, unless `good` is false (the
 * sockets could not be opened, say) and there is no older worker to supervise, which answers
 * false.
 */
bool px_master_split(bool good);

/* ---- for the commands of the master's control socket ---- */

const struct px_estate *px_master_estate(void);
void px_master_reload(void);
bool px_master_is_reloading(void);

#endif
