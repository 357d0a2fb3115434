/*
 * Numbers, times, sizes and IP addresses as text. See value.h.
 *
 * Not here: what a directive does with them, and which bounds it sets; its messages.
 * Idea: every reader takes the whole text or nothing, so that "10sec" is never read as 10.
 */
#include "value.h"

#include <arpa/inet.h>
#include <string.h>

/* The digits at *at, which moves behind them. */
static enum value_result digits(struct str s, size_t *at, uint64_t max, uint64_t *out)
{
    size_t start = *at;
    uint64_t v = 0;
    bool big = false;
    for (; *at < s.len && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at) {
        uint64_t d = (uint64_t)(s.p[*at] - '0');
        big = big || v > (max - d) / 10 || d > max;
        v = big ? max : v * 10 + d;
    }
    *out = v;
    if (*at == start)
        return VALUE_MALFORMED;
    return big ? VALUE_TOO_BIG : VALUE_OK;
}

enum value_result value_uint(struct str s, uint64_t max, uint64_t *out)
{
    size_t at = 0;
    enum value_result r = digits(s, &at, max, out);
    return at == s.len ? r : VALUE_MALFORMED;
}

enum value_result value_int(struct str s, int64_t *out)
{
    bool minus = s.len && s.p[0] == '-';
    bool sign = minus || (s.len && s.p[0] == '+');
    uint64_t most = (uint64_t)INT64_MAX + minus, v;
    enum value_result r = value_uint(str_cut(s, sign, s.len), most, &v);
    if (r == VALUE_OK)
        *out = minus ? (int64_t)(0 - v) : (int64_t)v;
    return r;
}

static bool unit_of(struct str s, uint64_t *us)
{
    static const struct {
        const char *name;
        uint64_t us;
    } units[] = {{"us", 1},       {"ms", 1000},       {"s", 1000000},
                 {"m", 60000000}, {"h", 3600000000u}, {"d", 86400000000u}};
    for (unsigned i = 0; i < COUNT(units); i++)
        if (str_is(s, units[i].name)) {
            *us = units[i].us;
            return true;
        }
    return false;
}

enum value_result value_time(struct str s, uint64_t unit_ms, uint64_t *out)
{
    size_t at = 0;
    uint64_t v, us = unit_ms * 1000;
    enum value_result r = digits(s, &at, UINT32_MAX, &v);
    if (r == VALUE_MALFORMED || (at < s.len && !unit_of(str_cut(s, at, s.len), &us)))
        return VALUE_MALFORMED;
    if (r == VALUE_TOO_BIG && us > 1)
        return r;
    uint64_t ms = (v * us + 999) / 1000;
    *out = ms;
    return r == VALUE_TOO_BIG || ms > INT32_MAX ? VALUE_TOO_BIG : VALUE_OK;
}

enum value_result value_size(struct str s, uint64_t *out)
{
    size_t at = 0;
    enum value_result r = digits(s, &at, UINT64_MAX, out);
    if (r == VALUE_MALFORMED || at == s.len)
        return r;
    char unit = (char)(s.p[at] | 0x20);
    unsigned shift = unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : 0;
    if (!shift || at + 1 != s.len)
        return VALUE_MALFORMED;
    if (r == VALUE_TOO_BIG || *out > UINT64_MAX >> shift)
        return VALUE_TOO_BIG;
    *out <<= shift;
    return VALUE_OK;
}

/* Omitted numbers are zeros in front of the last one: 10.1 is 10.0.0.1. */
bool value_ipv4(struct str s, uint8_t out[4])
{
    uint8_t v[4] = {0};
    unsigned n = 0;
    for (size_t at = 0; n < 4; at++) {
        uint64_t byte;
        if (digits(s, &at, 255, &byte) != VALUE_OK)
            return false;
        v[n++] = (uint8_t)byte;
        if (at == s.len)
            break;
        if (s.p[at] != '.' || n == 4)
            return false;
    }
    memset(out, 0, 4);
    memcpy(out, v, n > 1 ? n - 1 : 1);
    if (n > 1)
        out[3] = v[n - 1];
    return true;
}

bool value_ipv4_full(struct str s, uint8_t out[4])
{
    unsigned dots = 0;
    for (size_t i = 0; i < s.len; i++)
        dots += s.p[i] == '.';
    return dots == 3 && value_ipv4(s, out);
}

bool value_ipv6(struct str s, uint8_t out[16])
{
    char text[INET6_ADDRSTRLEN];
    if (s.len >= sizeof text)
        return false;
    memcpy(text, s.p, s.len);
    text[s.len] = 0;
    return inet_pton(AF_INET6, text, out) == 1;
}

static int prefix_length(const uint8_t mask[4])
{
    uint32_t m =
        (uint32_t)mask[0] << 24 | (uint32_t)mask[1] << 16 | (uint32_t)mask[2] << 8 | mask[3];
    int len = 0;
    while (len < 32 && m >> 31) {
        m <<= 1;
        len++;
    }
    return m ? -1 : len;
}

int value_mask(struct str s, unsigned bits)
{
    uint64_t len;
    uint8_t mask[4];
    if (value_uint(s, bits, &len) == VALUE_OK)
        return (int)len;
    if (bits == 32 && memchr(s.p, '.', s.len) && value_ipv4(s, mask))
        return prefix_length(mask);
    return -1;
}
