/*
 * Searching with an expression and building what is put in place of a match.
 */
#ifndef PX_REPLACE_H
#define PX_REPLACE_H

#include "../abi/out.h"
#include "../abi/regex.h"

enum { PX_GROUPS = 10 }; /* \0 to \9 */

struct px_match {
    struct px_str subject;
    struct {
        size_t from, to;
        bool set;
    } group[PX_GROUPS]; /* 0: the whole match */
};

/* Expressions that are not of the configuration. false: it is none; why says so, and where. */
bool px_regex_compile(struct px_regex *re, char *why, size_t room, size_t *at);
void px_regex_free(struct px_regex *re);

/* not_begin: the subject is the rest of a longer text, so ^ does not match at its beginning. */
bool px_regex_find(const struct px_regex *re, struct px_str s, bool not_begin, struct px_match *m);

/*
 * Appends the text with its references filled in: \0 to \9 are groups (a group without a match is
 * empty), \xHH is a byte, and any other byte behind a backslash stands for itself.
 * false: the text is malformed or did not fit.
 */
bool px_replace(struct px_out *out, struct px_str text, const struct px_match *m);

#endif
