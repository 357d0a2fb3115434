/*
 * Checking a configuration: from the syntax tree to the model.
 */
#ifndef SEMA_H
#define SEMA_H

#include "model.h"

/* The model of what could be understood; errors are in diags. Never NULL. */
struct model *sema_check(struct arena *a, struct diags *diags, const struct vocab *vocab,
                         const struct config *config);

/* Sets the variables that hold the formats of log options, HAPROXY_HTTP_LOG_FMT and its like, where
 * they are not set: log formats build upon them. */
void sema_environment(struct env *env);

/* Does the start fail if the system's name service does not know the server's name? */
bool server_needs_name(const struct m_server *srv);

/* The vocabulary with all directives. */
struct vocab *sema_vocab(struct arena *a);

#endif
