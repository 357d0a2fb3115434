/*
 * Names that are resolved while the proxy runs, as the rest of a program knows them.
 */
#ifndef PX_RESOLVE_OPS_H
#define PX_RESOLVE_OPS_H

#include "control.h"

struct px_server;

/* Linked only into programs that use it. */
struct px_resolve_ops {
    /* Once, before the threads start and privileges go. false: said. */
    bool (*prepare)(void);
    /* On the first thread, before its loop runs. false: said. */
    bool (*start)(void);
    void (*show)(const struct px_command *c, struct px_text *out); /* "show resolvers" */
    bool (*is_name)(const char *text);                             /* that can be asked for */
    bool (*rename)(const struct px_server *srv, const char *name); /* see px_named_rename */
};

#endif
