/*
 * Commands about stick tables (HAProxy Management Guide: "show table", "set table", "clear table").
 *
 * An answer is put together in memory, and each shard of the table waits while its part is written.
 */
#include "tables.h"

#include "../abi/tables.h"
#include "../stick/layout.h"
#include "../stick/table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum px_stick_kind kind;
} all_data[PX_NSTICK_DATA] = {
#define PX_STICK(name, symbol, kind, doc) [PX_STICK_##symbol] = {name, PX_STICK_##kind},
#include "../abi/stick.def"
#undef PX_STICK
};

static const char *type_name(const struct px_stick_table *t)
{
    switch (t->type) {
    case PX_IPV4:
        return "ip";
    case PX_IPV6:
        return "ipv6";
    case PX_SINT:
        return "integer";
    case PX_STRING:
        return "string";
    default:
        return "binary";
    }
}

static const struct px_stick_table *table_named(const char *name, struct px_text *out)
{
    for (unsigned i = 0; i < px_program.ntables; i++)
        if (!strcmp(px_program.tables[i].name, name))
            return &px_program.tables[i];
    px_text_printf(out, "No such table\n");
    return NULL;
}

/* ---- keys ---- */

union key_bytes {
    struct in_addr v4;
    struct in6_addr v6;
    uint32_t number;
};

static bool read_number(const char *word, uint32_t *number)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(word, &end, 10);
    *number = (uint32_t)n;
    return word[0] >= '0' && word[0] <= '9' && !*end && !errno && n <= UINT32_MAX;
}

/* The word as a key of the table. doing: for the complaint about types that have no such words.
 * false: said. */
static bool read_key(const struct px_stick_table *t, const char *word, const char *doing,
                     union key_bytes *bytes, struct px_str *key, struct px_text *out)
{
    bool good = true;
    *key = (struct px_str){(const char *)bytes, t->key_size};
    if (t->type == PX_IPV4) {
        good = inet_pton(AF_INET, word, &bytes->v4) == 1;
    } else if (t->type == PX_IPV6) {
        good = inet_pton(AF_INET6, word, &bytes->v6) == 1;
    } else if (t->type == PX_SINT) {
        good = read_number(word, &bytes->number);
    } else if (t->type == PX_STRING) {
        *key = (struct px_str){word, strnlen(word, t->key_size)};
    } else {
        px_text_printf(out,
                       "%s tables of type other than ip, ipv6, string and integer is not "
                       "supported\n",
                       doing);
        return false;
    }
    if (!good)
        px_text_printf(out, "Invalid key\n");
    return good;
}

/* What could be taken for something else is escaped. */
static void put_string(struct px_text *out, struct px_str s)
{
    static const char named[] = "\t\n\r\033", letters[] = "tnre";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        const char *at = strchr(named, c);
        if (c == '\\' || c == ' ' || c == '=')
            px_text_printf(out, "\\%c", c);
        else if (c > ' ' && c < 0x7f)
            px_text_put(out, s.p + i, 1);
        else if (at)
            px_text_printf(out, "\\%c", letters[at - named]);
        else
            px_text_printf(out, "\\x%02X", c);
    }
}

static void put_key(struct px_text *out, const struct px_stick_table *t, struct px_str key)
{
    char text[INET6_ADDRSTRLEN];
    uint32_t number;
    switch (t->type) {
    case PX_IPV4:
    case PX_IPV6:
        inet_ntop(t->type == PX_IPV4 ? AF_INET : AF_INET6, key.p, text, sizeof text);
        px_text_printf(out, "%s", text);
        break;
    case PX_SINT:
        memcpy(&number, key.p, sizeof number);
        px_text_printf(out, "%u", number);
        break;
    case PX_STRING:
        put_string(out, key);
        break;
    default:
        for (size_t i = 0; i < key.len; i++)
            px_text_printf(out, "%02X", (unsigned char)key.p[i]);
    }
}

/* ---- data ---- */

/* "data.NAME" of this table. -1: said, behind the words in `where`. */
static int data_of(const struct px_stick_table *t, const char *word, const char *where,
                   struct px_text *out)
{
    const char *name = strncmp(word, "data.", 5) ? "" : word + 5;
    for (int i = 0; i < PX_NSTICK_DATA; i++) {
        if (strcmp(all_data[i].name, name))
            continue;
        if (px_stick_has(t, (enum px_stick_data)i))
            return i;
        px_text_printf(out, "%sData type not stored in this table\n", where);
        return -1;
    }
    px_text_printf(out, "%sUnknown data type\n", where);
    return -1;
}

static bool read_value(int data, const char *word, int64_t *value)
{
    char *end;
    errno = 0;
    *value = word ? strtoll(word, &end, 10) : 0;
    return word && end != word && !*end && !errno && all_data[data].kind == PX_STICK_INT;
}

static void put_entry(struct px_text *out, const struct px_stick_table *t,
                      const struct px_stick_entry *e, unsigned holders)
{
    px_text_printf(out, "%p: key=", (const void *)e);
    put_key(out, t, px_stick_key(t, e));
    px_text_printf(out, " use=%u exp=%llu", holders, (unsigned long long)px_stick_left(t, e));
    for (unsigned i = 0; i < PX_NSTICK_DATA; i++) {
        enum px_stick_data which = (enum px_stick_data)i;
        if (!px_stick_has(t, which))
            continue;
        px_text_printf(out, " %s=", all_data[i].name);
        const char *text = all_data[i].kind == PX_STICK_TEXT ? px_stick_text(t, e, which) : NULL;
        if (all_data[i].kind == PX_STICK_INT)
            px_text_printf(out, "%u", px_stick_int(t, e, which));
        else if (text)
            put_string(out, (struct px_str){text, strlen(text)});
        else
            px_text_printf(out, "-");
    }
    px_text_printf(out, "\n");
}

/* ---- filters ---- */

enum { MOST_FILTERS = 16 };

struct filter {
    enum px_stick_data data;
    unsigned op;
    int64_t value;
};

struct query {
    const struct px_stick_table *table;
    unsigned n;
    struct filter filters[MOST_FILTERS];
    struct px_text *out; /* NULL: what passes is removed */
};

static const char *const ops[] = {"eq", "ne", "le", "ge", "lt", "gt"};

static bool holds(int64_t a, unsigned op, int64_t b)
{
    const bool results[PX_COUNT(ops)] = {a == b, a != b, a <= b, a >= b, a<b, a> b};
    return results[op];
}

static bool passes(const struct query *q, const struct px_stick_entry *e)
{
    for (unsigned i = 0; i < q->n; i++)
        if (!holds(px_stick_int(q->table, e, q->filters[i].data), q->filters[i].op,
                   q->filters[i].value))
            return false;
    return true;
}

static bool read_filter(struct query *q, char **words, struct px_text *out)
{
    char where[32];
    struct filter *f = &q->filters[q->n++];
    snprintf(where, sizeof where, "Filter entry #%u: ", q->n);
    int data = data_of(q->table, words[0], where, out);
    if (data < 0)
        return false;
    for (f->op = 0; f->op < PX_COUNT(ops); f->op++)
        if (words[1] && !strcmp(words[1], ops[f->op]))
            break;
    if (f->op == PX_COUNT(ops)) {
        px_text_printf(out,
                       "%sRequire and operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", "
                       "\"gt\"\n",
                       where);
        return false;
    }
    f->data = (enum px_stick_data)data;
    if (read_value(data, words[2], &f->value))
        return true;
    px_text_printf(out, "%sRequire a valid integer value to compare against\n", where);
    return false;
}

/* The words from number 3 on. false: said. */
static bool read_filters(const struct px_command *c, struct query *q, struct px_text *out)
{
    for (unsigned at = 3; at < c->n; at += 3) {
        if (q->n == MOST_FILTERS) {
            px_text_printf(out, "There are at most %d filters\n", MOST_FILTERS);
            return false;
        }
        if (!read_filter(q, c->words + at, out))
            return false;
    }
    return true;
}

static bool see(void *ctx, const struct px_stick_entry *e)
{
    struct query *q = ctx;
    if (!passes(q, e))
        return false;
    if (!q->out)
        return true;
    put_entry(q->out, q->table, e, e->holders);
    return false;
}

static bool begins(const struct px_command *c, unsigned at, const char *text)
{
    return c->n > at && !strncmp(c->words[at], text, strlen(text));
}

/* "key K" at words 3 and 4. NULL: there is no such entry, or it has been said what is wrong. */
static struct px_stick_entry *entry_named(const struct px_command *c,
                                          const struct px_stick_table *t, const char *doing,
                                          bool make, struct px_text *out)
{
    union key_bytes bytes;
    struct px_str key;
    if (c->n < 5) {
        px_text_printf(out, "Key value expected\n");
        return NULL;
    }
    if (!read_key(t, c->words[4], doing, &bytes, &key, out))
        return NULL;
    struct px_stick_entry *e = make ? px_stick_obtain(t, key) : px_stick_find(t, key, false);
    if (!e && make)
        px_text_printf(out, "Unable to allocate a new entry\n");
    return e;
}

/* ---- show ---- */

static void put_head(struct px_text *out, const struct px_stick_table *t)
{
    px_stick_purge(t);
    px_text_printf(out, "# table: %s, type: %s, size:%u, used:%u\n", t->name, type_name(t), t->size,
                   px_stick_used(t));
}

static void show_key(const struct px_command *c, const struct px_stick_table *t,
                     struct px_text *out)
{
    struct px_stick_entry *e = entry_named(c, t, "Showing keys from", false, out);
    if (!e)
        return;
    put_head(out, t);
    put_entry(out, t, e, e->holders - 1);
    px_stick_release(e);
}

/* As HAProxy has it, the last one first. */
static void show_all(struct px_text *out)
{
    for (unsigned i = px_program.ntables; i-- > 0;)
        put_head(out, &px_program.tables[i]);
}

static void show(const struct px_command *c, struct px_text *out)
{
    if (c->n < 3) {
        show_all(out);
        return;
    }
    struct query q = {.table = table_named(c->words[2], out), .out = out};
    if (!q.table)
        return;
    if (c->level < PX_LEVEL_OPERATOR) {
        put_head(out, q.table);
        px_text_printf(out, "# contents not dumped due to insufficient privileges\n");
    } else if (c->n > 3 && !strcmp(c->words[3], "key")) {
        show_key(c, q.table, out);
    } else if (c->n > 3 && !begins(c, 3, "data.")) {
        px_text_printf(out, "Optional argument only supports \"data.<store_data_type>\" <operator> "
                            "<value> and key <key>\n");
    } else if (read_filters(c, &q, out)) {
        put_head(out, q.table);
        px_stick_each(q.table, see, &q);
    }
}

/* ---- set ---- */

struct setting {
    enum px_stick_data data;
    int64_t value;
};

/* The words from number 5 on, before anything is changed. false: said. */
static bool read_settings(const struct px_command *c, const struct px_stick_table *t,
                          struct setting *all, unsigned *n, struct px_text *out)
{
    for (unsigned at = 5; at < c->n; at += 2) {
        if (!begins(c, at, "data.")) {
            px_text_printf(out, "\"data.<type>\" followed by a value expected\n");
            return false;
        }
        if (*n == MOST_FILTERS) {
            px_text_printf(out, "There are at most %d values\n", MOST_FILTERS);
            return false;
        }
        int data = data_of(t, c->words[at], "", out);
        if (data < 0)
            return false;
        all[*n].data = (enum px_stick_data)data;
        if (!read_value(data, c->words[at + 1], &all[*n].value)) {
            px_text_printf(out, "Require a valid integer value to store\n");
            return false;
        }
        ++*n;
    }
    return true;
}

/* Whoever sets the number of a server means that one, whatever the key was. */
static void set_data(const struct px_stick_table *t, struct px_stick_entry *e,
                     const struct setting *s)
{
    px_stick_set_int(t, e, s->data, (uint32_t)s->value);
    if (s->data == PX_STICK_SERVER_ID && px_stick_has(t, PX_STICK_SERVER_KEY))
        px_stick_set_text(t, e, PX_STICK_SERVER_KEY, NULL);
}

static void set(const struct px_command *c, struct px_text *out)
{
    struct setting all[MOST_FILTERS];
    unsigned n = 0;
    const struct px_stick_table *t = c->n > 2 ? table_named(c->words[2], out) : NULL;
    if (c->n > 2 && !t)
        return;
    if (begins(c, 3, "data.")) {
        px_text_printf(out, "content-based lookup is only supported with the \"show\" and "
                            "\"clear\" actions\n");
        return;
    }
    if (c->n < 4 || strcmp(c->words[3], "key")) {
        px_text_printf(out,
                       "Required arguments: <table> key <key> [data.<store_data_type> <value>]*\n");
        return;
    }
    if (!read_settings(c, t, all, &n, out))
        return;
    struct px_stick_entry *e = entry_named(c, t, "Inserting keys into", true, out);
    for (unsigned i = 0; e && i < n; i++)
        set_data(t, e, &all[i]);
    if (e)
        px_stick_release(e);
}

/* ---- clear ---- */

static void clear(const struct px_command *c, struct px_text *out)
{
    struct query q = {.table = c->n > 2 ? table_named(c->words[2], out) : NULL};
    if (c->n > 2 && !q.table)
        return;
    if (c->n > 3 && !strcmp(c->words[3], "key")) {
        struct px_stick_entry *e = entry_named(c, q.table, "Removing keys from", false, out);
        if (e && !px_stick_remove(q.table, e))
            px_text_printf(out, "Entry currently in use, cannot remove\n");
    } else if (c->n < 3 || (c->n > 3 && !begins(c, 3, "data."))) {
        px_text_printf(out, "Required arguments: <table> \"data.<store_data_type>\" <operator> "
                            "<value> or <table> key <key>\n");
    } else if (read_filters(c, &q, out)) {
        px_stick_each(q.table, see, &q);
    }
}

const struct px_stick_ops px_stick_tables = {px_stick_prepare, show, set, clear};
