/*
 * Commands about maps and files of patterns (HAProxy Management Guide: "show map", "add acl" and
 * their like).
 *
 * Not here: patterns that are written in ACL lines; they are part of the program.
 */
#include "../policy/live.h"
#include "control.h"

#include "../abi/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- which list, which version ---- */

struct target {
    const struct px_list *list;
    bool has_version;
    uint32_t version;
    unsigned next; /* the word behind it */
};

static bool is_of_map(const struct px_list *l)
{
    return l->of_maps;
}

static bool is_of_acl(const struct px_list *l)
{
    for (unsigned i = 0; i < l->nuses; i++)
        if (!l->uses[i].of_map)
            return true;
    return false;
}

static bool is_for(const struct px_list *l, bool maps)
{
    return maps ? is_of_map(l) : is_of_acl(l);
}

static const struct px_list *find(const char *name, bool maps)
{
    char *end;
    long id = name[0] == '#' && name[1] ? strtol(name + 1, &end, 10) : -1;
    bool by_id = name[0] == '#' && name[1] && !*end;
    for (unsigned i = 0; i < px_program.nlists; i++) {
        const struct px_list *l = px_program.lists[i];
        if (is_for(l, maps) && (by_id ? (long)l->id == id : !strcmp(l->name, name)))
            return l;
    }
    return NULL;
}

static const char *what(bool maps)
{
    return maps ? "map" : "ACL";
}

/* "show map" and "show acl", and so on: they differ in what they look for. */
static bool is_about_maps(const struct px_command *c)
{
    return !strcmp(c->words[1], "map");
}

/* Of a command of two words, with "@version" first perhaps. false: said. */
static bool take_target(const struct px_command *c, bool maps, struct target *t,
                        struct px_text *out)
{
    *t = (struct target){.next = 2};
    if (c->n > 2 && c->words[2][0] == '@') {
        t->has_version = true;
        t->version = (uint32_t)strtoul(c->words[2] + 1, NULL, 10);
        t->next++;
    }
    t->list = c->n > t->next ? find(c->words[t->next], maps) : NULL;
    if (t->list) {
        t->next++;
        return true;
    }
    px_text_printf(out, "Unknown %s identifier. Please use #<id> or <file>.\n", what(maps));
    return false;
}

static bool may_change(const struct px_list *l, struct px_text *out)
{
    if (!l->changes)
        px_text_printf(out, "It is part of the program: no rule and no socket of level admin "
                            "changes it.\n");
    return l->changes;
}

static const uint32_t *version_of(const struct target *t)
{
    return t->has_version ? &t->version : NULL;
}

static struct px_str text_of(const char *text)
{
    return (struct px_str){text, strlen(text)};
}

/* What a change answers; why: of keys that are none. */
static void put_result(struct px_text *out, enum px_change c, const char *absent, const char *why)
{
    if (c == PX_NO_SUCH_KEY)
        px_text_printf(out, "%s\n", absent);
    else if (c == PX_BAD_KEY)
        px_text_printf(out, "%s\n", why);
    else if (c == PX_NO_MEMORY)
        px_text_printf(out, "Out of memory error.\n");
}

/* ---- show ---- */

static void show_lists(bool maps, struct px_text *out)
{
    px_text_printf(out, "# id (file) description\n");
    for (unsigned i = 0; i < px_program.nlists; i++) {
        const struct px_list *l = px_program.lists[i];
        struct px_list_state s;
        if (!is_for(l, maps))
            continue;
        px_list_state(l, &s);
        px_text_printf(out, "%u (%s) pattern loaded from file '%s' used %s. ", l->id, l->name,
                       l->name, l->users);
        px_text_printf(out, "curr_ver=%u next_ver=%u entry_cnt=%u\n", s.version, s.next_version,
                       s.n * l->nuses);
    }
}

static void put_element(void *ctx, const struct px_list_seen *x)
{
    struct px_text *out = ctx;
    px_text_printf(out, "%p ", x->name);
    px_text_put(out, x->key.p, x->key.len);
    if (x->value.p) {
        px_text_put(out, " ", 1);
        px_text_put(out, x->value.p, x->value.len);
    }
    px_text_put(out, "\n", 1);
}

void px_command_show_list(const struct px_command *c, struct px_text *out)
{
    bool maps = is_about_maps(c);
    struct target t;
    if (c->n < 3)
        show_lists(maps, out);
    else if (take_target(c, maps, &t, out))
        px_list_each(t.list, version_of(&t), put_element, out);
}

/* ---- get ---- */

/* The word as a sample of what the use compares. false: it is none. */
static bool sample_of(const struct px_use *use, const char *word, struct px_sample *s)
{
    *s = (struct px_sample){.type = PX_STRING, .u.s = text_of(word)};
    if (use->kind == &px_keys_ip)
        return px_cast(s, PX_ADDR);
    return use->kind != &px_keys_int || px_cast(s, PX_SINT);
}

static void put_found(const struct px_list *l, const struct px_use *use, bool maps,
                      const struct px_list_seen *x, struct px_text *out)
{
    bool tree = use->kind->indexed && !use->fold && use->kind != &px_keys_bin;
    px_text_printf(out, "yes, idx=%s, %s=\"", tree ? "tree" : "list", maps ? "key" : "pattern");
    px_text_put(out, x->key.p, x->key.len);
    px_text_put(out, "\"", 1);
    if (!maps)
        return;
    if (!use->of_map || !x->value.p) {
        px_text_printf(out, ", value=none");
        return;
    }
    px_text_printf(out, ", value=\"");
    px_text_put(out, x->value.p, x->value.len);
    px_text_printf(out, "\", type=\"%s\"", l->ints ? "sint" : l->addrs ? "addr" : "str");
}

void px_command_get_list(const struct px_command *c, struct px_text *out)
{
    bool maps = is_about_maps(c);
    const struct px_list *l = c->n > 3 ? find(c->words[2], maps) : NULL;
    if (c->n < 4) {
        px_text_printf(out, "Missing %s identifier and/or key.\n", what(maps));
        return;
    }
    if (!l) {
        px_text_printf(out, "Unknown %s identifier. Please use #<id> or <file>.\n", what(maps));
        return;
    }
    for (unsigned i = 0; i < l->nuses; i++) {
        struct px_list_seen x;
        struct px_sample s;
        px_text_printf(out, "type=%s, case=%s, %s=", l->uses[i].method,
                       l->uses[i].fold ? "insensitive" : "sensitive", maps ? "found" : "match");
        if (sample_of(&l->uses[i], c->words[3], &s) && px_list_find(l, i, &s, &x))
            put_found(l, &l->uses[i], maps, &x, out);
        else
            px_text_printf(out, "no");
        px_text_printf(out, "\n");
    }
}

/* ---- add ---- */

/* Only versions that were prepared. */
static bool version_exists(const struct target *t, struct px_text *out)
{
    struct px_list_state s;
    px_list_state(t->list, &s);
    if (!t->has_version || (int32_t)(t->version - s.next_version) <= 0)
        return true;
    px_text_printf(out, "Version number in the future, please use 'prepare %s' before.\n",
                   t->list->of_maps ? "map" : "acl");
    return false;
}

static bool add_one(const struct target *t, struct px_str key, struct px_str value,
                    struct px_text *out)
{
    char why[PX_WHY];
    enum px_change c = px_list_add(t->list, version_of(t), key, value, why);
    put_result(out, c, "", why);
    return c == PX_CHANGED;
}

/* One line of a payload: a key, and the rest of the line is its value. */
static bool add_line(const struct target *t, char *line, struct px_text *out)
{
    char *key = line + strspn(line, " \t");
    size_t len = strcspn(key, " \t");
    char *value = key + len + strspn(key + len, " \t");
    if (*value)
        return add_one(t, (struct px_str){key, len}, text_of(value), out);
    px_text_printf(out, "Missing value for key '%.*s'.\n", (int)len, key);
    return false;
}

/* Up to the first line that cannot be added. */
static void add_lines(const struct target *t, char *payload, struct px_text *out)
{
    for (char *line = payload, *end; (end = strchr(line, '\n')) && end > line; line = end + 1) {
        *end = 0;
        if (!add_line(t, line, out))
            return;
    }
}

void px_command_add_map(const struct px_command *c, struct px_text *out)
{
    struct target t;
    unsigned at = c->n > 2 && c->words[2][0] == '@' ? 3 : 2;
    if (c->n < at + (c->payload ? 1u : 3u)) {
        px_text_printf(out, "'add map' expects three parameters (map identifier, key and value) or "
                            "one parameter (map identifier) and a payload\n");
        return;
    }
    if (!take_target(c, true, &t, out) || !may_change(t.list, out) || !version_exists(&t, out))
        return;
    if (c->payload)
        add_lines(&t, c->payload, out);
    else
        add_one(&t, text_of(c->words[t.next]), text_of(c->words[t.next + 1]), out);
}

void px_command_add_acl(const struct px_command *c, struct px_text *out)
{
    struct target t;
    unsigned at = c->n > 2 && c->words[2][0] == '@' ? 3 : 2;
    if (c->n < at + 2u) {
        px_text_printf(out, "'add acl' expects two parameters: ACL identifier and pattern.\n");
        return;
    }
    if (!take_target(c, false, &t, out) || !may_change(t.list, out))
        return;
    if (t.list->of_maps)
        px_text_printf(out, "This ACL is shared with a map containing samples. You must use the "
                            "command 'add map' to add values.\n");
    else if (version_exists(&t, out))
        add_one(&t, text_of(c->words[t.next]), (struct px_str){NULL, 0}, out);
}

/* ---- set, del ---- */

/* "#0x55.." as "show map" prints it; NULL: it is a key. */
static const void *name_of(const char *word)
{
    char *end;
    if (word[0] != '#' || strncmp(word + 1, "0x", 2))
        return NULL;
    errno = 0;
    uintptr_t name = (uintptr_t)strtoull(word + 1, &end, 16);
    return *end || errno ? NULL : (const void *)name;
}

/* An element by its name or its key; one of them is NULL. */
struct reference {
    const void *name;
    struct px_str key;
};

static struct reference reference_of(const char *word)
{
    struct reference r = {.name = name_of(word)};
    if (!r.name)
        r.key = text_of(word);
    return r;
}

void px_command_set_map(const struct px_command *c, struct px_text *out)
{
    char why[PX_WHY];
    const struct px_list *l = c->n > 4 ? find(c->words[2], true) : NULL;
    if (c->n < 5)
        px_text_printf(out, "'set map' expects three parameters: map identifier, key and value.\n");
    else if (!l)
        px_text_printf(out, "Unknown map identifier. Please use #<id> or <file>.\n");
    if (!l || !may_change(l, out))
        return;
    struct reference r = reference_of(c->words[3]);
    enum px_change change = px_list_set(l, r.key, r.name, text_of(c->words[4]), why);
    put_result(out, change, r.name ? "key or pattern not found." : "entry not found.", why);
}

void px_command_del_list(const struct px_command *c, struct px_text *out)
{
    bool maps = is_about_maps(c);
    const struct px_list *l = c->n > 3 ? find(c->words[2], maps) : NULL;
    if (c->n < 4)
        px_text_printf(out, "This command expects two parameters: %s identifier and key.\n",
                       what(maps));
    else if (!l)
        px_text_printf(out, "Unknown map identifier. Please use #<id> or <file>.\n");
    if (!l || !may_change(l, out))
        return;
    struct reference r = reference_of(c->words[3]);
    put_result(out, px_list_delete(l, r.key, r.name), "Key not found.", "");
}

/* ---- clear, prepare, commit ---- */

void px_command_clear_list(const struct px_command *c, struct px_text *out)
{
    bool maps = is_about_maps(c);
    struct target t;
    unsigned at = c->n > 2 && c->words[2][0] == '@' ? 3 : 2;
    if (c->n <= at) {
        px_text_printf(out, "Missing %s identifier.\n", what(maps));
        return;
    }
    if (take_target(c, maps, &t, out) && may_change(t.list, out))
        put_result(out, px_list_clear(t.list, version_of(&t)), "", "");
}

void px_command_prepare_list(const struct px_command *c, struct px_text *out)
{
    bool maps = is_about_maps(c);
    uint32_t version;
    const struct px_list *l = c->n > 2 ? find(c->words[2], maps) : NULL;
    if (!l)
        px_text_printf(out, "Unknown %s identifier. Please use #<id> or <file>.\n", what(maps));
    if (!l || !may_change(l, out))
        return;
    enum px_change change = px_list_prepare(l, &version);
    put_result(out, change, "", "");
    if (change == PX_CHANGED)
        px_text_printf(out, "New version created: %u\n", version);
}

void px_command_commit_list(const struct px_command *c, struct px_text *out)
{
    bool maps = is_about_maps(c);
    struct target t;
    if (c->n < 3 || c->words[2][0] != '@') {
        px_text_printf(out, "Missing version number.\n");
        return;
    }
    if (take_target(c, maps, &t, out) && may_change(t.list, out))
        put_result(out, px_list_commit(t.list, t.version), "Version number out of range.", "");
}
