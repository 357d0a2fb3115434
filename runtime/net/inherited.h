/*
 * Listening sockets that another process has opened and handed on, until a bind line asks for them.
 *
 * Idea: a connection that waits in the queue of such a socket is not lost when the old process
 * closes its side, because the queue belongs to both.
 */
#ifndef PX_INHERITED_H
#define PX_INHERITED_H

#include "../abi/tables.h"
#include "addr.h"

/* Takes over a descriptor; what is no listening socket is closed. */
void px_inherited_add(int fd);

/* A socket that listens where this line would, in the same way; -1: there is none (any more). */
int px_inherited_take(const struct px_bind *bind, const union px_sockaddr *addr, socklen_t len);

/* Calls f for those that nobody has asked for. */
void px_inherited_each(void (*f)(int fd, void *ctx), void *ctx);

/* Closes those that nobody asked for. */
void px_inherited_close(void);

#endif
