/*
 * Checking a configuration: from the syntax tree to the model.
 */
#ifndef SEMA_H
#define SEMA_H

#include "model.h"

/* The model of what could be understood; errors are in diags. Never NULL. */
struct model *sema_check(struct arena *a, struct diags *diags, const struct vocab *vocab,
                         const struct config *config);

/* The vocabulary with all directives. */
struct vocab *sema_vocab(struct arena *a);

#endif
