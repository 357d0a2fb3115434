/*
 * Casts between the types of samples (HAProxy manual 7.1), by value.
 *
 * Not here: which casts are possible at all; the compiler refuses the others.
 */
#include "../base/macros.h"
#include "../http/h1.h"
#include "../net/addr.h"
#include "../txn/scratch.h"
#include "number.h"
#include "sample.h"

#include <arpa/inet.h>

static bool take_copy(struct px_sample *smp, enum px_type type, const void *p, size_t len)
{
    struct px_str s = {p, len};
    if (!px_scratch_copy(&s))
        return false;
    smp->type = (uint8_t)type;
    smp->u.s = s;
    return true;
}

static bool addr_to_text(struct px_sample *smp)
{
    struct px_addr addr = {.family = smp->type == PX_IPV6 ? AF_INET6 : AF_INET};
    char text[PX_ADDR_TEXT];
    memcpy(addr.ip, &smp->u, smp->type == PX_IPV6 ? 16 : 4);
    return take_copy(smp, PX_STRING, text, px_addr_text(&addr, text));
}

static bool to_string(struct px_sample *smp)
{
    char digits[24];
    struct px_out out = {.p = digits, .cap = sizeof digits};
    switch (smp->type) {
    case PX_BOOL:
    case PX_SINT:
        px_put_sint(&out, smp->u.i);
        return take_copy(smp, PX_STRING, out.p, out.len);
    case PX_IPV4:
    case PX_IPV6:
        return addr_to_text(smp);
    case PX_BIN: /* text ends before the first NUL */
        if (smp->u.s.len)
            smp->u.s.len = strnlen(smp->u.s.p, smp->u.s.len);
        break;
    default:
        break;
    }
    smp->type = PX_STRING;
    return true;
}

static bool to_bytes(struct px_sample *smp)
{
    uint8_t be[8];
    switch (smp->type) {
    case PX_BOOL:
    case PX_SINT:
        for (int i = 0; i < 8; i++)
            be[i] = (uint8_t)((uint64_t)smp->u.i >> (56 - 8 * i));
        return take_copy(smp, PX_BIN, be, sizeof be);
    case PX_IPV4:
        return take_copy(smp, PX_BIN, &(struct in_addr){smp->u.v4.s_addr}, 4);
    case PX_IPV6: {
        struct in6_addr ip = smp->u.v6;
        return take_copy(smp, PX_BIN, &ip, 16);
    }
    default:
        smp->type = PX_BIN;
        return true;
    }
}

static bool to_int(struct px_sample *smp)
{
    switch (smp->type) {
    case PX_BOOL:
        break;
    case PX_IPV4:
        smp->u.i = (int64_t)ntohl(smp->u.v4.s_addr);
        break;
    case PX_STRING:
        if (!smp->u.s.len)
            return false;
        smp->u.i = px_read_int64(smp->u.s);
        break;
    default:
        return false;
    }
    smp->type = PX_SINT;
    return true;
}

static bool to_bool(struct px_sample *smp)
{
    if (smp->type != PX_SINT && !to_int(smp))
        return false;
    px_set_bool(smp, smp->u.i != 0);
    return true;
}

/* Text before something else is taken for IPv4: "192.0.2.1:80" is an address. */
static bool text_to_addr(struct px_sample *smp)
{
    struct px_str s = smp->u.s;
    if (px_read_ipv4(s, &smp->u.v4)) {
        smp->type = PX_IPV4;
        return true;
    }
    if (!px_read_ipv6(s, &smp->u.v6))
        return false;
    smp->type = PX_IPV6;
    return true;
}

static bool to_addr(struct px_sample *smp)
{
    switch (smp->type) {
    case PX_IPV4:
    case PX_IPV6:
        return true;
    case PX_SINT:
        smp->u.v4.s_addr = htonl((uint32_t)smp->u.i);
        smp->type = PX_IPV4;
        return true;
    case PX_STRING:
        return text_to_addr(smp);
    default:
        return false;
    }
}

static bool to_ipv4(struct px_sample *smp)
{
    if (!to_addr(smp))
        return false;
    struct in6_addr v6 = smp->u.v6;
    if (smp->type == PX_IPV6 && !px_unmap(&v6, &smp->u.v4))
        return false;
    smp->type = PX_IPV4;
    return true;
}

static bool to_ipv6(struct px_sample *smp)
{
    if (!to_addr(smp))
        return false;
    struct in_addr v4 = smp->u.v4;
    if (smp->type == PX_IPV4)
        px_map_v4(&v4, &smp->u.v6);
    smp->type = PX_IPV6;
    return true;
}

static bool to_meth(struct px_sample *smp)
{
    if (smp->type != PX_STRING)
        return false;
    smp->meth = (uint8_t)px_meth_of(smp->u.s);
    smp->type = PX_METH;
    return true;
}

bool px_cast(struct px_sample *smp, enum px_type to)
{
    static bool (*const casts[])(struct px_sample *) = {
        [PX_BOOL] = to_bool, [PX_SINT] = to_int,   [PX_STRING] = to_string, [PX_BIN] = to_bytes,
        [PX_IPV4] = to_ipv4, [PX_IPV6] = to_ipv6, [PX_METH] = to_meth,     [PX_ADDR] = to_addr,
    };
    if (PX_LIKELY(smp->type == to) || to == PX_ANY)
        return true;
    return casts[to](smp);
}
