/*
 * Addresses. See addr.h.
 */
#include "addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

void px_addr_from(struct px_addr *addr, const union px_sockaddr *sa)
{
    *addr = (struct px_addr){.family = (uint8_t)sa->sa.sa_family};
    if (addr->family == AF_INET) {
        addr->port = ntohs(sa->in.sin_port);
        memcpy(addr->ip, &sa->in.sin_addr, 4);
    } else if (addr->family == AF_INET6) {
        addr->port = ntohs(sa->in6.sin6_port);
        memcpy(addr->ip, &sa->in6.sin6_addr, 16);
    }
}

socklen_t px_addr_sockaddr(const struct px_addr *addr, union px_sockaddr *sa)
{
    memset(sa, 0, sizeof *sa);
    sa->sa.sa_family = addr->family;
    if (addr->family == AF_INET) {
        sa->in.sin_port = htons(addr->port);
        memcpy(&sa->in.sin_addr, addr->ip, 4);
        return sizeof sa->in;
    }
    sa->in6.sin6_port = htons(addr->port);
    memcpy(&sa->in6.sin6_addr, addr->ip, 16);
    return sizeof sa->in6;
}

static size_t text_v4(const uint8_t ip[4], char *text)
{
    char *p = text;
    for (int i = 0; i < 4; i++) {
        unsigned v = ip[i];
        if (i)
            *p++ = '.';
        if (v >= 100)
            *p++ = (char)('0' + v / 100);
        if (v >= 10)
            *p++ = (char)('0' + v / 10 % 10);
        *p++ = (char)('0' + v % 10);
    }
    *p = 0;
    return (size_t)(p - text);
}

size_t px_addr_text(const struct px_addr *addr, char *text)
{
    if (addr->family == AF_INET)
        return text_v4(addr->ip, text);
    if (addr->family == AF_INET6) {
        inet_ntop(AF_INET6, addr->ip, text, PX_ADDR_TEXT);
        return strlen(text);
    }
    memcpy(text, addr->family == AF_UNIX ? "unix" : "-", addr->family == AF_UNIX ? 5 : 2);
    return strlen(text);
}

void px_addr_sample(const struct px_addr *addr, struct px_sample *out)
{
    if (addr->family == AF_INET6) {
        out->type = PX_IPV6;
        memcpy(&out->u.v6, addr->ip, 16);
    } else {
        out->type = PX_IPV4;
        memcpy(&out->u.v4, addr->ip, 4);
    }
}

static socklen_t unix_sockaddr(const struct px_endpoint *ep, union px_sockaddr *sa)
{
    size_t len = strlen(ep->path);
    if (len >= sizeof sa->un.sun_path)
        return 0;
    sa->un.sun_family = AF_UNIX;
    if (ep->family == PX_AF_UNIX) {
        memcpy(sa->un.sun_path, ep->path, len + 1);
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
    }
    /* An abstract name fills the whole of sun_path, padded with NULs, as HAProxy does it. */
    memset(sa->un.sun_path, 0, sizeof sa->un.sun_path);
    memcpy(sa->un.sun_path + 1, ep->path, len);
    return sizeof sa->un;
}

socklen_t px_endpoint_sockaddr(const struct px_endpoint *ep, int port, union px_sockaddr *sa)
{
    memset(sa, 0, sizeof *sa);
    switch (ep->family) {
    case PX_AF_INET:
        sa->in.sin_family = AF_INET;
        sa->in.sin_port = htons((uint16_t)port);
        memcpy(&sa->in.sin_addr, ep->ip.v4, 4);
        return sizeof sa->in;
    case PX_AF_INET6:
        sa->in6.sin6_family = AF_INET6;
        sa->in6.sin6_port = htons((uint16_t)port);
        memcpy(&sa->in6.sin6_addr, ep->ip.v6, 16);
        return sizeof sa->in6;
    case PX_AF_UNIX:
    case PX_AF_ABNS:
        return unix_sockaddr(ep, sa);
    default:
        return 0;
    }
}

bool px_addr_read(const char *text, struct px_addr *addr)
{
    *addr = (struct px_addr){.family = AF_INET};
    if (inet_pton(AF_INET, text, addr->ip) == 1)
        return true;
    addr->family = AF_INET6;
    return inet_pton(AF_INET6, text, addr->ip) == 1;
}
