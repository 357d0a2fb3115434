/*
 * What servers were before the process started: server state files, as "show servers state" writes
 * them.
 *
 * Source: HAProxy manual, "load-server-state-from-file"; Management Guide 9.3.
 */
#ifndef PX_FORMER_H
#define PX_FORMER_H

#include "../abi/tables.h"
#include "../net/addr.h"

struct px_former_ops {
    /* Reads the files that backends name. What is wrong with them is said, and no reason to stop. */
    void (*read)(void);
    /* Where a server that is known by its name was. false: nobody knows. */
    bool (*address)(const struct px_server *srv, struct px_addr *addr);
    /* Servers become what they were. The loops exist, but do not run yet. */
    void (*apply)(void);
};

#endif
