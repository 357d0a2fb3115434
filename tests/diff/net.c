/*
 * Sockets of the suite. See net.h.
 */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Ports by which a number in a transcript is recognised have ranges of their own, below the one
 * from which the kernel serves a proxy that connects: no two of them are ever the same number. */
enum { FIRST_PORT = 20000, PORTS = 12000, FIRST_CLIENT = 10000, CLIENTS = 10000, SPREAD = 997 };

long net_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct sockaddr_in local(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static int make_bound(unsigned *port)
{
    struct sockaddr_in a = local(0);
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) ||
        getsockname(fd, (struct sockaddr *)&a, &len))
        fail("cannot make a socket: %s", strerror(errno));
    *port = ntohs(a.sin_port);
    return fd;
}

int net_listen(unsigned *port)
{
    int fd = make_bound(port);
    if (listen(fd, 64))
        fail("cannot listen: %s", strerror(errno));
    return fd;
}

int net_reserve(unsigned *port)
{
    return make_bound(port);
}

/* A socket at the next port of a range that is free; each process begins somewhere else. */
static int bind_next(int type, unsigned first, unsigned count, unsigned *tried, unsigned *port)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned next = (unsigned)getpid() * SPREAD + __atomic_fetch_add(tried, 1, 5);
        struct sockaddr_in a = local(first + next % count);
        int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
        if (fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof a)) {
            *port = ntohs(a.sin_port);
            return fd;
        }
        if (fd >= 0)
            close(fd);
    }
    fail("no free port");
}

static unsigned tried_ports;

int net_datagrams(unsigned *port)
{
    int fd = bind_next(SOCK_DGRAM, FIRST_PORT, PORTS, &tried_ports, port);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

unsigned net_free_port(void)
{
    unsigned port;
    close(bind_next(SOCK_STREAM, FIRST_PORT, PORTS, &tried_ports, &port));
    return port;
}

int net_connect(unsigned to, unsigned *port)
{
    static unsigned tried;
    struct sockaddr_in a = local(to);
    int one = 1, fd = bind_next(SOCK_STREAM, FIRST_CLIENT, CLIENTS, &tried, port);
    if (connect(fd, (struct sockaddr *)&a, sizeof a))
        fail("cannot connect to port %u: %s", to, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

int net_connect_path(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strncpy(a.sun_path, path, sizeof a.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && !connect(fd, (struct sockaddr *)&a, sizeof a))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

int net_accept(int fd, unsigned *port)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    int one = 1, got = accept4(fd, (struct sockaddr *)&a, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (got >= 0) {
        setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        *port = ntohs(a.sin_port);
    }
    return got;
}

enum net_end net_receive(int fd, struct text *to)
{
    char bytes[65536];
    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n > 0)
            text_add(to, bytes, (size_t)n);
        else if (n == 0)
            return NET_CLOSED;
        else if (errno != EINTR)
            return errno == EAGAIN ? NET_OPEN : NET_RESET;
    }
}

bool net_send(int fd, const struct text *from, size_t *at)
{
    while (*at < from->n) {
        ssize_t n = send(fd, from->p + *at, from->n - *at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN;
        *at += (size_t)n;
    }
    return true;
}

void net_reset(int fd)
{
    struct linger now = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

bool net_is_listening(unsigned port)
{
    FILE *table = fopen("/proc/net/tcp", "r");
    char line[256];
    bool found = false;
    if (!table)
        fail("cannot read /proc/net/tcp");
    while (!found && fgets(line, sizeof line, table)) {
        unsigned at, state;
        found =
            sscanf(line, " %*d: %*x:%x %*x:%*x %x", &at, &state) == 2 && at == port && state == 10;
    }
    fclose(table);
    return found;
}
