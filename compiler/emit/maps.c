/*
 * Maps, and the lists of patterns that rules and control sockets see.
 */
#include "rules.h"
#include "tables.h"

/* ---- maps ---- */

static void put_map_patterns(struct emit *e, const struct p_map *m)
{
    const struct m_map *map = m->map;
    if (map->method == MATCH_REG) {
        put(e, "static const struct px_regex *const " STR_FMT "__keys[] = {\n", STR_ARG(m->name));
        for (unsigned i = 0; i < map->entries.n; i++)
            put(e, "    &regex_%u,\n", map->entries.v[i].key.regex->number);
        put(e, map->entries.n ? "};\n" : "    NULL,\n};\n");
        return;
    }
    put(e, "static const struct px_str " STR_FMT "__list[] = {\n", STR_ARG(m->name));
    for (unsigned i = 0; i < map->entries.n; i++) {
        struct str key = map->entries.v[i].key.text;
        if (map->fold)
            key = str_lower(e->arena, key);
        put(e, "    PX_STR(" STR_FMT "),\n", STR_ARG(literal(e->arena, key)));
    }
    put(e, map->entries.n ? "};\n" : "    {NULL, 0},\n};\n");
    put(e, "static const struct px_patterns " STR_FMT "__keys = {%s, %s, %u, " STR_FMT "__list};\n",
        STR_ARG(m->name), compare_symbol(map->method), map->fold ? "true" : "false", map->entries.n,
        STR_ARG(m->name));
}

const char *set_finder(const struct p_set *s)
{
    static const char *const finds[] = {[SET_FEW] = "px_find_few",
                                        [SET_HASH] = "px_find_hash",
                                        [SET_PREFIX] = "px_find_prefix",
                                        [SET_SUFFIX] = "px_find_suffix"};
    return finds[s->kind];
}

static void put_map_keys_member(struct emit *e, const struct p_map *m)
{
    if (!m->set)
        put(e,
            m->map->method == MATCH_REG ? "    .regexes = " STR_FMT "__keys,\n"
                                        : "    .patterns = &" STR_FMT "__keys,\n",
            STR_ARG(m->name));
    else if (m->set->kind == SET_INT)
        put(e, "    .ranges = &" STR_FMT ",\n", STR_ARG(m->set->name));
    else if (m->set->kind == SET_IP)
        put(e, "    .nets = &" STR_FMT ",\n", STR_ARG(m->set->name));
    else
        put(e, "    .find = %s,\n    .strings = &" STR_FMT ",\n", set_finder(m->set),
            STR_ARG(m->set->name));
}

static void put_map(struct emit *e, const struct p_map *m)
{
    if (m->values.v) {
        put_blob(e, str_printf(e->arena, STR_FMT "__text", STR_ARG(m->name)), &m->text);
        put_blob(e, str_printf(e->arena, STR_FMT "__values", STR_ARG(m->name)), &m->values);
    }
    put(e, "static const struct px_map " STR_FMT " = {\n", STR_ARG(m->name));
    put_map_keys_member(e, m);
    if (m->search)
        put(e, "    .automaton = &" STR_FMT ",\n", STR_ARG(m->search->name));
    put(e, "    .n = %u,\n", m->map->entries.n);
    if (m->values.v)
        put(e, "    .values = " STR_FMT "__values,\n    .text = " STR_FMT "__text,\n",
            STR_ARG(m->name), STR_ARG(m->name));
    if (m->map->method == MATCH_LEN)
        put(e, "    .by_length = true,\n");
    if (m->list)
        put(e, "    .list = &" STR_FMT ",\n    .use = %u,\n", STR_ARG(m->list->name), m->map->use);
    put(e, "};\n");
}

void put_maps(struct emit *e)
{
    enum part was = turn_to(e, PART_SETS);
    for (unsigned i = 0; i < e->plan->maps.n; i++) {
        const struct p_map *m = e->plan->maps.v[i];
        if (m->set)
            put_set_data(e, m->set);
        else
            put_map_patterns(e, m);
        if (m->search)
            put_set_data(e, m->search);
        put_map(e, m);
    }
    turn_to(e, was);
}

/* ---- lists ---- */

static const char *kind_symbol(enum match_method m)
{
    switch (m) {
    case MATCH_STR:
        return "px_keys_str";
    case MATCH_BIN:
        return "px_keys_bin";
    case MATCH_BEG:
        return "px_keys_beg";
    case MATCH_IP:
        return "px_keys_ip";
    case MATCH_INT:
        return "px_keys_int";
    case MATCH_LEN:
        return "px_keys_len";
    case MATCH_REG:
        return "px_keys_reg";
    default:
        return "px_keys_text";
    }
}

static void put_uses(struct emit *e, const struct p_list *l)
{
    put(e, "static const struct px_use " STR_FMT "__uses[] = {\n", STR_ARG(l->name));
    for (unsigned i = 0; i < l->list->uses.n; i++) {
        const struct m_use *u = &l->list->uses.v[i];
        put(e, "    {\"%s\", &%s, %s, %s, %s},\n", match_method_name(u->method),
            kind_symbol(u->method), compare_symbol(u->method), u->fold ? "true" : "false",
            u->of_map ? "true" : "false");
    }
    put(e, "};\n");
}

static struct str users_text(struct emit *e, const struct m_list *l)
{
    struct text t = {.arena = e->arena};
    for (unsigned i = 0; i < l->users.n; i++) {
        const struct m_list_user *u = &l->users.v[i];
        text_printf(&t, "%sby %s at file '" STR_FMT "' line %u", i ? ", " : "",
                    u->of_map ? "map" : "acl", STR_ARG(u->at.source->name),
                    source_place(u->at.source, u->at.start).line);
    }
    return (struct str){t.p, t.len};
}

static void put_list(struct emit *e, const struct p_list *l)
{
    const struct m_list *m = l->list;
    put_blob(e, str_printf(e->arena, STR_FMT "__text", STR_ARG(l->name)), &l->text);
    put_blob(e, str_printf(e->arena, STR_FMT "__lines", STR_ARG(l->name)), &l->lines);
    put_uses(e, l);
    if (l->mutable)
        put(e, "static struct px_changes " STR_FMT "__changes;\n", STR_ARG(l->name));
    put(e, "static const struct px_list " STR_FMT " = {\n    .name = " STR_FMT ",\n",
        STR_ARG(l->name), STR_ARG(literal(e->arena, m->path)));
    put(e, "    .users = " STR_FMT ",\n    .id = %u,\n",
        STR_ARG(literal(e->arena, users_text(e, m))), m->id);
    if (m->of_maps)
        put(e, "    .of_maps = true,\n");
    if (m->ints)
        put(e, "    .ints = true,\n");
    if (m->addrs)
        put(e, "    .addrs = true,\n");
    if (l->mutable)
        put(e, "    .changes = &" STR_FMT "__changes,\n", STR_ARG(l->name));
    put(e,
        "    .text = " STR_FMT "__text,\n    .lines = " STR_FMT "__lines,\n    .nlines = %u,\n"
        "    .uses = " STR_FMT "__uses,\n    .nuses = %u,\n};\n",
        STR_ARG(l->name), STR_ARG(l->name), m->lines.n, STR_ARG(l->name), m->uses.n);
}

void put_lists_of_patterns(struct emit *e)
{
    enum part was = turn_to(e, PART_SETS);
    for (unsigned i = 0; i < e->plan->lists.n; i++)
        put_list(e, e->plan->lists.v[i]);
    turn_to(e, was);
}

void put_list_table(struct emit *e, struct text *members)
{
    const struct plan *p = e->plan;
    if (!p->lists.n || !p->model->stats_sockets.n)
        return;
    put(e, "static const struct px_list *const lists[] = {\n");
    for (unsigned i = 0; i < p->lists.n; i++)
        put(e, "    &" STR_FMT ",\n", STR_ARG(p->lists.v[i]->name));
    put(e, "};\n");
    text_printf(members, "    .lists = lists,\n    .nlists = %u,\n", p->lists.n);
}
