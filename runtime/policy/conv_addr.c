/*
 * Converters about addresses and the proxy's own objects (HAProxy manual 7.3.1).
 */
#include "../txn/txn.h"
#include "../upstream/lb.h"
#include "number.h"
#include "sample.h"

#include <arpa/inet.h>

bool px_conv_ipmask(struct px_txn *t, struct px_sample *smp, uint32_t mask4,
                    const struct px_mask6 *mask6)
{
    (void)t;
    struct in_addr v4;
    if (smp->type == PX_IPV6 && px_unmap(&smp->u.v6, &v4)) {
        smp->type = PX_IPV4;
        smp->u.v4 = v4;
    }
    if (smp->type == PX_IPV4) {
        smp->u.v4.s_addr &= htonl(mask4);
        return true;
    }
    if (smp->type != PX_IPV6 || !mask6)
        return false;
    for (int i = 0; i < 16; i++)
        smp->u.v6.s6_addr[i] &= mask6->bytes[i];
    return true;
}

static const struct px_proxy *proxy_named(struct px_str name, unsigned cap)
{
    for (unsigned i = 0; i < px_program.nproxies; i++)
        if ((px_program.proxies[i]->caps & cap) && px_text_is(name, px_program.proxies[i]->name))
            return px_program.proxies[i];
    return NULL;
}

/* The backend with the name that the sample holds. */
bool px_conv_nbsrv(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    const struct px_proxy *p = proxy_named(smp->u.s, PX_BACKEND);
    if (p)
        px_set_int(smp, px_usable_servers(p));
    return p;
}

bool px_conv_fe_exists(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    px_set_bool(smp, proxy_named(smp->u.s, PX_FRONTEND) != NULL);
    return true;
}

/* "backend/server", or the name of a server of the current backend. NULL: there is none. */
static const struct px_server *server_named(const struct px_txn *t, struct px_str name)
{
    const char *slash = memchr(name.p, '/', name.len);
    const struct px_proxy *be = t ? t->be : NULL;
    if (slash) {
        be = proxy_named((struct px_str){name.p, (size_t)(slash - name.p)}, PX_BACKEND);
        name = (struct px_str){slash + 1, name.len - (size_t)(slash - name.p) - 1};
    }
    for (unsigned i = 0; be && i < be->nservers; i++)
        if (px_text_is(name, be->servers[i]->name))
            return be->servers[i];
    return NULL;
}

bool px_conv_srv_is_up(struct px_txn *t, struct px_sample *smp)
{
    const struct px_server *srv = smp->u.s.len ? server_named(t, smp->u.s) : NULL;
    if (srv)
        px_set_bool(smp, px_server_running(srv));
    return srv;
}

bool px_conv_srv_queue(struct px_txn *t, struct px_sample *smp)
{
    const struct px_server *srv = smp->u.s.len ? server_named(t, smp->u.s) : NULL;
    if (srv)
        px_set_int(smp, px_server_state(srv)->queue.length.now);
    return srv;
}
