/*
 * Handing over listening sockets. See handover.h.
 *
 * Both sides can find out from a socket itself what it is bound to and how; the description is
 * written for HAProxy, which wants the network interface, and read by nobody here.
 */
#include "handover.h"

#include "../net/inherited.h"
#include "../net/passing.h"
#include "message.h"
#include "workers.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 5, DESCRIPTION = 2 + IFNAMSIZ + 4 };

static const char request[] = "_getsocks\n";

/* ---- giving ---- */

struct batch {
    int sock;
    unsigned n;
    size_t len;
    bool failed;
    int fds[PX_PASS_MOST];
    char text[PX_PASS_MOST * DESCRIPTION];
};

static void flush(struct batch *b)
{
    if (b->n && !b->failed)
        b->failed = !px_pass(b->sock, b->text, b->len, b->fds, b->n);
    b->n = 0;
    b->len = 0;
}

/* No name space, the interface, and four bytes of options that HAProxy looks up for itself. */
static void describe(struct batch *b, int fd)
{
    char name[IFNAMSIZ] = "";
    socklen_t size = sizeof name;
    getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &size);
    size_t len = strnlen(name, sizeof name);
    b->text[b->len++] = 0;
    b->text[b->len++] = (char)len;
    memcpy(b->text + b->len, name, len);
    memset(b->text + b->len + len, 0, 4);
    b->len += len + 4;
}

static void give(int fd, void *ctx)
{
    struct batch *b = ctx;
    describe(b, fd);
    b->fds[b->n++] = fd;
    if (b->n == PX_PASS_MOST)
        flush(b);
}

static void count(int fd, void *ctx)
{
    (void)fd;
    ++*(int *)ctx;
}

bool px_handover_give(int sock)
{
    int number = 0;
    struct batch *b = calloc(1, sizeof *b);
    if (!b)
        return false;
    b->sock = sock;
    px_sockets_each(count, &number);
    b->failed = !px_pass(sock, &number, sizeof number, NULL, 0);
    px_sockets_each(give, b);
    flush(b);
    bool done = !b->failed;
    free(b);
    return done;
}

/* ---- taking ---- */

static int reach(const char *path)
{
    struct px_endpoint ep = {.family = PX_AF_UNIX, .path = path};
    union px_sockaddr sa;
    struct timeval patience = {PATIENCE_S, 0};
    socklen_t len = px_endpoint_sockaddr(&ep, 0, &sa);
    int sock = len ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (sock < 0)
        return -1;
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (!connect(sock, &sa.sa, len))
        return sock;
    int err = errno;
    close(sock);
    errno = err;
    return -1;
}

static bool take(int sock)
{
    static char text[PX_PASS_MOST * 512];
    int fds[PX_PASS_MOST], number = 0, got = 0;
    unsigned n;
    if (!px_pass(sock, request, sizeof request - 1, NULL, 0) ||
        recv(sock, &number, sizeof number, MSG_WAITALL) != sizeof number)
        return false;
    while (got < number) {
        if (px_passed(sock, text, sizeof text, fds, &n) <= 0)
            return false;
        got += (int)n;
        for (unsigned i = 0; i < n; i++)
            px_inherited_add(fds[i]);
        if (!px_pass(sock, &got, sizeof got, NULL, 0) && got < number)
            return false; /* behind the last one, the other side may be gone */
    }
    return true;
}

bool px_handover_take(const char *path)
{
    int sock = reach(path);
    if (sock < 0)
        px_warning("Failed to connect to the old process socket '%s': %s", path, strerror(errno));
    bool done = sock >= 0 && take(sock);
    if (sock >= 0)
        close(sock);
    if (!done)
        px_alert("Failed to get the sockets from the old process!");
    return done;
}
