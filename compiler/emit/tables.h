/*
 * Tables of the program. Only for files of this folder.
 */
#ifndef TABLES_H
#define TABLES_H

#include "samples.h"

void put_proxies(struct emit *e);
void put_global(struct emit *e);

/* Prints a response or redirect unless it was printed before. */
void need_reply(struct emit *e, const struct m_reply *r);
void need_redirect(struct emit *e, const struct m_redirect *r);

#endif
