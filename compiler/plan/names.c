/*
 * Names: C identifiers for what the configuration names, and slots for header names.
 */
#include "parts.h"

#include "../../runtime/abi/names.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

/* What belongs to an object is called like it, with two underscores between: no identifier has them
 * by itself. */
enum { LONGEST_IDENTIFIER = 60 };

struct str plan_identifier(struct plan *p, const char *fmt, ...)
{
    char raw[512], clean[LONGEST_IDENTIFIER + 1];
    va_list args;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    size_t n = 0;
    if (isdigit((unsigned char)raw[0]))
        clean[n++] = 'n';
    for (const char *c = raw; *c && n < LONGEST_IDENTIFIER; c++) {
        bool good = isalnum((unsigned char)*c);
        if (good)
            clean[n++] = *c;
        else if (n && clean[n - 1] != '_')
            clean[n++] = '_';
    }
    while (n && clean[n - 1] == '_')
        n--;
    clean[n] = 0;
    struct str base = str_printf(p->arena, "%s", clean), name = base;
    unsigned long *taken = map_get(&p->identifiers, base);
    if (taken) {
        do
            name = str_printf(p->arena, STR_FMT "_%lu", STR_ARG(base), ++*taken);
        while (map_get(&p->identifiers, name));
    }
    unsigned long *count = NEW(p->arena, unsigned long);
    *count = 1;
    *map_at(p->arena, &p->identifiers, name) = count;
    return name;
}

static void add_slot(struct plan *p, struct m_name *n)
{
    n->slot = p->names.n;
    VEC_ADD(p->arena, &p->names, n);
}

/* Thin: most names that are looked up are not known, and meet a free place then. */
static void hash_names(struct plan *p)
{
    uint32_t size = 16;
    while (size < p->names.n * 8)
        size *= 2;
    p->names_mask = size - 1;
    p->names_index = NEW_N(p->arena, uint8_t, size);
    for (unsigned i = 1; i < p->names.n; i++) {
        struct str text = p->names.v[i]->text;
        char *padded = NEW_N(p->arena, char, text.len + PX_NAME_SLACK);
        memcpy(padded, text.p, text.len);
        uint32_t at = px_name_hash(padded, text.len) & p->names_mask;
        while (p->names_index[at])
            at = (at + 1) & p->names_mask;
        p->names_index[at] = (uint8_t)i;
    }
}

enum { MAX_SLOTS = 255 };

/* The names that the runtime knows come first, in its order; then those of the configuration. A
 * program with more than there are slots reads the rest by searching. */
void plan_names(struct plan *p)
{
    static const char *const known[] = {
#define PX_NAME(symbol, text) text,
#include "../../runtime/abi/names.def"
#undef PX_NAME
    };
    struct model *m = (struct model *)p->model;
    VEC_ADD(p->arena, &p->names, NULL);
    for (unsigned i = 0; i < COUNT(known); i++) {
        void **at = map_at(p->arena, &m->names, str_of(known[i]));
        if (!*at) {
            struct m_name *n = NEW(p->arena, struct m_name);
            n->text = str_of(known[i]);
            *at = n;
        }
        add_slot(p, *at);
    }
    for (unsigned i = 0; i < m->names.entries.n; i++) {
        struct m_name *n = m->names.entries.v[i].value;
        if (!n->slot && n->text.len && p->names.n < MAX_SLOTS)
            add_slot(p, n);
    }
    hash_names(p);
}
