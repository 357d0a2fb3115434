/*
 * Actions that rewrite the request line.
 *
 * Not here: what a target may look like on the wire (http/head.c sees to that). A Host field
 * follows the authority of a target that is set, as in HAProxy.
 */
#include "../txn/scratch.h"
#include "act.h"
#include "act_host.h"
#include "normalize.h"

static struct px_str uri_of(const struct px_txn *t)
{
    return t->http->req.uri;
}

/* The target with `text` in place of its bytes [from, to). */
static bool splice(struct px_txn *t, size_t from, size_t to, struct px_str text)
{
    struct px_str uri = uri_of(t);
    size_t len = from + text.len + (uri.len - to);
    char *whole = px_scratch_get(len + 1);
    if (!whole)
        return false;
    memcpy(whole, uri.p, from);
    if (text.len)
        memcpy(whole + from, text.p, text.len);
    memcpy(whole + from + text.len, uri.p + to, uri.len - to);
    bool done = px_head_set_uri(&t->http->req, (struct px_str){whole, len});
    px_scratch_cut(whole, 0);
    return done;
}

/* Where the path begins and ends. false: the target has none ("*", authority only); as in HAProxy a
 * new path then takes the place of all of it, and there is nothing to replace. */
static bool path_span(const struct px_txn *t, size_t *from, size_t *to)
{
    struct px_str uri = uri_of(t), path = px_uri_path(uri);
    *from = (size_t)(path.p - uri.p);
    *to = *from + path.len;
    return *from || (uri.len && (uri.p[0] == '/' || uri.p[0] == '?'));
}

enum px_verdict px_act_set_path(struct px_txn *t, enum px_phase at, const struct px_fmt *fmt)
{
    size_t from, to;
    struct px_str text;
    bool has = path_span(t, &from, &to);
    if (!has)
        to = uri_of(t).len;
    bool done = px_edit_text(t, fmt, &text) && ((!has && !text.len) || splice(t, from, to, text));
    return px_rewritten(t, at, done);
}

enum px_verdict px_act_set_pathq(struct px_txn *t, enum px_phase at, const struct px_fmt *fmt)
{
    size_t from, to;
    struct px_str text;
    bool has = path_span(t, &from, &to);
    bool done = px_edit_text(t, fmt, &text) &&
                ((!has && !text.len) || splice(t, from, uri_of(t).len, text));
    return px_rewritten(t, at, done);
}

static bool set_query(struct px_txn *t, struct px_str text)
{
    size_t from, to, len = uri_of(t).len;
    if (!path_span(t, &from, &to))
        return true;
    if (to < len)
        return splice(t, to + 1, len, text);
    if (!text.len)
        return true;
    char *query = px_scratch_get(text.len + 1);
    if (!query)
        return false;
    query[0] = '?';
    memcpy(query + 1, text.p, text.len);
    return splice(t, len, len, (struct px_str){query, text.len + 1});
}

enum px_verdict px_act_set_query(struct px_txn *t, enum px_phase at, const struct px_fmt *fmt)
{
    struct px_str text;
    return px_rewritten(t, at, px_edit_text(t, fmt, &text) && set_query(t, text));
}

enum px_verdict px_act_set_uri(struct px_txn *t, enum px_phase at, const struct px_fmt *fmt)
{
    struct px_str text;
    bool done = px_edit_text(t, fmt, &text) && px_head_set_uri(&t->http->req, text) &&
                px_host_follows_uri(t);
    return px_rewritten(t, at, done);
}

enum px_verdict px_act_set_method(struct px_txn *t, enum px_phase at, const struct px_fmt *fmt)
{
    struct px_str text;
    bool done = px_edit_text(t, fmt, &text) && px_head_set_method(&t->http->req, text);
    return px_rewritten(t, at, done);
}

/* Queries are a part of the target for some normalizers, and all that counts for one. */
static bool normal_span(struct px_txn *t, int which, size_t *from, size_t *to)
{
    if (!path_span(t, from, to))
        return false;
    if (which == PX_WORD_QUERY_SORT_BY_NAME)
        *from = *to < uri_of(t).len ? *to + 1 : *to;
    if (!px_normalizes_path(which))
        *to = uri_of(t).len;
    return true;
}

enum px_verdict px_act_normalize_uri(struct px_txn *t, enum px_phase at, int which, int more)
{
    size_t from, to;
    if (!normal_span(t, which, &from, &to))
        return PX_GO;
    size_t room = 3 * (to - from) + 1;
    struct px_out out = {.p = px_scratch_get(room), .cap = room};
    if (!out.p)
        return px_rewritten(t, at, false);
    struct px_str part = {uri_of(t).p + from, to - from};
    if (!px_normalize(which, more, part, &out)) {
        t->flags |= PX_T_NO_TR;
        px_txn_fail(t, 'P', 'R', 400);
        return PX_DONE;
    }
    bool same = out.len == part.len && !memcmp(out.p, part.p, part.len);
    return px_rewritten(t, at, same || splice(t, from, to, (struct px_str){out.p, out.len}));
}

/* ---- by an expression ---- */

static bool replace_span(struct px_txn *t, size_t from, size_t to, const struct px_regex *re,
                         const struct px_fmt *fmt)
{
    struct px_str subject = {uri_of(t).p + from, to - from}, text, whole;
    if (!px_edit_text(t, fmt, &text) || !px_edit_replace(re, subject, text, &whole))
        return false;
    if (!whole.p)
        return true;
    bool done = splice(t, from, to, whole);
    px_replaced_taken(&whole);
    return done;
}

enum px_verdict px_act_replace_path(struct px_txn *t, enum px_phase at, const struct px_regex *re,
                                    const struct px_fmt *fmt)
{
    size_t from, to;
    return px_rewritten(t, at, !path_span(t, &from, &to) || replace_span(t, from, to, re, fmt));
}

enum px_verdict px_act_replace_pathq(struct px_txn *t, enum px_phase at, const struct px_regex *re,
                                     const struct px_fmt *fmt)
{
    size_t from, to;
    bool done = !path_span(t, &from, &to) || replace_span(t, from, uri_of(t).len, re, fmt);
    return px_rewritten(t, at, done);
}

enum px_verdict px_act_replace_uri(struct px_txn *t, enum px_phase at, const struct px_regex *re,
                                   const struct px_fmt *fmt)
{
    const char *before = uri_of(t).p;
    bool done = replace_span(t, 0, uri_of(t).len, re, fmt);
    if (done && uri_of(t).p != before)
        done = px_host_follows_uri(t);
    return px_rewritten(t, at, done);
}
