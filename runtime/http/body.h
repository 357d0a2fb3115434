/*
 * The bodies of HTTP/1 messages (RFC 9112 6 and 7): where they end, and which bytes carry data.
 *
 * A body is walked in spans as bytes arrive; nothing is stored. The same walk serves forwarding as
 * is, decoding and inspecting.
 */
#ifndef PX_BODY_H
#define PX_BODY_H

#include "head.h"

enum px_span_kind {
    PX_SPAN_DATA,    /* payload */
    PX_SPAN_FRAME,   /* chunk framing that a receiver needs */
    PX_SPAN_TRAILER, /* the trailer section, its last empty line included */
    PX_SPAN_DROP,    /* chunk extensions: not to be forwarded */
    PX_SPAN_MORE,    /* nothing left here, the body goes on */
    PX_SPAN_END,     /* the body is over; what follows is not part of it */
    PX_SPAN_BAD,     /* not a valid chunked body */
};

enum { PX_TRAILER_NAME = 18 }; /* one more than the longest name that is looked for */

struct px_body_walk {
    uint64_t left; /* of a length body or the current chunk; PX_BODY_CLOSE: not used */
    uint8_t kind;  /* enum px_body */
    uint8_t state;
    uint8_t digits;
    uint8_t name_len; /* of a trailer field: what has come of its name */
    uint16_t extra;   /* bytes of the extensions of this chunk, or of the trailers */
    bool over;
    char name[PX_TRAILER_NAME];
};

void px_body_begin(struct px_body_walk *walk, enum px_body kind, uint64_t length);

/* The next span at *p, which moves behind it. */
enum px_span_kind px_body_next(struct px_body_walk *walk, const char **p, const char *end);

/* So many of the next bytes are payload, whatever they are; they may be passed on unread, and are
 * then told to px_body_skip. */
uint64_t px_body_unseen(const struct px_body_walk *walk);
void px_body_skip(struct px_body_walk *walk, uint64_t bytes);

/* Do the bytes of a body that have come up to end show that it is malformed? */
bool px_body_is_bad(enum px_body kind, const char *p, const char *end);

#endif
