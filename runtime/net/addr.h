/*
 * Addresses of peers, and the way from a configured endpoint to a socket address.
 */
#ifndef PX_ADDR_H
#define PX_ADDR_H

#include "../abi/types.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

/* An address as the kernel reported it, small enough to keep for every connection. */
struct px_addr {
    uint8_t family; /* AF_INET, AF_INET6, AF_UNIX; 0: unknown */
    uint16_t port;  /* host order */
    uint8_t ip[16]; /* IPv4 in the first four */
};

union px_sockaddr {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

static inline bool px_addr_is_ip(const struct px_addr *addr)
{
    return addr->family == AF_INET || addr->family == AF_INET6;
}

void px_addr_from(struct px_addr *addr, const union px_sockaddr *sa);
/* The text of the IP address, "unix" for a UNIX socket; at most PX_ADDR_TEXT bytes with NUL. */
enum { PX_ADDR_TEXT = 46 };
size_t px_addr_text(const struct px_addr *addr, char *text);
/* Reads the text of an IP address; its port is 0. false: it is none. */
bool px_addr_read(const char *text, struct px_addr *addr);
/* The socket address, for IP addresses. */
socklen_t px_addr_sockaddr(const struct px_addr *addr, union px_sockaddr *sa);
void px_addr_sample(const struct px_addr *addr, struct px_sample *out);

/*
 * The socket address of an endpoint that needs no name service (not PX_AF_NAME, not PX_AF_FD),
 * with `port` instead of its own. Answers the length, 0 when the path is too long.
 */
socklen_t px_endpoint_sockaddr(const struct px_endpoint *ep, int port, union px_sockaddr *sa);

#endif
