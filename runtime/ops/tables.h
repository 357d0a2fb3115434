/*
 * Stick tables for the process and its control sockets.
 */
#ifndef PX_TABLES_H
#define PX_TABLES_H

#include "control.h"

struct px_stick_ops {
    /* Before the threads start. false: no memory. */
    bool (*prepare)(void);
    /* "show table", "set table", "clear table" */
    void (*show)(const struct px_command *c, struct px_text *out);
    void (*set)(const struct px_command *c, struct px_text *out);
    void (*clear)(const struct px_command *c, struct px_text *out);
};

#endif
