/*
 * The back half of the compiler: from a plan to a binary.
 */
#ifndef BUILD_H
#define BUILD_H

#include "../emit/emit.h"
#include "home.h"

struct build_options {
    const char *cc;     /* a command, may have arguments; NULL: $CC, else cc */
    const char *output; /* NULL: only into the cache */
    bool debug;
};

/*
 * Makes the binary, or takes it from the cache when the same program was made before; *path is
 * where it is. A file at `output` is replaced at once or not at all. false: said, and nothing was
 * left behind but what the message names.
 */
bool build(struct arena *a, struct plan *p, const struct build_options *o, const char **path);

#endif
