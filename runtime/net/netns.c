/*
 * Network namespaces. See netns.h.
 *
 * A thread goes to the namespace, makes the socket, and comes back: the socket stays there.
 */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static int home = -1, *fds;

static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Where ip-netns(8) keeps them. */
static int open_named(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "/run/netns/%s", name);
    return open_file(path);
}

const char *px_netns_open(void)
{
    unsigned n = px_program.nnamespaces;
    if (!n || fds)
        return NULL;
    home = open_file("/proc/self/ns/net");
    if (home < 0)
        return "/proc/self/ns/net";
    fds = calloc(n, sizeof *fds);
    for (unsigned i = 0; i < n; i++)
        if (!fds || (fds[i] = open_named(px_program.namespaces[i])) < 0)
            return px_program.namespaces[i];
    return NULL;
}

int px_netns_socket(unsigned netns, int family)
{
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    if (!netns)
        return socket(family, type, 0);
    if (setns(fds[netns - 1], CLONE_NEWNET))
        return -1;
    int fd = socket(family, type, 0), err = errno;
    if (setns(home, CLONE_NEWNET)) /* everything else would happen in the wrong place */
        abort();
    errno = err;
    return fd;
}

/* 0: the system does not say (Linux has it since 5.14). */
static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) ? 0 : cookie;
}

bool px_netns_has(unsigned netns, int fd)
{
    int there = px_netns_socket(netns, AF_INET);
    if (there < 0)
        return !netns;
    bool same = cookie_of(there) == cookie_of(fd);
    close(there);
    return same;
}

unsigned px_netns_listed(struct px_str name)
{
    for (unsigned i = 0; i < px_program.nlisted; i++)
        if (strlen(px_program.namespaces[i]) == name.len &&
            !memcmp(px_program.namespaces[i], name.p, name.len))
            return i + 1;
    return 0;
}
