/*
 * What bind and server lines share. Only for files of this folder.
 */
#ifndef LISTENERS_H
#define LISTENERS_H

#include "context.h"

/* An option of a bind or server line: a scalar by its row. 0: it is none; -1: reported. */
int option_take(struct sema *s, struct line *l, const struct vocab_setting *rows, unsigned n,
                struct m_setting *set);
/* Reports the option at l, which is none of ours, and takes the rest of the line. */
void option_refuse(struct sema *s, struct line *l, enum vocab_space space, const char *what);

/* Letters, digits and - _ . : only. false: reported. */
bool object_name_is_good(struct sema *s, const struct word *w, const char *what);

/* Is it as long as the kernel allows? Reported if not. */
bool password_fits(struct sema *s, const struct m_setting *set);

/* ---- checks.c ---- */

/* Is what a server line says about checks possible? Reported if not. */
bool check_options_fit(struct sema *s, const struct m_setting *set);

#endif
