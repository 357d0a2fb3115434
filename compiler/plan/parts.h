/*
 * What the files of this folder share beyond the plan itself.
 */
#ifndef PARTS_H
#define PARTS_H

#include "plan.h"

void plan_names(struct plan *p);
void map_build(struct plan *p, struct p_map *m);
/* The arrays of the indexes, when the tests have their numbers. */
void index_build(struct plan *p, struct p_function *f);

#endif
