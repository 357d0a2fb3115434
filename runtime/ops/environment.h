/*
 * The environment of the process, changed as setenv and its like in the configuration say.
 */
#ifndef PX_ENVIRONMENT_H
#define PX_ENVIRONMENT_H

#include "../abi/tables.h"

#include <stdbool.h>

/* list ends with a name that is NULL; NULL: nothing to change. false: no memory. */
bool px_environment_apply(const struct px_env *list);

#endif
