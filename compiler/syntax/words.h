/*
 * Words: how a line of a configuration is cut (HAProxy manual 2.2, 2.3).
 *
 * A word remembers where each of its bytes was written, so that a message about part of a word
 * can underline exactly that part, whatever quotes, escapes and variables were in between.
 */
#ifndef WORDS_H
#define WORDS_H

#include "env.h"

#include "../base/diag.h"

enum {
    MAX_WORDS = 64,
    MAX_EXPANSION = 64 * 1024, /* bytes that variables may put into one line */
};

/* Where the bytes of a word come from, from byte `at` of the text to that of the next run. */
struct word_run {
    uint32_t at;
    uint32_t start, end; /* in the source */
    bool whole;          /* all of it stands for each byte (escapes, variables); else one for one */
};

struct word {
    struct str text;  /* NUL-terminated behind len; may be empty */
    struct span span; /* as written, quotes included */
    const struct word_run *runs;
    unsigned nruns;    /* 0: the text is what the span says */
    struct str fd_env; /* for "fd@${NAME}" in double quotes: NAME; len == 0: not of this form */
    bool quoted;       /* quotes or escapes were used */
    bool expanded;     /* a variable was */
};

/* The place of bytes from..to-1 of a word. */
struct span word_span(const struct word *w, size_t from, size_t to);
/* Is it a space that ends the word, which quotes would have kept in it? */
bool word_ends_at_space(const struct word *w);

struct words {
    struct word *v;
    unsigned n;
    struct span span; /* from the first word to the last */
};

/* What words are cut with. */
struct word_context {
    struct arena *arena;
    struct diags *diags;
    struct env *env;
    struct str section; /* what "${.SECTION}" stands for */
};

/*
 * Cuts the line that begins at offset `at`; answers the offset of the next line. Errors are
 * reported, and give words->n == 0. A line without words gives n == 0 as well. Words may be
 * empty; what that means is the caller's business.
 */
uint32_t words_cut(struct word_context *ctx, const struct source *s, uint32_t at,
                   struct words *words);

/* n > 0 words of one line as one, with single spaces between them. */
struct word words_join(struct arena *a, const struct word *words, unsigned n);

#endif
