/*
 * What a Forwarded field says of a request (RFC 7239; HAProxy manual, "option forwarded").
 *
 * Not here: adding the field (txn/http_tell.c).
 */
#include "../http/chars.h"
#include "../txn/txn.h"
#include "node.h"
#include "sample.h"

enum { NODE_MAX = 256 };

static void put_text(struct px_out *out, const char *s)
{
    px_put(out, s, strlen(s));
}

static void begin(struct px_out *out, const char *name)
{
    if (out->len)
        px_put(out, ";", 1);
    put_text(out, name);
    px_put(out, "=", 1);
}

static void put_quoted(struct px_out *out, struct px_str s)
{
    px_put(out, "\"", 1);
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            px_put(out, "\\", 1);
        px_put(out, s.p + i, 1);
    }
    px_put(out, "\"", 1);
}

static bool is_token(struct px_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!px_lower_token[(uint8_t)s.p[i]])
            return false;
    return s.len;
}

/* ---- host ---- */

static struct px_str host_of(struct px_txn *t, const struct px_forwarded *f)
{
    struct px_sample smp = {0};
    const struct px_head *req = &t->http->req;
    unsigned at = f->host ? px_head_slot(req, PX_H_HOST, 0) : 0;
    if (at)
        return (struct px_str){px_head_at(req, at)->value, px_head_at(req, at)->value_len};
    if (f->host_expr && f->host_expr(t, &smp) == PX_FOUND)
        return px_node_text(&smp);
    return (struct px_str){NULL, 0};
}

static void put_host(struct px_txn *t, const struct px_forwarded *f, struct px_out *out)
{
    struct px_str host = host_of(t, f);
    if (!host.p || !px_h1_is_authority(host))
        return;
    begin(out, "host");
    put_quoted(out, host);
}

/* ---- nodes ---- */

static void put_address(struct px_out *out, const struct px_addr *addr)
{
    char text[PX_ADDR_TEXT];
    size_t len = px_addr_text(addr, text);
    if (!px_addr_is_ip(addr)) {
        put_text(out, "unknown");
        return;
    }
    bool brackets = memchr(text, ':', len);
    px_put(out, "[", brackets);
    px_put(out, text, len);
    px_put(out, "]", brackets);
}

static void put_name(struct px_txn *t, const struct px_end *end, const struct px_addr *addr,
                     struct px_out *out)
{
    struct px_sample smp = {0};
    if (!end->name_expr)
        put_address(out, addr);
    else if (end->name_expr(t, &smp) != PX_FOUND || !px_node_put_name(out, &smp))
        put_text(out, "unknown");
}

static void put_port(struct px_txn *t, const struct px_end *end, const struct px_addr *addr,
                     struct px_out *out)
{
    struct px_sample smp = {0};
    size_t before = out->len;
    px_put(out, ":", 1);
    if (end->port && px_addr_is_ip(addr))
        px_put_sint(out, addr->port);
    else if (!end->port_expr || end->port_expr(t, &smp) != PX_FOUND || !px_node_put_port(out, &smp))
        out->len = before;
}

static void put_node(struct px_txn *t, const char *name, const struct px_end *end,
                     const struct px_addr *addr, struct px_out *out)
{
    char text[NODE_MAX];
    struct px_out node = {.p = text, .cap = sizeof text};
    if (!end->name && !end->name_expr)
        return;
    put_name(t, end, addr, &node);
    put_port(t, end, addr, &node);
    if (node.full)
        return;
    struct px_str s = {text, node.len};
    begin(out, name);
    if (is_token(s))
        px_put(out, s.p, s.len);
    else
        put_quoted(out, s);
}

void px_put_forwarded(struct px_txn *t, const struct px_forwarded *f, struct px_out *out)
{
    struct px_addr dst;
    struct px_sample tls = {0};
    if (f->proto) {
        bool secure = px_fetch_ssl_fc(t, &tls) == PX_FOUND && tls.u.i;
        begin(out, "proto");
        put_text(out, secure ? "https" : "http");
    }
    put_host(t, f, out);
    px_client_dst(t->client, &dst);
    put_node(t, "by", &f->by, &dst, out);
    put_node(t, "for", &f->client, &t->client->src, out);
}
