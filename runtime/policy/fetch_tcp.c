/*
 * Sample fetches about what the kernel measures of TCP connections (tcp(7), TCP_INFO).
 *
 * Nothing is found where there is no TCP, as with UNIX sockets.
 */
#include "../txn/txn.h"
#include "sample.h"

#include <linux/tcp.h>
#include <netinet/in.h>

static bool ask(const struct px_sock *s, struct tcp_info *info)
{
    socklen_t len = sizeof *info;
    *info = (struct tcp_info){0};
    return !getsockopt(s->watch.fd, IPPROTO_TCP, TCP_INFO, info, &len);
}

/* ---- round trips ---- */

/* Microseconds as the unit says: "us", else milliseconds. */
static enum px_found found_time(struct px_sample *out, uint32_t us, struct px_str unit)
{
    bool as_is = unit.len == 2 && unit.p[0] == 'u';
    return px_found_int(out, as_is ? us : us / 1000);
}

enum px_found px_fetch_fc_rtt(struct px_txn *t, struct px_sample *out, struct px_str unit)
{
    struct tcp_info info;
    return ask(&t->client->sock, &info) ? found_time(out, info.tcpi_rtt, unit) : PX_ABSENT;
}

enum px_found px_fetch_fc_rttvar(struct px_txn *t, struct px_sample *out, struct px_str unit)
{
    struct tcp_info info;
    return ask(&t->client->sock, &info) ? found_time(out, info.tcpi_rttvar, unit) : PX_ABSENT;
}

enum px_found px_fetch_bc_rtt(struct px_txn *t, struct px_sample *out, struct px_str unit)
{
    struct tcp_info info;
    bool known = t->back && ask(&t->back->sock, &info);
    return known ? found_time(out, info.tcpi_rtt, unit) : PX_ABSENT;
}

enum px_found px_fetch_bc_rttvar(struct px_txn *t, struct px_sample *out, struct px_str unit)
{
    struct tcp_info info;
    bool known = t->back && ask(&t->back->sock, &info);
    return known ? found_time(out, info.tcpi_rttvar, unit) : PX_ABSENT;
}

/* ---- segments ---- */

#define SEGMENTS(symbol, member)                                                                   \
    enum px_found px_fetch_##symbol(struct px_txn *t, struct px_sample *out)                       \
    {                                                                                              \
        struct tcp_info info;                                                                      \
        return ask(&t->client->sock, &info) ? px_found_int(out, info.member) : PX_ABSENT;          \
    }

SEGMENTS(fc_unacked, tcpi_unacked)
SEGMENTS(fc_sacked, tcpi_sacked)
SEGMENTS(fc_lost, tcpi_lost)
SEGMENTS(fc_retrans, tcpi_retrans)
SEGMENTS(fc_fackets, tcpi_fackets)
SEGMENTS(fc_reordering, tcpi_reordering)

/* ---- the beginning ---- */

enum px_found px_fetch_fc_saved_syn(struct px_txn *t, struct px_sample *out)
{
    out->type = PX_BIN;
    out->u.s = px_client_syn(t->client);
    return out->u.s.len ? PX_FOUND : PX_ABSENT;
}
