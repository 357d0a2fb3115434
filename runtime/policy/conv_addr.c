/*
 * Converters about addresses and the proxy's own objects (HAProxy manual 7.3.1).
 */
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

/* The backend with the name that the sample holds. */
bool px_conv_nbsrv(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        struct px_str name = px_text_of(p->name);
        if ((p->caps & PX_BACKEND) && name.len == smp->u.s.len &&
            !memcmp(name.p, smp->u.s.p, name.len)) {
            px_set_int(smp, px_usable_servers(p));
            return true;
        }
    }
    return false;
}
