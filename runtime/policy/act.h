/*
 * What actions have in common: how they end a rule set, and what becomes of rewrites that fail.
 */
#ifndef PX_ACT_H
#define PX_ACT_H

#include "../txn/end.h"
#include "../txn/http.h"
#include "sample.h"

static inline bool px_at_request(enum px_phase at)
{
    return at <= PX_AT_REQ_HTTP;
}

/* The head that rules of this kind see and change. */
static inline struct px_head *px_act_head(struct px_txn *t, enum px_phase at)
{
    return px_at_request(at) ? &t->http->req : &t->http->res;
}

/* The integer that an expression gives. false: it gives none. */
bool px_expr_int(struct px_txn *t, px_expr expr, int64_t *n);

/* The text of a format, valid until the next one is asked for. false: it is too long. */
bool px_edit_text(struct px_txn *t, const struct px_fmt *fmt, struct px_str *text);

/*
 * What an action answers that has tried to rewrite something. A failure is counted; unless
 * strict-mode is off it ends the transaction with an error 500.
 */
enum px_verdict px_rewritten(struct px_txn *t, enum px_phase at, bool done);

/* The whole of `subject` becomes the text, with references to groups filled in, when the expression
 * matches. *to: valid until px_replaced_taken. false: no room. to->p == NULL: no match. */
bool px_edit_replace(const struct px_regex *re, struct px_str subject, struct px_str text,
                    struct px_str *to);
void px_replaced_taken(const struct px_str *to);

#endif
