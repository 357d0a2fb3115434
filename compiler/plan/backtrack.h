/*
 * Regular expressions that a hostile subject makes exponentially slow.
 */
#ifndef BACKTRACK_H
#define BACKTRACK_H

#include "../base/str.h"

#include <stdint.h>

struct trap {
    struct str loop;            /* the repetition, a part of the expression's text */
    struct str lead, pump, end; /* subjects: the pump as often as one likes between the others */
};

/* Is there a subject on which PCRE2 doubles its work with every few bytes? Says so only of what it
 * has tried. */
bool regex_has_trap(struct arena *a, struct str pattern, bool fold, struct trap *out);

#endif
