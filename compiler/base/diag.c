/*
 * Diagnostics: collecting them, and finding near spellings.
 *
 * Not for: how they look (diag_print.c), nor what they explain (diagnostics.def).
 * Idea: adding a diagnostic never fails and never stops the caller, so each pass goes on and
 * finds what else is wrong.
 */
#include "diag.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

struct row {
    const char *name;
    enum diag_level level;
    const char *title, *explanation;
};

#define DIAG(id, level, title, explanation) [id] = {#id, level, title, explanation},
static const struct row rows[] = {
#include "diagnostics.def"
};
#undef DIAG

const char *diag_name(enum diag_id id)
{
    return rows[id].name;
}

const char *diag_title(enum diag_id id)
{
    return rows[id].title;
}

const char *diag_explanation(enum diag_id id)
{
    return rows[id].explanation;
}

enum diag_id diag_by_name(const char *name)
{
    unsigned id = 0;
    while (id < DIAG_COUNT && strcasecmp(rows[id].name, name))
        id++;
    return (enum diag_id)id;
}

/* Is this the first time that this is said? */
static bool is_news(struct diags *ds, const struct diag *d)
{
    struct str key =
        str_printf(ds->arena, "%u %p %u %u " STR_FMT, d->id, (const void *)d->span.source,
                   d->span.start, d->span.end, STR_ARG(d->message));
    void **place = map_at(ds->arena, &ds->seen, key);
    bool news = !*place;
    *place = ds;
    return news;
}

struct diag *diag_add(struct diags *ds, enum diag_id id, struct span at, const char *fmt, ...)
{
    struct diag *d = NEW(ds->arena, struct diag);
    d->id = id;
    d->level = rows[id].level;
    d->span = at;
    va_list args;
    va_start(args, fmt);
    d->message = str_vprintf(ds->arena, fmt, args);
    va_end(args);
    if (is_news(ds, d)) {
        VEC_ADD(ds->arena, &ds->all, d);
        ds->errors += d->level == DIAG_ERROR;
        ds->warnings += d->level == DIAG_WARNING;
    }
    return d;
}

void diag_label(struct diags *ds, struct diag *d, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    d->label = str_vprintf(ds->arena, fmt, args);
    va_end(args);
}

void diag_note(struct diags *ds, struct diag *d, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct str text = str_vprintf(ds->arena, fmt, args);
    va_end(args);
    VEC_ADD(ds->arena, &d->notes, ((struct diag_note){false, text}));
}

void diag_help(struct diags *ds, struct diag *d, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct str text = str_vprintf(ds->arena, fmt, args);
    va_end(args);
    VEC_ADD(ds->arena, &d->notes, ((struct diag_note){true, text}));
}

void diag_other(struct diags *ds, struct diag *d, struct span at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    d->other_label = str_vprintf(ds->arena, fmt, args);
    va_end(args);
    d->other = at;
}

static bool same_but_case(struct str a, struct str b)
{
    return a.len == b.len && (!a.len || !strncasecmp(a.p, b.p, a.len));
}

/* The only candidate that begins with the word, which was cut short. */
static struct str completion(struct str word, const struct str *candidates, unsigned n)
{
    struct str found = {NULL, 0};
    for (unsigned i = 0; i < n && word.len > 2; i++) {
        if (candidates[i].len <= word.len || memcmp(candidates[i].p, word.p, word.len))
            continue;
        if (found.len)
            return (struct str){NULL, 0};
        found = candidates[i];
    }
    return found;
}

struct str diag_nearest(struct str word, const struct str *candidates, unsigned n)
{
    /* A third of the letters may be wrong, but never all of them. */
    unsigned most = word.len < 2 ? 0 : word.len < 6 ? 1 : (unsigned)word.len / 3;
    struct str best = {NULL, 0};
    for (unsigned i = 0; i < n; i++) {
        if (same_but_case(word, candidates[i]))
            return candidates[i];
        unsigned distance = most ? str_distance(word, candidates[i], most) : most + 1;
        if (distance <= most) {
            best = candidates[i];
            most = distance - 1;
        }
    }
    return best.len ? best : completion(word, candidates, n);
}

/* Looking for near words is the dear part of an error: a file with more errors than this is no
 * configuration, and is answered without. */
enum { SUGGESTIONS = 500 };

void diag_suggest(struct diags *ds, struct diag *d, struct str word, const struct str *candidates,
                  unsigned n)
{
    if (ds->all.n > SUGGESTIONS)
        return;
    struct str near = diag_nearest(word, candidates, n);
    if (near.len)
        diag_help(ds, d, "did you mean '" STR_FMT "'?", STR_ARG(near));
}
