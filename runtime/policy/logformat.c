/*
 * What a transaction says of itself in log lines: the aliases of log formats, except dates and
 * times (logtime.c).
 */
#include "../http/status.h"
#include "../txn/http.h"
#include "../txn/serve.h"
#include "logtext.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct px_str text_of(const char *s)
{
    return (struct px_str){s, s ? strlen(s) : 0};
}

/* HAProxy manual 8.2.4: "X" is for addresses, ports and a few other identifiers. */
static void put_hex(struct px_out *out, int64_t v, unsigned flags)
{
    char hex[20];
    if (flags & PX_LOG_HEX)
        px_put(out, hex, (size_t)snprintf(hex, sizeof hex, "%04llX", (long long)v));
    else
        px_put_sint(out, v);
}

static void put_number(struct px_out *out, int64_t v, unsigned flags)
{
    (void)flags;
    px_put_sint(out, v);
}

static void put_addr(struct px_out *out, const struct px_addr *addr, unsigned flags)
{
    char text[PX_ADDR_TEXT];
    size_t len = px_addr_text(addr, text);
    if ((flags & PX_LOG_HEX) && px_addr_is_ip(addr)) {
        for (unsigned i = 0; i < (addr->family == AF_INET ? 4u : 16u); i++)
            px_put(out, text, (size_t)snprintf(text, sizeof text, "%02X", addr->ip[i]));
        return;
    }
    px_log_text(out, addr->family ? (struct px_str){text, len} : (struct px_str){NULL, 0}, flags);
}

void px_log_bytes_out(struct px_txn *t, struct px_out *out, unsigned flags)
{
    if (t->fe->logasap)
        px_put(out, "+", 1);
    put_number(out, (int64_t)t->bytes_out, flags);
}

void px_log_bytes_in(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_number(out, (int64_t)t->bytes_in, flags);
}

void px_log_request_cookie(struct px_txn *t, struct px_out *out, unsigned flags)
{
    px_log_unsafe(out, t->http ? t->http->cookie : (struct px_str){NULL, 0}, "", flags);
}

void px_log_response_cookie(struct px_txn *t, struct px_out *out, unsigned flags)
{
    px_log_unsafe(out, t->http ? t->http->set_cookie : (struct px_str){NULL, 0}, "", flags);
}

void px_log_unique_id(struct px_txn *t, struct px_out *out, unsigned flags)
{
    struct px_str id = px_txn_unique_id(t);
    px_log_unsafe(out, id.len ? id : (struct px_str){NULL, 0}, "", flags);
}

void px_log_tls_cipher(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)t;
    px_log_text(out, (struct px_str){NULL, 0}, flags);
}

void px_log_tls_version(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)t;
    px_log_text(out, (struct px_str){NULL, 0}, flags);
}

void px_log_hostname(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)t;
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    px_log_text(out, text_of(name), flags);
}

/* ---- the request ---- */

static bool has_request(const struct px_txn *t)
{
    return t->http && t->http->log_uri.p;
}

static void put_request(struct px_txn *t, struct px_out *out, struct px_str s, unsigned flags)
{
    bool known = has_request(t) && t->http->log_uri.len;
    px_log_text(out, known ? s : text_of("<BADREQ>"), flags);
}

void px_log_method(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_request(t, out, t->http ? t->http->log_method : (struct px_str){NULL, 0}, flags);
}

static struct px_str logged_uri(const struct px_txn *t)
{
    return has_request(t) ? t->http->log_uri : (struct px_str){"", 0};
}

void px_log_uri(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_request(t, out, logged_uri(t), flags);
}

void px_log_uri_no_query(struct px_txn *t, struct px_out *out, unsigned flags)
{
    struct px_str uri = logged_uri(t);
    const char *query = memchr(uri.p, '?', uri.len);
    if (query)
        uri.len = (size_t)(query - uri.p);
    put_request(t, out, uri, flags);
}

void px_log_path(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_request(t, out, px_uri_path(logged_uri(t)), flags);
}

void px_log_query(struct px_txn *t, struct px_out *out, unsigned flags)
{
    struct px_str uri = logged_uri(t);
    const char *query = memchr(uri.p, '?', uri.len);
    struct px_str rest = {"", 0};
    if (query)
        rest = (struct px_str){query, (size_t)(uri.p + uri.len - query)};
    px_log_text(out, has_request(t) ? rest : text_of("<BADREQ>"), flags);
}

/* What tune.http.logurilen has left of the version and the space before it. */
static struct px_str version_text(const struct px_txn *t)
{
    const struct px_http *h = t->http;
    struct px_str s = text_of(h->log_version == PX_HTTP_10 ? " HTTP/1.0" : " HTTP/1.1");
    size_t most = (size_t)px_program.global->logurilen;
    size_t used = h->log_method.len + 1 + h->log_uri.len;
    if (used + s.len > most)
        s.len = used < most ? most - used : 0;
    return s;
}

/* A line that was cut in front of its version looks like one of HTTP/0.9. */
void px_log_version(struct px_txn *t, struct px_out *out, unsigned flags)
{
    struct px_str s = has_request(t) ? version_text(t) : text_of("");
    struct px_str none = text_of("HTTP/0.9");
    put_request(t, out, s.len > 1 ? (struct px_str){s.p + 1, s.len - 1} : none, flags);
}

void px_log_request_line(struct px_txn *t, struct px_out *out, unsigned flags)
{
    if (!has_request(t)) {
        px_log_text(out, text_of("<BADREQ>"), flags);
        return;
    }
    if (flags & PX_LOG_QUOTE)
        px_put(out, "\"", 1);
    px_log_escaped(out, t->http->log_method, "\"#", flags);
    if (t->http->log_method.len < (size_t)px_program.global->logurilen)
        px_put(out, " ", 1);
    px_log_escaped(out, t->http->log_uri, "\"#", flags);
    struct px_str version = version_text(t);
    px_put(out, version.p, version.len);
    if (flags & PX_LOG_QUOTE)
        px_put(out, "\"", 1);
}

/* ---- names and addresses ---- */

void px_log_backend(struct px_txn *t, struct px_out *out, unsigned flags)
{
    px_log_text(out, text_of(t->be ? t->be->name : t->fe->name), flags);
}

void px_log_frontend(struct px_txn *t, struct px_out *out, unsigned flags)
{
    px_log_text(out, text_of(t->fe->name), flags);
}

void px_log_frontend_transport(struct px_txn *t, struct px_out *out, unsigned flags)
{
    px_log_text(out, text_of(t->fe->name), flags);
}

void px_log_server(struct px_txn *t, struct px_out *out, unsigned flags)
{
    px_log_text(out, text_of(t->srv && t->srv->name ? t->srv->name : "<NOSRV>"), flags);
}

void px_log_client_addr(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_addr(out, &t->client->src, flags);
}

static void put_port(struct px_out *out, const struct px_addr *addr, int64_t otherwise,
                     unsigned flags)
{
    if (px_addr_is_ip(addr))
        put_hex(out, addr->port, flags);
    else if (addr->family)
        put_hex(out, otherwise, flags);
    else
        px_log_text(out, (struct px_str){NULL, 0}, flags);
}

void px_log_client_port(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_port(out, &t->client->src, t->client->bind->id, flags);
}

void px_log_frontend_addr(struct px_txn *t, struct px_out *out, unsigned flags)
{
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    put_addr(out, &dst, flags);
}

void px_log_frontend_port(struct px_txn *t, struct px_out *out, unsigned flags)
{
    struct px_addr dst;
    px_client_dst(t->client, &dst);
    put_port(out, &dst, t->client->bind->id, flags);
}

void px_log_back_source(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_addr(out, &t->back_src, flags);
}

void px_log_back_source_port(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_port(out, &t->back_src, 0, flags);
}

static struct px_addr server_addr(const struct px_txn *t)
{
    struct px_addr addr = {0};
    if (t->srv)
        px_serve_addr(t, &addr);
    if (px_addr_is_ip(&addr) && t->srv->addr.has_port && !t->srv->addr.port_offset)
        addr.port = (uint16_t)px_serve_port(t);
    return addr;
}

void px_log_server_addr(struct px_txn *t, struct px_out *out, unsigned flags)
{
    struct px_addr addr = server_addr(t);
    put_addr(out, &addr, flags);
}

void px_log_server_port(struct px_txn *t, struct px_out *out, unsigned flags)
{
    struct px_addr addr = server_addr(t);
    put_port(out, &addr, 0, flags);
}

/* ---- counts and states ---- */

void px_log_status(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_number(out, t->http && t->http->status ? t->http->status : -1, flags);
}

void px_log_process_conns(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)t;
    put_number(out, px_conns.now, flags);
}

void px_log_frontend_conns(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_number(out, px_proxy_state(t->fe)->fe_conns.now, flags);
}

void px_log_backend_conns(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_number(out, t->be ? px_proxy_state(t->be)->be_conns.now : 0, flags);
}

void px_log_server_conns(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_number(out, t->srv && t->srv->name ? px_server_state(t->srv)->served.now : 0, flags);
}

void px_log_backend_queue(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_number(out, t->ahead_backend, flags);
}

void px_log_server_queue(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_number(out, t->ahead_server, flags);
}

void px_log_retries(struct px_txn *t, struct px_out *out, unsigned flags)
{
    if (t->flags & PX_T_REDISPATCHED)
        px_put(out, "+", 1);
    put_number(out, t->retries, flags);
}

void px_log_request_counter(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_hex(out, t->number, flags);
}

void px_log_log_counter(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_number(out, (int64_t)px_proxy_state(t->fe)->log_lines, flags);
}

void px_log_pid(struct px_txn *t, struct px_out *out, unsigned flags)
{
    (void)t;
    put_hex(out, getpid(), flags);
}

void px_log_state(struct px_txn *t, struct px_out *out, unsigned flags)
{
    char state[2] = {t->cause ? t->cause : '-', t->phase ? t->phase : '-'};
    (void)flags; /* not even quoted */
    px_put(out, state, sizeof state);
}

void px_log_state_cookies(struct px_txn *t, struct px_out *out, unsigned flags)
{
    char state[4] = {t->cause ? t->cause : '-', t->phase ? t->phase : '-', '-', '-'};
    const struct px_proxy *p = t->be ? t->be : t->fe;
    (void)flags;
    if (p->cookie && (p->cookie->deeds & PX_COOKIE_ACTIVE) && t->http && t->at.head) {
        const struct px_cookie_trace *k = t->http->trace;
        state[2] = k ? k->client : 'N';
        state[3] = k ? k->server : 'N';
    }
    px_put(out, state, sizeof state);
}

/* ---- captures ---- */

static bool has_head(const struct px_txn *t)
{
    return t->http && t->at.head;
}

static const char capture_unsafe[] = "\"#{|}";

static void put_captures(struct px_txn *t, struct px_out *out, unsigned from, unsigned n,
                         unsigned flags)
{
    for (unsigned i = from; i < from + n; i++) {
        if (i > from)
            px_put(out, "|", 1);
        if (t->http->captures && t->http->captures[i].p)
            px_log_escaped(out, t->http->captures[i], capture_unsafe, flags);
    }
}

/* A request that was none has no captures, and nothing is said about them. */
static void put_braced(struct px_txn *t, struct px_out *out, unsigned from, unsigned n,
                       unsigned flags)
{
    if (!n || !has_head(t))
        return;
    px_put(out, "\"{", flags & PX_LOG_QUOTE ? 2 : 0);
    px_put(out, "{", flags & PX_LOG_QUOTE ? 0 : 1);
    put_captures(t, out, from, n, flags);
    px_put(out, "}\"", flags & PX_LOG_QUOTE ? 2 : 1);
}

void px_log_request_captures(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_braced(t, out, 0, t->fe->ncaptures_req, flags);
}

void px_log_response_captures(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_braced(t, out, t->fe->ncaptures_req, t->fe->ncaptures_res, flags);
}

static void put_list(struct px_txn *t, struct px_out *out, unsigned from, unsigned n,
                     unsigned flags)
{
    for (unsigned i = from; has_head(t) && i < from + n; i++) {
        struct px_str s = {NULL, 0};
        if (t->http->captures)
            s = t->http->captures[i];
        px_put(out, " ", i > from);
        px_log_unsafe(out, s, capture_unsafe, flags);
    }
}

void px_log_request_capture_list(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_list(t, out, 0, t->fe->ncaptures_req, flags);
}

void px_log_response_capture_list(struct px_txn *t, struct px_out *out, unsigned flags)
{
    put_list(t, out, t->fe->ncaptures_req, t->fe->ncaptures_res, flags);
}
