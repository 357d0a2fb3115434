/*
 * A connection to a name server over TCP: messages behind their lengths (RFC 1035 4.2.2, 7766).
 *
 * It is opened with the first question, carries as many as there are without waiting for answers,
 * and is closed when there have been none for a while. Whose an answer is, and what becomes of
 * questions that a lost connection leaves behind, is not known here. On the thread that sends.
 */
#ifndef PX_DNS_STREAM_H
#define PX_DNS_STREAM_H

#include "../loop/loop.h"
#include "../net/addr.h"

struct px_dns_stream;

struct px_dns_stream_ops {
    /* The bytes are there until this returns. The connection may be closed meanwhile. */
    void (*message)(struct px_dns_stream *s, const uint8_t *message, size_t len);
    /* It is closed: the server, or the network, has failed. */
    void (*lost)(struct px_dns_stream *s);
};

struct px_dns_stream {
    struct px_watch watch; /* fd -1: not open */
    const struct px_dns_stream_ops *ops;
    struct px_timer idle;
    unsigned life;            /* how often it was opened */
    unsigned asked, answered; /* messages, in this life */
    uint64_t since;           /* that it waits without an answer */
    bool connected;
    uint8_t *in, *out;
    size_t nin, nout; /* bytes that are there */
};

void px_dns_stream_init(struct px_dns_stream *s, const struct px_dns_stream_ops *ops);

/* Sends a message, now or when it is connected. false: it cannot be, or too much is queued. */
bool px_dns_stream_send(struct px_dns_stream *s, const union px_sockaddr *to, socklen_t to_len,
                        const uint8_t *message, size_t len);

/* Has there been no answer for so long, though there are questions? */
bool px_dns_stream_is_stalled(const struct px_dns_stream *s, uint64_t ms);

/* Nobody waits for answers any more. */
void px_dns_stream_rest(struct px_dns_stream *s);

void px_dns_stream_close(struct px_dns_stream *s);

#endif
