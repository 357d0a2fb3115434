/*
 * link.h - one connection of the load generator, and what is said over it.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include "answer.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is said over every connection; the same for the whole run. */
struct talk {
    const char *request;
    size_t request_size;
    size_t reply_size; /* raw mode: an answer is so many bytes; 0: answers are HTTP */
    int status;        /* HTTP: the status expected */
    bool close_each;   /* HTTP: the request asks for the connection to be closed */
    bool echo;         /* raw mode: the answer must repeat the request */
};

enum link_phase {
    LINK_CLOSED,
    LINK_IDLE,
    LINK_BUSY,   /* a request is under way */
    LINK_LEAVING /* answered; waiting for the other side to close */
};

enum link_result {
    LINK_WAIT,   /* nothing more to read for now */
    LINK_ANSWER, /* the answer is complete and as expected */
    LINK_END,    /* the other side closed while no request was under way */
    LINK_ERROR   /* wrong or short answer, or a failed connection; it must be closed */
};

struct link {
    int fd;
    enum link_phase phase;
    size_t sent;      /* bytes of the request */
    size_t received;  /* bytes of the answer, raw mode */
    uint64_t started; /* when the request began or was due: the caller's business */
    struct answer answer;
};

/* Starts to connect; the link is LINK_IDLE and may send at once. from may be NULL. False (and
 * LINK_CLOSED) if there is no socket to be had. */
bool link_open(struct link *link, const struct sockaddr_in *target, const struct sockaddr_in *from);

void link_close(struct link *link);

/* Begins a request on an idle link and sends what the socket takes. A failure to send shows in
 * the next link_receive(). */
void link_ask(struct link *link, const struct talk *talk);

/* Sends more of a request that did not fit at once; harmless if there is none. */
void link_send(struct link *link, const struct talk *talk);

/* Reads what is there. ended: the peer is known to have closed its side, so read to the end even
 * after a short read. *bytes grows by what was read. After LINK_ANSWER the link is LINK_IDLE, or
 * LINK_LEAVING if the connection ends with this answer. */
enum link_result link_receive(struct link *link, const struct talk *talk, bool ended,
                              uint64_t *bytes);

#endif
