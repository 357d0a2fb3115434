/*
 * Sockets of other processes. See inherited.h.
 */
#include "inherited.h"

#include "netns.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int *pool;
static unsigned pooled;

static int get_int(int fd, int level, int option)
{
    int value = 0;
    socklen_t len = sizeof value;
    return getsockopt(fd, level, option, &value, &len) ? 0 : value;
}

void px_inherited_add(int fd)
{
    int *p =
        get_int(fd, SOL_SOCKET, SO_ACCEPTCONN) ? realloc(pool, (pooled + 1) * sizeof *pool) : NULL;
    if (!p) {
        close(fd);
        return;
    }
    pool = p;
    pool[pooled++] = fd;
}

static bool is_on_interface(int fd, const char *name)
{
    char now[IFNAMSIZ] = "";
    socklen_t len = sizeof now;
    getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, now, &len);
    return !strcmp(now, name ? name : "");
}

/* Names of abstract sockets are as long as the kernel says, whatever is behind them. */
static bool is_same_address(const union px_sockaddr *a, socklen_t alen, const union px_sockaddr *b,
                            socklen_t blen)
{
    if (a->sa.sa_family != b->sa.sa_family)
        return false;
    switch (a->sa.sa_family) {
    case AF_INET:
        return a->in.sin_port == b->in.sin_port && a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
    case AF_INET6:
        return a->in6.sin6_port == b->in6.sin6_port &&
               a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
               !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof a->in6.sin6_addr);
    default:
        return alen == blen && !memcmp(a, b, alen);
    }
}

static bool fits(int fd, const struct px_bind *bind, const union px_sockaddr *addr, socklen_t len)
{
    union px_sockaddr own;
    socklen_t own_len = sizeof own;
    if (getsockname(fd, &own.sa, &own_len) || !is_same_address(&own, own_len, addr, len))
        return false;
    if (addr->sa.sa_family == AF_UNIX)
        return true;
    if (!px_netns_has(bind->netns, fd))
        return false;
    if (!is_on_interface(fd, bind->interface) ||
        get_int(fd, SOL_IP, IP_TRANSPARENT) != bind->transparent)
        return false;
    return addr->sa.sa_family != AF_INET6 ||
           get_int(fd, IPPROTO_IPV6, IPV6_V6ONLY) == (bind->v6only || !bind->v4v6);
}

int px_inherited_take(const struct px_bind *bind, const union px_sockaddr *addr, socklen_t len)
{
    for (unsigned i = 0; i < pooled; i++) {
        int fd = pool[i];
        if (!fits(fd, bind, addr, len))
            continue;
        memmove(&pool[i], &pool[i + 1], (--pooled - i) * sizeof *pool);
        return fd;
    }
    return -1;
}

void px_inherited_each(void (*f)(int fd, void *ctx), void *ctx)
{
    for (unsigned i = 0; i < pooled; i++)
        f(pool[i], ctx);
}

void px_inherited_close(void)
{
    while (pooled)
        close(pool[--pooled]);
    free(pool);
    pool = NULL;
}
