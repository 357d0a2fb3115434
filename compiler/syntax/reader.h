/*
 * What the files share that turn lines into a tree: config.c, block.c, setenv.c.
 */
#ifndef READER_H
#define READER_H

#include "config.h"

enum branch {
    BRANCH_READ,    /* its lines are read */
    BRANCH_WAITING, /* skipped; a later branch may be read */
    BRANCH_OVER,    /* skipped, and so are all that follow */
};

/* One .if that has not met its .endif. */
struct block {
    enum branch branch;
    struct span opened;
    struct span otherwise; /* its .else; source == NULL: none yet */
};

struct reader {
    struct config *config;
    struct diags *diags;
    const struct config_options *options;
    struct word_context ctx;
    VEC(struct block) blocks;
    struct section *section; /* NULL: the file has not begun one */
    bool lost;               /* and that was said */
};

/* Does a condition skip the lines here? */
bool block_skips(const struct reader *r);
/* Does what a line says that has a dot in front, at offset `at`. */
void block_line(struct reader *r, const struct source *s, uint32_t at);
/* Reports blocks that the source leaves open, and closes them. */
void block_end_all(struct reader *r);

/* Is this setenv or one of its kin? Then it is done. */
void setenv_apply(struct reader *r, const struct directive *d);

/* The word at offset `at` as it is written, up to a blank or '#'. */
struct span reader_first_word(const struct source *s, uint32_t at);
uint32_t reader_next_line(const struct source *s, uint32_t at);
/* false: a word is empty (reported). */
bool reader_words_are_full(struct reader *r, const struct words *words);

#endif
