/*
 * The environment that a configuration is read in.
 *
 * Not for: the environment of the compiler itself, which is never changed.
 * Idea: a map from names to values. Values that came from outside are told apart from those that
 * the configuration set, because only the former can make the next build differ.
 */
#include "env.h"

#include <string.h>

struct variable {
    struct str value; /* p == NULL: not set */
    bool given;       /* as it came from outside */
};

struct env {
    struct arena *arena;
    struct map variables;
    struct map *used;
};

static void put(struct env *e, struct str name, struct variable v)
{
    void **place = map_at(e->arena, &e->variables, name);
    if (!*place)
        *place = NEW(e->arena, struct variable);
    *(struct variable *)*place = v;
}

struct env *env_new(struct arena *a, char **environ)
{
    struct env *e = NEW(a, struct env);
    e->arena = a;
    e->used = NEW(a, struct map);
    for (; environ && *environ; environ++) {
        const char *equals = strchr(*environ, '=');
        if (!equals)
            continue;
        struct str name = {*environ, (size_t)(equals - *environ)};
        if (!map_get(&e->variables, name))
            put(e, name, (struct variable){str_of(equals + 1), true});
    }
    return e;
}

/* Remembers the first answer to a name. */
static void note_use(const struct env *e, struct str name, struct str value)
{
    if (map_get(e->used, name))
        return;
    struct str *copy = NEW(e->arena, struct str);
    *copy = value;
    *map_at(e->arena, e->used, str_copy(e->arena, name)) = copy;
}

struct str env_get(const struct env *e, struct str name)
{
    const struct variable *v = map_get(&e->variables, name);
    struct str value = v ? v->value : (struct str){NULL, 0};
    if (!v || v->given)
        note_use(e, name, value);
    return value;
}

void env_set(struct env *e, struct str name, struct str value)
{
    struct variable v = {str_copy(e->arena, value), false};
    put(e, str_copy(e->arena, name), v);
}

void env_unset(struct env *e, struct str name)
{
    put(e, str_copy(e->arena, name), (struct variable){{NULL, 0}, false});
}

void env_keep(struct env *e, const struct str *names, unsigned n)
{
    struct map kept = {0};
    for (unsigned i = 0; i < n; i++)
        *map_at(e->arena, &kept, names[i]) = e;
    for (unsigned i = 0; i < e->variables.entries.n; i++) {
        struct map_entry *entry = &e->variables.entries.v[i];
        if (!map_get(&kept, entry->key))
            *(struct variable *)entry->value = (struct variable){{NULL, 0}, false};
    }
}

char **env_list(const struct env *e, struct arena *a)
{
    unsigned n = 0;
    char **list = NEW_N(a, char *, e->variables.entries.n + 1);
    for (unsigned i = 0; i < e->variables.entries.n; i++) {
        struct str name = e->variables.entries.v[i].key;
        const struct variable *v = e->variables.entries.v[i].value;
        if (!v->value.p)
            continue;
        char *p = list[n++] = arena_get(a, name.len + v->value.len + 2);
        memcpy(p, name.p, name.len);
        p[name.len] = '=';
        if (v->value.len)
            memcpy(p + name.len + 1, v->value.p, v->value.len);
    }
    return list;
}

const struct map *env_used(const struct env *e)
{
    return e->used;
}

bool env_name_byte(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return letter || (!first && c >= '0' && c <= '9');
}

bool env_is_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!env_name_byte(name.p[i], !i))
            return false;
    return name.len > 0;
}
