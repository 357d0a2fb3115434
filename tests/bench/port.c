/*
 * port.c - finds free ports, and waits until somebody listens on one.
 *
 *     port free COUNT             prints COUNT free TCP ports of 127.0.0.1, one a line
 *     port wait IP:PORT SECONDS   returns when a connection is accepted; status 1 if none is
 *
 * Keep in mind: free ports are looked for below the range from which the kernel serves outgoing
 * connections, or the next connect() might take what was just promised to a listener.
 */
#include "net.h"
#include "tool.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_PORT = 20000, LAST_PORT = 32000, PROBE_MS = 10 };

static bool is_free(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool good = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

static int print_free(uint64_t count)
{
    /* two drivers started together should not walk the same way */
    unsigned span = LAST_PORT - FIRST_PORT;
    unsigned offset = (unsigned)((uint64_t)getpid() * 97 % span);

    for (unsigned tried = 0; count > 0 && tried < span; tried++) {
        unsigned port = FIRST_PORT + (offset + tried) % span;
        if (is_free(port)) {
            printf("%u\n", port);
            count--;
        }
    }
    return count == 0 ? 0 : 1;
}

static bool answers(const struct sockaddr_in *address)
{
    int fd = net_connect(address, NULL);
    int error = 0;
    socklen_t length = sizeof(error);

    if (fd < 0) {
        return false;
    }
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    bool up = poll(&ready, 1, 1000) == 1 &&
              getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
    close(fd);
    return up;
}

static int wait_for(const struct sockaddr_in *address, double seconds)
{
    uint64_t end = tool_now() + (uint64_t)(seconds * (double)TOOL_SECOND);
    struct timespec pause = {.tv_nsec = PROBE_MS * 1000000L};

    while (!answers(address)) {
        if (tool_now() > end) {
            return 1;
        }
        nanosleep(&pause, NULL);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "free") == 0) {
        return print_free(tool_number(argv[2], 1000, "count"));
    }
    if (argc == 4 && strcmp(argv[1], "wait") == 0) {
        struct sockaddr_in address = net_parse(argv[2]);
        return wait_for(&address, tool_fraction(argv[3], 3600, "seconds"));
    }
    fprintf(stderr, "usage: port free COUNT | port wait IP:PORT SECONDS\n");
    return 2;
}
