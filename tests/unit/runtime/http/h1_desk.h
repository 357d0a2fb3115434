/*
 * What the tests of HTTP/1 heads share: parsing a text, whole or in pieces.
 */
#ifndef H1_DESK_H
#define H1_DESK_H

#include "program.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { LIMIT = 8192 };

/* A head that is being parsed. */
struct parsing {
    struct px_h1 h1;
    struct px_head head;
    struct px_buf *buf;
    struct px_arena arena;
    bool response;
    uint32_t limit;
};

static struct parsing P;

static inline void parse_begin(bool response)
{
    px_buf_put(P.buf);
    px_arena_release(&P.arena);
    P.buf = px_buf_get();
    P.h1 = (struct px_h1){0};
    P.response = response;
    P.limit = LIMIT;
    px_head_start(&P.head, &P.arena);
}

static inline void desk_open(void)
{
    program_prepare();
    P = (struct parsing){.limit = LIMIT};
}

static inline void desk_close(void)
{
    px_buf_put(P.buf);
    px_arena_release(&P.arena);
}

static inline enum px_h1_result parse_more(const char *p, size_t len)
{
    memcpy(P.buf->data + P.buf->end, p, len);
    P.buf->end += (uint32_t)len;
    return P.response ? px_h1_response(&P.h1, &P.head, P.buf, P.limit)
                      : px_h1_request(&P.h1, &P.head, P.buf, P.limit);
}

static inline enum px_h1_result parse(bool response, const char *text)
{
    parse_begin(response);
    return parse_more(text, strlen(text));
}

static inline bool px_str_is(struct px_str s, const char *text)
{
    return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

/* The head as it would be sent. */
static inline const char *written(void)
{
    static char out[65536];
    struct iovec v[512];
    unsigned n = px_h1_iov(&P.head, v, COUNT(v));
    size_t len = 0;
    ck_assert_uint_gt(n, 0);
    for (unsigned i = 0; i < n; len += v[i++].iov_len)
        memcpy(out + len, v[i].iov_base, v[i].iov_len);
    out[len] = '\0';
    return out;
}

#endif
