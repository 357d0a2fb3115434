/*
 * Servers in stick tables: the columns server_id and server_key.
 *
 * A server is known by its key, its name or its address (HAProxy manual, "srvkey"), and by its
 * number in its backend. Whoever looks for one in another backend than the one that learnt it finds
 * the server there that has the same key, or else the same number.
 */
#ifndef PX_STICK_SERVER_H
#define PX_STICK_SERVER_H

#include "table.h"

/* The server of this backend that the entry stands for, whatever its state. NULL: none. */
const struct px_server *px_stick_server(const struct px_stick_table *table,
                                        const struct px_stick_entry *entry,
                                        const struct px_proxy *be);

/* From now on the key stands for this server. Nothing is learnt about servers that are "non-stick",
 * or without a name, and when the table has no room. */
void px_stick_set_server(const struct px_stick_table *table, struct px_str key,
                         const struct px_server *srv);

/* What the key column of this table has for a server; NULL: it has none, or no memory. The text
 * stays: memory for it is taken once for each address that a server has ever had. */
const char *px_stick_server_key(const struct px_stick_table *table, const struct px_server *srv);

#endif
