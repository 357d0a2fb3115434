/*
 * What the keys of balancing algorithms share.
 */
#ifndef PX_BALANCE_H
#define PX_BALANCE_H

#include "../abi/tables.h"
#include "../txn/txn.h"

/* By the function and the modifier of "hash-type". */
uint32_t px_balance_hash(const struct px_balance *b, struct px_str key);

#endif
