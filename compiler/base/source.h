/*
 * Source files and places in them.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "str.h"

/* Files above this size are refused: offsets are 32 bits wide, and nobody writes such a file. */
enum { SOURCE_MAX = 1 << 30 };

struct source {
    struct str name;     /* as the user gave it; "-" for standard input */
    struct str text;     /* with a NUL behind it */
    VEC(uint32_t) lines; /* offset of the start of each line; never empty */
    unsigned order;      /* messages about several sources are printed in this order */
};

/* Bytes start..end-1 of a source. source == NULL: nowhere in particular (the command line). */
struct span {
    const struct source *source;
    uint32_t start, end;
};

struct place {
    unsigned line, column; /* from 1; columns count bytes */
};

/* Reads a file, pipes and devices included. NULL: errno says why (EFBIG: above SOURCE_MAX). */
struct source *source_read(struct arena *a, const char *path);
/* Reads a descriptor to its end and leaves it open; else as above. */
struct source *source_read_fd(struct arena *a, const char *name, int fd);
/* A source from memory; text and name are copied. text.len <= SOURCE_MAX. */
struct source *source_from(struct arena *a, const char *name, struct str text);

/* offset may be the length of the text: the end of the last line. */
struct place source_place(const struct source *s, uint32_t offset);
/* The line, from 1, without its end (LF or CR LF). */
struct str source_line(const struct source *s, unsigned line);

/* Both and what is between them; they are of the same source. */
struct span span_join(struct span a, struct span b);

#endif
