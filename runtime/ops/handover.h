/*
 * Listening sockets from one process to the next, by the control socket of the old one.
 *
 * The words spoken are HAProxy's, so that an HAProxy can be followed by a proxy of ours, and the
 * other way round: "_getsocks", a number, then descriptors with a description of each, every
 * message of which the receiver acknowledges with a number.
 */
#ifndef PX_HANDOVER_H
#define PX_HANDOVER_H

#include <stdbool.h>

/* Sends all listening sockets over a control connection. false: errno. */
bool px_handover_give(int sock);

/* Asks the process behind the socket of this name; px_inherited_take knows what came. false:
 * said. */
bool px_handover_take(const char *path);

#endif
