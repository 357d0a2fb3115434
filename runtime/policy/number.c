/*
 * Numbers and addresses in text. See number.h.
 */
#include "number.h"

#include <arpa/inet.h>
#include <string.h>

int64_t px_read_int64(struct px_str s)
{
    const char *p = s.p, *end = s.p + s.len;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    const uint64_t most = negative ? UINT64_C(1) << 63 : (UINT64_C(1) << 63) - 1;
    uint64_t n = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        n = n > (most - digit) / 10 ? most : n * 10 + digit;
    }
    return negative ? (int64_t)(0 - n) : (int64_t)n;
}

int32_t px_read_int32(struct px_str s)
{
    const char *p = s.p, *end = s.p + s.len;
    bool negative = p < end && *p == '-';
    uint32_t n = 0;
    for (p += negative; p < end; p++) {
        int digit = (signed char)*p - '0';
        if (digit > 9)
            break;
        n = n * 10 + (uint32_t)(negative ? -digit : digit);
    }
    return (int32_t)n;
}

uint32_t px_read_uint32(struct px_str s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n = n * 10 - '0' + (unsigned char)s.p[i];
    return n;
}

size_t px_read_ipv4(struct px_str s, struct in_addr *ip)
{
    uint8_t bytes[4];
    const char *p = s.p, *end = s.p + s.len;
    for (int i = 0; i < 4; i++) {
        if (i && (p == end || *p++ != '.'))
            return 0;
        unsigned n = 0;
        const char *digits = p;
        for (; p < end && *p >= '0' && *p <= '9' && n < 256; p++)
            n = n * 10 + (unsigned)(*p - '0');
        if (p == digits || n > 255)
            return 0;
        bytes[i] = (uint8_t)n;
    }
    if (p < end && *p == '.')
        return 0;
    memcpy(ip, bytes, sizeof bytes);
    return (size_t)(p - s.p);
}

bool px_read_ipv6(struct px_str s, struct in6_addr *ip)
{
    char text[INET6_ADDRSTRLEN];
    if (s.len >= sizeof text || memchr(s.p, 0, s.len))
        return false;
    memcpy(text, s.p, s.len);
    text[s.len] = 0;
    return inet_pton(AF_INET6, text, ip) == 1;
}

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

bool px_unmap(const struct in6_addr *from, struct in_addr *to)
{
    if (memcmp(from->s6_addr, mapped, sizeof mapped))
        return false;
    memcpy(to, from->s6_addr + sizeof mapped, 4);
    return true;
}

void px_map_v4(const struct in_addr *from, struct in6_addr *to)
{
    memcpy(to->s6_addr, mapped, sizeof mapped);
    memcpy(to->s6_addr + sizeof mapped, from, 4);
}
