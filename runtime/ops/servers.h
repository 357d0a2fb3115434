/*
 * What commands about servers have in common.
 */
#ifndef PX_SERVERS_H
#define PX_SERVERS_H

#include "text.h"

#include <stdbool.h>

struct px_addr;
struct px_proxy;
struct px_server;

/* By its name, or by its number: "#3". NULL: there is none. */
const struct px_proxy *px_backend_called(const char *text);

/* Gives the server another address, and another port unless that is NULL; says what changes. */
void px_server_move(const struct px_server *srv, const char *ip, const char *port,
                    struct px_text *out);
/* The same for its checks, or for its agent, whose host may be a name: then the system's name service
 * is waited for. Each may be NULL. */
void px_server_check_at(const struct px_server *srv, bool agent, const char *host, const char *port,
                        struct px_text *out);
/* Gives it another name, whose addresses it follows; says what changes. */
void px_server_rename(const struct px_server *srv, const char *name, struct px_text *out);
/* Has the text only bytes of names? */
bool px_is_domain_text(const char *text);
/* May the server have this name? */
bool px_server_may_be(const struct px_server *srv, const char *name);

#endif
