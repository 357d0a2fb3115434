/*
 * Backends and servers whose names are computed (use_backend %[...], use-server %[...]).
 *
 * A name that nothing has is no error: the request goes where it would without the rule.
 */
#include "../base/macros.h"
#include "../net/addr.h"
#include "../txn/scratch.h"
#include "../txn/txn.h"
#include "../upstream/lb.h"
#include "sample.h"

static const struct px_proxy *backend_of(struct px_str name)
{
    const struct px_strings *names = px_program.backend_names;
    int64_t key = px_program.find_backend(names, name);
    return key < 0 ? NULL : px_program.proxies[names->keys[key].hits];
}

const struct px_proxy *px_backend_named(struct px_txn *t, const struct px_fmt *name)
{
    return backend_of(px_fmt_text(t, name));
}

/* No name has bytes that a format would change. */
const struct px_proxy *px_backend_found(struct px_txn *t, px_expr name)
{
    char text[PX_ADDR_TEXT];
    struct px_out out = {.p = text, .cap = sizeof text};
    struct px_sample s = {.type = PX_STRING};
    if (name(t, &s) != PX_FOUND)
        return NULL;
    if (PX_LIKELY(px_is_bytes(&s)))
        return backend_of(s.u.s);
    px_put_plain(&out, &s);
    return backend_of((struct px_str){out.p, out.len});
}

const struct px_server *px_server_named(struct px_txn *t, const struct px_fmt *name)
{
    struct px_str wanted = px_fmt_text(t, name);
    const struct px_proxy *be = t->be;
    for (unsigned i = 0; be && i < be->nservers; i++)
        if (strlen(be->servers[i]->name) == wanted.len &&
            !memcmp(be->servers[i]->name, wanted.p, wanted.len))
            return be->servers[i];
    return NULL;
}

bool px_server_running(const struct px_server *srv)
{
    return srv && px_server_may_persist(srv);
}

bool px_server_accepts(const struct px_txn *t, const struct px_server *srv)
{
    return srv && (px_server_may_persist(srv) || px_txn_insists(t));
}
