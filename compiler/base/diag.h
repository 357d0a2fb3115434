/*
 * Diagnostics: everything that the compiler tells a user about a configuration.
 *
 * Each kind has an id (E0123) and an explanation in diagnostics.def. Errors are collected; nothing
 * stops at the first. A diagnostic points at the exact words, says what was expected, and offers
 * the nearest legal spelling where there is one.
 */
#ifndef DIAG_H
#define DIAG_H

#include "source.h"

#include <stdio.h>

enum diag_level { DIAG_NOTICE, DIAG_WARNING, DIAG_ERROR };

#define DIAG(id, level, title, explanation) id,
enum diag_id {
#include "diagnostics.def"
    DIAG_COUNT
};
#undef DIAG

struct diag_note {
    bool help; /* what to do about it; else: more to know */
    struct str text;
};

struct diag {
    enum diag_id id;
    enum diag_level level;
    struct span span;
    struct str message;
    struct str label; /* shown under the marked words; len == 0: nothing */
    VEC(struct diag_note) notes;
    struct span other; /* a second place ("first defined here"); source == NULL: none */
    struct str other_label;
};

enum diag_format { DIAG_PRETTY, DIAG_GNU, DIAG_HAPROXY };

/* {.arena = a} is an empty one. */
struct diags {
    struct arena *arena;
    VEC(struct diag *) all;
    unsigned errors, warnings; /* among all */
    struct map seen;
};

/*
 * Adds a diagnostic; the message is a clause without a full stop, beginning in lower case.
 * The result may be completed with the functions below; it is never NULL. What was said before in
 * the same words of the same place is not added again (the result is then shown nowhere).
 */
struct diag *diag_add(struct diags *ds, enum diag_id id, struct span at, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void diag_label(struct diags *ds, struct diag *d, const char *fmt, ...) PRINTF_LIKE(3, 4);
void diag_note(struct diags *ds, struct diag *d, const char *fmt, ...) PRINTF_LIKE(3, 4);
void diag_help(struct diags *ds, struct diag *d, const char *fmt, ...) PRINTF_LIKE(3, 4);
void diag_other(struct diags *ds, struct diag *d, struct span at, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* The nearest of n candidates to a misspelt word, or the only one that it is the beginning of;
 * len == 0: none is near. */
struct str diag_nearest(struct str word, const struct str *candidates, unsigned n);
/* Adds the help "did you mean ...?" when one is near. */
void diag_suggest(struct diags *ds, struct diag *d, struct str word, const struct str *candidates,
                  unsigned n);

/* Prints all, in order of their places. colour: with terminal escapes (only DIAG_PRETTY). */
void diag_print_all(const struct diags *ds, FILE *out, enum diag_format format, bool colour);

/* "E0123" of an id, and back; DIAG_COUNT when there is no such id. */
const char *diag_name(enum diag_id id);
enum diag_id diag_by_name(const char *name);
const char *diag_title(enum diag_id id);
const char *diag_explanation(enum diag_id id);

#endif
