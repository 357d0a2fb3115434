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
/* The same for its checks. Each may be NULL. */
void px_server_check_at(const struct px_server *srv, const char *ip, const char *port,
                        struct px_text *out);

#endif
