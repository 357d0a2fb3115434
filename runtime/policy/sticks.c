/*
 * "stick" rules: which server a client goes to, and what is remembered of that (HAProxy manual,
 * "stick match", "stick on", "stick store-request", "stick store-response").
 *
 * Not here: their conditions, and that only the first of those counts that store into a table; the
 * compiler sees to both. Idea: keys of a request wait in the transaction until the server is
 * connected, for only then is it known which one it is.
 */
#include "sticks.h"
#include "../stick/server.h"
#include "../txn/scratch.h"
#include "../txn/txn.h"
#include "../upstream/lb.h"
#include "number.h"

#include <string.h>

/* ---- keys ---- */

/* Padded with zeros, or cut. */
static bool as_block(struct px_str bytes, size_t size, struct px_str *key)
{
    *key = (struct px_str){bytes.p, size};
    if (bytes.len >= size)
        return true;
    char *block = px_scratch_get(size);
    if (!block)
        return false;
    if (bytes.len)
        memcpy(block, bytes.p, bytes.len);
    memset(block + bytes.len, 0, size - bytes.len);
    key->p = block;
    return true;
}

/* As in HAProxy, text is an address only of the family that is asked for. */
static bool cast_key(struct px_sample *s, enum px_type type)
{
    struct px_str text = s->u.s;
    if (s->type != PX_STRING || (type != PX_IPV4 && type != PX_IPV6))
        return px_cast(s, type);
    s->type = (uint8_t)type;
    return type == PX_IPV4 ? px_read_ipv4(text, &s->u.v4) : px_read_ipv6(text, &s->u.v6);
}

bool px_stick_key_of(const struct px_stick_table *table, struct px_sample *s, struct px_str *key)
{
    if (!cast_key(s, (enum px_type)table->type))
        return false;
    uint32_t number = (uint32_t)s->u.i;
    switch (table->type) {
    case PX_STRING: /* as text: it ends before the first NUL */
        *key = (struct px_str){s->u.s.len ? s->u.s.p : "",
                               s->u.s.len ? strnlen(s->u.s.p, s->u.s.len) : 0};
        if (key->len > table->key_size)
            key->len = table->key_size;
        return true;
    case PX_BIN:
        return as_block(s->u.s, table->key_size, key);
    case PX_SINT:
        memcpy(&s->u, &number, sizeof number);
        break;
    default:
        break;
    }
    *key = (struct px_str){(const char *)&s->u, table->key_size};
    return true;
}

static bool read_key(struct px_txn *t, const struct px_stick_table *table, px_expr expr,
                     struct px_sample *s, struct px_str *key)
{
    return expr(t, s) == PX_FOUND && px_stick_key_of(table, s, key);
}

/* ---- requests ---- */

static void match(struct px_txn *t, const struct px_stick_table *table, struct px_str key)
{
    struct px_stick_entry *e = px_stick_find(table, key, true);
    if (!e)
        return;
    const struct px_server *srv = t->persist ? NULL : px_stick_server(table, e, t->be);
    px_stick_release(e);
    if (srv && (px_server_may_persist(srv) || px_txn_insists(t)))
        t->persist = srv;
}

static void learn(struct px_txn *t)
{
    for (unsigned i = 0; i < t->lessons->n; i++)
        px_stick_set_server(t->lessons->v[i].table, t->lessons->v[i].key, t->srv);
}

bool px_stick_may_store(const struct px_txn *t, const struct px_stick_table *table)
{
    const struct px_lessons *all = t->lessons;
    for (unsigned i = 0; all && i < all->n; i++)
        if (all->v[i].table == table)
            return false;
    return !all || all->n < PX_STICK_MOST;
}

/* Without memory, nothing is learnt. */
static void store(struct px_txn *t, const struct px_stick_table *table, struct px_str key)
{
    if (!px_stick_may_store(t, table))
        return;
    if (!t->lessons && (t->lessons = px_arena_get(&t->arena, sizeof *t->lessons))) {
        t->lessons->learn = learn;
        t->lessons->n = 0;
    }
    key.p = t->lessons ? px_arena_copy(&t->arena, key.p, key.len) : NULL;
    if (!key.p)
        return;
    t->lessons->v[t->lessons->n].table = table;
    t->lessons->v[t->lessons->n++].key = key;
}

void px_stick_match(struct px_txn *t, const struct px_stick_table *table, px_expr expr)
{
    struct px_sample s;
    struct px_str key;
    if (read_key(t, table, expr, &s, &key))
        match(t, table, key);
}

void px_stick_store(struct px_txn *t, const struct px_stick_table *table, px_expr expr)
{
    struct px_sample s;
    struct px_str key;
    if (read_key(t, table, expr, &s, &key))
        store(t, table, key);
}

void px_stick_on(struct px_txn *t, const struct px_stick_table *table, px_expr expr)
{
    struct px_sample s;
    struct px_str key;
    if (!read_key(t, table, expr, &s, &key))
        return;
    match(t, table, key);
    store(t, table, key);
}

/* ---- responses ---- */

bool px_stick_may_learn(const struct px_stick_seen *seen, const struct px_stick_table *table)
{
    for (unsigned i = 0; i < seen->n; i++)
        if (seen->tables[i] == table)
            return false;
    return seen->n < PX_STICK_MOST;
}

void px_stick_learn(struct px_txn *t, struct px_stick_seen *seen,
                    const struct px_stick_table *table, px_expr expr)
{
    struct px_sample s;
    struct px_str key;
    if (!px_stick_may_learn(seen, table) || !read_key(t, table, expr, &s, &key))
        return;
    seen->tables[seen->n++] = table;
    px_stick_set_server(table, key, t->srv);
}
