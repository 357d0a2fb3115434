/*
 * Map files: keys with values, for the map converters.
 */
#include "pattern.h"

#include <string.h>

/* How the keys of a converter are compared, by its symbol. */
static const struct {
    const char *sym;
    enum match_method method;
} kinds[] = {
    {"map_str", MATCH_STR}, {"map_beg", MATCH_BEG},  {"map_end", MATCH_END}, {"map_dom", MATCH_DOM},
    {"map_dir", MATCH_DIR}, {"map_sub", MATCH_SUB},  {"map_reg", MATCH_REG}, {"map_int", MATCH_INT},
    {"map_ip", MATCH_IP},   {"map_regm", MATCH_REG},
};

static struct m_map *map_read(struct sema *s, struct str path, enum match_method method,
                              struct span at)
{
    struct m_map *m = NEW(s->arena, struct m_map);
    *m = (struct m_map){.path = path, .method = method, .number = s->model->maps.entries.n - 1};
    struct m_list *list =
        list_load(s, path, (struct m_use){method, false, true}, true, at, &m->use);
    struct pattern_lines *pl = list ? pattern_lines_read(s, path, at) : NULL;
    struct m_test t = {.method = method};
    unsigned mistakes = 0;
    bool first = list && !list->lines.n;
    m->list = list;
    for (unsigned i = 0; pl && i < pl->lines.n; i++) {
        const struct pattern_line *line = &pl->lines.v[i];
        struct m_pattern p;
        if (pattern_value(s, &t, line->key, line->key_span, false, &p))
            VEC_ADD(s->arena, &m->entries,
                    ((struct m_map_entry){p, line->value, line->value_span}));
        else if (!pattern_mistake(s, &mistakes, line->key_span, pl->lines.n - i - 1))
            break;
        if (first)
            VEC_ADD(s->arena, &list->lines, ((struct m_list_line){line->key, line->value}));
    }
    return m;
}

static struct m_map *map_load(struct sema *s, struct str path, enum match_method method,
                              struct span at)
{
    struct str key = str_printf(s->arena, "%d:" STR_FMT, (int)method, STR_ARG(path));
    void **place = map_at(s->arena, &s->model->maps, key);
    unsigned use;
    if (!*place)
        *place = map_read(s, path, method, at);
    else
        list_load(s, path, (struct m_use){method, false, true}, true, at, &use);
    return *place;
}

/* Is it of the type that the converter gives? */
static bool value_fits(struct str value, enum px_type type)
{
    int64_t number;
    uint8_t ip[16];
    if (type == PX_SINT)
        return value_int(value, &number) == VALUE_OK;
    return type != PX_ADDR || value_ipv4_full(value, ip) || value_ipv6(value, ip);
}

static bool check_value(struct sema *s, const struct m_conv *c, struct str value, struct span at)
{
    if (value_fits(value, c->conv->out))
        return true;
    diag_add(s->diags, E0535, at, "the value '" STR_FMT "' of '%s' is not %s %s", STR_ARG(value),
             c->conv->name, px_type_article(c->conv->out), px_type_name(c->conv->out));
    return false;
}

/* The first one is shown. */
static void mind_missing_values(struct sema *s, const struct m_map *m)
{
    const struct m_map_entry *first = NULL;
    unsigned missing = 0;
    for (unsigned i = 0; i < m->entries.n; i++) {
        const struct m_map_entry *e = &m->entries.v[i];
        first = first || e->value.len ? first : e;
        missing += !e->value.len;
    }
    if (!first)
        return;
    struct diag *d = diag_add(s->diags, W0509, first->key.span, "this map entry has no value");
    if (missing > 1)
        diag_note(s->diags, d, "lines of this file without a value: %u", missing);
}

static void check_values(struct sema *s, const struct m_conv *c)
{
    const struct m_map *m = c->args[0].map;
    bool any_text = c->conv->out != PX_SINT && c->conv->out != PX_ADDR;
    unsigned mistakes = 0;
    if (m && any_text)
        mind_missing_values(s, m);
    for (unsigned i = 0; m && !any_text && i < m->entries.n; i++) {
        const struct m_map_entry *e = &m->entries.v[i];
        struct span at = e->value.len ? e->value_span : e->key.span;
        if (!check_value(s, c, e->value, at) &&
            !pattern_mistake(s, &mistakes, at, m->entries.n - i - 1))
            break;
    }
    if (c->conv->nargs > 1 && c->args[1].given)
        check_value(s, c, c->args[1].text, c->args[1].span);
}

/* What values have to be, and whether keys are asked for, is the list's from now on. */
static void mind_values(struct sema *s, const struct m_conv *c)
{
    struct m_list *l = map_get(&s->model->lists, c->args[0].text);
    if (!l)
        return;
    l->ints |= c->conv->out == PX_SINT;
    l->addrs |= c->conv->out == PX_ADDR;
    size_t len = strlen(c->conv->sym);
    l->keys_wanted |= len > 4 && !strcmp(c->conv->sym + len - 4, "_key");
}

/* map_str is the kind of map_str_int, too. */
static bool is_kind(const char *sym, const char *kind)
{
    size_t len = strlen(kind);
    return !strncmp(sym, kind, len) && (!sym[len] || sym[len] == '_');
}

void load_maps(struct sema *s, struct m_expr *e)
{
    for (unsigned i = 0; i < e->convs.n; i++) {
        struct m_conv *c = &e->convs.v[i];
        if (!c->conv->nargs || c->conv->args[0] != ARG_MAP)
            continue;
        for (unsigned k = 0; k < COUNT(kinds); k++)
            if (is_kind(c->conv->sym, kinds[k].sym))
                c->args[0].map = map_load(s, c->args[0].text, kinds[k].method, c->args[0].span);
        check_values(s, c);
        mind_values(s, c);
    }
}
