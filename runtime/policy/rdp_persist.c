/*
 * "persist rdp-cookie": a terminal server tells its client where to come back to, by address.
 *
 * The cookie is "ADDRESS.PORT.0000", both numbers being those of the network order read as if it
 * were that of a little-endian host (MS-RDPBCGR 3.2.5.3.1).
 */
#include "../txn/txn.h"
#include "../upstream/lb.h"
#include "rdp.h"

#include <string.h>

/* The digits at *p, and the dot behind them. false: there are none, or too many. */
static bool take_number(const char **p, const char *end, uint32_t most, uint32_t *n)
{
    uint64_t v = 0;
    const char *from = *p;
    while (*p < end && **p >= '0' && **p <= '9' && v <= most)
        v = v * 10 + (uint64_t)(*(*p)++ - '0');
    if (*p == from || v > most || *p == end || **p != '.')
        return false;
    ++*p;
    *n = (uint32_t)v;
    return true;
}

static bool is_at(const struct px_server *srv, const uint8_t ip[4], unsigned port)
{
    const struct px_address *known = px_server_address(srv);
    struct px_addr addr;
    if (!known)
        return false;
    px_addr_from(&addr, &known->sa);
    return addr.family == AF_INET && !memcmp(addr.ip, ip, 4) && addr.port == port;
}

const struct px_server *px_persist_rdp(struct px_txn *t, const struct px_rdp_persistence *r)
{
    const struct px_buf *in = t->client->sock.in;
    struct px_str value;
    uint32_t ip, port;
    if (t->http || !in || (t->flags & PX_T_IGNORE_PERSIST))
        return NULL;
    struct px_str bytes = {in->data + in->start, px_buf_len(in)};
    if (px_rdp_cookie(bytes, r->cookie, &value) != PX_FOUND)
        return NULL;
    const char *p = value.p, *end = value.p + value.len;
    if (!take_number(&p, end, UINT32_MAX, &ip) || !take_number(&p, end, UINT16_MAX, &port))
        return NULL;
    const uint8_t bytes_of_ip[4] = {(uint8_t)ip, (uint8_t)(ip >> 8), (uint8_t)(ip >> 16),
                                    (uint8_t)(ip >> 24)};
    port = (port >> 8 | port << 8) & 0xffff;
    for (unsigned i = 0; i < t->be->nservers; i++) {
        const struct px_server *srv = t->be->servers[i];
        if (is_at(srv, bytes_of_ip, port) && (px_server_may_persist(srv) || px_txn_insists(t)))
            return srv;
    }
    return NULL;
}
