/*
 * The address of -S, with options between commas: "/run/master.sock,mode,600,level,operator".
 */
#ifndef PX_MASTER_SOCKET_H
#define PX_MASTER_SOCKET_H

#include "../abi/tables.h"

#include <stdbool.h>

/* Fills *bind; its texts live as long as the process. false: said. */
bool px_master_socket_read(const char *text, struct px_bind *bind);

#endif
