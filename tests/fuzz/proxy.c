/*
 * Fuzz target: headers of the PROXY protocol.
 *
 * A header is understood alike however much of it has come, and what follows it does not matter.
 * What was announced can be announced again, in both versions, and is understood in the same way.
 */
#include "runtime/net/proxy_protocol.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Exactly so many bytes, so that sanitizers see what is read behind them. */
static enum px_pp_result parse(struct px_pp_header *h, const char *p, size_t len)
{
    char *copy = malloc(len ? len : 1);
    must(copy);
    memcpy(copy, p, len);
    enum px_pp_result r = px_pp_parse(h, copy, len);
    free(copy);
    return r;
}

static bool same_addr(const struct px_addr *a, const struct px_addr *b)
{
    return a->family == b->family && a->port == b->port && !memcmp(a->ip, b->ip, sizeof a->ip);
}

static bool same_str(struct px_str a, struct px_str b)
{
    return !a.p == !b.p && a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

static void check_v1(const struct px_pp_header *h)
{
    char text[PX_PP_MAX_V1];
    struct px_out out = {.p = text, .cap = sizeof text};
    struct px_pp_header again;
    px_pp_write_v1(&out, &h->src, &h->dst);
    must(!out.full && px_pp_parse(&again, text, out.len) == PX_PP_DONE && again.len == out.len);
    must(again.relayed && same_addr(&again.src, &h->src) && same_addr(&again.dst, &h->dst));
}

static void check_v2(const struct px_pp_header *h, bool crc32c)
{
    char bytes[PX_PP_MAX_V2];
    struct px_out out = {.p = bytes, .cap = sizeof bytes};
    struct px_pp_extra extra = {
        .crc32c = crc32c, .authority = h->authority, .unique_id = h->unique_id, .netns = h->netns};
    struct px_pp_header again;
    px_pp_write_v2(&out, &h->src, &h->dst, &extra);
    must(!out.full && px_pp_parse(&again, bytes, out.len) == PX_PP_DONE && again.len == out.len);
    must(again.relayed && same_addr(&again.src, &h->src) && same_addr(&again.dst, &h->dst));
    must(same_str(again.authority, h->authority) && same_str(again.unique_id, h->unique_id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct px_pp_header whole, part;
    enum px_pp_result r = px_pp_parse(&whole, text, size);
    /* What is refused may look good as long as little has come, but never complete. */
    size_t step = size > 300 ? size / 100 : 1, end = r == PX_PP_DONE ? whole.len : size;
    for (size_t n = 0; n < end; n += step) {
        enum px_pp_result early = parse(&part, text, n);
        must(early == PX_PP_MORE || (r != PX_PP_DONE && early == r));
    }
    if (r != PX_PP_DONE)
        return 0;
    must(whole.len && whole.len <= size && parse(&part, text, whole.len) == PX_PP_DONE);
    must(part.len == whole.len && part.relayed == whole.relayed);
    if (!whole.relayed)
        return 0;
    check_v1(&whole);
    check_v2(&whole, false);
    check_v2(&whole, true);
    return 0;
}
