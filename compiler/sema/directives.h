/*
 * Rows of directives and how they are found. Only for files of this folder.
 */
#ifndef DIRECTIVES_H
#define DIRECTIVES_H

#include "context.h"

/* A scalar setting as a directive. */
struct directive_row directive_of_setting(const struct vocab_setting *set, enum vocab_space space);

/* The longest keyword at the beginning of the line; *used: its words. NULL: none. */
const struct vocab_entry *directive_entry(const struct vocab *v, enum vocab_space space,
                                          const struct word *words, unsigned n, unsigned *used);

/* Reports a line that begins with no keyword. false: it looks like a section that begins here. */
bool directive_unknown(struct sema *s, enum vocab_space space, const struct word *words,
                       unsigned n);

/* Does the line begin a section, but for its spelling? Then that is reported. */
bool section_misspelt(struct sema *s, enum vocab_space space, const struct word *words, unsigned n);

#endif
