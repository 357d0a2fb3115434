/*
 * net.h - non-blocking TCP over IPv4, and the epoll set that watches it.
 */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <netinet/in.h>
#include <stdint.h>

/* Reads "ip:port" (or "port", which means 127.0.0.1) into an address; anything else ends the
 * program. */
struct sockaddr_in net_parse(const char *text);

/* A non-blocking listening socket on the address; ends the program if it cannot be had. */
int net_listen(const struct sockaddr_in *address);

/* The next waiting connection, non-blocking and without Nagle's delay; -1 if there is none. */
int net_accept(int listener);

/* A new non-blocking connection without Nagle's delay, under way to the target; from may be NULL
 * (the kernel chooses the source) or name a source address with port 0. Returns -1 with errno on
 * failure. The connection is up when it becomes writable. */
int net_connect(const struct sockaddr_in *target, const struct sockaddr_in *from);

/* A new epoll set; ends the program if it cannot be had. */
int net_epoll(void);

/* Watches fd, edge-triggered, for input, output and the peer's end, for as long as it is open.
 * data comes back with each event. Ends the program on failure. */
void net_watch(int epoll, int fd, void *data);

/* Watches fd, level-triggered, for input only: right for listening sockets. */
void net_watch_input(int epoll, int fd, void *data);

#endif
