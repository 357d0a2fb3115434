/*
 * Backends and servers whose names are computed (use_backend %[...], use-server %[...]).
 *
 * A name that nothing has is no error: the request goes where it would without the rule.
 */
#include "../txn/scratch.h"
#include "../txn/txn.h"
#include "../upstream/lb.h"
#include "sample.h"

static int compare(const char *name, struct px_str wanted)
{
    int r = strncmp(name, wanted.p, wanted.len);
    return r ? r : name[wanted.len] != 0;
}

const struct px_proxy *px_backend_named(struct px_txn *t, const struct px_fmt *name)
{
    struct px_str wanted = px_fmt_text(t, name);
    unsigned low = 0, high = px_program.nbackends;
    if (memchr(wanted.p, 0, wanted.len))
        return NULL;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int r = compare(px_program.backends[middle]->name, wanted);
        if (!r)
            return px_program.backends[middle];
        if (r < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
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
