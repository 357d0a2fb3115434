/*
 * Maps: keys into a set where the order of the file does not matter, values into one text.
 */
#include "parts.h"

#include "../../runtime/abi/match.h"

#include <string.h>

/* These match anywhere in the sample, or are tried in the order of the file. */
static bool is_tried_in_order(enum match_method m)
{
    return m != MATCH_STR && m != MATCH_BEG && m != MATCH_INT && m != MATCH_IP;
}

static void build_values(struct plan *p, struct p_map *m)
{
    struct text text = {.arena = p->arena};
    const struct m_map *map = m->map;
    struct px_slice *values = NEW_N(p->arena, struct px_slice, map->entries.n + 1);
    struct map seen = {0};
    for (unsigned i = 0; i < map->entries.n; i++) {
        struct str v = map->entries.v[i].value;
        void **at = map_at(p->arena, &seen, v);
        if (!*at) {
            *at = (void *)(text.len + 1);
            text_str(&text, v);
        }
        values[i] = (struct px_slice){(uint32_t)((size_t)*at - 1), (uint32_t)v.len};
    }
    m->text = (struct p_blob){"char", 1, text.len, text.p};
    m->values = (struct p_blob){"struct px_slice", sizeof *values, map->entries.n, values};
}

void map_build(struct plan *p, struct p_map *m)
{
    build_values(p, m);
    for (unsigned i = 0; m->map->method == MATCH_REG && i < m->map->entries.n; i++)
        m->map->entries.v[i].key.regex->needed =
            "it is the key of a map, tried in the order of the file";
    if (is_tried_in_order(m->map->method))
        return;
    m->set = NEW(p->arena, struct p_set);
    m->set->name = str_printf(p->arena, STR_FMT "__keys", STR_ARG(m->name));
    m->set->method = m->map->method;
    for (unsigned i = 0; i < m->map->entries.n; i++) {
        const struct m_pattern *pat = &m->map->entries.v[i].key;
        struct p_key *k = VEC_PUSH(p->arena, &m->set->keys);
        *k = (struct p_key){
            .text = pat->text, .low = pat->low, .high = pat->high, .v6 = pat->v6, .test = i};
        memcpy(k->ip_low, pat->ip_low, 16);
        memcpy(k->ip_high, pat->ip_high, 16);
    }
    set_build_map(p, m->set);
}
