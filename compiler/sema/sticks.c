/*
 * Stick tables and the rules that use them for persistence (HAProxy manual, "stick-table", "stick
 * match", "stick on", "stick store-request", "stick store-response").
 *
 * Which table a rule means is known when all sections have been read: settle_sticks.
 */
#include "listeners.h"
#include "proxy.h"

#include <string.h>

/* ---- arguments of "stick-table" ---- */

enum { KEY_DEFAULT = 32, KEY_MOST = 65535 };

static const struct key_type {
    const char *name;
    enum px_type type;
    unsigned size;
    bool any_length;
} key_types[] = {
    {"ip", PX_IPV4, 4, false},
    {"ipv4", PX_IPV4, 4, false},
    {"ipv6", PX_IPV6, 16, false},
    {"integer", PX_SINT, 4, false},
    {"string", PX_STRING, KEY_DEFAULT, true},
    {"binary", PX_BIN, KEY_DEFAULT, true},
};

static const struct key_type *key_type_of(struct sema *s, const struct word *w)
{
    struct str names[COUNT(key_types)];
    for (unsigned i = 0; i < COUNT(key_types); i++) {
        names[i] = str_of(key_types[i].name);
        if (str_eq(w->text, names[i]))
            return &key_types[i];
    }
    struct diag *d =
        diag_add(s->diags, E0651, w->span, "'" STR_FMT "' is no type of keys", STR_ARG(w->text));
    diag_note(s->diags, d, "types are 'ip', 'ipv6', 'integer', 'string' and 'binary'");
    diag_suggest(s->diags, d, w->text, names, COUNT(names));
    return NULL;
}

static const char *key_type_name(enum px_type type)
{
    unsigned i = 0;
    while (key_types[i].type != type)
        i++;
    return key_types[i].name;
}

void table_type_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a type of keys");
    const struct key_type *type = w ? key_type_of(s, w) : NULL;
    int64_t size;
    if (!type)
        return;
    s->table->has_type = true;
    s->table->type = type->type;
    s->table->key_size = type->size;
    if (!type->any_length || !line_take(l, "len"))
        return;
    w = line_expect(s, l, "a number of bytes");
    if (w && number_value(s, w, "len", 1, KEY_MOST, &size))
        s->table->key_size = (unsigned)size;
}

void table_size_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a number of entries");
    struct m_setting set;
    if (!w || !setting_value(s, w, SETTING_SIZE, "size", &set))
        return;
    if (!set.number)
        diag_add(s->diags, E0371, w->span, "size: a table without entries is of no use");
    s->table->size = set.number ? set.number : 1;
}

void table_expire_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "a time");
    if (w)
        time_value(s, w, "expire", &s->table->expire);
}

void table_nopurge_parse(struct sema *s, struct line *l)
{
    (void)l;
    s->table->nopurge = true;
}

void table_srvkey_parse(struct sema *s, struct line *l)
{
    static const struct str words[] = {{"name", 4}, {"addr", 4}};
    const struct word *w = line_expect(s, l, "'name' or 'addr'");
    if (!w)
        return;
    s->table->by_addr = str_eq(w->text, words[1]);
    if (s->table->by_addr || str_eq(w->text, words[0]))
        return;
    struct diag *d =
        diag_add(s->diags, E0651, w->span, "srvkey: expected 'name' or 'addr', not '" STR_FMT "'",
                 STR_ARG(w->text));
    diag_suggest(s->diags, d, w->text, words, COUNT(words));
}

/* ---- "store" ---- */

static void store_one(struct sema *s, const struct word *w, size_t from, size_t to)
{
    static const char *const names[] = {
#define PX_STICK(name, symbol, kind, doc) name,
#include "../../runtime/abi/stick.def"
#undef PX_STICK
    };
    struct str text = str_cut(w->text, from, to);
    const char *paren = memchr(text.p, '(', text.len);
    struct str name = str_cut(text, 0, paren ? (size_t)(paren - text.p) : text.len);
    struct span at = word_span(w, from, from + name.len);
    const struct vocab_entry *e = vocab_find(s->vocab, SPACE_STORE, name);
    if (!e || e->status != VOCAB_ON) {
        vocab_refuse(s->vocab, s->diags, SPACE_STORE, name, at, "stick-table data");
        return;
    }
    if (paren)
        diag_add(s->diags, E0430, word_span(w, from + name.len, to),
                 "'" STR_FMT "' takes no arguments", STR_ARG(name));
    for (unsigned i = 0; i < COUNT(names); i++)
        if (str_is(name, names[i]))
            s->table->data |= 1u << i;
}

/* "gpc0,conn_rate(10s)": commas in parentheses do not separate. */
void table_store_parse(struct sema *s, struct line *l)
{
    const struct word *w = line_expect(s, l, "what to store");
    unsigned depth = 0;
    for (size_t from = 0, i = 0; w && i <= w->text.len; i++) {
        char c = i < w->text.len ? w->text.p[i] : ',';
        depth += c == '(';
        depth -= c == ')' && depth;
        if (c != ',' || (depth && i < w->text.len))
            continue;
        store_one(s, w, from, i);
        from = i + 1;
    }
}

/* ---- the table ---- */

static struct m_table *find(const struct model *m, struct str name)
{
    for (unsigned i = 0; i < m->tables.n; i++)
        if (str_eq(m->tables.v[i]->proxy->name, name))
            return m->tables.v[i];
    return NULL;
}

/* Tables are called as their proxies, and a frontend and a backend may share a name. */
static void mind_same_name(struct sema *s, const struct m_table *t)
{
    const struct m_table *other = find(s->model, t->proxy->name);
    if (!other)
        return;
    struct diag *d = diag_add(s->diags, E0652, t->span, "there is a stick table '" STR_FMT "'",
                              STR_ARG(t->proxy->name));
    diag_other(s->diags, d, other->span, "here");
}

static void mind_what_is_missing(struct sema *s, struct m_table *t)
{
    if (!t->has_type || !t->size)
        diag_add(s->diags, E0654, t->span, "this stick table has no %s%s%s",
                 t->has_type ? "" : "'type'", t->has_type || t->size ? "" : " and no ",
                 t->size ? "" : "'size'");
}

void stick_table_parse(struct sema *s, struct line *l)
{
    struct m_table *t = NEW(s->arena, struct m_table);
    *t = (struct m_table){.proxy = s->proxy, .span = l->span, .number = s->model->tables.n};
    mind_same_name(s, t);
    s->proxy->table = s->table = t;
    VEC_ADD(s->arena, &s->model->tables, t);
    unsigned errors = s->diags->errors;
    while (line_peek(l)) {
        const struct vocab_entry *e = vocab_find(s->vocab, SPACE_TABLE, line_peek(l)->text);
        if (!e || e->status != VOCAB_ON) {
            option_refuse(s, l, SPACE_TABLE, "stick-table argument");
            return;
        }
        const struct directive_row *row = e->row;
        l->keyword = row->words;
        line_next(l);
        row->parse(s, l);
    }
    if (s->diags->errors == errors)
        mind_what_is_missing(s, t);
    if (t->nopurge && !t->expire)
        diag_add(s->diags, W0310, t->span,
                 "'nopurge' without 'expire': when this table is full, it learns nothing more");
}

struct m_table *table_find(struct sema *s, struct str name, struct span at)
{
    struct m_table *t = find(s->model, name);
    if (t || map_get(&s->lost, name))
        return t;
    VEC(struct str) names = {0};
    for (unsigned i = 0; i < s->model->tables.n; i++)
        VEC_ADD(s->arena, &names, s->model->tables.v[i]->proxy->name);
    struct diag *d =
        diag_add(s->diags, E0650, at, "there is no stick table '" STR_FMT "'", STR_ARG(name));
    diag_suggest(s->diags, d, name, names.v, names.n);
    for (unsigned i = 0; i < s->model->proxies.n; i++)
        if (str_eq(s->model->proxies.v[i]->name, name))
            diag_other(s->diags, d, s->model->proxies.v[i]->span, "this %s has no 'stick-table'",
                       s->model->proxies.v[i]->what);
    return NULL;
}

bool table_takes(struct sema *s, const struct m_table *t, enum px_type type, struct span at)
{
    if (!t->has_type || type_casts(type, t->type))
        return true;
    struct diag *d = diag_add(s->diags, E0653, at, "%s %s cannot be a key of table '" STR_FMT "'",
                              px_type_article(type), px_type_name(type), STR_ARG(t->proxy->name));
    diag_other(s->diags, d, t->span, "its keys are of type '%s'", key_type_name(t->type));
    return false;
}

/* ---- rules ---- */

static void rule_parse(struct sema *s, struct line *l, struct m_stick k)
{
    enum px_phase http = k.of_response ? PX_AT_RES_HTTP : PX_AT_REQ_HTTP;
    enum px_phase tcp = k.of_response ? PX_AT_RES_TCP : PX_AT_REQ_TCP;
    enum px_phase phase = s->in->is_http ? http : tcp;
    k.span = k.table_span = l->span;
    k.key = expr_take(s, l, phase);
    if (!k.key)
        return;
    if (line_take(l, "table")) {
        const struct word *w = line_expect(s, l, "the name of a table");
        if (!w)
            return;
        k.table_name = w->text;
        k.table_span = w->span;
    }
    k.cond = cond_take(s, l, phase);
    if (line_end(s, l))
        VEC_ADD(s->arena, &s->proxy->sticks, k);
}

void stick_match_parse(struct sema *s, struct line *l)
{
    rule_parse(s, l, (struct m_stick){.match = true});
}

void stick_on_parse(struct sema *s, struct line *l)
{
    rule_parse(s, l, (struct m_stick){.match = true, .store = true});
}

void stick_store_request_parse(struct sema *s, struct line *l)
{
    rule_parse(s, l, (struct m_stick){.store = true});
}

void stick_store_response_parse(struct sema *s, struct line *l)
{
    rule_parse(s, l, (struct m_stick){.store = true, .of_response = true});
}

/* HAProxy manual, "stick-table": the server is stored where a rule wants it to be. */
void settle_sticks(struct sema *s, struct m_proxy *p)
{
    for (unsigned i = 0; i < p->sticks.n; i++) {
        struct m_stick *k = &p->sticks.v[i];
        k->table = table_find(s, k->table_name.len ? k->table_name : p->name, k->table_span);
        if (!k->table || !table_takes(s, k->table, k->key->type, k->key->span))
            continue;
        k->table->data |= 1u << PX_STICK_SERVER_ID | 1u << PX_STICK_SERVER_KEY;
    }
}
