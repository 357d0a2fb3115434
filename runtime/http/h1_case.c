/*
 * Header names for peers that wrongly care about their case (HAProxy manual, "h1-case-adjust").
 */
#include "h1.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *key, const void *entry)
{
    const struct px_hdr *h = key;
    const struct px_case *c = entry;
    size_t len = h->name_len < c->from.len ? h->name_len : c->from.len;
    int cmp = memcmp(h->name, c->from.p, len);
    return cmp ? cmp : (int)h->name_len - (int)c->from.len;
}

void px_h1_adjust_case(struct px_head *head)
{
    const struct px_global *g = px_program.global;
    for (unsigned i = 0; g->nh1_cases && i < head->nhdrs; i++) {
        struct px_hdr *h = &head->hdrs[i];
        const struct px_case *c =
            bsearch(h, g->h1_cases, g->nh1_cases, sizeof *g->h1_cases, by_name);
        if (!c)
            continue;
        h->name = c->to;
        h->flags |= PX_HDR_LOOSE;
        head->flags |= PX_HEAD_EDITED;
    }
}
