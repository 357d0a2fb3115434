/*
 * Rules: an action with its arguments, and a condition.
 *
 * Arguments are read by their kinds, so an action needs no code, except those whose words are not
 * simply one after another (actions.c).
 */
#include "rules.h"
#include "context.h"
#include "proxy.h"

#include <string.h>

/* ---- words that stand for numbers ---- */

bool text_number(struct sema *s, struct str text, struct span at, struct word_list list,
                 struct m_arg *arg)
{
    struct str names[16];
    for (unsigned i = 0; i < list.n; i++) {
        names[i] = str_of(list.words[i]);
        if (str_is(text, list.words[i])) {
            arg->number = i;
            return true;
        }
    }
    struct diag *d = diag_add(s->diags, E0540, at, "unexpected '" STR_FMT "'", STR_ARG(text));
    diag_suggest(s->diags, d, text, names, list.n);
    struct text all = {.arena = s->arena};
    for (unsigned i = 0; i < list.n; i++)
        text_printf(&all, "%s%s", i ? ", " : "", list.words[i]);
    diag_note(s->diags, d, "possible are: %.*s", (int)all.len, all.p);
    return false;
}

bool word_number(struct sema *s, const struct word *w, struct word_list list, struct m_arg *arg)
{
    return text_number(s, w->text, w->span, list, arg);
}

/* ---- arguments by kind ---- */

static bool take_name(struct sema *s, struct line *l, struct m_arg *arg)
{
    const struct word *w = line_expect(s, l, "a header name");
    if (!w)
        return false;
    arg->name = name_intern(s, w->text);
    return header_name_is_good(s, w);
}

static bool take_fmt(struct sema *s, struct line *l, enum px_phase phase, struct m_arg *arg)
{
    const struct word *w = line_expect(s, l, "a format");
    arg->fmt = w ? fmt_check(s, w, phase) : NULL;
    return arg->fmt;
}

static bool take_regex(struct sema *s, struct line *l, struct m_arg *arg)
{
    const struct word *w = line_expect(s, l, "a regular expression");
    if (!w)
        return false;
    arg->regex = regex_intern(s, w->text, false, w->span);
    arg->regex->needed = "what it matches is replaced";
    return true;
}

static bool take_number(struct sema *s, struct line *l, struct m_arg *arg)
{
    const struct word *w = line_expect(s, l, "a number");
    return w && number_value(s, w, l->keyword, INT32_MIN, INT32_MAX, &arg->number);
}

bool text_take(struct sema *s, struct line *l, struct m_arg *arg)
{
    const struct word *w = line_expect(s, l, "a word");
    arg->text = w ? w->text : STR("");
    return w;
}

bool rule_arg_take(struct sema *s, struct line *l, enum px_phase phase, struct m_arg *arg)
{
    arg->given = true;
    arg->span = l->span;
    switch (arg->kind) {
    case ARG_NAME:
        return take_name(s, l, arg);
    case ARG_FMT:
        return take_fmt(s, l, phase, arg);
    case ARG_EXPR:
        arg->expr = expr_take(s, l, phase);
        return arg->expr;
    case ARG_REGEX:
        return take_regex(s, l, arg);
    case ARG_INT:
        return take_number(s, l, arg);
    case ARG_STR:
        return text_take(s, l, arg);
    default:
        return true;
    }
}

bool rule_args_take(struct sema *s, struct rule_line *r)
{
    for (unsigned i = 0; i < r->rule->action->nargs; i++)
        if (!rule_arg_take(s, r->l, r->rule->phase, &r->rule->args[i]))
            return false;
    return true;
}

/* ---- the rule ---- */

static void not_here(struct sema *s, const struct word *w, const struct vocab_action *action,
                     enum px_phase phase)
{
    struct diag *d = diag_add(s->diags, E0543, w->span, "action '%s' is not possible in %s",
                              action->name, phase_name(phase));
    struct text all = {.arena = s->arena};
    for (unsigned p = 0; p < PHASES; p++)
        if (action->phases & 1u << p)
            text_printf(&all, "%s%s", all.len ? ", " : "", phase_name((enum px_phase)p));
    diag_note(s->diags, d, "it is possible in %.*s", (int)all.len, all.p);
}

/* The name of the action: what stands before a parenthesis. Old spellings ("set-var(x)") and
 * names with a number in them ("track-sc0") are looked up as they are. */
static const struct vocab_action *find_action(struct sema *s, const struct word *w,
                                              enum px_phase phase)
{
    const char *paren = memchr(w->text.p, '(', w->text.len);
    size_t len = paren ? (size_t)(paren - w->text.p) : w->text.len;
    struct str name = str_cut(w->text, 0, len);
    const struct vocab_entry *e = vocab_find(s->vocab, SPACE_ACTION, name);
    if (!e || e->status != VOCAB_ON) {
        vocab_refuse(s->vocab, s->diags, SPACE_ACTION, name, word_span(w, 0, len), "action");
        return NULL;
    }
    const struct vocab_action *action = e->row;
    if (action->phases & 1u << phase)
        return action;
    not_here(s, w, action, phase);
    return NULL;
}

static bool rule_ends(struct sema *s, struct line *l, struct m_rule *r)
{
    r->cond = cond_take(s, l, r->phase);
    const struct word *w = line_peek(l);
    if (!w)
        return true;
    struct diag *d =
        diag_add(s->diags, E0544, w->span, "unexpected '" STR_FMT "'", STR_ARG(w->text));
    static const struct str names[] = {{"if", 2},          {"unless", 6},   {"deny_status", 11},
                                       {"status", 6},      {"hdr", 3},      {"content-type", 12},
                                       {"string", 6},      {"file", 4},     {"lf-string", 9},
                                       {"lf-file", 7},     {"location", 8}, {"prefix", 6},
                                       {"scheme", 6},      {"code", 4},     {"errorfile", 9},
                                       {"errorfiles", 10}, {"realm", 5},    {"drop-query", 10}};
    bool worded = r->args[0].kind == ARG_REPLY || r->args[0].kind == ARG_REDIRECT;
    diag_suggest(s->diags, d, w->text, names, worded ? COUNT(names) : 2);
    diag_note(s->diags, d, "expected 'if' or 'unless' with a condition, or the end of the line");
    return false;
}

void rule_add(struct sema *s, struct line *l, enum px_phase phase)
{
    const struct word *w = line_expect(s, l, "an action");
    const struct vocab_action *action = w ? find_action(s, w, phase) : NULL;
    if (!action)
        return;
    l->keyword = str_printf(s->arena, "%s %s", l->keyword, action->name).p;
    struct m_rule *r = NEW(s->arena, struct m_rule);
    *r = (struct m_rule){.phase = phase, .action = action, .span = l->span};
    for (unsigned i = 0; i < action->nargs; i++)
        r->args[i].kind = action->args[i];
    struct rule_line rl = {l, r};
    if (!action_args(action)(s, &rl) || !rule_ends(s, l, r))
        return;
    if (s->proxy) {
        VEC_ADD(s->arena, &s->proxy->rules[phase], r);
    } else {
        r->from_defaults = true;
        VEC_ADD(s->arena, &s->defaults->rules, r);
    }
}
