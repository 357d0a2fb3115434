/*
 * Names of servers and who resolves them.
 */
#ifndef RESOLVERS_H
#define RESOLVERS_H

#include "context.h"

/* Is the value of this option good, if it is one about names? false: reported. */
bool name_option_fits(struct sema *s, struct str option, const struct m_setting *set);

/* The resolvers that a rule names. Reported when there are none. */
void resolve_resolvers(struct sema *s, struct m_arg *a);

#endif
