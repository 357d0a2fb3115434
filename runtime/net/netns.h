/*
 * Network namespaces: sockets that belong to others than that of the process.
 *
 * They are known by number, as in px_bind.netns. Whoever opens a socket in another one needs
 * CAP_SYS_ADMIN at that moment.
 */
#ifndef PX_NETNS_H
#define PX_NETNS_H

#include "../abi/tables.h"

/* Opens all that the program names, once and before the root directory changes. NULL, or the name
 * of one that cannot be opened; errno says why. */
const char *px_netns_open(void);

/* socket(2) for streams, non-blocking, in that namespace. -1: errno. */
int px_netns_socket(unsigned netns, int family);

/* Does this socket belong to the namespace? Where the system cannot tell, the answer is yes. */
bool px_netns_has(unsigned netns, int fd);

/* The number of a namespace that a PROXY header names; 0: it may not, or there is none. */
unsigned px_netns_listed(struct px_str name);

#endif
