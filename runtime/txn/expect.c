/*
 * Clients that have to say first whose connection they relay (PROXY protocol, NetScaler).
 *
 * Not here: the headers themselves (net/proxy_protocol.c, net/netscaler.c), and what follows them
 * (rules.c).
 * Idea: the bytes stay in the kernel until the header is complete, and only the header is taken
 * then. A client that owes one holds no buffer, and what follows is the session's as if it had come
 * first.
 */
#include "../base/macros.h"
#include "../net/netns.h"
#include "../net/netscaler.h"
#include "../net/proxy_protocol.h"
#include "end.h"
#include "rules.h"

#include <errno.h>
#include <string.h>

static struct px_client *client_of(struct px_sock *s)
{
    return PX_OWNER(s, struct px_client, sock);
}

/* HAProxy manual 8.2.5 and "option dontlognull". */
static void log_refused(struct px_client *c, const struct px_fault *why, bool nothing)
{
    if (px_program.log && !(nothing && c->bind->proxy->dontlognull))
        px_program.log->refused(c, why);
}

/* There is nobody to talk to: no lingering, whatever else may have come. */
static void refuse(struct px_client *c, const struct px_fault *why, bool nothing)
{
    log_refused(c, why, nothing);
    c->sock.state &= (uint16_t)~PX_S_READABLE;
    px_client_close(c, false);
}

static struct px_str keep(char **to, struct px_str s)
{
    if (!s.p)
        return s;
    struct px_str kept = {memcpy(*to, s.p, s.len), s.len};
    *to += s.len;
    return kept;
}

/* Rules about the connection may have left something there already. */
static bool keep_told(struct px_client *c, const struct px_pp_header *h)
{
    unsigned netns = h->netns.p ? px_netns_listed(h->netns) : 0;
    struct px_str vectors = px_program.keeps_vectors ? h->vectors : (struct px_str){0};
    if (!h->authority.p && !h->unique_id.p && !netns && !vectors.len)
        return true;
    struct px_told *told =
        px_alloc(sizeof *told + h->authority.len + h->unique_id.len + vectors.len);
    if (!told)
        return false;
    *told = c->told ? *c->told : (struct px_told){0};
    told->netns = (uint16_t)netns;
    char *to = told->bytes;
    told->authority = keep(&to, h->authority);
    told->unique_id = keep(&to, h->unique_id);
    told->vectors = keep(&to, vectors);
    px_free(c->told);
    c->told = told;
    return true;
}

static bool take_header(struct px_client *c, struct px_buf *buf, const struct px_pp_header *h,
                        size_t seen)
{
    struct px_sock *s = &c->sock;
    if (!keep_told(c, h))
        return false;
    if (h->relayed) {
        c->src = h->src;
        c->dst = h->dst;
    }
    c->announced = true;
    if (recv(s->watch.fd, buf->data, h->len, 0) != (ssize_t)h->len)
        return false;
    if (seen == h->len && !(s->state & (PX_S_PEER_DONE | PX_S_BROKEN)))
        s->state &= (uint16_t)~PX_S_READABLE;
    return true;
}

static void be_welcome(struct px_client *c)
{
    c->sock.watch.ops = &c->bind->serve->kind->client_ops->watch;
    px_sock_expire(&c->sock, 0);
    px_client_welcome(c);
}

static void refuse_bytes(struct px_client *c, enum px_pp_result r)
{
    refuse(c, &c->expect->why[r], false);
}

static void consider(struct px_client *c, struct px_buf *buf, size_t len)
{
    struct px_pp_header h;
    enum px_pp_result r = c->expect->parse(c, &h, buf->data, len);
    bool too_long = h.len > buf->cap;
    if (r == PX_PP_DONE && take_header(c, buf, &h, len)) {
        be_welcome(c);
    } else if (r == PX_PP_DONE) {
        px_client_reset(c);
    } else if (r == PX_PP_MORE && too_long) {
        refuse_bytes(c, PX_PP_BAD);
    } else if (r != PX_PP_MORE || (c->sock.state & PX_S_PEER_DONE)) {
        refuse_bytes(c, r);
    }
}

static void look(struct px_client *c)
{
    struct px_buf *buf = px_buf_get();
    if (!buf) {
        px_client_reset(c);
        return;
    }
    ssize_t n = recv(c->sock.watch.fd, buf->data, buf->cap, MSG_PEEK);
    if (n > 0)
        consider(c, buf, (size_t)n);
    else if (n == 0)
        refuse(c, &c->expect->closed, true);
    else if (errno != EAGAIN && errno != EINTR)
        refuse(c, &c->expect->failed, true);
    px_buf_put(buf);
}

static void expect_event(struct px_watch *watch, uint32_t events)
{
    struct px_sock *s = PX_OWNER(watch, struct px_sock, watch);
    px_sock_event(watch, events);
    if (!(s->state & PX_S_CLOSED))
        look(client_of(s));
}

/* As no bytes are wanted, a hang-up is told: it will be found behind the bytes. */
static void expect_hung_up(struct px_sock *s)
{
    (void)s;
}

static void expect_expired(struct px_sock *s)
{
    char first;
    bool nothing = recv(s->watch.fd, &first, 1, MSG_PEEK) <= 0;
    refuse(client_of(s), &client_of(s)->expect->expired, nothing);
}

static const struct px_sock_ops expect_ops = {
    .watch = {expect_event},
    .hung_up = expect_hung_up,
    .expired = expect_expired,
    .freed = px_client_freed,
};

static void expect_begin(struct px_client *c)
{
    c->sock.watch.ops = &expect_ops.watch;
    px_sock_expire(&c->sock, (uint64_t)c->bind->proxy->timeout_client);
    if (!px_sock_watch(&c->sock))
        px_client_reset(c);
}

/* ---- PROXY ---- */

static enum px_pp_result parse_proxy(const struct px_client *c, struct px_pp_header *h,
                                     const char *p, size_t len)
{
    (void)c;
    return px_pp_parse(h, p, len);
}

const struct px_expect px_expect_proxy = {
    .is_proxy = true,
    .parse = parse_proxy,
    .why = {[PX_PP_MORE] = {14, "Truncated PROXY protocol header received"},
            [PX_PP_ALIEN] = {15, "Received something which does not look like a PROXY protocol "
                                 "header"},
            [PX_PP_BAD] = {16, "Received an invalid PROXY protocol header"},
            [PX_PP_UNHANDLED] = {17, "Received an unhandled protocol in the PROXY protocol "
                                     "header"}},
    .closed = {11, "Connection closed while waiting for PROXY protocol header"},
    .failed = {12, "Connection error while waiting for PROXY protocol header"},
    .expired = {13, "Timeout while waiting for PROXY protocol header"},
    .begin = expect_begin,
};

/* ---- NetScaler ---- */

static enum px_pp_result parse_netscaler(const struct px_client *c, struct px_pp_header *h,
                                         const char *p, size_t len)
{
    return px_cip_parse(h, p, len, c->bind->netscaler_magic);
}

const struct px_expect px_expect_netscaler = {
    .parse = parse_netscaler,
    .why = {[PX_PP_MORE] = {21, "Truncated NetScaler Client IP header received"},
            [PX_PP_ALIEN] = {22, "Received an invalid NetScaler Client IP magic number"},
            [PX_PP_BAD] = {0, "Received an invalid NetScaler Client IP header"},
            [PX_PP_UNHANDLED] = {23, "Received an unhandled protocol in the NetScaler Client IP "
                                     "header"}},
    .closed = {18, "Connection closed while waiting for NetScaler Client IP header"},
    .failed = {19, "Connection error while waiting for NetScaler Client IP header"},
    .expired = {20, "Timeout while waiting for a NetScaler Client IP header"},
    .begin = expect_begin,
};
