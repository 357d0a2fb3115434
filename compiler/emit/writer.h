/*
 * Writing C: text with holes, literals, and lines that belong to the configuration.
 */
#ifndef WRITER_H
#define WRITER_H

#include "emit.h"

/* The parts of the file, in the order in which they stand in it. They are written side by side,
 * because what a part needs from an earlier one is printed when it is asked for. */
enum part {
    PART_BANNER,
    PART_DECLARATIONS,
    PART_NAMES,
    PART_REGEXES,
    PART_SETS,
    PART_SAMPLES,
    PART_FORMATS,
    PART_REPLIES,
    PART_CONDITIONS,
    PART_RULES,
    PART_TABLES,
    PART_PROGRAM,
    NPARTS
};

struct emit {
    struct plan *plan;
    struct arena *arena;
    struct text parts[NPARTS];
    enum part part; /* that is written now */
    struct text data, data_s;
    struct map exprs; /* m_expr key -> name of its function */
    struct map eaches;
    struct map forgets;     /* lines -> name of the function that has them */
    struct map names;       /* of blobs that were printed, by their symbol */
    bool computes_backends; /* some rule computes the name of one */
};

/* Turns to a part; answers the one that was written before, to return to it. */
enum part turn_to(struct emit *e, enum part part);

/* All parts as one file, with their headings. */
struct str assemble(struct emit *e);

struct hole {
    const char *name;
    struct str value;
};

/* Appends a section of the template, holes filled. A hole that is not given is a bug: it asserts.
 */
void put_template(struct emit *e, const char *section, const struct hole *holes, unsigned n);
#define PUT_TEMPLATE(e, section, ...)                                                              \
    put_template(e, section, (struct hole[]){__VA_ARGS__},                                         \
                 sizeof((struct hole[]){__VA_ARGS__}) / sizeof(struct hole))

void put(struct emit *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A C string literal with its quotes. */
struct str literal(struct arena *a, struct str s);
struct str cstring(struct arena *a, const char *s); /* NULL: the word NULL */

/* "#line" of the configuration in front of what a rule became, and back to our own. */
void put_line(struct emit *e, struct span at);
void put_line_end(struct emit *e);

/* The name of a source as it may stand in generated code: without directories if absolute. */
struct str source_label(struct arena *a, const struct source *s);

/* A constant array; large ones go to the data file. */
void put_blob(struct emit *e, struct str name, const struct p_blob *b);

#endif
