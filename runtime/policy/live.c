/*
 * Lists that have changed. See live.h.
 *
 * Tables are open: an entry stands in the first free slot behind the place that its hash gives.
 * Slots are never used twice before the table is made anew, and then entries are put in the order
 * of the list, so that of equal keys the first one is met first.
 */
#include "live.h"

#include "../base/macros.h"
#include "number.h"

#define XXH_INLINE_ALL
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

enum { FIRST_SLOTS = 16 };

static struct px_entry gone; /* stands in slots that were emptied */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static uint64_t seed; /* set under `opening`; so that clients cannot choose keys that collide */

static uint64_t hash_of(uint32_t class, struct px_str bytes)
{
    return XXH3_64bits_withSeed(bytes.p ? bytes.p : "", bytes.len, seed + class);
}

/* ---- uses ---- */

static const struct px_use whole_keys = {.method = "str", .kind = &px_keys_str};

/* The use that finds whole keys as they are: elements are changed and deleted by them. */
static unsigned whole_use(const struct px_list *l)
{
    unsigned i = 0;
    while (i < l->nuses && (l->uses[i].kind != &px_keys_str || l->uses[i].fold))
        i++;
    return i;
}

static unsigned count_uses(const struct px_list *l)
{
    return l->nuses + (whole_use(l) == l->nuses);
}

static const struct px_use *use_of(const struct px_list *l, unsigned i)
{
    return i < l->nuses ? &l->uses[i] : &whole_keys;
}

static bool is_indexed(const struct px_list *l, unsigned i)
{
    return use_of(l, i)->kind->indexed;
}

/* ---- reading ---- */

static bool is_key(const struct px_entry *e, uint64_t hash, uint32_t class, struct px_str bytes)
{
    return e->hash == hash && e->key.class == class && e->key.u.bytes.len == bytes.len &&
           (!bytes.len || !memcmp(e->key.u.bytes.p, bytes.p, bytes.len));
}

const struct px_entry *px_view_probe(const struct px_view *v, uint32_t class, struct px_str bytes,
                                     uint32_t version)
{
    const struct px_table *t = atomic_load_explicit(&v->table, memory_order_acquire);
    if (!t)
        return NULL;
    uint64_t hash = hash_of(class, bytes);
    for (uint32_t at = (uint32_t)hash & t->mask;; at = (at + 1) & t->mask) {
        const struct px_entry *e = atomic_load_explicit(&t->slots[at], memory_order_acquire);
        if (!e)
            return NULL;
        if (e != &gone && is_key(e, hash, class, bytes) && e->of->version == version)
            return e;
    }
}

static const struct px_entry *find_in_order(const struct px_use *use, const struct px_view *v,
                                            const struct px_sample *s, uint32_t version)
{
    const struct px_entry *e = atomic_load_explicit(&v->first, memory_order_acquire);
    while (e && (e->of->version != version || !use->kind->match(use, &e->key, s)))
        e = atomic_load_explicit(&e->next, memory_order_acquire);
    return e;
}

/* What is not there may have left with its version while it was looked for. */
const struct px_entry *px_live_find(struct px_live *live, const struct px_use *use, unsigned number,
                                    const struct px_sample *s)
{
    const struct px_view *v = &live->views[number];
    uint32_t version = atomic_load_explicit(&live->version, memory_order_acquire), before;
    const struct px_entry *e;
    do {
        before = version;
        e = use->kind->indexed ? use->kind->find(use, v, s, version)
                               : find_in_order(use, v, s, version);
        version = atomic_load_explicit(&live->version, memory_order_acquire);
    } while (!e && version != before);
    return e;
}

/* ---- tables ---- */

static void free_table(struct px_retired *r)
{
    free(PX_OWNER(r, struct px_table, retired));
}

static void free_classes(struct px_retired *r)
{
    free(PX_OWNER(r, struct px_classes, retired));
}

static void table_put(struct px_table *t, struct px_entry *e)
{
    uint32_t at = (uint32_t)e->hash & t->mask;
    while (atomic_load_explicit(&t->slots[at], memory_order_relaxed))
        at = (at + 1) & t->mask;
    atomic_store_explicit(&t->slots[at], e, memory_order_release);
    t->taken++;
}

/* A table with room for `more` entries beside those of the view. */
static bool table_make(struct px_live *live, unsigned number, uint32_t more)
{
    struct px_view *v = &live->views[number];
    struct px_table *old = atomic_load_explicit(&v->table, memory_order_relaxed);
    uint64_t size = FIRST_SLOTS, wanted = ((uint64_t)v->held + more) * 2;
    while (size < wanted)
        size *= 2;
    struct px_table *t =
        size <= UINT32_MAX / 2 ? calloc(1, sizeof *t + size * sizeof t->slots[0]) : NULL;
    if (!t)
        return false;
    t->mask = (uint32_t)size - 1;
    for (struct px_element *x = live->first; x && old; x = x->next)
        table_put(t, &x->entries[number]);
    atomic_store_explicit(&v->table, t, memory_order_release);
    if (old)
        px_retire(&old->retired, free_table);
    return true;
}

/* A quarter of the slots stays empty. */
static bool table_has_room(struct px_live *live, unsigned number, uint32_t more)
{
    const struct px_table *t =
        atomic_load_explicit(&live->views[number].table, memory_order_relaxed);
    uint64_t room = t ? ((uint64_t)t->mask + 1) / 4 * 3 : 0;
    return (t && t->taken + (uint64_t)more <= room) || table_make(live, number, more);
}

static void table_remove(struct px_view *v, const struct px_entry *e)
{
    struct px_table *t = atomic_load_explicit(&v->table, memory_order_relaxed);
    uint32_t at = (uint32_t)e->hash & t->mask;
    while (atomic_load_explicit(&t->slots[at], memory_order_relaxed) != e)
        at = (at + 1) & t->mask;
    atomic_store_explicit(&t->slots[at], &gone, memory_order_release);
    v->held--;
}

/* ---- classes ---- */

static bool has_class(const struct px_classes *c, uint32_t class)
{
    for (uint32_t i = 0; c && i < c->n; i++)
        if (c->v[i] == class)
            return true;
    return false;
}

/* Classes stay when their last key goes: a list has few of them. */
static bool class_add(struct px_view *v, uint32_t class)
{
    struct px_classes *old = atomic_load_explicit(&v->classes, memory_order_relaxed);
    if (has_class(old, class))
        return true;
    uint32_t n = old ? old->n : 0, at = 0;
    struct px_classes *c = malloc(sizeof *c + (n + 1) * sizeof c->v[0]);
    if (!c)
        return false;
    c->n = n + 1;
    for (; at < n && old->v[at] > class; at++)
        c->v[at] = old->v[at];
    c->v[at] = class;
    for (; at < n; at++)
        c->v[at + 1] = old->v[at];
    atomic_store_explicit(&v->classes, c, memory_order_release);
    if (old)
        px_retire(&old->retired, free_classes);
    return true;
}

/* ---- elements ---- */

static void drop_keys(struct px_element *x, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (use_of(x->list, i)->kind->drop)
            use_of(x->list, i)->kind->drop(&x->entries[i].key);
}

static void free_element(struct px_retired *r)
{
    struct px_element *x = PX_OWNER(r, struct px_element, retired);
    drop_keys(x, count_uses(x->list));
    free(atomic_load_explicit(&x->value, memory_order_relaxed));
    free(x);
}

static void free_value(struct px_retired *r)
{
    free(PX_OWNER(r, struct px_text_of_value, retired));
}

static struct px_text_of_value *value_new(struct px_str text)
{
    struct px_text_of_value *v = malloc(sizeof *v + text.len);
    if (!v)
        return NULL;
    v->len = (uint32_t)text.len;
    if (text.len)
        memcpy(v->bytes, text.p, text.len);
    return v;
}

/* Bytes for each use to keep its own form of the key in. */
static size_t room_of(struct px_str key)
{
    return key.len < 16 ? 16 : key.len;
}

static enum px_change read_keys(struct px_element *x, char *room, char *why)
{
    for (unsigned i = 0; i < count_uses(x->list); i++) {
        const struct px_use *use = use_of(x->list, i);
        struct px_entry *e = &x->entries[i];
        e->of = x;
        if (!use->kind->read(use, x->key, room + i * room_of(x->key), &e->key, why)) {
            drop_keys(x, i);
            return PX_BAD_KEY;
        }
        if (use->kind->indexed)
            e->hash = hash_of(e->key.class, e->key.u.bytes);
    }
    return PX_CHANGED;
}

static enum px_change element_new(const struct px_list *l, struct px_str key, struct px_str value,
                                  struct px_element **made, char *why)
{
    unsigned nuses = count_uses(l);
    size_t head = sizeof **made + nuses * sizeof(struct px_entry);
    struct px_element *x = calloc(1, head + key.len + nuses * room_of(key));
    struct px_text_of_value *v = x && value.p ? value_new(value) : NULL;
    if (!x || (value.p && !v)) {
        free(x);
        return PX_NO_MEMORY;
    }
    char *bytes = (char *)x + head;
    if (key.p)
        memcpy(bytes, key.p, key.len);
    x->key = (struct px_str){bytes, key.len};
    x->list = l;
    x->name = x;
    atomic_store_explicit(&x->value, v, memory_order_relaxed);
    enum px_change c = read_keys(x, bytes + key.len, why);
    if (c == PX_CHANGED) {
        *made = x;
        return c;
    }
    free(v);
    free(x);
    return c;
}

static void order_append(struct px_view *v, struct px_entry *e)
{
    e->before = v->last;
    if (v->last)
        atomic_store_explicit(&v->last->next, e, memory_order_release);
    else
        atomic_store_explicit(&v->first, e, memory_order_release);
    v->last = e;
}

static void order_remove(struct px_view *v, struct px_entry *e)
{
    struct px_entry *next = atomic_load_explicit(&e->next, memory_order_relaxed);
    if (e->before)
        atomic_store_explicit(&e->before->next, next, memory_order_release);
    else
        atomic_store_explicit(&v->first, next, memory_order_release);
    if (next)
        next->before = e->before;
    else
        v->last = e->before;
}

/* What may fail comes first. */
static bool has_room(struct px_live *live, const struct px_element *x)
{
    for (unsigned i = 0; i < count_uses(x->list); i++)
        if (is_indexed(x->list, i) &&
            (!table_has_room(live, i, 1) || !class_add(&live->views[i], x->entries[i].key.class)))
            return false;
    return true;
}

static bool element_put(struct px_live *live, struct px_element *x)
{
    if (!has_room(live, x)) {
        free_element(&x->retired);
        return false;
    }
    for (unsigned i = 0; i < count_uses(x->list); i++) {
        struct px_view *v = &live->views[i];
        if (!is_indexed(x->list, i)) {
            order_append(v, &x->entries[i]);
            continue;
        }
        table_put(atomic_load_explicit(&v->table, memory_order_relaxed), &x->entries[i]);
        v->held++;
    }
    x->link = live->last;
    *live->last = x;
    live->last = &x->next;
    live->n++;
    return true;
}

static void element_remove(struct px_live *live, struct px_element *x)
{
    for (unsigned i = 0; i < count_uses(x->list); i++) {
        if (is_indexed(x->list, i))
            table_remove(&live->views[i], &x->entries[i]);
        else
            order_remove(&live->views[i], &x->entries[i]);
    }
    *x->link = x->next;
    if (x->next)
        x->next->link = x->link;
    else
        live->last = x->link;
    live->n--;
    px_retire(&x->retired, free_element);
}

/* ---- the first change ---- */

static struct px_str line_text(const struct px_list *l, struct px_slice s)
{
    return (struct px_str){l->text + s.at, s.len};
}

static bool lines_put(const struct px_list *l, struct px_live *live)
{
    for (unsigned i = 0; i < count_uses(l); i++)
        if (is_indexed(l, i) && !table_has_room(live, i, l->nlines))
            return false;
    for (uint32_t i = 0; i < l->nlines; i++) {
        struct px_element *x;
        struct px_str none = {NULL, 0}, value = line_text(l, l->lines[i].value);
        enum px_change c =
            element_new(l, line_text(l, l->lines[i].key), l->of_maps ? value : none, &x, NULL);
        if (c == PX_NO_MEMORY)
            return false;
        if (c != PX_CHANGED) /* longer than what a change may add; nothing finds it either */
            continue;
        x->name = &l->lines[i];
        if (!element_put(live, x))
            return false;
    }
    return true;
}

/* One that nobody has seen. */
static void live_free(struct px_live *live, unsigned nuses)
{
    for (struct px_element *x = live->first, *next; x; x = next) {
        next = x->next;
        free_element(&x->retired);
    }
    for (unsigned i = 0; i < nuses; i++) {
        free(atomic_load_explicit(&live->views[i].table, memory_order_relaxed));
        free(atomic_load_explicit(&live->views[i].classes, memory_order_relaxed));
    }
    free(live);
}

static struct px_live *live_new(const struct px_list *l)
{
    struct px_live *live = calloc(1, sizeof *live + count_uses(l) * sizeof live->views[0]);
    if (!live)
        return NULL;
    if (!seed && getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
        seed = (uint64_t)(uintptr_t)live;
    pthread_mutex_init(&live->lock, NULL);
    live->last = &live->first;
    if (lines_put(l, live))
        return live;
    live_free(live, count_uses(l));
    return NULL;
}

/* What the list is now, for a change; NULL: no memory. */
static struct px_live *live_lock(const struct px_list *l)
{
    struct px_live *live = px_list_live(l);
    if (!live) {
        pthread_mutex_lock(&opening);
        live = px_list_live(l);
        if (!live) {
            live = live_new(l);
            atomic_store_explicit(&l->changes->live, live, memory_order_release);
        }
        pthread_mutex_unlock(&opening);
    }
    if (live)
        pthread_mutex_lock(&live->lock);
    return live;
}

static enum px_change done(struct px_live *live, enum px_change c)
{
    pthread_mutex_unlock(&live->lock);
    return c;
}

/* ---- changes ---- */

static uint32_t current(const struct px_live *live)
{
    return atomic_load_explicit(&live->version, memory_order_relaxed);
}

static bool is_int(struct px_str s)
{
    size_t i = s.len && (s.p[0] == '-' || s.p[0] == '+'), from = i;
    while (i < s.len && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i == s.len && i > from;
}

static bool is_address(struct px_str s)
{
    struct in_addr v4;
    struct in6_addr v6;
    return s.len && (px_read_ipv4(s, &v4) == s.len || px_read_ipv6(s, &v6));
}

/* Values are what the converters say that they are. */
static bool value_fits(const struct px_list *l, struct px_str value, char *why)
{
    if ((!l->ints || is_int(value)) && (!l->addrs || is_address(value)))
        return true;
    if (why)
        snprintf(why, PX_WHY, "unable to parse '%.*s'.", (int)(value.len < 128 ? value.len : 128),
                 value.p);
    return false;
}

static enum px_change add(const struct px_list *l, struct px_live *live, uint32_t version,
                          struct px_str key, struct px_str value, char *why)
{
    struct px_element *x;
    enum px_change c = element_new(l, key, value, &x, why);
    if (c != PX_CHANGED)
        return c;
    x->version = version;
    return element_put(live, x) ? PX_CHANGED : PX_NO_MEMORY;
}

enum px_change px_list_add(const struct px_list *l, const uint32_t *version, struct px_str key,
                           struct px_str value, char *why)
{
    if (value.p && !value_fits(l, value, why))
        return PX_BAD_KEY;
    struct px_live *live = live_lock(l);
    if (!live)
        return PX_NO_MEMORY;
    return done(live, add(l, live, version ? *version : current(live), key, value, why));
}

static bool same(struct px_str a, struct px_str b)
{
    return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

/* Elements to be changed: by their key, or the one with this name. */
struct search {
    struct px_live *live;
    const struct px_list *list;
    struct px_str key; /* p NULL: by name */
    const void *name;
    struct px_element *next; /* by name */
    uint32_t at;             /* by key: how many slots were looked at */
};

static struct search search_of(const struct px_list *l, struct px_live *live, struct px_str key,
                               const void *name)
{
    return (struct search){live, l, key, name, live->first, 0};
}

static struct px_element *next_by_name(struct search *s)
{
    struct px_element *x = s->next;
    while (x && (x->name != s->name || x->version != current(s->live)))
        x = x->next;
    s->next = x ? x->next : NULL;
    return x;
}

/* Of the current version; NULL: no more. The one that it gave may be removed meanwhile. */
static struct px_element *next_of(struct search *s)
{
    if (!s->key.p)
        return next_by_name(s);
    const struct px_view *v = &s->live->views[whole_use(s->list)];
    const struct px_table *t = atomic_load_explicit(&v->table, memory_order_relaxed);
    uint64_t hash = hash_of(0, s->key);
    for (;;) {
        uint32_t at = ((uint32_t)hash + s->at++) & (t ? t->mask : 0);
        struct px_entry *e = t ? atomic_load_explicit(&t->slots[at], memory_order_relaxed) : NULL;
        if (!e)
            return NULL;
        if (e != &gone && is_key(e, hash, 0, s->key) && e->of->version == current(s->live))
            return e->of;
    }
}

static enum px_change set_one(struct px_element *x, struct px_str value)
{
    struct px_text_of_value *old = atomic_load_explicit(&x->value, memory_order_relaxed);
    if (!value.p || (old && same((struct px_str){old->bytes, old->len}, value)))
        return PX_CHANGED;
    struct px_text_of_value *v = value_new(value);
    if (!v)
        return PX_NO_MEMORY;
    atomic_store_explicit(&x->value, v, memory_order_release);
    if (old)
        px_retire(&old->retired, free_value);
    return PX_CHANGED;
}

static enum px_change set_all(struct search s, struct px_str value)
{
    enum px_change c = PX_NO_SUCH_KEY;
    struct px_element *x;
    while (c != PX_NO_MEMORY && (x = next_of(&s)))
        c = set_one(x, value);
    return c;
}

enum px_change px_list_set(const struct px_list *l, struct px_str key, const void *name,
                           struct px_str value, char *why)
{
    if (!value_fits(l, value, why))
        return PX_BAD_KEY;
    struct px_live *live = live_lock(l);
    if (!live)
        return PX_NO_MEMORY;
    return done(live, set_all(search_of(l, live, key, name), value));
}

enum px_change px_list_put(const struct px_list *l, struct px_str key, struct px_str value)
{
    if (value.p && !value_fits(l, value, NULL))
        return PX_BAD_KEY;
    struct px_live *live = live_lock(l);
    if (!live)
        return PX_NO_MEMORY;
    enum px_change c = set_all(search_of(l, live, key, NULL), value);
    if (c == PX_NO_SUCH_KEY)
        c = add(l, live, current(live), key, value, NULL);
    return done(live, c);
}

enum px_change px_list_delete(const struct px_list *l, struct px_str key, const void *name)
{
    enum px_change c = PX_NO_SUCH_KEY;
    struct px_live *live = live_lock(l);
    if (!live)
        return PX_NO_MEMORY;
    struct search s = search_of(l, live, key, name);
    for (struct px_element *x; (x = next_of(&s)); c = PX_CHANGED)
        element_remove(live, x);
    return done(live, c);
}

/* ---- versions ---- */

static void purge(struct px_live *live, uint32_t version)
{
    for (struct px_element *x = live->first, *next; x; x = next) {
        next = x->next;
        if (x->version == version)
            element_remove(live, x);
    }
}

enum px_change px_list_clear(const struct px_list *l, const uint32_t *version)
{
    struct px_live *live = live_lock(l);
    if (!live)
        return PX_NO_MEMORY;
    purge(live, version ? *version : current(live));
    return done(live, PX_CHANGED);
}

enum px_change px_list_prepare(const struct px_list *l, uint32_t *version)
{
    struct px_live *live = live_lock(l);
    if (!live)
        return PX_NO_MEMORY;
    *version = ++live->next_version;
    return done(live, PX_CHANGED);
}

/* Versions older than the one that is current now have no future. */
static void purge_past(struct px_live *live)
{
    for (struct px_element *x = live->first, *next; x; x = next) {
        next = x->next;
        if ((int32_t)(x->version - current(live)) < 0)
            element_remove(live, x);
    }
}

enum px_change px_list_commit(const struct px_list *l, uint32_t version)
{
    struct px_live *live = live_lock(l);
    if (!live)
        return PX_NO_MEMORY;
    uint32_t ahead = version - current(live);
    if (!ahead || ahead > live->next_version - current(live))
        return done(live, PX_NO_SUCH_KEY);
    atomic_store_explicit(&live->version, version, memory_order_release);
    purge_past(live);
    return done(live, PX_CHANGED);
}
