/*
 * Excerpts: a line of a source as it is shown under a message, with words marked.
 */
#ifndef EXCERPT_H
#define EXCERPT_H

#include "source.h"

/* A piece of one line. */
struct excerpt {
    const struct source *source;
    unsigned line;
    uint32_t start, end; /* bytes of the source that are shown */
    bool cut_left, cut_right;
};

/* The line in which the span begins; when it is long, the part around the span. */
struct excerpt excerpt_of(struct span at);

/* Can marks for this span stand under the excerpt? */
bool excerpt_shows(const struct excerpt *e, struct span at);

/* Appends the text of the line: tabs as spaces, what cannot be printed as <1B> or <U+202E>. */
void excerpt_text(const struct excerpt *e, struct text *out);

/* Where marks stand under that text: columns to the left of them, and how many they are (>= 1). */
struct marks {
    unsigned blanks, width;
};
struct marks excerpt_marks(const struct excerpt *e, struct span at);

/* Appends text in the same way, at most `most` bytes of it. */
void printable(struct str s, size_t most, struct text *out);

#endif
