/*
 * Maps and pattern lists. See abi/match.h.
 */
#include "../abi/policy.h"

bool px_any_pattern(const struct px_patterns *set, struct px_str v)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (px_compare(set, i, v))
            return true;
    return false;
}

bool px_compare(const struct px_patterns *set, uint32_t i, struct px_str v)
{
    switch (set->how) {
    case PX_IS:
        return px_is(v, set->v[i], set->fold);
    case PX_BEGINS:
        return px_begins(v, set->v[i], set->fold);
    case PX_ENDS:
        return px_ends(v, set->v[i], set->fold);
    case PX_CONTAINS:
        return px_contains(v, set->v[i], set->fold);
    case PX_HAS_DIR:
        return px_has_part(v, set->v[i], "/?", set->fold);
    default:
        return px_has_part(v, set->v[i], "/?.:", set->fold);
    }
}

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
        int64_t range = px_find_int(m->ranges, smp->u.i);
        return range < 0 ? -1 : (int64_t)m->ranges->v[range].hits;
    }
    if (m->nets) {
        const struct px_net *net = px_find_ip(m->nets, smp);
        return net ? (int64_t)net->hits : -1;
    }
    for (uint32_t i = 0; i < m->n; i++)
        if (m->regexes ? px_regex_match(m->regexes[i], smp->u.s)
                       : px_compare(m->patterns, i, smp->u.s))
            return i;
    return -1;
}

bool px_map_find(const struct px_map *m, const struct px_sample *smp, struct px_str *value)
{
    int64_t entry = px_map_entry(m, smp);
    if (entry < 0)
        return false;
    *value = (struct px_str){m->text + m->values[entry].at, m->values[entry].len};
    return true;
}
