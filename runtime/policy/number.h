/*
 * Numbers and addresses in text, read the way HAProxy reads them.
 *
 * Three ways to read an integer exist there, and they differ on malformed input. Which one applies
 * is part of what a fetch or converter means.
 */
#ifndef PX_NUMBER_H
#define PX_NUMBER_H

#include "../abi/types.h"

/* A sign, then digits up to the first other byte; beyond 64 bits the nearest bound. 0: none. */
int64_t px_read_int64(struct px_str s);

/* 32 bits, wrapping. Bytes below '0' count as negative digits, bytes above '9' end the number. */
int32_t px_read_int32(struct px_str s);

/* 32 bits, wrapping; every byte counts as a digit. */
uint32_t px_read_uint32(struct px_str s);

/* Four decimal numbers at the beginning of s. Answers how many bytes they take, 0: no address. */
size_t px_read_ipv4(struct px_str s, struct in_addr *ip);

/* All of s is an IPv6 address (RFC 4291 2.2). */
bool px_read_ipv6(struct px_str s, struct in6_addr *ip);

/* ::ffff:a.b.c.d (RFC 4291 2.5.5.2), in both directions. false: it is not mapped. */
bool px_unmap(const struct in6_addr *from, struct in_addr *to);
void px_map_v4(const struct in_addr *from, struct in6_addr *to);

/* Value of a hexadecimal digit, -1: none. */
static inline int px_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
