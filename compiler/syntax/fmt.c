/*
 * Log formats (HAProxy manual 8.2.6): text, %aliases, %[expressions], and %{flags} for both.
 *
 * Not for: which aliases there are (sema).
 * Idea: one function for each thing that can follow a percent sign. Flags are two sets: those
 * that %o has set hold from there on, those in front of an item change them for that item.
 */
#include "expr.h"

#include <string.h>

struct reader {
    struct syntax *sx;
    const struct word *word;
    struct str text; /* of the word */
    size_t at;
    bool separators, failed;
    unsigned standing;   /* flags of %o */
    struct text literal; /* text that is not an item yet */
    size_t literal_at;   /* where it began */
    struct fmt *fmt;
};

static bool at_byte(const struct reader *r, size_t at, char c)
{
    return at < r->text.len && r->text.p[at] == c;
}

static struct diag *fail(struct reader *r, enum diag_id id, size_t from, size_t to,
                         const char *message)
{
    r->failed = true;
    return diag_add(r->sx->diags, id, word_span(r->word, from, to), "%s", message);
}

static void add_item(struct reader *r, struct fmt_item item, size_t from)
{
    item.span = word_span(r->word, from, r->at);
    VEC_ADD(r->sx->arena, &r->fmt->items, item);
}

static void put_literal(struct reader *r, size_t from, size_t to)
{
    if (!r->literal.len)
        r->literal_at = from;
    text_put(&r->literal, r->text.p + from, to - from);
}

/* Makes an item of the text so far, which ends at `end`. */
static void flush_literal(struct reader *r, size_t end)
{
    if (!r->literal.len)
        return;
    struct str text = {r->literal.p, r->literal.len};
    struct fmt_item item = {.kind = FMT_TEXT, .text = str_copy(r->sx->arena, text)};
    item.span = word_span(r->word, r->literal_at, end);
    VEC_ADD(r->sx->arena, &r->fmt->items, item);
    r->literal.len = 0;
}

/* Spaces that separate: one for each run, none at the beginning. */
static void read_separator(struct reader *r)
{
    size_t from = r->at;
    flush_literal(r, from);
    while (at_byte(r, r->at, ' '))
        r->at++;
    unsigned n = r->fmt->items.n;
    if (n && r->fmt->items.v[n - 1].kind != FMT_SPACE)
        add_item(r, (struct fmt_item){.kind = FMT_SPACE}, from);
}

static void read_text(struct reader *r)
{
    size_t from = r->at;
    while (r->at < r->text.len && r->text.p[r->at] != '%' &&
           !(r->separators && r->text.p[r->at] == ' '))
        r->at++;
    put_literal(r, from, r->at);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where the alias ends that begins at `at`; its own beginning when there is none. */
static size_t alias_end(const struct reader *r, size_t at)
{
    if (at == r->text.len || !is_letter(r->text.p[at]))
        return at;
    while (at < r->text.len &&
           (is_letter(r->text.p[at]) || (r->text.p[at] >= '0' && r->text.p[at] <= '9')))
        at++;
    return at;
}

static unsigned flag_of(char c)
{
    return c == 'Q' ? FMT_QUOTE : c == 'X' ? FMT_HEX : c == 'E' ? FMT_ESCAPE : 0;
}

/* One flag, bytes from..to-1: "+Q". */
static void read_flag(struct reader *r, size_t from, size_t to, unsigned *flags)
{
    char sign = from < to ? r->text.p[from] : '\0';
    unsigned flag = to - from == 2 ? flag_of(r->text.p[from + 1]) : 0;
    if (flag && sign == '+') {
        *flags |= flag;
    } else if (flag && sign == '-') {
        *flags &= ~flag;
    } else {
        struct diag *d = fail(r, E0412, from, to, "malformed flag");
        diag_label(r->sx->diags, d, "expected + or -, and one of Q, X, E");
    }
}

/* "{+Q,-X}" at r->at, which moves behind it. false: reported. */
static bool read_flags(struct reader *r, unsigned *flags)
{
    size_t from = r->at + 1;
    const char *close = memchr(r->text.p + from, '}', r->text.len - from);
    if (!close) {
        fail(r, E0411, r->at, r->at + 1, "'{' without '}' in a format");
        return false;
    }
    size_t end = (size_t)(close - r->text.p);
    for (size_t i = from; i <= end; i++) {
        if (i < end && r->text.p[i] != ',')
            continue;
        read_flag(r, from, i, flags);
        from = i + 1;
    }
    r->at = end + 1;
    return true;
}

static void no_bracket(struct reader *r, size_t open)
{
    bool end = r->at == r->text.len;
    struct diag *d = fail(r, E0414, end ? open : r->at, end ? open + 2 : r->at + 1,
                          end ? "'%[' without ']'" : "unexpected text behind an expression");
    if (end && word_ends_at_space(r->word))
        diag_note(r->sx->diags, d, "a space ends the word unless it is quoted or escaped");
    if (!end)
        diag_label(r->sx->diags, d, "expected ',' and a converter, or ']'");
    if (!end && (r->text.p[r->at] == ')' || r->text.p[r->at - 1] == ')'))
        diag_help(r->sx->diags, d, "quote an argument that has a ')' in it");
}

/* "[expression]" at r->at; percent: where the item began. */
static void read_expr(struct reader *r, size_t percent, unsigned flags)
{
    size_t open = r->at++;
    struct expr *x = expr_read(r->sx, r->word, &r->at);
    if (x && at_byte(r, r->at, ']')) {
        r->at++;
        add_item(r, (struct fmt_item){.kind = FMT_EXPR, .expr = x, .flags = flags}, percent);
        return;
    }
    if (x)
        no_bracket(r, open - (open > percent));
    r->failed = true;
    const char *close = memchr(r->text.p + r->at, ']', r->text.len - r->at);
    r->at = close ? (size_t)(close + 1 - r->text.p) : r->text.len;
}

static void read_alias(struct reader *r, size_t percent, size_t end, unsigned flags)
{
    struct str name = str_cut(r->text, r->at, end);
    r->at = end;
    if (str_is(name, "o")) {
        r->standing = flags;
        return;
    }
    name = str_copy(r->sx->arena, name);
    add_item(r, (struct fmt_item){.kind = FMT_ALIAS, .text = name, .flags = flags}, percent);
}

/* What follows a percent sign. */
static void read_percent(struct reader *r)
{
    size_t percent = r->at++;
    unsigned flags = r->standing;
    if (at_byte(r, r->at, '%')) {
        put_literal(r, percent, r->at++);
        return;
    }
    flush_literal(r, percent);
    bool flagged = at_byte(r, r->at, '{');
    if (flagged && !read_flags(r, &flags))
        return;
    size_t end = alias_end(r, r->at);
    if (at_byte(r, r->at, '[')) {
        read_expr(r, percent, flags);
    } else if (end > r->at) {
        read_alias(r, percent, end, flags);
    } else if (flagged) {
        struct diag *d = fail(r, E0413, percent, r->at, "flags that apply to nothing");
        diag_label(r->sx->diags, d, "an alias or an expression in brackets must follow");
    } else {
        struct diag *d = fail(r, E0410, percent, r->at, "'%' that begins nothing");
        diag_help(r->sx->diags, d, "to write a percent sign, double it: '%%%%'");
    }
}

struct fmt *fmt_parse(struct syntax *sx, const struct word *w, bool separators)
{
    struct fmt *fmt = NEW(sx->arena, struct fmt);
    char room[512];
    struct reader r = {.sx = sx, .word = w, .text = w->text, .separators = separators, .fmt = fmt};
    r.literal = (struct text){.arena = sx->arena, .p = room, .cap = sizeof room};
    fmt->span = w->span;
    while (r.at < r.text.len) {
        if (r.text.p[r.at] == '%')
            read_percent(&r);
        else if (separators && r.text.p[r.at] == ' ')
            read_separator(&r);
        else
            read_text(&r);
    }
    flush_literal(&r, r.at);
    return r.failed ? NULL : fmt;
}
