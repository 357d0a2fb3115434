/*
 * floor.c - the lower bound: a proxy that only moves bytes.
 *
 *     floor [IP:]LISTEN_PORT [IP:]UPSTREAM_PORT
 *
 * For: one upstream connection for each client connection, recv and send in both directions,
 * nothing else. No parsing, no timers, no limits: what it costs, every proxy on sockets costs.
 * Not for: use.
 * Keep in mind: one buffer serves all connections; only bytes that the other side would not
 * take are kept, and nothing more is read from a side until they are gone.
 */
#include "net.h"
#include "tool.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, BUFFER_SIZE = 256 * 1024, FILES = 100000 };

struct pair;

/* One socket, and the bytes that wait to be sent to it. */
struct side {
    int fd;
    bool ended; /* its peer sends no more */
    char *kept;
    size_t kept_at;
    size_t kept_size;
    struct pair *pair; /* NULL for the listener */
};

struct pair {
    struct side client;
    struct side server;
    struct pair *next_dead;
};

static char buffer[BUFFER_SIZE];
static struct pair *dead; /* closed; freed after the turn, events may still point to them */

static struct side *other_of(struct side *side)
{
    return side == &side->pair->client ? &side->pair->server : &side->pair->client;
}

static void end_pair(struct pair *pair)
{
    if (pair->client.fd < 0) {
        return;
    }
    close(pair->client.fd);
    close(pair->server.fd);
    pair->client.fd = pair->server.fd = -1;
    pair->next_dead = dead;
    dead = pair;
}

static void free_dead(void)
{
    while (dead != NULL) {
        struct pair *pair = dead;
        dead = pair->next_dead;
        free(pair->client.kept);
        free(pair->server.kept);
        free(pair);
    }
}

static void keep(struct side *to, const char *bytes, size_t size)
{
    to->kept = tool_alloc(size, 1);
    to->kept_at = 0;
    to->kept_size = size;
    memcpy(to->kept, bytes, size);
}

/* Returns false on a broken connection. */
static bool deliver(struct side *to, const char *bytes, size_t size)
{
    ssize_t n = send(to->fd, bytes, size, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN) {
        return false;
    }
    if (n < (ssize_t)size) {
        size_t sent = n > 0 ? (size_t)n : 0;
        keep(to, bytes + sent, size - sent);
    }
    return true;
}

static bool deliver_kept(struct side *to)
{
    ssize_t n = send(to->fd, to->kept + to->kept_at, to->kept_size - to->kept_at, MSG_NOSIGNAL);

    if (n < 0) {
        return errno == EAGAIN;
    }
    to->kept_at += (size_t)n;
    if (to->kept_at == to->kept_size) {
        free(to->kept);
        to->kept = NULL;
    }
    return true;
}

/* Moves bytes from one side to the other until either has enough; false ends the pair. */
static bool move(struct side *from, struct side *to, bool ending)
{
    while (to->kept == NULL && !from->ended) {
        ssize_t n = recv(from->fd, buffer, BUFFER_SIZE, 0);
        if (n < 0) {
            return errno == EAGAIN;
        }
        if (n == 0) {
            from->ended = true;
            shutdown(to->fd, SHUT_WR);
            break;
        }
        if (!deliver(to, buffer, (size_t)n)) {
            return false;
        }
        if (n < BUFFER_SIZE && !ending) {
            break;
        }
    }
    return !(from->ended && to->ended);
}

static void on_event(struct side *side, uint32_t events)
{
    struct side *other = other_of(side);
    bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    bool alive = side->fd >= 0;

    if (alive && (events & EPOLLOUT) != 0 && side->kept != NULL) {
        alive = deliver_kept(side);
        /* the other side was not read while bytes were kept, so its end may be unread too */
        alive = alive && (side->kept != NULL || move(other, side, true));
    }
    if (alive && (ending || (events & EPOLLIN) != 0)) {
        alive = move(side, other, ending);
    }
    if (!alive) {
        end_pair(side->pair);
    }
}

static void accept_all(int epoll, int listener, const struct sockaddr_in *upstream)
{
    for (int fd = net_accept(listener); fd >= 0; fd = net_accept(listener)) {
        struct pair *pair = tool_alloc(1, sizeof(*pair));
        pair->client = (struct side){.fd = fd, .pair = pair};
        pair->server = (struct side){.fd = net_connect(upstream, NULL), .pair = pair};
        if (pair->server.fd < 0) {
            close(fd);
            free(pair);
            continue;
        }
        net_watch(epoll, pair->client.fd, &pair->client);
        net_watch(epoll, pair->server.fd, &pair->server);
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];
    struct side listener = {.fd = -1};
    int epoll = net_epoll();

    if (argc != 3) {
        fprintf(stderr, "usage: floor LISTEN_PORT UPSTREAM_PORT\n");
        return 2;
    }
    struct sockaddr_in address = net_parse(argv[1]);
    struct sockaddr_in upstream = net_parse(argv[2]);
    signal(SIGPIPE, SIG_IGN);
    tool_raise_files(FILES);
    listener.fd = net_listen(&address);
    net_watch_input(epoll, listener.fd, &listener);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct side *side = events[i].data.ptr;
            if (side->pair == NULL) {
                accept_all(epoll, listener.fd, &upstream);
            } else {
                on_event(side, events[i].events);
            }
        }
        free_dead();
    }
}
