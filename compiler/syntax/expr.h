/*
 * Sample expressions, conditions and log formats as syntax: names with arguments, nothing looked
 * up.
 */
#ifndef EXPR_H
#define EXPR_H

#include "words.h"

struct arg {
    struct str text; /* second-level quotes and escapes undone; NUL-terminated behind len */
    struct span span;
};

/* name or name(arg, ...): a fetch or a converter. */
struct call {
    struct str name;
    struct span name_span, span;
    struct arg *args;
    unsigned nargs; /* "f()" has none, "f(,)" has two empty ones */
    bool has_parens;
};

/* fetch[,converter]... */
struct expr {
    struct call fetch;
    VEC(struct call) converters;
    struct span span;
};

struct syntax {
    struct arena *arena;
    struct diags *diags;
};

/* The expression that fills text bytes from..to-1 of a word. NULL: reported. */
struct expr *expr_parse(struct syntax *sx, const struct word *w, size_t from, size_t to);

/*
 * The expression at the beginning of words[*at]; it may go on in following words when a converter
 * list ends with a comma (HAProxy takes "src, ipmask(24)" apart; one word is the rule). *at moves
 * behind it. NULL: reported.
 */
struct expr *expr_parse_words(struct syntax *sx, const struct word *words, unsigned n,
                              unsigned *at);

/*
 * The expression that begins at byte *at of a word, as far as it goes; *at moves behind it, which
 * may be a byte that does not belong there. NULL: reported.
 */
struct expr *expr_read(struct syntax *sx, const struct word *w, size_t *at);

/* One call "name(args)" that fills a whole word, as actions use it: set-var(txn.x). */
bool call_parse(struct syntax *sx, const struct word *w, struct call *call);
/* The call that begins at byte *at. what: of what the name is ("a converter"). */
bool call_read(struct syntax *sx, const struct word *w, size_t *at, const char *what,
               struct call *call);

enum fmt_kind { FMT_TEXT, FMT_ALIAS, FMT_EXPR, FMT_SPACE };
enum fmt_flag { FMT_QUOTE = 1, FMT_HEX = 2, FMT_ESCAPE = 4 };

struct fmt_item {
    enum fmt_kind kind;
    struct str text;   /* FMT_TEXT: literal; FMT_ALIAS: its name */
    struct expr *expr; /* FMT_EXPR */
    unsigned flags;    /* enum fmt_flag, those of %o included */
    struct span span;
};

struct fmt {
    VEC(struct fmt_item) items;
    struct span span;
};

/*
 * A log format (HAProxy manual 8.2.6). separators: runs of spaces between items merge into one
 * FMT_SPACE and vanish in front of the first (log-format, unique-id-format), else spaces are
 * literal text (header values). NULL: reported.
 */
struct fmt *fmt_parse(struct syntax *sx, const struct word *w, bool separators);

/* A condition: groups joined by "or", each a list of terms that must all hold. */
struct term {
    bool negated;
    struct str name;          /* of an ACL; len == 0: anonymous */
    const struct word *words; /* anonymous: what stands between the braces */
    unsigned nwords;
    struct span span; /* "!" not included */
};

struct group {
    VEC(struct term) terms;
};

struct cond {
    bool unless;
    VEC(struct group) groups;
    struct span span;
};

/* words[0] is "if" or "unless". NULL: reported. */
struct cond *cond_parse(struct syntax *sx, const struct word *words, unsigned n);

#endif
