/*
 * Options of TCP sockets that both listeners and connections to servers may have, and that the
 * system may refuse.
 */
#ifndef PX_TCP_OPTIONS_H
#define PX_TCP_OPTIONS_H

#include "addr.h"

/* Only this network interface. Whether it may be used is for the system to say. false: errno. A name
 * that is NULL changes nothing. */
bool px_bind_to_device(int fd, const char *interface);

/* false: errno. A name that is NULL changes nothing. */
bool px_tcp_congestion(int fd, const char *algorithm);

/* Signs segments to that peer, and takes none from it that is not signed (RFC 2385). everybody: of the
 * peer, only the family counts. The password has 80 bytes at most; NULL: nothing. false: errno. */
bool px_tcp_sign(int fd, const union px_sockaddr *peer, bool everybody, const char *password);

#endif
