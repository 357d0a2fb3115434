/*
 * Samples as keys of stick tables.
 */
#ifndef PX_STICKS_H
#define PX_STICKS_H

#include "../abi/policy.h"

/*
 * The key that a sample is in this table (HAProxy manual, "stick-table"): cast to its type, cut, or
 * padded. It is in *s, or as valid as its bytes. false: it is none, or there is no memory.
 */
bool px_stick_key_of(const struct px_stick_table *table, struct px_sample *s, struct px_str *key);

#endif
