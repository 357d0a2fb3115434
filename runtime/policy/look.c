/*
 * Looking at lists, for people: what there is, changed or not. See live.h.
 *
 * An unchanged list has no elements in memory; then its lines are what is looked at, one by one.
 */
#include "live.h"

#include <stdlib.h>

static struct px_str line_text(const struct px_list *l, struct px_slice s)
{
    return (struct px_str){l->text + s.at, s.len};
}

static struct px_list_seen line_seen(const struct px_list *l, uint32_t i)
{
    struct px_list_seen x = {.name = &l->lines[i], .key = line_text(l, l->lines[i].key)};
    if (l->of_maps)
        x.value = line_text(l, l->lines[i].value);
    return x;
}

static struct px_list_seen element_seen(const struct px_element *x)
{
    struct px_list_seen seen = {.name = x->name, .key = x->key};
    const struct px_text_of_value *v = atomic_load_explicit(&x->value, memory_order_acquire);
    if (v)
        seen.value = (struct px_str){v->bytes, v->len};
    return seen;
}

void px_list_state(const struct px_list *l, struct px_list_state *state)
{
    struct px_live *live = px_list_live(l);
    *state = (struct px_list_state){.n = l->nlines};
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    state->version = atomic_load_explicit(&live->version, memory_order_relaxed);
    state->next_version = live->next_version;
    state->n = live->n;
    pthread_mutex_unlock(&live->lock);
}

static void each_line(const struct px_list *l, void (*see)(void *, const struct px_list_seen *),
                      void *ctx)
{
    for (uint32_t i = 0; i < l->nlines; i++) {
        struct px_list_seen x = line_seen(l, i);
        see(ctx, &x);
    }
}

void px_list_each(const struct px_list *l, const uint32_t *version,
                  void (*see)(void *ctx, const struct px_list_seen *x), void *ctx)
{
    struct px_live *live = px_list_live(l);
    if (!live) {
        if (!version || !*version)
            each_line(l, see, ctx);
        return;
    }
    pthread_mutex_lock(&live->lock);
    uint32_t wanted =
        version ? *version : atomic_load_explicit(&live->version, memory_order_relaxed);
    for (const struct px_element *x = live->first; x; x = x->next) {
        struct px_list_seen seen = element_seen(x);
        if (x->version == wanted)
            see(ctx, &seen);
    }
    pthread_mutex_unlock(&live->lock);
}

/* ---- finding among lines ---- */

/* Does a key of class a count before one of class b, met earlier? The longer prefix does; of
 * networks, those of the sample's own family do first. */
static bool counts_before(uint32_t a, uint32_t b, const struct px_sample *s)
{
    bool v6 = s->type == PX_IPV6, a6 = a >= PX_CLASS_V6, b6 = b >= PX_CLASS_V6;
    if ((s->type == PX_IPV4 || v6) && a6 != b6)
        return a6 == v6;
    return a > b;
}

struct best {
    bool any;
    uint32_t class, line;
};

static void try_line(const struct px_list *l, const struct px_use *use, uint32_t i,
                     const struct px_sample *s, struct best *best)
{
    struct px_str key = line_text(l, l->lines[i].key);
    struct px_key_data k;
    char *room = malloc(key.len + 16);
    if (room && use->kind->read(use, key, room, &k, NULL)) {
        if (use->kind->match(use, &k, s) && (!best->any || counts_before(k.class, best->class, s)))
            *best = (struct best){true, k.class, i};
        if (use->kind->drop)
            use->kind->drop(&k);
    }
    free(room);
}

bool px_list_find(const struct px_list *l, unsigned use, const struct px_sample *s,
                  struct px_list_seen *found)
{
    struct px_live *live = px_list_live(l);
    struct best best = {false, 0, 0};
    if (live) {
        const struct px_entry *e = px_live_find(live, &l->uses[use], use, s);
        if (e)
            *found = element_seen(e->of);
        return e;
    }
    for (uint32_t i = 0; i < l->nlines && !(best.any && !l->uses[use].kind->indexed); i++)
        try_line(l, &l->uses[use], i, s, &best);
    if (best.any)
        *found = line_seen(l, best.line);
    return best.any;
}
