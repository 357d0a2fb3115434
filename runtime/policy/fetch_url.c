/*
 * Sample fetches that read the request target (HAProxy manual 7.3.6, "path" and its like).
 *
 * Not here: names that are looked up. A host name in a target is text; only addresses count.
 */
#include "../base/hash.h"
#include "../base/macros.h"
#include "../http/walk.h"
#include "../txn/http.h"
#include "../txn/scratch.h"
#include "heads.h"
#include "number.h"
#include "sample.h"

#include <strings.h>

/* ---- parts of the target ---- */

static PX_ASIDE struct px_str behind_authority(struct px_str uri)
{
    struct px_str none = {NULL, 0};
    struct px_str authority = px_uri_authority(uri);
    if (!authority.p)
        return none;
    const char *from = authority.p + authority.len, *end = uri.p + uri.len;
    return from < end && *from == '/' ? (struct px_str){from, (size_t)(end - from)} : none;
}

/* Path and query; p == NULL: the target has no path ("*", an authority, a bare scheme and host). */
static inline struct px_str pathq_of(struct px_str uri)
{
    return PX_LIKELY(uri.len && uri.p[0] == '/') ? uri : behind_authority(uri);
}

static inline struct px_str path_of(struct px_str uri)
{
    struct px_str path = pathq_of(uri);
    const char *query = path.p ? memchr(path.p, '?', path.len) : NULL;
    if (query)
        path.len = (size_t)(query - path.p);
    return path;
}

PX_INLINE enum px_found fetch_part(struct px_txn *t, struct px_sample *out,
                                   struct px_str (*part)(struct px_str uri))
{
    const struct px_head *head;
    enum px_found found = px_request_head(t, &head);
    return found == PX_FOUND ? px_found_text(out, part(head->uri)) : found;
}

enum px_found px_fetch_path(struct px_txn *t, struct px_sample *out)
{
    return fetch_part(t, out, path_of);
}

enum px_found px_fetch_pathq(struct px_txn *t, struct px_sample *out)
{
    return fetch_part(t, out, pathq_of);
}

static struct px_str query_with_mark(struct px_str uri)
{
    struct px_str query = px_uri_query(uri);
    return query.len ? (struct px_str){query.p - 1, query.len + 1} : query;
}

enum px_found px_fetch_query(struct px_txn *t, struct px_sample *out, struct px_str option)
{
    return fetch_part(t, out, option.len ? query_with_mark : px_uri_query);
}

static struct px_str whole(struct px_str uri)
{
    return uri;
}

enum px_found px_fetch_url(struct px_txn *t, struct px_sample *out)
{
    return fetch_part(t, out, whole);
}

/* ---- with the host in front ---- */

/* The first Host field; len 0: none. */
static struct px_str host_line(const struct px_head *head)
{
    unsigned at = px_head_slot(head, PX_H_HOST, 0);
    return at ? px_value_of(px_head_at(head, at)) : (struct px_str){"", 0};
}

static struct px_str host_of(const struct px_head *head)
{
    uint32_t at = 0;
    struct px_str host;
    px_list_next(host_line(head), &at, &host);
    return host;
}

/* One behind the other; p == NULL: no memory. */
static struct px_str join(struct px_str a, struct px_str b)
{
    char *text = px_scratch_get(a.len + b.len);
    if (!text)
        return (struct px_str){NULL, 0};
    memcpy(text, a.p, a.len);
    memcpy(text + a.len, b.p, b.len);
    return (struct px_str){text, a.len + b.len};
}

static enum px_found fetch_base(const struct px_txn *t, struct px_sample *out,
                                struct px_str (*part)(struct px_str uri))
{
    const struct px_head *head;
    enum px_found found = px_request_head(t, &head);
    if (found != PX_FOUND)
        return found;
    struct px_str host = host_of(head), path = part(head->uri);
    if (!host.len)
        return px_found_text(out, path);
    return px_found_text(out, path.p ? join(host, path) : host);
}

enum px_found px_fetch_base(struct px_txn *t, struct px_sample *out)
{
    return fetch_base(t, out, path_of);
}

enum px_found px_fetch_baseq(struct px_txn *t, struct px_sample *out)
{
    return fetch_base(t, out, pathq_of);
}

/* ---- hashes ---- */

static enum px_found found_hash(struct px_sample *out, struct px_str host, struct px_str path)
{
    return px_found_int(out, px_hash_spread(px_hash_sdbm(px_hash_sdbm(0, host), path)));
}

enum px_found px_fetch_base32(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    enum px_found found = px_request_head(t, &head);
    return found == PX_FOUND ? found_hash(out, host_of(head), path_of(head->uri)) : found;
}

enum px_found px_fetch_url32(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    enum px_found found = px_request_head(t, &head);
    return found == PX_FOUND ? found_hash(out, host_line(head), pathq_of(head->uri)) : found;
}

/* The hash, highest byte first, with the client's address behind it. */
static enum px_found with_src(const struct px_txn *t, struct px_sample *out)
{
    const struct px_addr *src = &t->client->src;
    struct px_sample addr;
    char *bytes = px_scratch_get(sizeof(uint32_t) + sizeof addr.u.v6);
    if (!bytes || !px_addr_is_ip(src))
        return PX_ABSENT;
    px_addr_sample(src, &addr);
    uint32_t hash = htonl((uint32_t)out->u.i);
    size_t len = addr.type == PX_IPV4 ? sizeof addr.u.v4 : sizeof addr.u.v6;
    memcpy(bytes, &hash, sizeof hash);
    memcpy(bytes + sizeof hash, &addr.u, len);
    px_set_bytes(out, (struct px_str){bytes, sizeof hash + len});
    return PX_FOUND;
}

enum px_found px_fetch_base32_src(struct px_txn *t, struct px_sample *out)
{
    enum px_found found = px_fetch_base32(t, out);
    return found == PX_FOUND ? with_src(t, out) : found;
}

enum px_found px_fetch_url32_src(struct px_txn *t, struct px_sample *out)
{
    enum px_found found = px_fetch_url32(t, out);
    return found == PX_FOUND ? with_src(t, out) : found;
}

/* ---- the address in an absolute target ---- */

struct site {
    struct in_addr ip;
    uint16_t port;
};

static bool has_scheme(struct px_str uri, const char *scheme)
{
    size_t len = strlen(scheme);
    return uri.len > len && !strncasecmp(uri.p, scheme, len);
}

/* The port of "1.2.3.4:80" counts up to the first byte that is no digit. */
static uint16_t read_port(struct px_str s, uint16_t otherwise)
{
    if (s.len < 2 || s.p[0] != ':')
        return otherwise;
    unsigned port = 0;
    for (size_t i = 1; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        port = port * 10 + (unsigned)(s.p[i] - '0');
    return (uint16_t)port;
}

static bool read_site(struct px_str uri, struct site *site)
{
    bool https = has_scheme(uri, "https://");
    struct px_str authority = px_uri_authority(uri);
    if (!authority.p || (!https && !has_scheme(uri, "http://")))
        return false;
    size_t len = px_read_ipv4(authority, &site->ip);
    struct px_str rest = {authority.p + len, authority.len - len};
    site->port = read_port(rest, https ? 443 : 80);
    return len;
}

enum px_found px_fetch_url_ip(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    struct site site;
    enum px_found found = px_request_head(t, &head);
    if (found != PX_FOUND || !read_site(head->uri, &site))
        return found == PX_FOUND ? PX_ABSENT : found;
    out->type = PX_IPV4;
    out->u.v4 = site.ip;
    return PX_FOUND;
}

enum px_found px_fetch_url_port(struct px_txn *t, struct px_sample *out)
{
    const struct px_head *head;
    struct site site;
    enum px_found found = px_request_head(t, &head);
    if (found != PX_FOUND)
        return found;
    return read_site(head->uri, &site) ? px_found_int(out, site.port) : PX_ABSENT;
}

/* ---- parameters; the flag can only be "i" ---- */

enum px_found px_each_url_param(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                                struct px_str name, struct px_str begin, struct px_str flag)
{
    const struct px_head *head;
    struct px_str v;
    enum px_found found = px_request_head(t, &head);
    if (found != PX_FOUND)
        return found;
    const struct px_param param = {name, begin.len ? begin.p[0] : '?', flag.len};
    return px_param_next(head->uri, &it->pos, &param, &v) ? px_found_text(out, v) : PX_ABSENT;
}

enum px_found px_fetch_url_param(struct px_txn *t, struct px_sample *out, struct px_str name,
                                 struct px_str begin, struct px_str flag)
{
    struct px_iter it = {0};
    return px_each_url_param(t, out, &it, name, begin, flag);
}

enum px_found px_each_urlp_val(struct px_txn *t, struct px_sample *out, struct px_iter *it,
                               struct px_str name, struct px_str begin, struct px_str flag)
{
    enum px_found found = px_each_url_param(t, out, it, name, begin, flag);
    return found == PX_FOUND ? px_found_int(out, px_read_int32(out->u.s)) : found;
}

enum px_found px_fetch_urlp_val(struct px_txn *t, struct px_sample *out, struct px_str name,
                                struct px_str begin, struct px_str flag)
{
    struct px_iter it = {0};
    return px_each_urlp_val(t, out, &it, name, begin, flag);
}
