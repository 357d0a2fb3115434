/*
 * Samples that are kept. See abi/kept.h.
 */
#include "../abi/kept.h"

#include "../txn/scratch.h"
#include "sample.h"

#include <string.h>

_Thread_local uint64_t px_kept_pass;

static void sign(struct px_kept *k, const struct px_txn *t)
{
    k->of = t;
    k->age = px_kept_age;
    k->pass = px_kept_pass;
    px_scratch_use();
}

/* Bytes of a message may move when any of it is changed. */
static bool settle(struct px_sample *s)
{
    return !px_is_bytes(s) || !s->u.s.len || px_scratch_has(s->u.s.p) || px_scratch_copy(&s->u.s);
}

enum px_found px_keep(struct px_kept *k, const struct px_txn *t, struct px_sample *s,
                      enum px_found found)
{
    if (found == PX_FOUND && !settle(s)) {
        px_forget(k);
        return found;
    }
    k->found = found;
    k->sample = *s;
    sign(k, t);
    return found;
}

static bool add(struct px_kept_list *k, struct px_sample *s, uint32_t *room)
{
    if (k->n == *room) {
        uint32_t more = *room ? 2 * *room : 4;
        struct px_sample *v = (struct px_sample *)(void *)px_scratch_get(more * sizeof *v);
        if (!v)
            return false;
        if (k->n)
            memcpy(v, k->v, k->n * sizeof *v);
        k->v = v;
        *room = more;
    }
    if (!settle(s))
        return false;
    k->v[k->n++] = *s;
    return true;
}

void px_keep_all(struct px_kept_list *k, struct px_txn *t, px_each each)
{
    struct px_iter it = {0};
    uint32_t room = 0;
    struct px_sample s = {.open = false};
    k->n = 0;
    sign(&k->end, t);
    while ((k->end.found = each(t, &s, &it)) == PX_FOUND)
        if (!add(k, &s, &room))
            break;
    if (k->end.found == PX_FOUND) { /* what rules decide without the others will not count */
        k->end.found = PX_ABSENT;
        px_forget(&k->end);
    }
}

enum px_found px_kept_next(const struct px_kept_list *k, struct px_sample *s, struct px_iter *it)
{
    if (it->pos == k->n)
        return k->end.found;
    *s = k->v[it->pos++];
    return PX_FOUND;
}

bool px_is_shared(struct px_kept *k, const struct px_txn *t)
{
    if (px_is_kept(k, t))
        return true;
    sign(k, t);
    return false;
}
