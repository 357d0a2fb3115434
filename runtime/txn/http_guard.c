/*
 * What a proxy refuses without a rule that says so: header names that servers may take for others
 * ("option http-restrict-req-hdr-names"), and responses with a cookie that caches would hand to
 * somebody else ("option checkcache").
 *
 * Both look at the message as the rules of the proxy have left it.
 */
#include "../base/macros.h"
#include "../http/chars.h"
#include "end.h"
#include "http.h"
#include "scratch.h"

#include <strings.h>

/* ---- header names ---- */

static bool is_plain_name(const struct px_hdr *h)
{
    for (unsigned i = 0; i < h->name_len; i++) {
        char c = h->name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !px_is_digit(c) && c != '-')
            return false;
    }
    return true;
}

static enum px_progress refuse_names(struct px_txn *t)
{
    px_count_denied_request(t);
    px_http_read_cookies(t);
    return px_txn_fail(t, 'P', 'R', 403);
}

enum px_progress px_http_restrict_names(struct px_txn *t, const struct px_proxy *p)
{
    struct px_head *req = &t->http->req;
    if (PX_LIKELY(p->restrict_names == PX_NAMES_PRESERVE))
        return PX_NEXT;
    for (unsigned i = 0; i < req->nhdrs; i++) {
        const struct px_hdr *h = &req->hdrs[i];
        if ((h->flags & PX_HDR_DELETED) || is_plain_name(h))
            continue;
        if (p->restrict_names == PX_NAMES_REJECT)
            return refuse_names(t);
        px_head_delete(req, i + 1);
        px_scratch_renew(); /* what was read of the fields before */
    }
    return PX_NEXT;
}

/* ---- cookies in caches ---- */

/* HAProxy manual, "option checkcache"; RFC 9110 15.1 names others, too. */
static bool is_stored_status(unsigned status)
{
    static const uint16_t stored[] = {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501};
    for (unsigned i = 0; i < PX_COUNT(stored); i++)
        if (stored[i] == status)
            return true;
    return false;
}

static bool is_stored_method(enum px_meth meth)
{
    return meth == PX_M_GET || meth == PX_M_HEAD || meth == PX_M_OPTIONS || meth == PX_M_TRACE;
}

/* Without the fields that the list names, for the cookie is the first of them. */
static bool excepts_cookie(struct px_str item)
{
    static const char text[] = "no-cache=\"set-cookie";
    size_t len = sizeof text - 1;
    return item.len > len && !strncasecmp(item.p, text, len) &&
           (item.p[len] == '"' || item.p[len] == ',');
}

static bool keeps_caches_out(struct px_str value)
{
    static const char *const words[] = {"private", "no-store", "max-age=0", "s-maxage=0",
                                        "no-cache"};
    for (unsigned i = 0; i < PX_COUNT(words); i++)
        if (px_list_has(value, words[i]))
            return true;
    return false;
}

static bool keeps_cookie_out(struct px_str value)
{
    return px_list_has(value, "no-cache=\"set-cookie\"") || excepts_cookie(value);
}

static bool is_no_cache(struct px_str value)
{
    return px_list_has(value, "no-cache");
}

static bool is_public(struct px_str value)
{
    return px_list_has(value, "public");
}

static bool has_field(const struct px_head *res, const struct px_name *name,
                      bool (*says)(struct px_str value))
{
    for (unsigned at = 0; (at = px_head_find(res, name, at));)
        if (says((struct px_str){px_head_at(res, at)->value, px_head_at(res, at)->value_len}))
            return true;
    return false;
}

static const struct px_name control = {PX_STR("cache-control"), 0};

bool px_http_is_cacheable(const struct px_http *h)
{
    static const struct px_name pragma = {PX_STR("pragma"), 0};
    const struct px_head *res = &h->res;
    if (has_field(res, &pragma, is_no_cache) || has_field(res, &control, keeps_caches_out))
        return false;
    return has_field(res, &control, is_public) ||
           (is_stored_status(res->status) && is_stored_method((enum px_meth)h->req.meth));
}

bool px_http_sets_cookie(const struct px_http *h)
{
    static const struct px_name cookie2 = {PX_STR("set-cookie2"), 0};
    return px_head_slot(&h->res, PX_H_SET_COOKIE, 0) || px_head_find(&h->res, &cookie2, 0);
}

enum px_progress px_http_check_cache(struct px_txn *t)
{
    const struct px_http *h = t->http;
    if (!px_http_is_cacheable(h) || has_field(&h->res, &control, keeps_cookie_out))
        return PX_NEXT;
    px_count_denied_response(t);
    px_http_drop_response(t);
    return px_txn_fail(t, 'P', 'H', 502);
}
