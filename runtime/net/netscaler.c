/*
 * NetScaler Client IP insertion. See netscaler.h.
 *
 * Magic number and length (4 bytes each); in the newer format then a type, which is 1, and the
 * length of what follows (2 bytes each). What follows are the headers of an IP packet (RFC 791 3.1,
 * RFC 8200 3), where the older format begins with a 4 or a 6 and the newer one does not, and of a
 * TCP segment (RFC 9293 3.1).
 */
#include "netscaler.h"

#include "../base/bytes.h"

#include <netinet/in.h>
#include <string.h>

enum {
    OLD_HEAD = 8,
    NEW_HEAD = 12,
    V4_LEAST = 20,
    V6_HEAD = 40,
    TCP_LEAST = 20,
    MOST = 4096, /* bytes of both headers; they have some hundred at most */
};

static enum px_pp_result take_ends(struct px_pp_header *h, const char *ip, const char *tcp, bool v6)
{
    size_t size = v6 ? 16 : 4;
    const char *ends = ip + (v6 ? 8 : 12);
    h->src.family = h->dst.family = v6 ? AF_INET6 : AF_INET;
    memcpy(h->src.ip, ends, size);
    memcpy(h->dst.ip, ends + size, size);
    h->src.port = (uint16_t)px_u16_at(tcp);
    h->dst.port = (uint16_t)px_u16_at(tcp + 2);
    h->relayed = true;
    return PX_PP_DONE;
}

/* The headers of a packet, of which there are n bytes in all. */
static enum px_pp_result read_packet(struct px_pp_header *h, const char *ip, size_t n)
{
    unsigned version = n ? px_u8_at(ip) >> 4 : 0;
    if ((version != 4 && version != 6) || n < V4_LEAST)
        return PX_PP_BAD;
    size_t size = version == 6 ? V6_HEAD : (px_u8_at(ip) & 15) * 4u;
    if (size < V4_LEAST || n < size + TCP_LEAST)
        return PX_PP_BAD;
    if (px_u8_at(ip + (version == 6 ? 6 : 9)) != IPPROTO_TCP)
        return PX_PP_UNHANDLED;
    return take_ends(h, ip, ip + size, version == 6);
}

static bool begins_with(const char *p, size_t len, uint32_t magic)
{
    for (size_t i = 0; i < 4 && i < len; i++)
        if (px_u8_at(p + i) != (magic >> (24 - 8 * i) & 255))
            return false;
    return true;
}

/* How long the head is, once that can be told, and how long what follows it. false: it is
 * malformed. */
static bool read_lengths(const char *p, size_t len, size_t *head, size_t *rest)
{
    bool old = px_u8_at(p + OLD_HEAD) >> 4;
    *head = old ? OLD_HEAD : NEW_HEAD;
    *rest = 0;
    if (old)
        *rest = px_u32_at(p + 4);
    else if (len >= NEW_HEAD)
        *rest = px_u16_at(p + 10);
    return (old || len < NEW_HEAD || px_u16_at(p + 8) == 1) && *rest <= MOST;
}

static enum px_pp_result parse(struct px_pp_header *h, const char *p, size_t len)
{
    size_t head, rest;
    if (len <= OLD_HEAD)
        return PX_PP_MORE;
    if (!read_lengths(p, len, &head, &rest))
        return PX_PP_BAD;
    if (len < head)
        return PX_PP_MORE;
    h->len = head + rest;
    return len < h->len ? PX_PP_MORE : read_packet(h, p + head, rest);
}

enum px_pp_result px_cip_parse(struct px_pp_header *h, const char *p, size_t len, uint32_t magic)
{
    *h = (struct px_pp_header){0};
    if (!begins_with(p, len, magic))
        return PX_PP_ALIEN;
    enum px_pp_result r = parse(h, p, len);
    if (r != PX_PP_DONE)
        *h = (struct px_pp_header){.len = h->len};
    return r;
}
