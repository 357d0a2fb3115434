/*
 * Equivalent ways to write a target (HAProxy manual, "http-request normalize-uri").
 */
#ifndef PX_NORMALIZE_H
#define PX_NORMALIZE_H

#include "../abi/out.h"

/* Is it only about the path? Others are about path and query, or about the query alone. */
bool px_normalizes_path(int which);

/*
 * Appends part of a target as the normalizer (enum px_normalizer_word) writes it; more: with its
 * option "full" or "strict". At most three times as long. false: strict, and malformed.
 */
bool px_normalize(int which, bool more, struct px_str part, struct px_out *out);

#endif
