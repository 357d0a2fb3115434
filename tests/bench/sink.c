/*
 * sink.c - receives log lines over UDP and counts them.
 *
 *     sink [IP:]PORT
 *
 * For: giving the proxies of the log row somewhere to log to. On SIGTERM or SIGINT it prints
 * "lines=N bytes=N" and, so that a table can show that it was a real line, the last one.
 * Not for: checking what the lines say.
 * Keep in mind: it runs on the load generator's core, so it takes many datagrams per call.
 */
#include "net.h"
#include "tool.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, LINE_SIZE = 2048, RECEIVE_BUFFER = 8 << 20 };

struct tally {
    uint64_t lines;
    uint64_t bytes;
    unsigned last_size;
    char last[LINE_SIZE];
};

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int listen_udp(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int size = RECEIVE_BUFFER;
    /* a timeout lets the loop see `stopped` even if the signal came just before recvmmsg() */
    struct timeval patience = {.tv_usec = 100000};

    if (fd < 0 || bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        tool_die("cannot receive on port %u", ntohs(address->sin_port));
    }
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

static void receive(int fd, struct tally *tally)
{
    static char lines[BATCH][LINE_SIZE];
    struct iovec iov[BATCH];
    struct mmsghdr messages[BATCH];

    for (int i = 0; i < BATCH; i++) {
        iov[i] = (struct iovec){lines[i], LINE_SIZE};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
    }
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < count; i++) {
        tally->lines++;
        tally->bytes += messages[i].msg_len;
    }
    if (count > 0) {
        tally->last_size = messages[count - 1].msg_len;
        memcpy(tally->last, lines[count - 1], tally->last_size);
    }
}

int main(int argc, char **argv)
{
    static struct tally tally;
    struct sigaction action = {.sa_handler = stop};

    if (argc != 2) {
        fprintf(stderr, "usage: sink PORT\n");
        return 2;
    }
    struct sockaddr_in address = net_parse(argv[1]);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    int fd = listen_udp(&address);
    while (!stopped) {
        receive(fd, &tally);
    }
    /* some end their line with a line feed, some do not */
    while (tally.last_size > 0 && tally.last[tally.last_size - 1] == '\n') {
        tally.last_size--;
    }
    printf("lines=%llu bytes=%llu\n%.*s\n", (unsigned long long)tally.lines,
           (unsigned long long)tally.bytes, (int)tally.last_size, tally.last);
    return 0;
}
