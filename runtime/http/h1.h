/*
 * HTTP/1 message heads on the wire (RFC 9112): parsing in place, and writing.
 *
 * Parsing may be called again and again as bytes arrive; every byte is looked at a bounded number
 * of times. What is parsed is normalised in the buffer where that keeps its length: names become
 * lower case, folded lines become one.
 */
#ifndef PX_H1_H
#define PX_H1_H

#include "head.h"

enum px_h1_result {
    PX_H1_MORE,     /* the head is not complete */
    PX_H1_DONE,     /* head->len bytes at buf->start are a valid head */
    PX_H1_BAD,      /* not HTTP/1, or dangerous */
    PX_H1_TOO_BIG,  /* does not fit the buffer, or has too many fields */
    PX_H1_PAYLOAD,  /* a body where none is taken (HTTP/1.0 GET, HEAD, DELETE) */
    PX_H1_CODING,   /* transfer codings that are valid but not understood */
};

/* Progress of one head. All zero before the first byte. */
struct px_h1 {
    uint32_t line;   /* offset in the buffer, from start, of the line being read */
    uint32_t looked; /* offset behind the last byte that was looked at */
};

static inline void px_h1_reset(struct px_h1 *h1)
{
    h1->line = h1->looked = 0;
}

/* Before a head begins, empty lines are passed over (RFC 9112 2.2), and what is left in the buffer
 * moves to its front. `limit` bounds the head. */
enum px_h1_result px_h1_request(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                uint32_t limit);
enum px_h1_result px_h1_response(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                 uint32_t limit);

/*
 * A head that was found bad may be looked at once more: names may hold any visible character but the
 * colon then, and so may targets; bytes above 127 count as visible. White space, control characters
 * and all that decides where a message ends is as strict as before.
 */
enum px_h1_result px_h1_request_again(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                      uint32_t limit);
enum px_h1_result px_h1_response_again(struct px_h1 *h1, struct px_head *head, struct px_buf *buf,
                                       uint32_t limit);

/* The length of a body (RFC 9112 6); sets head->body, length and the connection flags. */
enum px_h1_result px_h1_request_framing(struct px_head *head);
enum px_h1_result px_h1_response_framing(struct px_head *head, enum px_meth request);

/* Are target and Host valid, and do they agree (RFC 9112 3.2)? A port that the scheme implies is cut
 * out of absolute targets and of the Host beside them. */
bool px_h1_target(struct px_head *head);
/* Is v a host, perhaps with a port, as in Host fields? */
bool px_h1_is_authority(struct px_str v);

/* Number of a method, by its text. */
enum px_meth px_meth_of(struct px_str name);

/*
 * What to send for this head: entries that refer to the buffer, the arena and constants.
 * Answers how many, 0 when `max` is not enough (px_h1_flat then), never more than max.
 */
unsigned px_h1_iov(const struct px_head *head, struct iovec *v, unsigned max);
/* The same as one run of bytes in the arena; NULL: no memory. */
char *px_h1_flat(const struct px_head *head, size_t *len);

/* Header names become what h1-case-adjust says, for good: names of the head are in lower case no
 * more. */
void px_h1_adjust_case(struct px_head *head);

/* The size that logs and statistics show for a head: HAProxy counts its parts, not wire bytes. */
uint64_t px_head_size(const struct px_head *head);

#endif
