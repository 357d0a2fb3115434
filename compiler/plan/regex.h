/*
 * Regular expressions as trees: what of PCRE2's language is regular, and asks only whether there
 * is a match, not where.
 *
 * Source: pcre2pattern(3), with the options that the runtime compiles with (bytes, C locale,
 * newline is LF; "$" also matches before a last LF). What a tree cannot say or what PCRE2 has
 * changed between its versions is refused with a reason: it stays with PCRE2.
 */
#ifndef REGEX_H
#define REGEX_H

#include "../base/arena.h"
#include "../base/str.h"

struct byte_set {
    uint64_t w[4];
};

static inline void byte_add(struct byte_set *s, unsigned char c)
{
    s->w[c / 64] |= UINT64_C(1) << c % 64;
}

static inline bool byte_in(const struct byte_set *s, unsigned char c)
{
    return s->w[c / 64] >> c % 64 & 1;
}

/* With letters of the other case, if fold. */
void byte_add_folded(struct byte_set *s, unsigned char c, bool fold);

enum re_kind {
    RE_BYTES,
    RE_ALL,    /* parts, one after another; none: the empty string */
    RE_ANY,    /* one of the parts */
    RE_REPEAT, /* parts.v[0] */
    RE_BEGIN,  /* the value begins here */
    RE_END,    /* the value ends here */
};

#define RE_FOREVER UINT32_MAX

struct re {
    enum re_kind kind;
    struct byte_set bytes;
    VEC(struct re *) parts;
    uint32_t min, max; /* max: or RE_FOREVER */
    struct str text;   /* RE_REPEAT: as it is written */
};

struct re *re_new(struct arena *a, enum re_kind kind);
struct re *re_bytes(struct arena *a, struct byte_set bytes);

/* NULL: *why says what is not regular. The pattern is one that PCRE2 compiles. */
struct re *re_parse(struct arena *a, struct str pattern, bool fold, const char **why);

/* The same of more expressions, but of what they match, and perhaps more: word boundaries and
 * look-arounds always hold, what is atomic or possessive gives back. NULL: that is not enough. */
struct re *re_parse_loosely(struct arena *a, struct str pattern, bool fold);

#endif
