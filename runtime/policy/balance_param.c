/*
 * A parameter of the query or, for POST, of the body as a key (HAProxy manual, "balance
 * url_param").
 */
#include "../http/walk.h"
#include "../txn/http.h"
#include "balance.h"
#include "heads.h"
#include "sample.h"

/* The value of name=value between two '&'. Unlike in queries, ';' separates nothing. */
static bool find_param(struct px_str body, struct px_str name, struct px_str *value)
{
    for (size_t at = 0, end; at < body.len; at = end + 1) {
        const char *from = body.p + at, *next = memchr(from, '&', body.len - at);
        end = next ? (size_t)(next - body.p) : body.len;
        if (end - at > name.len && !memcmp(from, name.p, name.len) && from[name.len] == '=') {
            *value = (struct px_str){from + name.len + 1, end - at - name.len - 1};
            return true;
        }
    }
    return false;
}

/* What has come of the body: txn/http_body.c has waited for it. */
bool px_balance_param(struct px_txn *t, const struct px_balance *b, uint32_t *hash)
{
    struct px_sample body;
    struct px_str value;
    if (px_balance_key(t, b, hash))
        return true;
    if (t->http->req.meth != PX_M_POST || px_fetch_req_body(t, &body) != PX_FOUND ||
        !find_param(body.u.s, b->param, &value))
        return false;
    *hash = px_balance_hash(b, value);
    return true;
}
