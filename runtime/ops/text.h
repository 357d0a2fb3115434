/*
 * Text that grows: the answers of commands.
 */
#ifndef PX_TEXT_H
#define PX_TEXT_H

#include "../base/macros.h"

#include <stddef.h>

/* Out of memory cuts it off. */
struct px_text {
    char *p;
    size_t len, cap;
};
void px_text_put(struct px_text *t, const char *p, size_t len);
void px_text_printf(struct px_text *t, const char *fmt, ...) PX_PRINTF(2, 3);
/* Between quotes, as JSON wants it. */
void px_text_json(struct px_text *t, const char *p, size_t len);

#endif
