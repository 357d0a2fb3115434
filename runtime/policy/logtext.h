/*
 * Writing text into log lines.
 */
#ifndef PX_LOGTEXT_H
#define PX_LOGTEXT_H

#include "../abi/policy.h"

/* s, quoted or escaped as flags say; "-" or "" when s.p is NULL. */
void px_log_text(struct px_out *out, struct px_str s, unsigned flags);

/* The same with a choice of bytes to encode beside those that are not printable. */
void px_log_unsafe(struct px_out *out, struct px_str s, const char *also, unsigned flags);

/* Only the escaping; bytes of `also` are escaped as well. */
void px_log_escaped(struct px_out *out, struct px_str s, const char *also, unsigned flags);

/* The local date with milliseconds, as in "28/Nov/2026:10:00:00.123". */
void px_log_put_date(struct px_out *out, int64_t us);

#endif
