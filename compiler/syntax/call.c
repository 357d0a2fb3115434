/*
 * Calls: a name, and arguments in parentheses.
 *
 * Not for: what names and arguments mean, nor how many there should be.
 * Idea: this is the second level of quoting (HAProxy manual 2.2). The word has lost its own
 * quotes already; what quotes and backslashes are left protect commas and parentheses here.
 */
#include "expr.h"

#include <string.h>

/* "\," and "\)" are no escapes: only quotes protect those. */
static const char escape_names[] = " \\\"'nrt", escape_bytes[] = " \\\"'\n\r\t";

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_.-+", c));
}

/* One argument, on its way from the word. */
struct scan {
    const struct word *word;
    size_t at;
    char quote;       /* the one we are in, or '\0' */
    size_t opened_at; /* and where it is */
    char *out;        /* NULL: only looking for the end */
    size_t len;
};

static void put(struct scan *s, char c)
{
    if (s->out)
        s->out[s->len] = c;
    s->len++;
}

/* A byte that is itself, or a backslash that makes it another. */
static void scan_byte(struct scan *s)
{
    const struct str *text = &s->word->text;
    char c = text->p[s->at++];
    bool escape = c == '\\' && s->quote != '\'' && s->at < text->len;
    const char *known = escape ? strchr(escape_names, text->p[s->at]) : NULL;
    if (known && *known)
        c = escape_bytes[known - escape_names];
    s->at += known && *known;
    put(s, c);
}

/* Goes to the comma or parenthesis that ends the argument. */
static void scan_arg(struct scan *s)
{
    const struct str *text = &s->word->text;
    while (s->at < text->len) {
        char c = text->p[s->at];
        bool opens = !s->quote && (c == '"' || c == '\'');
        if (opens || (s->quote && c == s->quote)) {
            s->quote = opens ? c : '\0';
            s->opened_at = s->at++;
        } else if (!s->quote && (c == ',' || c == ')')) {
            return;
        } else {
            scan_byte(s);
        }
    }
}

/* Reports parentheses or quotes that are not closed. */
static void report_open(struct syntax *sx, const struct scan *s, size_t paren)
{
    size_t at = s->quote ? s->opened_at : paren;
    struct diag *d = diag_add(sx->diags, s->quote ? E0403 : E0402, word_span(s->word, at, at + 1),
                              s->quote ? "unmatched quote in an argument" : "'(' without ')'");
    diag_label(sx->diags, d, "opened here, not closed before the end of the word");
    if (word_ends_at_space(s->word))
        diag_note(sx->diags, d, "a space ends the word unless it is quoted or escaped");
}

/* One argument at *at, which moves to the comma or parenthesis behind it. */
static bool arg_read(struct syntax *sx, const struct word *w, size_t paren, size_t *at,
                     struct arg *arg)
{
    struct scan s = {.word = w, .at = *at};
    scan_arg(&s);
    if (s.at == w->text.len) {
        report_open(sx, &s, paren);
        return false;
    }
    struct scan again = {.word = w, .at = *at, .out = arena_get(sx->arena, s.len + 1)};
    scan_arg(&again);
    arg->text = (struct str){again.out, again.len};
    arg->span = word_span(w, *at, s.at);
    *at = s.at;
    return true;
}

static bool args_read(struct syntax *sx, const struct word *w, size_t *at, struct call *call)
{
    VEC(struct arg) args = {0};
    size_t paren = (*at)++;
    bool none = *at < w->text.len && w->text.p[*at] == ')';
    call->has_parens = true;
    while (!none) {
        struct arg arg;
        if (!arg_read(sx, w, paren, at, &arg))
            return false;
        VEC_ADD(sx->arena, &args, arg);
        if (w->text.p[*at] == ')')
            break;
        ++*at;
    }
    ++*at;
    call->args = args.v;
    call->nargs = args.n;
    return true;
}

static void no_name(struct syntax *sx, const struct word *w, size_t at, const char *what)
{
    bool end = at == w->text.len;
    struct diag *d =
        diag_add(sx->diags, E0401, word_span(w, at, at + !end), "the name of %s is missing", what);
    if (end) {
        if (word_ends_at_space(w))
            diag_note(sx->diags, d, "a space ends the word unless it is quoted or escaped");
        return;
    }
    diag_label(sx->diags, d, "found '%c' instead", w->text.p[at]);
    if (w->text.p[at] == ' ')
        diag_note(sx->diags, d, "no spaces are allowed around names");
}

bool call_read(struct syntax *sx, const struct word *w, size_t *at, const char *what,
               struct call *call)
{
    size_t start = *at, end = start;
    *call = (struct call){0};
    while (end < w->text.len && is_name_byte(w->text.p[end]))
        end++;
    *at = end;
    if (end == start) {
        no_name(sx, w, start, what);
        return false;
    }
    call->name = str_copy(sx->arena, str_cut(w->text, start, end));
    call->name_span = word_span(w, start, end);
    if (end < w->text.len && w->text.p[end] == '(' && !args_read(sx, w, at, call))
        return false;
    call->span = word_span(w, start, *at);
    return true;
}

bool call_parse(struct syntax *sx, const struct word *w, struct call *call)
{
    size_t at = 0;
    if (!call_read(sx, w, &at, "an action", call))
        return false;
    if (at == w->text.len)
        return true;
    struct diag *d = diag_add(sx->diags, E0404, word_span(w, at, w->text.len),
                              "unexpected text behind '" STR_FMT "'", STR_ARG(call->name));
    if (call->has_parens)
        diag_help(sx->diags, d, "quote an argument that has a ')' in it");
    return false;
}
