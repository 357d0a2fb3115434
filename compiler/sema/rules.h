/*
 * What the lines of rules are read with. Only for rules.c and actions.c.
 */
#ifndef SEMA_RULES_H
#define SEMA_RULES_H

#include "context.h"

/* Words that stand for their numbers. */
struct word_list {
    const char *const *words;
    unsigned n;
};

/* *arg becomes the number of the word in the list. false: reported. */
bool text_number(struct sema *s, struct str text, struct span at, struct word_list list,
                 struct m_arg *arg);
bool word_number(struct sema *s, const struct word *w, struct word_list list, struct m_arg *arg);

/* The rest of a line, and the rule that it becomes. */
struct rule_line {
    struct line *l;
    struct m_rule *rule;
};

/* Each reads from the line. false: reported. */
typedef bool (*args_fn)(struct sema *s, struct rule_line *r);
bool text_take(struct sema *s, struct line *l, struct m_arg *arg);
bool rule_arg_take(struct sema *s, struct line *l, enum px_phase phase, struct m_arg *arg);
bool rule_args_take(struct sema *s, struct rule_line *r); /* by their kinds, in order */

/* How the arguments of an action are read. */
args_fn action_args(const struct vocab_action *action);

#endif
