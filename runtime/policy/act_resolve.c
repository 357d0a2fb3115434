/*
 * do-resolve: what a name of a request means, while the request waits.
 *
 * Whatever goes wrong, the variable is not set.
 */
#include "../upstream/lookup.h"
#include "act.h"
#include "vars.h"

static void told(void *user)
{
    px_txn_run(user);
}

static struct px_lookup *begin(struct px_txn *t, const struct px_resolvers *by, int family,
                               px_expr expr)
{
    struct px_sample s;
    uint8_t prefers = family == PX_WORD_IPV4 ? AF_INET : AF_INET6;
    if (expr(t, &s) != PX_FOUND || !px_cast(&s, PX_STRING))
        return NULL;
    return px_lookup_begin(by, s.u.s, prefers, told, t);
}

/* Has the inspect delay passed, which rules about contents wait for at most? */
static bool is_late(const struct px_txn *t, enum px_phase at)
{
    return at == PX_AT_REQ_TCP && (t->flags & PX_T_TIMED);
}

enum px_verdict px_act_do_resolve(struct px_txn *t, enum px_phase at, unsigned var,
                                  const struct px_resolvers *by, int family, px_expr expr)
{
    bool late = is_late(t, at);
    if (!t->lookup) {
        t->lookup = late ? NULL : begin(t, by, family, expr);
        return t->lookup ? PX_WAIT : PX_GO;
    }
    if (!t->lookup->over && !late)
        return PX_WAIT;
    if (t->lookup->over && t->lookup->address.type != PX_ANY)
        px_var_set(t, var, &t->lookup->address);
    px_lookup_end(t->lookup);
    t->lookup = NULL;
    if (t->http && at == PX_AT_REQ_HTTP)
        t->at.head = px_self->now; /* logs count the wait as one for the request */
    return PX_GO;
}
