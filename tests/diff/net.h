/*
 * Sockets of the suite: everything on 127.0.0.1, nothing blocks.
 */
#ifndef DIFF_NET_H
#define DIFF_NET_H

#include "text.h"

long net_now(void); /* milliseconds of the monotonic clock */

int net_listen(unsigned *port);  /* on a port of the kernel's choice, put into *port */
int net_reserve(unsigned *port); /* a port that refuses connections as long as the socket is open */
int net_datagrams(unsigned *port);
unsigned net_free_port(void); /* a port that nobody has, below those the kernel gives away */

/* Connects, for the loopback interface does so at once; *port is our own. */
int net_connect(unsigned to, unsigned *port);
/* Connects to a UNIX socket; -1: it refuses. */
int net_connect_path(const char *path);
int net_accept(int fd, unsigned *port); /* *port is the peer's; -1: none waits */

enum net_end { NET_OPEN, NET_CLOSED, NET_RESET };
/* Appends what has arrived, and tells what became of the other side. */
enum net_end net_receive(int fd, struct text *to);
/* Sends as much as there is room for, from *at on; false: the other side is gone. */
bool net_send(int fd, const struct text *from, size_t *at);
void net_reset(int fd); /* closes with a reset */

bool net_is_listening(unsigned port); /* asks the kernel, so the listener notices nothing */

#endif
