/*
 * Names. See resolve.h.
 */
#include "resolve.h"

#include <netdb.h>
#include <string.h>

static socklen_t look_up(const struct px_endpoint *ep, int port, union px_sockaddr *sa,
                         const char **why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    hints.ai_family = ep->only == PX_AF_INET    ? AF_INET
                      : ep->only == PX_AF_INET6 ? AF_INET6
                                                : AF_UNSPEC;
    int err = getaddrinfo(ep->path, NULL, &hints, &list);
    if (err) {
        *why = gai_strerror(err);
        return 0;
    }
    socklen_t len = list->ai_addrlen;
    memset(sa, 0, sizeof *sa);
    memcpy(sa, list->ai_addr, len);
    freeaddrinfo(list);
    if (sa->sa.sa_family == AF_INET)
        sa->in.sin_port = htons((uint16_t)port);
    else
        sa->in6.sin6_port = htons((uint16_t)port);
    return len;
}

socklen_t px_resolve(const struct px_endpoint *ep, int port, union px_sockaddr *sa,
                     const char **why)
{
    if (ep->family == PX_AF_NAME)
        return look_up(ep, port, sa, why);
    *why = "the path is too long";
    return px_endpoint_sockaddr(ep, port, sa);
}
