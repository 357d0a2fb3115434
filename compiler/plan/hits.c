/*
 * Lists of hits: which tests a match passes. Equal lists are stored once.
 */
#include "parts.h"

#include <stdlib.h>

static int by_number(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

uint32_t hits_put(struct hit_lists *h, uint16_t *tests, unsigned n)
{
    if (n)
        qsort(tests, n, sizeof *tests, by_number);
    unsigned kept = 0;
    for (unsigned i = 0; i < n; i++)
        if (!i || tests[i] != tests[i - 1])
            tests[kept++] = tests[i];
    struct str key = {(const char *)tests, kept * sizeof *tests};
    void **at = map_at(h->arena, &h->known, str_copy(h->arena, key));
    if (!*at) {
        *at = (void *)(uintptr_t)(h->v.n + 1);
        VEC_ADD(h->arena, &h->v, (uint16_t)kept);
        for (unsigned i = 0; i < kept; i++)
            VEC_ADD(h->arena, &h->v, tests[i]);
    }
    return (uint32_t)(uintptr_t)*at - 1;
}

struct p_blob hits_blob(const struct hit_lists *h)
{
    return (struct p_blob){"uint16_t", sizeof(uint16_t), h->v.n, h->v.v};
}
