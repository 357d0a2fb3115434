/*
 * Regular expressions of the configuration: PCRE2, compiled to machine code when the process
 * starts. The compiler has checked that they are valid.
 */
#ifndef PX_ABI_REGEX_H
#define PX_ABI_REGEX_H

#include "types.h"

/* A match is given up after so many steps: then there is none. */
enum { PX_REGEX_STEPS = 1000000 };

struct px_regex {
    struct px_str pattern;
    bool fold;  /* case does not count */
    void *code; /* set by px_regex_prepare */
};

/* Once, before the threads start. Ends the process when memory is out. */
void px_regex_prepare(struct px_regex *re);

bool px_regex_match(const struct px_regex *re, struct px_str s);

#endif
