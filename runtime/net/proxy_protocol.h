/*
 * The PROXY protocol, versions 1 and 2: headers that announce whose connection is being relayed.
 *
 * Not here: when a header is expected or sent, and who may send one. Nothing here touches a socket.
 * Source: "The PROXY protocol", sections 2.1 and 2.2.
 */
#ifndef PX_PROXY_PROTOCOL_H
#define PX_PROXY_PROTOCOL_H

#include "../abi/out.h"
#include "addr.h"

enum px_pp_result {
    PX_PP_MORE, /* it may become a header */
    PX_PP_DONE,
    PX_PP_ALIEN,     /* something else */
    PX_PP_BAD,       /* a header, but not a valid one */
    PX_PP_UNHANDLED, /* a header of version 1 about another protocol */
};
enum { PX_PP_RESULTS = PX_PP_UNHANDLED + 1 };

struct px_pp_header {
    size_t len;   /* bytes in all, what follows belongs to the session; 0: not known yet */
    bool relayed; /* src and dst are announced; else the connection is the sender's own */
    struct px_addr src, dst;
    struct px_str authority, unique_id, netns; /* in the bytes parsed; p == NULL: not given */
    struct px_str vectors;                     /* all of them, as they came */
};

/* Reads the header that the bytes begin with, however many of them have come. */
enum px_pp_result px_pp_parse(struct px_pp_header *h, const char *p, size_t len);

/* The next vector of that type from *at on, which moves behind it. false: there is none. */
bool px_pp_next_vector(struct px_str vectors, size_t *at, unsigned type, struct px_str *value);

/* Addresses of different or other families than IP cannot be announced: the receiver is told that
 * they are unknown. */
void px_pp_write_v1(struct px_out *out, const struct px_addr *src, const struct px_addr *dst);

struct px_pp_extra {
    bool crc32c;
    struct px_str authority, unique_id, netns; /* p == NULL: left out */
    struct px_str more;                        /* complete vectors; p == NULL: none */
};

/* One vector, as it stands in a header. */
void px_pp_put_vector(struct px_out *out, unsigned type, struct px_str value);

void px_pp_write_v2(struct px_out *out, const struct px_addr *src, const struct px_addr *dst,
                    const struct px_pp_extra *extra);

/* The longest headers written, without more vectors: one that announces 255 bytes of authority and of
 * a network namespace, and 128 of unique id. */
enum {
    PX_PP_MAX_V1 = 107,
    PX_PP_MAX_AUTHORITY = 255,
    PX_PP_MAX_ID = 128,
    PX_PP_MAX_NETNS = 255,
    PX_PP_MAX_V2 = 768,
};

#endif
