/*
 * give.c - starts a program with listening sockets that it inherits.
 *
 *     give NAME=PORT... -- PROGRAM ARGUMENT...
 *
 * Each NAME becomes an environment variable that holds the number of a socket which listens on
 * that port of 127.0.0.1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
    fprintf(stderr, "give: %s: %s\n", what, strerror(errno));
    return 1;
}

static int listen_on(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
        bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 64))
        return -1;
    return fd;
}

int main(int argc, char **argv)
{
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--"); i++) {
        char *equals = strchr(argv[i], '='), number[16];
        if (!equals)
            return fail("usage: give NAME=PORT... -- PROGRAM ARGUMENT...");
        *equals = 0;
        int fd = listen_on(equals + 1);
        snprintf(number, sizeof number, "%d", fd);
        if (fd < 0 || setenv(argv[i], number, 1))
            return fail(argv[i]);
    }
    if (i + 1 >= argc)
        return fail("usage: give NAME=PORT... -- PROGRAM ARGUMENT...");
    execvp(argv[i + 1], argv + i + 1);
    return fail(argv[i + 1]);
}
