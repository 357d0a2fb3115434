/*
 * What the process says on standard error, in the form that HAProxy gives it:
 * "[ALERT]    (4711) : text".
 */
#ifndef PX_MESSAGE_H
#define PX_MESSAGE_H

#include "../base/macros.h"

#include <stdbool.h>

extern bool px_quiet; /* nothing is said */

void px_notice(const char *fmt, ...) PX_PRINTF(1, 2);
void px_warning(const char *fmt, ...) PX_PRINTF(1, 2);
void px_alert(const char *fmt, ...) PX_PRINTF(1, 2);

#endif
