/*
 * Strings of the compiler: runs of bytes with a length, not NUL-terminated unless made by
 * str_cstr.
 */
#ifndef STR_H
#define STR_H

#include "arena.h"
#include "attr.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

struct str {
    const char *p;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_FMT "%.*s"
/* The argument is evaluated twice. */
#define STR_ARG(s) (int)(s).len, (s).p

struct str str_of(const char *cstr);
struct str str_cut(struct str s, size_t from, size_t to); /* bytes from..to-1 */
struct str str_copy(struct arena *a, struct str s);
char *str_cstr(struct arena *a, struct str s);
/* A copy with ASCII letters in lower case. */
struct str str_lower(struct arena *a, struct str s);
struct str str_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct str str_vprintf(struct arena *a, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

bool str_eq(struct str a, struct str b);
bool str_is(struct str s, const char *cstr);
bool str_is_nocase(struct str s, const char *cstr);
bool str_begins(struct str s, const char *prefix);
int str_cmp(struct str a, struct str b);
uint64_t str_hash(struct str s);

/* The number of single-character edits between two words (a swap of neighbours is one), at most
 * `most` + 1. Words above 64 bytes are never near anything. */
unsigned str_distance(struct str a, struct str b, unsigned most);

/* A map from strings to pointers that remembers the order of insertion. */
struct map_entry {
    struct str key;
    void *value;
};

struct map {
    VEC(struct map_entry) entries;
    uint32_t *index;
    unsigned size; /* of index, a power of two */
};

void *map_get(const struct map *m, struct str key); /* NULL: not there */
/* The place of the value, made if need be with NULL in it. */
void **map_at(struct arena *a, struct map *m, struct str key);

/* Text that grows. */
struct text {
    struct arena *arena;
    char *p;
    size_t len, cap;
};

void text_put(struct text *t, const char *p, size_t len);
void text_printf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
static inline void text_str(struct text *t, struct str s)
{
    text_put(t, s.p, s.len);
}

#endif
