/*
 * The first message of a TLS client, read from the bytes as they came over the wire.
 *
 * For connections that pass through undeciphered. Everything here is bounded by the bytes given and
 * keeps no state: it is called again when more have come.
 */
#ifndef PX_HELLO_H
#define PX_HELLO_H

#include "../abi/types.h"

/* A handshake message (RFC 8446 4). */
struct px_handshake {
    uint8_t type;
    struct px_str body; /* p == NULL: it is spread over records and was not joined */
};

enum { PX_CLIENT_HELLO = 1 };

/*
 * The handshake message at the beginning of `in`. PX_LATER: it is not complete; PX_ABSENT: this is
 * no TLS. A message that is spread over several records is joined in `room` (in.len bytes), unless
 * room is NULL.
 */
enum px_found px_handshake_first(struct px_str in, char *room, struct px_handshake *msg);

/* The version at the beginning of a ClientHello (RFC 8446 4.1.2): major * 65536 + minor. */
enum px_found px_hello_version(struct px_str body, int64_t *version);

/* The cipher suites that it offers, two bytes each. */
enum px_found px_hello_ciphers(struct px_str body, struct px_str *list);

/* Extensions of a ClientHello (RFC 8446 4.2, RFC 5077). */
enum px_hello_extension {
    PX_EXT_GROUPS = 10,
    PX_EXT_SIGNATURES = 13,
    PX_EXT_ALPN = 16,
    PX_EXT_TICKET = 35,
    PX_EXT_KEY_SHARES = 51,
};

/* What an extension holds. PX_ABSENT: it is not there. */
enum px_found px_hello_extension(struct px_str body, enum px_hello_extension type,
                                 struct px_str *data);

/* The same for one that is a list, behind two bytes of length. */
enum px_found px_hello_list(struct px_str body, enum px_hello_extension type, struct px_str *list);

/* The protocol that the client likes most (RFC 7301 3.1: they stand in order of preference). */
enum px_found px_hello_protocol(struct px_str body, struct px_str *name);

/* The groups of the key shares (RFC 8446 4.2.8), two bytes each, put together in groups, which has
 * the room of the body. */
enum px_found px_hello_shares(struct px_str body, struct px_str *groups);

/* The host name that a ClientHello asks for (RFC 6066 3); it lies in the body. */
enum px_found px_hello_name(struct px_str body, struct px_str *name);

/* The version that a ClientHello in the format of SSL 2 asks for (RFC 5246 E.2). */
enum px_found px_sslv2_version(struct px_str in, int64_t *version);

#endif
