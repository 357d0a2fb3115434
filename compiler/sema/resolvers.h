/*
 * Names of servers and who resolves them.
 */
#ifndef RESOLVERS_H
#define RESOLVERS_H

#include "context.h"

/* Takes the first word of a list with commas; rest->p becomes NULL behind the last one. */
struct str list_next(struct str *rest);

/* The methods of "init-addr". false: reported. */
bool init_addr_fits(struct sema *s, const struct m_setting *set);

#endif
