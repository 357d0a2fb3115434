/*
 * Tables of the program. Only for files of this folder.
 */
#ifndef TABLES_H
#define TABLES_H

#include "samples.h"

/* ---- sockets.c ---- */

void put_endpoint(struct emit *e, const struct px_endpoint *ep);
/* The members of the n scalar settings that are not as their defaults. */
void put_settings(struct emit *e, const struct vocab_setting *rows, unsigned n,
                  const struct m_setting *set);
/* Prints a source unless it was printed before. */
void need_source(struct emit *e, const struct m_setting *set);
/* mode: the symbol of what is served there; no proxy: it is a control socket. */
void put_bind(struct emit *e, const struct m_bind *b, struct str name, struct str proxy,
              const char *mode);
struct str bind_symbol(struct emit *e, const struct m_bind *b);
void put_binds(struct emit *e, const struct m_proxy *p);
void put_servers(struct emit *e, const struct m_proxy *p);

/* ---- maps.c ---- */

void put_lists_of_patterns(struct emit *e);
void put_maps(struct emit *e);
/* The lists that control sockets see, as members of the program. */
void put_list_table(struct emit *e, struct text *members);

/* ---- persistence.c ---- */

/* The tables of a proxy, and its members that lead to them. */
void put_persistence(struct emit *e, const struct m_proxy *p);
void put_persistence_members(struct emit *e, const struct m_proxy *p);

/* ---- checks.c ---- */

/* What servers of p are asked; false: nothing, checks only connect. */
bool put_check(struct emit *e, const struct m_proxy *p);

/* ---- tables.c ---- */

/* Prints a response or redirect unless it was printed before. */
void need_reply(struct emit *e, const struct m_reply *r);
void need_redirect(struct emit *e, const struct m_redirect *r);

void put_rings(struct emit *e);
void put_mailers(struct emit *e);
void put_stick_tables(struct emit *e);
void put_resolvers(struct emit *e);
/* How the name of this server is resolved, in front of the server itself. */
void put_resolving(struct emit *e, const struct m_server *s, struct str name);
void put_proxies(struct emit *e);
void put_global(struct emit *e);

#endif
