/*
 * answer.h - reads one HTTP/1.1 answer at a time from a stream of bytes.
 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANSWER_HEAD_MAX = 4096 };

enum answer_state {
    ANSWER_HEAD,     /* in the status line or the header */
    ANSWER_LENGTH,   /* in a body of known length */
    ANSWER_SIZE,     /* in the size line of a chunk */
    ANSWER_CHUNK,    /* in the data of a chunk */
    ANSWER_CHUNKEND, /* in the line end after the data of a chunk */
    ANSWER_TRAILER,  /* in the trailer section */
    ANSWER_TOEND,    /* in a body that ends with the connection */
    ANSWER_DONE,     /* complete */
    ANSWER_BROKEN    /* not HTTP/1.1, or cut short */
};

struct answer {
    enum answer_state state;
    int status;
    bool keep;        /* the connection may carry another request */
    bool chunked;     /* of the head being read */
    bool has_length;  /* of the head being read */
    uint64_t left;    /* bytes to come in ANSWER_LENGTH and ANSWER_CHUNK */
    uint64_t body;    /* body bytes so far, without chunk framing */
    size_t digits;    /* characters of the size line or trailer line so far */
    size_t head_used; /* bytes of a head that arrived in pieces */
    char head[ANSWER_HEAD_MAX];
};

/* Gets ready for the next answer. */
void answer_start(struct answer *answer);

/* Takes bytes until they end or the answer is complete or broken, and returns how many it took:
 * fewer than given only in ANSWER_DONE and ANSWER_BROKEN. Interim answers (1xx) are skipped. The
 * request must not have been HEAD or CONNECT. Source: RFC 9112 sections 4, 6.3, 7.1. */
size_t answer_feed(struct answer *answer, const char *bytes, size_t count);

/* Tells that count body bytes arrived whose contents nobody looked at. Only in ANSWER_LENGTH,
 * and count <= left. */
void answer_skip(struct answer *answer, size_t count);

/* Tells that the connection ended: completes an ANSWER_TOEND, breaks any other unfinished one. */
void answer_end(struct answer *answer);

#endif
