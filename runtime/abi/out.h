/*
 * Appending to a px_out.
 */
#ifndef PX_ABI_OUT_H
#define PX_ABI_OUT_H

#include "types.h"

/* As they are; what does not fit is left out and sets out->full. */
void px_put(struct px_out *out, const char *p, size_t len);
/* A space between two things, unless the one before it said nothing: never two in a row. */
void px_put_space(struct px_out *out);
void px_put_sint(struct px_out *out, int64_t v);

#endif
