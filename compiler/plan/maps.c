/*
 * Maps: keys into a set where the order of the file does not matter, values into one text.
 */
#include "parts.h"

#include "../../runtime/abi/match.h"

#include <string.h>

/* Of several that match, the first in the file counts. */
static bool is_tried_in_order(enum match_method m)
{
    return m != MATCH_STR && m != MATCH_BEG && m != MATCH_INT && m != MATCH_IP && m != MATCH_BIN &&
           m != MATCH_LEN;
}

/* Matchers fold values only up to a bound. */
static bool is_too_long(const struct m_map *m)
{
    for (unsigned i = 0; m->fold && i < m->entries.n; i++)
        if (m->entries.v[i].key.text.len > PX_FOLD_MAX)
            return true;
    return false;
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
    const struct m_list *list = m->map->list;
    if (!list || list->uses.v[m->map->use].of_map)
        build_values(p, m);
    for (unsigned i = 0; m->map->method == MATCH_REG && i < m->map->entries.n; i++)
        m->map->entries.v[i].key.regex->needed =
            "it is the key of a map, whose values may ask for groups";
    if (is_tried_in_order(m->map->method))
        m->search = search_of_map(p, m->map,
                                  str_printf(p->arena, STR_FMT "__search", STR_ARG(m->name)));
    if (is_tried_in_order(m->map->method) || is_too_long(m->map))
        return;
    m->set = NEW(p->arena, struct p_set);
    m->set->name = str_printf(p->arena, STR_FMT "__keys", STR_ARG(m->name));
    m->set->method = m->map->method;
    m->set->fold = m->map->fold;
    for (unsigned i = 0; i < m->map->entries.n; i++) {
        const struct m_pattern *pat = &m->map->entries.v[i].key;
        struct p_key *k = VEC_PUSH(p->arena, &m->set->keys);
        *k = (struct p_key){.text = m->map->fold ? str_lower(p->arena, pat->text) : pat->text,
                            .low = pat->low,
                            .high = pat->high,
                            .v6 = pat->v6,
                            .test = i};
        memcpy(k->ip_low, pat->ip_low, 16);
        memcpy(k->ip_high, pat->ip_high, 16);
    }
    set_build_map(p, m->set);
}

/* ---- lists ---- */

bool list_is_mutable(const struct plan *p, const struct m_list *l)
{
    return l->by_rules || p->model->admin;
}

const struct p_map *map_of_test(struct plan *p, const struct m_test *t, const struct m_test_list *l)
{
    struct str key = str_printf(p->arena, "%p:%u", (const void *)l->list, l->use);
    void **at = map_at(p->arena, &p->by_use, key);
    if (*at)
        return *at;
    struct m_map *m = NEW(p->arena, struct m_map);
    const struct m_use *use = &l->list->uses.v[l->use];
    *m = (struct m_map){.path = l->list->path,
                        .method = use->method,
                        .fold = use->fold,
                        .list = l->list,
                        .use = l->use};
    for (unsigned i = 0; i < t->patterns.n; i++)
        if (t->patterns.v[i].list == l->list && t->patterns.v[i].fold == use->fold)
            VEC_PUSH(p->arena, &m->entries)->key = t->patterns.v[i];
    struct p_map *x = NEW(p->arena, struct p_map);
    x->map = m;
    x->name =
        plan_identifier(p, "list_" STR_FMT "_%s", STR_ARG(m->path), match_method_name(m->method));
    VEC_ADD(p->arena, &p->maps, x);
    *at = x;
    return x;
}

const struct p_list *plan_list(const struct plan *p, const struct m_list *l)
{
    return map_get(&p->by_list, l->path);
}

static void build_lines(struct plan *p, struct p_list *l)
{
    struct text text = {.arena = p->arena};
    const struct m_list *list = l->list;
    struct px_line *lines = NEW_N(p->arena, struct px_line, list->lines.n + 1);
    for (unsigned i = 0; i < list->lines.n; i++) {
        const struct m_list_line *line = &list->lines.v[i];
        lines[i].key = (struct px_slice){(uint32_t)text.len, (uint32_t)line->key.len};
        text_str(&text, line->key);
        lines[i].value = (struct px_slice){(uint32_t)text.len, 0};
        if (!list->of_maps)
            continue;
        lines[i].value.len = (uint32_t)line->value.len;
        text_str(&text, line->value);
    }
    l->text = (struct p_blob){"char", 1, text.len, text.p};
    l->lines = (struct p_blob){"struct px_line", sizeof *lines, list->lines.n, lines};
}

void lists_build(struct plan *p)
{
    for (unsigned i = 0; i < p->model->lists.entries.n; i++) {
        const struct m_list *m = p->model->lists.entries.v[i].value;
        bool mutable = list_is_mutable(p, m);
        if (!mutable && !m->keys_wanted && !p->model->stats_sockets.n)
            continue;
        struct p_list *l = NEW(p->arena, struct p_list);
        l->list = m;
        l->mutable = mutable;
        l->name = plan_identifier(p, "file_" STR_FMT, STR_ARG(m->path));
        build_lines(p, l);
        VEC_ADD(p->arena, &p->lists, l);
        *map_at(p->arena, &p->by_list, m->path) = l;
    }
    for (unsigned i = 0; i < p->maps.n; i++) {
        const struct m_list *m = p->maps.v[i]->map->list;
        if (m && (list_is_mutable(p, m) || m->keys_wanted))
            p->maps.v[i]->list = plan_list(p, m);
    }
}
