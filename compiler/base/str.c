/*
 * Strings, maps and growing text.
 *
 * Not for: anything that knows what the text means.
 * Idea: a string is a pointer and a length, and never owns anything; what must live longer is
 * copied into an arena. p may be NULL when len is 0.
 */
#include "str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct str str_of(const char *cstr)
{
    return (struct str){cstr, strlen(cstr)};
}

struct str str_cut(struct str s, size_t from, size_t to)
{
    return (struct str){from ? s.p + from : s.p, to - from};
}

struct str str_copy(struct arena *a, struct str s)
{
    return (struct str){str_cstr(a, s), s.len};
}

char *str_cstr(struct arena *a, struct str s)
{
    char *copy = arena_get(a, s.len + 1);
    if (s.len)
        memcpy(copy, s.p, s.len);
    return copy;
}

struct str str_lower(struct arena *a, struct str s)
{
    char *copy = str_cstr(a, s);
    for (size_t i = 0; i < s.len; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] |= 0x20;
    return (struct str){copy, s.len};
}

struct str str_vprintf(struct arena *a, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0)
        return (struct str){NULL, 0};
    char *p = arena_get(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, args);
    return (struct str){p, (size_t)n};
}

struct str str_printf(struct arena *a, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct str s = str_vprintf(a, fmt, args);
    va_end(args);
    return s;
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

bool str_is(struct str s, const char *cstr)
{
    return str_eq(s, str_of(cstr));
}

bool str_is_nocase(struct str s, const char *cstr)
{
    return s.len == strlen(cstr) && (!s.len || !strncasecmp(s.p, cstr, s.len));
}

bool str_begins(struct str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return s.len >= len && (!len || !memcmp(s.p, prefix, len));
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int r = n ? memcmp(a.p, b.p, n) : 0;
    return r ? r : a.len < b.len ? -1 : a.len > b.len;
}

uint64_t str_hash(struct str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    return h ^ (h >> 29);
}

enum { LONGEST_WORD = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* One row of the table of distances; above: the row before, further: the one before that. */
static void distance_row(struct str a, struct str b, size_t i, unsigned *const rows[3])
{
    unsigned *row = rows[0];
    const unsigned *above = rows[1], *further = rows[2];
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= b.len; j++) {
        row[j] = least(above[j - 1] + (a.p[i - 1] != b.p[j - 1]), least(above[j], row[j - 1]) + 1);
        bool swapped = i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1];
        if (swapped)
            row[j] = least(row[j], further[j - 2] + 1);
    }
}

unsigned str_distance(struct str a, struct str b, unsigned most)
{
    unsigned table[3][LONGEST_WORD + 1];
    size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (a.len > LONGEST_WORD || b.len > LONGEST_WORD || gap > most)
        return most + 1;
    for (unsigned j = 0; j <= b.len; j++)
        table[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *const rows[3] = {table[i % 3], table[(i + 2) % 3], table[(i + 1) % 3]};
        distance_row(a, b, i, rows);
    }
    return least(table[a.len % 3][b.len], most + 1);
}

static unsigned map_slot(const struct map *m, struct str key)
{
    unsigned at = (unsigned)str_hash(key) & (m->size - 1);
    while (m->index[at] && !str_eq(m->entries.v[m->index[at] - 1].key, key))
        at = (at + 1) & (m->size - 1);
    return at;
}

void *map_get(const struct map *m, struct str key)
{
    if (!m->size)
        return NULL;
    uint32_t i = m->index[map_slot(m, key)];
    return i ? m->entries.v[i - 1].value : NULL;
}

static void map_resize(struct arena *a, struct map *m)
{
    m->size = m->size ? m->size * 2 : 16;
    m->index = NEW_N(a, uint32_t, m->size);
    for (unsigned i = 0; i < m->entries.n; i++)
        m->index[map_slot(m, m->entries.v[i].key)] = i + 1;
}

void **map_at(struct arena *a, struct map *m, struct str key)
{
    if (m->entries.n * 2 >= m->size)
        map_resize(a, m);
    unsigned at = map_slot(m, key);
    if (!m->index[at]) {
        struct map_entry *e = VEC_PUSH(a, &m->entries);
        *e = (struct map_entry){key, NULL};
        m->index[at] = m->entries.n;
    }
    return &m->entries.v[m->index[at] - 1].value;
}

static void text_room(struct text *t, size_t len)
{
    if (t->cap - t->len >= len)
        return;
    size_t cap = (t->cap ? t->cap * 2 : 4096) + len;
    char *p = arena_get(t->arena, cap);
    if (t->len)
        memcpy(p, t->p, t->len);
    t->p = p;
    t->cap = cap;
}

void text_put(struct text *t, const char *p, size_t len)
{
    text_room(t, len);
    if (len)
        memcpy(t->p + t->len, p, len);
    t->len += len;
}

void text_printf(struct text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    text_room(t, (size_t)n + 1);
    va_start(args, fmt);
    vsnprintf(t->p + t->len, (size_t)n + 1, fmt, args);
    va_end(args);
    t->len += (size_t)n;
}
