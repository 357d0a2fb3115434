/*
 * The patterns of ACLs and the keys of maps. Only for files of this folder.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include "context.h"

/* One pattern from its text, as the method of the test needs it. false: reported. */
bool pattern_value(struct sema *s, struct m_test *t, struct str text, struct span at, bool fold,
                   struct m_pattern *out);

/* The words at l up to its end, operators included. false: reported. */
bool patterns_from_words(struct sema *s, struct m_test *t, struct line *l, bool fold);

/* The list of a file; of_maps: its lines have values. *use: of its keys, compared like this. NULL:
 * reported. */
struct m_list *list_load(struct sema *s, struct str path, struct m_use how, bool of_maps,
                         struct span at, unsigned *use);

/* The lines of a file; map_file: only their first column. false: reported. */
bool patterns_from_file(struct sema *s, struct m_test *t, const struct word *file, bool fold,
                        bool map_file);

/* Reads a file of patterns or map entries, by lines, comments and empty ones left out. */
struct pattern_line {
    struct str key, value; /* value: what follows the first blanks */
    struct str whole;      /* from the key on, trailing blanks included */
    struct span span, key_span, value_span;
};

struct pattern_lines {
    VEC(struct pattern_line) lines;
};

/* After so many mistakes the rest of a file is not looked at: it is another kind of file. */
enum { PATTERN_MISTAKES = 10 };

/* One mistake more, just reported; `left` lines follow. false: it is enough, which is said, too. */
bool pattern_mistake(struct sema *s, unsigned *mistakes, struct span at, unsigned left);

struct pattern_lines *pattern_lines_read(struct sema *s, struct str path, struct span at);

/* Pairs of hexadecimal digits as bytes. */
bool hex_bytes(struct arena *a, struct str text, struct str *out);

#endif
