/*
 * Descriptors that travel between processes over a UNIX socket (SCM_RIGHTS).
 */
#ifndef PX_PASSING_H
#define PX_PASSING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The kernel takes no more than 253 at once; HAProxy sends 252. */
enum { PX_PASS_MOST = 252 };

/* Sends len bytes (at least one) and with them nfds descriptors, which stay open here as well.
 * false: errno; nothing was sent. */
bool px_pass(int sock, const void *p, size_t len, const int *fds, unsigned nfds);

/* Receives up to len bytes and PX_PASS_MOST descriptors, which are closed on exec. Answers like
 * recv(2); *nfds says how many descriptors came. */
ssize_t px_passed(int sock, void *p, size_t len, int *fds, unsigned *nfds);

#endif
