/*
 * Where the tool finds what it needs beside itself: the runtime library and its headers.
 */
#ifndef HOME_H
#define HOME_H

#include "../base/str.h"

struct home {
    char *tool;    /* this program */
    char *library; /* libpxrt.a */
    char *include; /* directory of abi.h */
};

/* Installed, or in the build tree. false: not found, which was said. */
bool home_find(struct arena *a, struct home *home);

#endif
