/*
 * Variables: values that rules keep under a name (HAProxy manual, "set-var").
 *
 * A variable is a number; px_program.vars says its scope. Values of scope txn, req and res live in
 * the arena of the transaction, those of scope sess with the client, those of scope proc in memory
 * that all threads share. req variables are gone when the response begins, res variables do not
 * exist before.
 */
#ifndef PX_VARS_H
#define PX_VARS_H

#include "sample.h"

/* The value; its bytes stay valid until the rule set ends. false: not set, or not in reach. */
bool px_var_get(const struct px_txn *t, unsigned var, struct px_sample *out);

/* Keeps a copy. false: out of reach, or no memory; the old value stays then.
 * t may be NULL for variables of scope proc. */
bool px_var_set(struct px_txn *t, unsigned var, const struct px_sample *value);

/* The same if the conditions hold (enum px_var_cond). Answers whether they do. */
bool px_var_set_if(struct px_txn *t, unsigned var, const struct px_sample *value, unsigned conds);

void px_var_unset(struct px_txn *t, unsigned var);

/* false: its variable is not set. */
bool px_value_text(const struct px_txn *t, const struct px_value *value, struct px_str *text);

#endif
