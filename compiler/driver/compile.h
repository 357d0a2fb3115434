/*
 * From files to a checked plan, with everything that is to be said about them on the way.
 */
#ifndef COMPILE_H
#define COMPILE_H

#include "../plan/plan.h"

#include <stdio.h>

struct words_list {
    const char **v;
    unsigned n, cap;
};

struct compile_options {
    const char *const *files;
    unsigned nfiles;
    enum diag_format format;
    bool colour, werror, diag_messages, resolve;
    bool silent; /* nothing is printed */
};

struct compilation {
    struct arena *arena;
    struct vocab *vocab;
    struct diags diags;
    struct config *config;
    struct model *model;
    struct plan *plan; /* NULL: there were errors */
};

/* Reads, checks and plans; prints what there is to say to standard error. false: not valid.
 * All of *c lives in the arena. */
bool compile(struct arena *a, struct compilation *c, const struct compile_options *o);

/* What feature() knows, as "+THIS -THAT ...". */
extern const char compile_features[];

#endif
