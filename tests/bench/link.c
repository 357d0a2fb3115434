/*
 * link.c - input and output of one connection of the load generator.
 *
 * For: sending the one request and recognising its answer, HTTP or raw.
 * Not for: deciding when to send (load_run.c, load_idle.c).
 * Keep in mind: the generator shares a core with the origin and must not become what is
 * measured, so a body whose length is known is dropped in the kernel (MSG_TRUNC), uncopied.
 */
#include "link.h"

#include "net.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_SIZE = 256 * 1024 };

static char buffer[BUFFER_SIZE];

bool link_open(struct link *link, const struct sockaddr_in *target, const struct sockaddr_in *from)
{
    link->fd = net_connect(target, from);
    link->phase = link->fd >= 0 ? LINK_IDLE : LINK_CLOSED;
    return link->fd >= 0;
}

void link_close(struct link *link)
{
    if (link->phase != LINK_CLOSED) {
        close(link->fd);
        link->phase = LINK_CLOSED;
        link->fd = -1;
    }
}

void link_send(struct link *link, const struct talk *talk)
{
    if (link->phase != LINK_BUSY || link->sent == talk->request_size) {
        return;
    }
    ssize_t n =
        send(link->fd, talk->request + link->sent, talk->request_size - link->sent, MSG_NOSIGNAL);
    if (n > 0) {
        link->sent += (size_t)n;
    }
}

void link_ask(struct link *link, const struct talk *talk)
{
    link->phase = LINK_BUSY;
    link->sent = 0;
    link->received = 0;
    answer_start(&link->answer);
    link_send(link, talk);
}

static enum link_result finish(struct link *link, bool keep)
{
    link->phase = keep ? LINK_IDLE : LINK_LEAVING;
    return LINK_ANSWER;
}

static enum link_result judge_http(struct link *link, const struct talk *talk)
{
    const struct answer *answer = &link->answer;

    if (answer->state < ANSWER_DONE) {
        return LINK_WAIT;
    }
    if (answer->state == ANSWER_BROKEN || answer->status != talk->status) {
        return LINK_ERROR;
    }
    return finish(link, answer->keep && !talk->close_each);
}

static enum link_result take_http(struct link *link, const struct talk *talk, size_t count)
{
    /* bytes after the end of an answer, which nobody asked for, are an error */
    if (answer_feed(&link->answer, buffer, count) < count) {
        return LINK_ERROR;
    }
    return judge_http(link, talk);
}

static enum link_result take_raw(struct link *link, const struct talk *talk, size_t count)
{
    size_t before = link->received;

    if (count > talk->reply_size - before) {
        return LINK_ERROR;
    }
    if (talk->echo && memcmp(buffer, talk->request + before, count) != 0) {
        return LINK_ERROR;
    }
    link->received += count;
    return link->received < talk->reply_size ? LINK_WAIT : finish(link, true);
}

static enum link_result take_end(struct link *link, const struct talk *talk)
{
    if (link->phase != LINK_BUSY) {
        return LINK_END;
    }
    answer_end(&link->answer);
    return talk->reply_size > 0 ? LINK_ERROR : judge_http(link, talk);
}

/* How many bytes may be dropped unread: none while their contents matter. */
static size_t droppable(const struct link *link, const struct talk *talk)
{
    if (link->phase != LINK_BUSY || talk->echo) {
        return 0;
    }
    if (talk->reply_size > 0) {
        return talk->reply_size - link->received;
    }
    return link->answer.state == ANSWER_LENGTH ? link->answer.left : 0;
}

static enum link_result take_dropped(struct link *link, const struct talk *talk, size_t count)
{
    if (talk->reply_size > 0) {
        return take_raw(link, talk, count);
    }
    answer_skip(&link->answer, count);
    return judge_http(link, talk);
}

static enum link_result take(struct link *link, const struct talk *talk, size_t count)
{
    if (link->phase != LINK_BUSY) {
        return LINK_ERROR;
    }
    return talk->reply_size > 0 ? take_raw(link, talk, count) : take_http(link, talk, count);
}

enum link_result link_receive(struct link *link, const struct talk *talk, bool ended,
                              uint64_t *bytes)
{
    for (;;) {
        size_t drop = droppable(link, talk);
        size_t wanted = drop > 0 && drop < BUFFER_SIZE ? drop : BUFFER_SIZE;
        ssize_t n = recv(link->fd, buffer, wanted, drop > 0 ? MSG_TRUNC : 0);
        if (n < 0) {
            return errno == EAGAIN ? LINK_WAIT : LINK_ERROR;
        }
        if (n == 0) {
            return take_end(link, talk);
        }
        *bytes += (uint64_t)n;
        enum link_result result =
            drop > 0 ? take_dropped(link, talk, (size_t)n) : take(link, talk, (size_t)n);
        if (result != LINK_WAIT || ((size_t)n < wanted && !ended)) {
            return result;
        }
    }
}
