/*
 * What became of one row, as one line: what the client got, the end of its connection, the log, and
 * what servers got.
 */
#ifndef WIRE_OUTCOME_H
#define WIRE_OUTCOME_H

#include "../diff/side.h"

/* "400 closed | 400 PR--", or "200 open | 200 ---- | POST / abc". Appends to *to. */
void outcome_write(struct text *to, const struct exchange *x, const struct group *g,
                   struct result *r);

#endif
