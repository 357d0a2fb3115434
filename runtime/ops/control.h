/*
 * The control socket ("stats socket"): commands in lines, answers that end with an empty line.
 *
 * Served by the first thread. Source: HAProxy Management Guide, "Unix Socket commands".
 */
#ifndef PX_CONTROL_H
#define PX_CONTROL_H

#include "../base/macros.h"

#include <stdbool.h>
#include <stddef.h>

enum px_control_level { PX_LEVEL_USER, PX_LEVEL_OPERATOR, PX_LEVEL_ADMIN };

/* Text that grows; out of memory cuts it off. */
struct px_text {
    char *p;
    size_t len, cap;
};
void px_text_put(struct px_text *t, const char *p, size_t len);
void px_text_printf(struct px_text *t, const char *fmt, ...) PX_PRINTF(2, 3);

/* What a command is called with: the words of its line, and who asks. */
struct px_command {
    char **words; /* the command itself included; ends with NULL */
    unsigned n;
    struct px_control *from;
    enum px_control_level level;
};

/* The answers of commands that have a file of their own. */
void px_show_info(const struct px_command *c, struct px_text *out);
void px_show_stat(const struct px_command *c, struct px_text *out);

/* Connections of all control sockets. */
unsigned px_control_count(void);

#endif
