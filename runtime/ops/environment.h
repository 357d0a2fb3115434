/*
 * The environment of the process, changed as setenv and its like in the configuration say.
 */
#ifndef PX_ENVIRONMENT_H
#define PX_ENVIRONMENT_H

#include "../abi/tables.h"

#include <stdbool.h>

/* The address of a control socket as HAProxy shows it: unix@/path, ipv4@127.0.0.1:80. */
enum { PX_SOCKET_TEXT = 160 };
void px_socket_text(const struct px_bind *bind, char *text);

/* Tells in HAPROXY_CLI where the control sockets are. false: no memory. */
bool px_environment_tell(void);

/* list ends with a name that is NULL; NULL: nothing to change. false: no memory. */
bool px_environment_apply(const struct px_env *list);

#endif
