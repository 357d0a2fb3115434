/*
 * Words: how a line of a configuration is cut (HAProxy manual 2.2, 2.3).
 *
 * A word remembers where each of its bytes was written, so that a message about part of a word
 * can underline exactly that part, whatever quotes, escapes and variables were in between.
 */
#ifndef WORDS_H
#define WORDS_H

#include "../base/diag.h"

enum { MAX_WORDS = 64 };

struct word {
    struct str text;    /* NUL-terminated behind len */
    struct span span;   /* as written, quotes included */
    uint32_t *origin;   /* of each byte of text: offset in the source; NULL: span.start + i */
    struct str fd_env;  /* for "fd@${NAME}...": NAME; len == 0: not of this form */
    bool quoted;        /* quotes or escapes were used */
    bool expanded;      /* a variable was */
};

/* The place of bytes from..to-1 of a word. */
struct span word_span(const struct word *w, size_t from, size_t to);

struct words {
    struct word *v;
    unsigned n;
    struct span span; /* from the first word to the last */
};

/* Where variables come from. Answers p == NULL for a variable that is not set. */
struct env;
struct env *env_new(struct arena *a, char **environ);
struct str env_get(const struct env *e, struct str name);
void env_set(struct env *e, struct str name, struct str value);
void env_unset(struct env *e, struct str name);
/* Forgets all but the given names. */
void env_keep(struct env *e, const struct word *names, unsigned n);
/* The variables as "NAME=value" strings, NULL at the end. */
char **env_list(const struct env *e, struct arena *a);
/* Names that were asked for, with the values found: what the result depends on. */
const struct map *env_used(const struct env *e);

/* What pseudo-variables (.FILE, .LINE, .SECTION) stand for. */
struct word_context {
    struct arena *arena;
    struct diags *diags;
    struct env *env;
    struct str section;
};

/*
 * Cuts the line that begins at offset `at`; answers the offset of the next line. Errors are
 * reported, and give words->n == 0. A line without words gives n == 0 as well.
 */
uint32_t words_cut(struct word_context *ctx, const struct source *s, uint32_t at,
                   struct words *words);

#endif
