/*
 * Bytes that grow, and their two spellings: raw, and escaped as in case files and reports.
 */
#ifndef DIFF_TEXT_H
#define DIFF_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text { /* zero-initialised is empty; always followed by a NUL once something was added */
    char *p;
    size_t n, cap;
};

/* Says what went wrong and ends the program with status 2. */
_Noreturn void fail(const char *format, ...);

void *get(size_t size); /* zeroed memory, or the end */

void text_add(struct text *t, const void *bytes, size_t n);
void text_put(struct text *t, const char *string);
void text_format(struct text *t, const char *format, ...);
void text_clear(struct text *t); /* keeps the memory */
void text_free(struct text *t);

/* Appends bytes so that a terminal can show them: \r \n \t \\ \xHH. */
void text_escape(struct text *t, const char *bytes, size_t n);
/* The reverse, and \R{N,TEXT} for N times TEXT. false: not a legal escape. */
bool text_unescape(struct text *t, const char *string);

/* The first occurrence of a string in bytes that may hold NULs, or NULL. */
const char *text_find(const char *bytes, size_t n, const char *string);

#endif
