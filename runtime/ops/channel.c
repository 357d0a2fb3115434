/*
 * Between master and worker. See channel.h.
 */
#include "channel.h"

#include "../loop/loop.h"
#include "../net/passing.h"
#include "message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct px_watch watch = {.fd = -1};

/* ---- the worker ---- */

static void start_sessions(unsigned char level, const int *fds, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        px_control_start(fds[i], &px_commands,
                         level < PX_LEVEL_ADMIN ? (enum px_control_level)level : PX_LEVEL_ADMIN,
                         NULL);
}

static void channel_event(struct px_watch *w, uint32_t events)
{
    unsigned char level;
    int fds[PX_PASS_MOST];
    unsigned n;
    ssize_t got;
    (void)events;
    while ((got = px_passed(w->fd, &level, 1, fds, &n)) > 0)
        start_sessions(level, fds, n);
    if (!got || (errno != EAGAIN && errno != EINTR)) {
        px_alert("The master process is gone. Exiting.");
        _exit(1);
    }
}

static const struct px_watch_ops channel_ops = {channel_event};

void px_channel_set(int fd)
{
    watch = (struct px_watch){.ops = &channel_ops, .fd = fd};
}

bool px_channel_serve(void)
{
    if (watch.fd < 0 || px_loop_watch(&watch, EPOLLIN))
        return true;
    px_alert("Cannot listen to the master: %s.", strerror(errno));
    return false;
}

void px_channel_ready(void)
{
    if (watch.fd >= 0 && !px_pass(watch.fd, "R", 1, NULL, 0))
        px_warning("Cannot tell the master that all is ready: %s.", strerror(errno));
}

/* ---- the master ---- */

bool px_channel_open(int *master, int *worker)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
        return false;
    *master = fds[0];
    *worker = fds[1];
    return true;
}

int px_channel_connect(int fd, enum px_control_level level)
{
    int fds[2];
    char byte = (char)level;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
        return -1;
    bool sent = px_pass(fd, &byte, 1, &fds[1], 1);
    int err = errno;
    close(fds[1]);
    if (sent)
        return fds[0];
    close(fds[0]);
    errno = err;
    return -1;
}
