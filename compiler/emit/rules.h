/*
 * Conditions and rules as C. Only for files of this folder.
 */
#ifndef RULES_H
#define RULES_H

#include "samples.h"

void put_sets(struct emit *e);
/* The enum px_compare of a method that compares strings. */
const char *compare_symbol(enum match_method m);

void put_set_data(struct emit *e, const struct p_set *s);
/* What finds a key of a set of strings. */
const char *set_finder(const struct p_set *s);
void put_scopes(struct emit *e);
void put_functions(struct emit *e);

/* Is a condition of this scope three-valued? */
static inline bool is_waiting(const struct p_scope *sc)
{
    return side_may_wait(sc->side);
}

/* What was read before an action that changes it has to be read again: lines behind the action. */
struct str forget_text(struct emit *e, const struct p_scope *sc, const struct m_rule *r);

/* How a function of the scope begins: m is what is known already. */
struct str memo_text(struct emit *e, const struct p_scope *sc);

/* A condition of three values as a function of this name. */
void put_tri_cond(struct emit *e, const struct p_scope *sc, const struct p_cond *c,
                  struct str name);

/* A condition as a C expression over t and m; whole: with parentheses where it needs them. */
struct str cond_text(struct emit *e, const struct p_scope *sc, const struct p_cond *c);

#endif
