/*
 * The control socket of a master (-S), and its commands.
 *
 * Source: HAProxy Management Guide, "Master CLI".
 */
#ifndef PX_MASTER_CONTROL_H
#define PX_MASTER_CONTROL_H

#include "estate.h"

#include <stdbool.h>

/* Listens where -S says, unless *fd is open already. true also when there is nothing to do. false:
 * said. */
bool px_master_control_open(int *fd);

/* Once the loop of the master exists. false: errno. */
bool px_master_control_start(void);

/* In a worker: the socket is closed. */
void px_master_control_forget(void);

/* Writes down in the estate who waits for the end of a reload. */
void px_master_control_keep(struct px_estate *e);

/* A reload is over, well or not: those who asked for it hear so. */
void px_master_control_reloaded(struct px_estate *e);

#endif
