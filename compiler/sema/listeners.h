/*
 * What bind and server lines share. Only for files of this folder.
 */
#ifndef LISTENERS_H
#define LISTENERS_H

#include "context.h"

/* An option of a bind or server line: a scalar by its row. 0: it is none; -1: reported. */
int option_take(struct sema *s, struct line *l, const struct vocab_setting *rows, unsigned n,
                struct m_setting *set);

/* Letters, digits and - _ . : only. false: reported. */
bool object_name_is_good(struct sema *s, const struct word *w, const char *what);

#endif
