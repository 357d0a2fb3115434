/*
 * Maps and pattern lists. See abi/match.h.
 */
#include "../abi/policy.h"
#include "../base/macros.h"
#include "../txn/scratch.h"
#include "live.h"

bool px_any_regex(const struct px_regex *const *set, unsigned n, struct px_str v)
{
    for (unsigned i = 0; i < n; i++)
        if (px_regex_match(set[i], v))
            return true;
    return false;
}

int64_t px_map_entry(const struct px_map *m, const struct px_sample *smp)
{
    if (m->strings) {
        int64_t key = m->find(m->strings, smp->u.s);
        return key < 0 ? -1 : (int64_t)m->strings->keys[key].hits;
    }
    if (m->ranges) {
        int64_t v = m->by_length ? (int64_t)smp->u.s.len : smp->u.i;
        int64_t range = px_find_int(m->ranges, v);
        return range < 0 ? -1 : (int64_t)m->ranges->v[range].hits;
    }
    if (m->nets)
        return px_find_ip(m->nets, smp);
    if (m->automaton)
        return px_find_automaton(m->automaton, smp->u.s);
    for (uint32_t i = 0; i < m->n; i++)
        if (m->regexes ? px_regex_match(m->regexes[i], smp->u.s)
                       : px_compare(m->patterns, i, smp->u.s))
            return i;
    return -1;
}

static struct px_live *live_of(const struct px_map *m)
{
    return m->list ? px_list_live(m->list) : NULL;
}

static const struct px_entry *live_entry(const struct px_map *m, struct px_live *live,
                                         const struct px_sample *smp)
{
    return px_live_find(live, &m->list->uses[m->use], m->use, smp);
}

/* What was found may be replaced when the event is over: rules may wait, and keep it meanwhile. */
static bool find_live(const struct px_map *m, struct px_live *live, const struct px_sample *smp,
                      struct px_map_hit *hit)
{
    const struct px_entry *e = live_entry(m, live, smp);
    if (!e)
        return false;
    const struct px_text_of_value *v = atomic_load_explicit(&e->of->value, memory_order_acquire);
    hit->value = v ? (struct px_str){v->bytes, v->len} : (struct px_str){"", 0};
    hit->key = e->of->key;
    hit->regex = m->regexes ? &e->key.u.regex : NULL;
    return px_scratch_copy(&hit->value) && px_scratch_copy(&hit->key);
}

bool px_map_find(const struct px_map *m, const struct px_sample *smp, struct px_map_hit *hit)
{
    struct px_live *live = live_of(m);
    if (PX_UNLIKELY(live))
        return find_live(m, live, smp, hit);
    int64_t entry = px_map_entry(m, smp);
    if (entry < 0)
        return false;
    hit->value = (struct px_str){m->text + m->values[entry].at, m->values[entry].len};
    hit->key = (struct px_str){NULL, 0};
    if (m->list) {
        struct px_slice key = m->list->lines[entry].key;
        hit->key = (struct px_str){m->list->text + key.at, key.len};
    }
    hit->regex = m->regexes ? m->regexes[entry] : NULL;
    return true;
}

bool px_listed(const struct px_map *m, const struct px_sample *smp)
{
    struct px_live *live = live_of(m);
    if (PX_UNLIKELY(live))
        return live_entry(m, live, smp);
    return px_map_entry(m, smp) >= 0;
}
