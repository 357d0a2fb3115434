/*
 * The PROXY protocol. See proxy_protocol.h.
 *
 * Every length and every character counts: an address that is read differently by two programs is
 * an address that somebody can forge. Numbers beyond their range and with leading zeros, lines that
 * end in anything but CRLF, and vectors that do not fill the header exactly are refused.
 */
#include "proxy_protocol.h"

#include "../base/bytes.h"

#include <arpa/inet.h>
#include <string.h>

static const char v1_start[] = "PROXY ";
static const char v2_start[] = "\r\n\r\n\0\r\nQUIT\n";

enum {
    V1_START = sizeof v1_start - 1,
    V2_START = sizeof v2_start - 1,
    V2_HEAD = V2_START + 4,
    V2_LOCAL = 0x20,
    V2_PROXY = 0x21,
    V2_UNSPEC = 0x00,
    V2_TCP4 = 0x11,
    V2_TCP6 = 0x21,
};

enum tlv { TLV_AUTHORITY = 2, TLV_CRC32C = 3, TLV_UNIQUE_ID = 5, TLV_NETNS = 0x30 };

/* What has not been read yet. */
struct cursor {
    const char *p, *end;
};

static size_t left(const struct cursor *c)
{
    return (size_t)(c->end - c->p);
}

/* The next n bytes. NULL: there are not so many. */
static const char *take(struct cursor *c, size_t n)
{
    const char *at = c->p;
    if (left(c) < n)
        return NULL;
    c->p += n;
    return at;
}

/* ---- version 1 (2.1) ---- */

/* A word and the space behind it, or the end of the line. false: there is no such word. */
static bool take_word(struct cursor *c, bool last, struct px_str *word)
{
    const char *space = memchr(c->p, ' ', left(c));
    if (last != !space)
        return false;
    *word = (struct px_str){c->p, (size_t)((space ? space : c->end) - c->p)};
    c->p = space ? space + 1 : c->end;
    return word->len;
}

static bool take_ip(struct cursor *c, struct px_addr *addr, int family)
{
    char text[INET6_ADDRSTRLEN];
    struct px_str word;
    if (!take_word(c, false, &word) || word.len >= sizeof text || memchr(word.p, 0, word.len))
        return false;
    memcpy(text, word.p, word.len);
    text[word.len] = 0;
    addr->family = (uint8_t)family;
    return inet_pton(family, text, addr->ip) == 1;
}

static bool take_port(struct cursor *c, bool last, struct px_addr *addr)
{
    struct px_str word;
    unsigned port = 0;
    if (!take_word(c, last, &word) || word.len > 5 || (word.p[0] == '0' && word.len > 1))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.p[i] < '0' || word.p[i] > '9')
            return false;
        port = port * 10 + (unsigned)(word.p[i] - '0');
    }
    addr->port = (uint16_t)port;
    return port <= 65535;
}

static bool begins(const struct cursor *c, const char *word)
{
    return left(c) >= strlen(word) && !memcmp(c->p, word, strlen(word));
}

static enum px_pp_result parse_v1_line(struct px_pp_header *h, struct cursor c)
{
    /* Whatever follows UNKNOWN on the line has to be ignored. */
    if (begins(&c, "UNKNOWN") && (left(&c) == 7 || c.p[7] == ' '))
        return PX_PP_DONE;
    bool v6 = begins(&c, "TCP6 ");
    int family = v6 ? AF_INET6 : AF_INET;
    if (!v6 && !begins(&c, "TCP4 "))
        return PX_PP_UNHANDLED;
    take(&c, 5);
    h->relayed = take_ip(&c, &h->src, family) && take_ip(&c, &h->dst, family) &&
                 take_port(&c, false, &h->src) && take_port(&c, true, &h->dst);
    return h->relayed ? PX_PP_DONE : PX_PP_BAD;
}

static enum px_pp_result parse_v1(struct px_pp_header *h, const char *p, size_t len)
{
    size_t most = len < PX_PP_MAX_V1 ? len : PX_PP_MAX_V1, n = V1_START;
    while (n < most && p[n] != '\r' && p[n] != '\n')
        n++;
    if (n + 2 > PX_PP_MAX_V1)
        return PX_PP_BAD;
    if (n == len || (n + 1 == len && p[n] == '\r'))
        return PX_PP_MORE;
    if (p[n] != '\r' || p[n + 1] != '\n')
        return PX_PP_BAD;
    h->len = n + 2;
    return parse_v1_line(h, (struct cursor){p + V1_START, p + n});
}

/* ---- CRC32c (RFC 4960, Appendix B) ---- */

static uint32_t crc32c(uint32_t crc, const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc ^= px_u8_at(p + i);
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
    }
    return crc;
}

/* Of a header, with zeros in place of the sum in it. */
static uint32_t checksum(const char *p, size_t len, size_t sum_at)
{
    uint32_t crc = crc32c(UINT32_MAX, p, sum_at);
    crc = crc32c(crc, "\0\0\0", 4);
    return ~crc32c(crc, p + sum_at + 4, len - sum_at - 4);
}

static void put_u32(char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (char)(v >> (24 - 8 * i));
}

static bool checksum_is_good(const char *p, size_t len, struct px_str sum)
{
    char want[4];
    if (sum.len != sizeof want)
        return false;
    put_u32(want, checksum(p, len, (size_t)(sum.p - p)));
    return !memcmp(want, sum.p, sizeof want);
}

/* ---- version 2 (2.2) ---- */

static bool take_ends(struct cursor *c, struct px_pp_header *h, unsigned family)
{
    size_t size = family == V2_TCP6 ? 16 : 4;
    const char *p = take(c, 2 * size + 4);
    if (!p)
        return false;
    h->src.family = h->dst.family = family == V2_TCP6 ? AF_INET6 : AF_INET;
    memcpy(h->src.ip, p, size);
    memcpy(h->dst.ip, p + size, size);
    h->src.port = (uint16_t)px_u16_at(p + 2 * size);
    h->dst.port = (uint16_t)px_u16_at(p + 2 * size + 2);
    return true;
}

/* Type, length, value. */
static bool take_vector(struct cursor *c, unsigned *type, struct px_str *v)
{
    const char *head = take(c, 3);
    const char *value = head ? take(c, px_u16_at(head + 1)) : NULL;
    if (!value)
        return false;
    *type = px_u8_at(head);
    *v = (struct px_str){value, px_u16_at(head + 1)};
    return true;
}

/* The last one of a type counts, and what is not known is passed over. */
static bool read_vector(struct cursor *c, struct px_pp_header *h, const char *p)
{
    unsigned type;
    struct px_str v;
    if (!take_vector(c, &type, &v))
        return false;
    switch (type) {
    case TLV_AUTHORITY:
        h->authority = v;
        return v.len <= PX_PP_MAX_AUTHORITY;
    case TLV_UNIQUE_ID:
        h->unique_id = v;
        return v.len <= PX_PP_MAX_ID;
    case TLV_NETNS:
        if (v.len <= PX_PP_MAX_NETNS) /* no longer one has that name */
            h->netns = v;
        return true;
    case TLV_CRC32C:
        return checksum_is_good(p, h->len, v);
    default:
        return true;
    }
}

bool px_pp_next_vector(struct px_str vectors, size_t *at, unsigned type, struct px_str *value)
{
    struct cursor c = {vectors.p + *at, vectors.p + vectors.len};
    unsigned found;
    while (take_vector(&c, &found, value)) {
        *at = (size_t)(c.p - vectors.p);
        if (found == type)
            return true;
    }
    return false;
}

static enum px_pp_result parse_v2_block(struct px_pp_header *h, const char *p)
{
    struct cursor c = {p + V2_HEAD, p + h->len};
    unsigned family = px_u8_at(p + V2_START + 1);
    if (px_u8_at(p + V2_START) == V2_LOCAL) /* the block has to be discarded */
        return PX_PP_DONE;
    if (!take_ends(&c, h, family))
        return PX_PP_BAD;
    h->vectors = (struct px_str){c.p, left(&c)};
    while (left(&c))
        if (!read_vector(&c, h, p))
            return PX_PP_BAD;
    h->relayed = true;
    return PX_PP_DONE;
}

static enum px_pp_result parse_v2(struct px_pp_header *h, const char *p, size_t len)
{
    if (len == V2_START)
        return PX_PP_MORE;
    unsigned command = px_u8_at(p + V2_START);
    if (command >> 4 != 2)
        return PX_PP_ALIEN;
    if (command != V2_LOCAL && command != V2_PROXY)
        return PX_PP_BAD;
    if (len < V2_HEAD)
        return PX_PP_MORE;
    unsigned family = px_u8_at(p + V2_START + 1);
    /* Relayed connections of other families need not be accepted, and HAProxy does not. */
    if (command == V2_PROXY && family != V2_TCP4 && family != V2_TCP6)
        return PX_PP_BAD;
    h->len = V2_HEAD + px_u16_at(p + V2_START + 2);
    return len < h->len ? PX_PP_MORE : parse_v2_block(h, p);
}

static bool starts(const char *p, size_t len, const char *start, size_t start_len)
{
    return !memcmp(p, start, len < start_len ? len : start_len);
}

enum px_pp_result px_pp_parse(struct px_pp_header *h, const char *p, size_t len)
{
    *h = (struct px_pp_header){0};
    if (!len)
        return PX_PP_MORE;
    enum px_pp_result r = PX_PP_ALIEN;
    if (starts(p, len, v1_start, V1_START))
        r = len < V1_START ? PX_PP_MORE : parse_v1(h, p, len);
    else if (starts(p, len, v2_start, V2_START))
        r = len < V2_START ? PX_PP_MORE : parse_v2(h, p, len);
    if (r != PX_PP_DONE)
        *h = (struct px_pp_header){.len = h->len};
    return r;
}

/* ---- writing ---- */

/* The address in the family of both: IPv4 becomes IPv6 (RFC 4291 2.5.5.2). */
static struct px_addr mapped(const struct px_addr *a, bool v6)
{
    struct px_addr m = *a;
    if (!v6 || a->family == AF_INET6)
        return m;
    m = (struct px_addr){.family = AF_INET6, .port = a->port, .ip = {[10] = 0xff, [11] = 0xff}};
    memcpy(m.ip + 12, a->ip, 4);
    return m;
}

static void put_ip_text(struct px_out *out, const struct px_addr *a)
{
    char text[PX_ADDR_TEXT];
    size_t len = px_addr_text(a, text);
    px_put(out, text, len);
    px_put(out, " ", 1);
}

void px_pp_write_v1(struct px_out *out, const struct px_addr *src, const struct px_addr *dst)
{
    if (!px_addr_is_ip(src) || !px_addr_is_ip(dst)) {
        px_put(out, "PROXY UNKNOWN\r\n", 15);
        return;
    }
    bool v6 = src->family == AF_INET6 || dst->family == AF_INET6;
    struct px_addr from = mapped(src, v6), to = mapped(dst, v6);
    px_put(out, v6 ? "PROXY TCP6 " : "PROXY TCP4 ", 11);
    put_ip_text(out, &from);
    put_ip_text(out, &to);
    px_put_sint(out, from.port);
    px_put(out, " ", 1);
    px_put_sint(out, to.port);
    px_put(out, "\r\n", 2);
}

static void put_u16(struct px_out *out, unsigned v)
{
    char bytes[2] = {(char)(v >> 8), (char)v};
    px_put(out, bytes, sizeof bytes);
}

/* Without addresses the connection counts as the proxy's own: its real ends are the best there is.
 */
static void put_ends(struct px_out *out, const struct px_addr *src, const struct px_addr *dst)
{
    bool known = px_addr_is_ip(src) && px_addr_is_ip(dst);
    bool v6 = known && (src->family == AF_INET6 || dst->family == AF_INET6);
    struct px_addr from = mapped(src, v6), to = mapped(dst, v6);
    char head[2] = {known ? V2_PROXY : V2_LOCAL, !known ? V2_UNSPEC : v6 ? V2_TCP6 : V2_TCP4};
    px_put(out, head, sizeof head);
    put_u16(out, 0); /* the length, when it is known */
    if (!known)
        return;
    px_put(out, (const char *)from.ip, v6 ? 16 : 4);
    px_put(out, (const char *)to.ip, v6 ? 16 : 4);
    put_u16(out, from.port);
    put_u16(out, to.port);
}

void px_pp_put_vector(struct px_out *out, unsigned type, struct px_str v)
{
    char t = (char)type;
    if (!v.p)
        return;
    px_put(out, &t, 1);
    put_u16(out, (unsigned)v.len);
    px_put(out, v.p, v.len);
}

void px_pp_write_v2(struct px_out *out, const struct px_addr *src, const struct px_addr *dst,
                    const struct px_pp_extra *extra)
{
    size_t from = out->len, sum = 0;
    px_put(out, v2_start, V2_START);
    put_ends(out, src, dst);
    if (extra->crc32c) {
        sum = out->len - from + 3;
        px_pp_put_vector(out, TLV_CRC32C, (struct px_str){"\0\0\0", 4});
    }
    px_pp_put_vector(out, TLV_AUTHORITY, extra->authority);
    px_pp_put_vector(out, TLV_UNIQUE_ID, extra->unique_id);
    px_pp_put_vector(out, TLV_NETNS, extra->netns);
    if (extra->more.p)
        px_put(out, extra->more.p, extra->more.len);
    if (out->full)
        return;
    char *p = out->p + from;
    size_t len = out->len - from;
    p[V2_HEAD - 2] = (char)((len - V2_HEAD) >> 8);
    p[V2_HEAD - 1] = (char)(len - V2_HEAD);
    if (sum)
        put_u32(p + sum, checksum(p, len, sum));
}
