/*
 * Version numbers as HAProxy and OpenSSL write them: "2.6.12", "2.4-dev19", "2.8.1-5e46fe-33",
 * "1.1.1n", "3.0.0-beta1".
 */
#ifndef VERSION_H
#define VERSION_H

#include "../base/str.h"

/* What decides, the first difference counting: three numbers, patch letter, stage of the release
 * and its number, commits on top of it. */
enum { VERSION_PARTS = 7 };

struct version {
    uint32_t part[VERSION_PARTS];
};

/* Numbers that are left out are 0. false: not a version. */
bool version_parse(struct str s, struct version *v);
/* < 0, 0, > 0 as a is older than, the same as, newer than b. */
int version_cmp(const struct version *a, const struct version *b);

#endif
