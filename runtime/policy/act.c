/*
 * What actions have in common. See act.h.
 */
#include "act.h"

#include "../txn/scratch.h"
#include "replace.h"

bool px_edit_text(struct px_txn *t, const struct px_fmt *fmt, struct px_str *text)
{
    *text = px_fmt_text(t, fmt);
    return text->len < px_buf_size(); /* a text as long as that was cut */
}

bool px_expr_int(struct px_txn *t, px_expr expr, int64_t *n)
{
    struct px_sample s;
    if (expr(t, &s) != PX_FOUND || !px_cast(&s, PX_SINT))
        return false;
    *n = s.u.i;
    return true;
}

static void rewrite_ends(struct px_txn *t, enum px_phase at)
{
    PX_COUNT_EACH(t, internal_errors);
    if (px_at_request(at))
        t->flags |= PX_T_NO_TR;
    else
        px_http_drop_response(t);
    if (at == PX_AT_AFTER)
        t->http->after_failed = true; /* who runs these rules goes on to the error */
    else
        px_txn_fail(t, 'P', px_at_request(at) ? 'R' : 'H', 500);
}

enum px_verdict px_rewritten(struct px_txn *t, enum px_phase at, bool done)
{
    if (done)
        return PX_GO;
    PX_COUNT_EACH(t, rewrite_failures);
    if (t->http->rewrite_lax)
        return PX_GO;
    rewrite_ends(t, at);
    return PX_DONE;
}

bool px_edit_replace(const struct px_regex *re, struct px_str subject, struct px_str text,
                     struct px_str *to)
{
    struct px_match m;
    *to = (struct px_str){NULL, 0};
    if (!px_regex_find(re, subject, false, &m))
        return true;
    struct px_out out = {.p = px_scratch_get(px_buf_size()), .cap = px_buf_size()};
    if (!out.p || !px_replace(&out, text, &m))
        return false;
    *to = (struct px_str){out.p, out.len};
    return true;
}

void px_replaced_taken(const struct px_str *to)
{
    if (to->p)
        px_scratch_cut(to->p, 0);
}
