/*
 * Cookies that log lines show (HAProxy manual, "capture cookie").
 *
 * Not here: cookies as samples (policy/fetch_cookie.c), and those that keep clients with their
 * server (persist_cookie.c). They are looked for when all rules have
 * run, so that what rules have changed is what is logged.
 */
#include "../abi/out.h"
#include "../base/macros.h"
#include "../http/walk.h"
#include "http.h"
#include "persist.h"

static struct px_str value_of(const struct px_head *head, unsigned at)
{
    const struct px_hdr *h = px_head_at(head, at);
    return (struct px_str){h->value, h->value_len};
}

/* Keeps the cookie if it is the one that is wanted. The first one counts. */
static bool take(struct px_txn *t, struct px_str field, enum px_cookie_side side, struct px_str *to)
{
    struct px_str name, value;
    if (!px_cookie_begins(field, t->fe->capture_cookie, side, &name, &value))
        return false;
    size_t most = t->fe->capture_cookie_len, len = name.len + 1 + value.len;
    struct px_out out = {.cap = len < most ? len : most};
    out.p = px_arena_get(&t->arena, out.cap ? out.cap : 1);
    if (out.p) {
        px_put(&out, name.p, name.len);
        px_put(&out, "=", 1);
        px_put(&out, value.p, value.len);
        *to = (struct px_str){out.p, out.len};
    }
    return true;
}

static void capture_cookie(struct px_txn *t)
{
    const struct px_head *req = &t->http->req;
    if (!t->fe->capture_cookie.len || t->http->cookie.p)
        return;
    for (unsigned at = 0; (at = px_head_slot(req, PX_H_COOKIE, at));)
        if (take(t, value_of(req, at), PX_COOKIES, &t->http->cookie))
            return;
}

static PX_ASIDE bool read_cookies(struct px_txn *t, const struct px_persistence_cookie *c)
{
    capture_cookie(t);
    return !c || t->http->trace || c->ops->request(t);
}

bool px_http_read_cookies(struct px_txn *t)
{
    const struct px_persistence_cookie *c = (t->be ? t->be : t->fe)->cookie;
    return PX_LIKELY(!c && !t->fe->capture_cookie.len) || read_cookies(t, c);
}

/* RFC 2965: several cookies in one field. */
static bool take_of_list(struct px_txn *t, struct px_str list)
{
    struct px_str item;
    for (uint32_t at = 0; px_list_next(list, &at, &item);)
        if (take(t, item, PX_SET_COOKIE, &t->http->set_cookie))
            return true;
    return false;
}

void px_http_capture_set_cookie(struct px_txn *t)
{
    static const struct px_name of_old = {PX_STR("set-cookie2"), 0};
    const struct px_head *res = &t->http->res;
    if (!t->fe->capture_cookie.len)
        return;
    for (unsigned at = 0; (at = px_head_slot(res, PX_H_SET_COOKIE, at));)
        if (take(t, value_of(res, at), PX_SET_COOKIE, &t->http->set_cookie))
            return;
    for (unsigned at = 0; (at = px_head_find(res, &of_old, at));)
        if (take_of_list(t, value_of(res, at)))
            return;
}
