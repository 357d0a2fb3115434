/*
 * Values that many directives take: numbers, times, sizes, addresses.
 */
#ifndef VALUE_H
#define VALUE_H

#include "words.h"

#include "../../runtime/abi/types.h"

enum value_result {
    VALUE_OK,
    VALUE_MALFORMED,
    VALUE_TOO_BIG,
};

/* A decimal number without sign, from 0 to max. */
enum value_result value_uint(struct str s, uint64_t max, uint64_t *out);
enum value_result value_int(struct str s, int64_t *out);
/* Milliseconds, rounded up; unit_ms: what a number without unit means (HAProxy manual 2.5). */
enum value_result value_time(struct str s, uint64_t unit_ms, uint64_t *out);
/* Bytes, with k, m, g (powers of 1024). */
enum value_result value_size(struct str s, uint64_t *out);

/* "10.1.2.3", "10.1" (= 10.0.0.1), and IPv6; into network-order bytes. */
bool value_ipv4(struct str s, uint8_t out[4]);
bool value_ipv4_full(struct str s, uint8_t out[4]); /* all four numbers are there */
bool value_ipv6(struct str s, uint8_t out[16]);
/* What stands behind the slash, "24" or "255.255.255.0": prefix length; -1: malformed or not
 * contiguous. */
int value_mask(struct str s, unsigned bits);

/* What an address of a bind, server or log line may say. */
enum address_flag {
    ADDRESS_PORT_RANGE = 1,  /* low-high */
    ADDRESS_PORT_OFFSET = 2, /* +n, -n */
    ADDRESS_PORT_MANDATORY = 4,
    ADDRESS_NAMES = 8,     /* host names, looked up when the proxy starts */
    ADDRESS_LIST = 16,     /* several, separated by commas */
    ADDRESS_ANY = 32,      /* "*" and an empty host mean any address */
    ADDRESS_DATAGRAM = 64, /* of a log target: udp@ is allowed too, stream sockets are not meant */
    ADDRESS_PORT_ZERO = 128, /* any port is good */
    ADDRESS_FD = 256,        /* fd@: sockets that the proxy inherits */
};

struct address {
    struct px_endpoint endpoint;
    int port_high; /* last port of a range; endpoint.port when there is none */
    struct span span;
};

/*
 * The addresses of a word (HAProxy manual 11): [ipv4@|ipv6@|unix@|abns@|fd@]..., "/path",
 * "host:port", "[v6]:port", ":port", "*:port". Unquoted ${NAME} and $NAME are expanded, as
 * HAProxy does in addresses only. Answers how many were added to *list; 0: reported.
 */
unsigned address_parse(struct arena *a, struct diags *diags, const struct env *env,
                       const struct word *w, unsigned flags, struct address **list);

#endif
