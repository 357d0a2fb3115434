/*
 * net.c - sockets as the benchmark tools use them.
 *
 * For: listening, connecting, accepting, watching.
 * Not for: reading and writing, which every tool does in its own way.
 * Keep in mind: every socket is watched once, edge-triggered, so that a tool spends no system
 * call on epoll_ctl per request; whoever reads must read until a short read.
 */
#include "net.h"

#include "tool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct sockaddr_in net_parse(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    const char *port = colon != NULL ? colon + 1 : text;
    char ip[INET_ADDRSTRLEN] = "127.0.0.1";

    if (colon != NULL) {
        size_t length = (size_t)(colon - text);
        if (length >= sizeof(ip)) {
            tool_die("'%s' is not an address", text);
        }
        memcpy(ip, text, length);
        ip[length] = '\0';
    }
    if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) {
        tool_die("'%s' is not an address", text);
    }
    address.sin_port = htons((uint16_t)tool_number(port, 65535, "port"));
    return address;
}

static void set_option(int fd, int level, int option)
{
    int on = 1;

    if (setsockopt(fd, level, option, &on, sizeof(on)) != 0) {
        tool_die("setsockopt");
    }
}

int net_listen(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        tool_die("socket");
    }
    set_option(fd, SOL_SOCKET, SO_REUSEADDR);
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 ||
        listen(fd, 4096) != 0) {
        tool_die("cannot listen on port %u", ntohs(address->sin_port));
    }
    return fd;
}

int net_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        set_option(fd, IPPROTO_TCP, TCP_NODELAY);
    }
    return fd;
}

int net_connect(const struct sockaddr_in *target, const struct sockaddr_in *from)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    set_option(fd, IPPROTO_TCP, TCP_NODELAY);
    if (from != NULL) {
        /* the port is chosen at connect(), when the target is known and ports can be shared */
        set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
        if (bind(fd, (const struct sockaddr *)from, sizeof(*from)) != 0) {
            goto failed;
        }
    }
    if (connect(fd, (const struct sockaddr *)target, sizeof(*target)) == 0 ||
        errno == EINPROGRESS) {
        return fd;
    }
failed:;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int net_epoll(void)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    if (epoll < 0) {
        tool_die("epoll_create1");
    }
    return epoll;
}

static void watch(int epoll, int fd, uint32_t events, void *data)
{
    struct epoll_event event = {.events = events, .data.ptr = data};

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        tool_die("epoll_ctl");
    }
}

void net_watch(int epoll, int fd, void *data)
{
    watch(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, data);
}

void net_watch_input(int epoll, int fd, void *data)
{
    watch(epoll, fd, EPOLLIN, data);
}
