/*
 * Cutting lines into words: blanks, quotes, escapes, variables, comments.
 *
 * Not for: what words mean. No keyword is known here.
 * Idea: a word is a list of runs, each either copied from the source as it stands or standing for
 * something longer (an escape, a variable). The cutter looks at one byte to decide which function
 * goes on. It is written by hand: nearly every rule depends on the quotes it is in and has an
 * error of its own, so a generated lexer would be all actions.
 */
#include "words.h"

#include <string.h>

enum byte_class { PLAIN, BLANK, HASH, BACKSLASH, WEAK_QUOTE, STRONG_QUOTE, CONTROL };

/* White space is what isspace() says in the C locale, as in HAProxy. */
static const unsigned char classes[256] = {
    [0x00] = CONTROL,   [0x01] = CONTROL,      [0x02] = CONTROL, [0x03] = CONTROL,
    [0x04] = CONTROL,   [0x05] = CONTROL,      [0x06] = CONTROL, [0x07] = CONTROL,
    [0x08] = CONTROL,   ['\t'] = BLANK,        ['\n'] = CONTROL, ['\v'] = BLANK,
    ['\f'] = BLANK,     ['\r'] = CONTROL,      [0x0e] = CONTROL, [0x0f] = CONTROL,
    [0x10] = CONTROL,   [0x11] = CONTROL,      [0x12] = CONTROL, [0x13] = CONTROL,
    [0x14] = CONTROL,   [0x15] = CONTROL,      [0x16] = CONTROL, [0x17] = CONTROL,
    [0x18] = CONTROL,   [0x19] = CONTROL,      [0x1a] = CONTROL, [0x1b] = CONTROL,
    [0x1c] = CONTROL,   [0x1d] = CONTROL,      [0x1e] = CONTROL, [0x1f] = CONTROL,
    [0x7f] = CONTROL,   [' '] = BLANK,         ['#'] = HASH,     ['\\'] = BACKSLASH,
    ['"'] = WEAK_QUOTE, ['\''] = STRONG_QUOTE,
};

/* A line being cut. */
struct cutter {
    struct word_context *ctx;
    const struct source *source;
    const char *text; /* of the whole source */
    uint32_t at, end; /* where we are; end of the line */
    size_t expanded;  /* bytes from variables so far */
    bool failed;

    struct word word;  /* being built */
    struct text bytes; /* of its text */
    VEC(struct word_run) runs;
    bool only_lists; /* nothing but "${NAME[*]}" in it so far: may come to no word at all */

    struct word *done; /* MAX_WORDS */
    unsigned ndone;
};

static struct span span_of(const struct cutter *c, uint32_t start, uint32_t end)
{
    return (struct span){c->source, start, end};
}

static struct diag *fail(struct cutter *c, enum diag_id id, struct span at, const char *message)
{
    c->failed = true;
    return diag_add(c->ctx->diags, id, at, "%s", message);
}

static enum byte_class class_of(const struct cutter *c, uint32_t at)
{
    return (enum byte_class)classes[(unsigned char)c->text[at]];
}

static bool blank_at(const struct cutter *c, uint32_t at)
{
    return at == c->end || class_of(c, at) == BLANK || class_of(c, at) == HASH;
}

static void word_begin(struct cutter *c, uint32_t at)
{
    c->word = (struct word){.span = span_of(c, at, at)};
    c->only_lists = false;
    c->bytes.len = 0;
    c->runs.v = NULL;
    c->runs.n = c->runs.cap = 0;
}

static void word_add(struct cutter *c, struct str text)
{
    if (c->ndone == MAX_WORDS) {
        struct diag *d = fail(c, E0108, c->word.span, "more than 64 words on one line");
        diag_label(c->ctx->diags, d, "word 65");
        return;
    }
    c->word.text = str_copy(c->ctx->arena, text);
    c->word.runs = c->runs.v;
    c->word.nruns = c->runs.n;
    c->done[c->ndone++] = c->word;
}

/* Ends the word that is being built. */
static void word_end(struct cutter *c, uint32_t at)
{
    c->word.span.end = at;
    if (!c->failed && !(c->only_lists && !c->bytes.len))
        word_add(c, (struct str){c->bytes.p, c->bytes.len});
}

/* Appends text that the source bytes from where we are to `to` stand for. */
static void put_run(struct cutter *c, struct str s, uint32_t to, bool whole)
{
    struct word_run run = {(uint32_t)c->bytes.len, c->at, to, whole};
    c->word.fd_env.len = 0; /* what has text behind the variable is not of that form */
    VEC_ADD(c->ctx->arena, &c->runs, run);
    text_str(&c->bytes, s);
}

/* Appends those bytes themselves, and goes behind them. */
static void put_source(struct cutter *c, uint32_t to)
{
    if (to > c->at)
        put_run(c, (struct str){c->text + c->at, to - c->at}, to, false);
    c->at = to;
}

static uint32_t skip_plain(const struct cutter *c, uint32_t at)
{
    while (at < c->end && class_of(c, at) == PLAIN)
        at++;
    return at;
}

static void control_byte(struct cutter *c, uint32_t at)
{
    struct diag *d = diag_add(c->ctx->diags, E0102, span_of(c, at, at + 1),
                              "control character 0x%02x in a word", (unsigned char)c->text[at]);
    c->failed = true;
    if (c->text[at] == '\r')
        diag_note(c->ctx->diags, d, "a carriage return may only stand at the end of a line");
    else
        diag_help(c->ctx->diags, d, "if it is meant, write it as \\x%02x",
                  (unsigned char)c->text[at]);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *p = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
    return p ? (int)(p - digits) : -1;
}

/* "\xHH" at a backslash. */
static void escape_hex(struct cutter *c)
{
    int high = c->at + 2 < c->end ? hex_digit(c->text[c->at + 2]) : -1;
    int low = c->at + 3 < c->end ? hex_digit(c->text[c->at + 3]) : -1;
    if (high < 0 || low < 0) {
        uint32_t end = c->at + 2 + (high >= 0);
        struct diag *d = fail(c, E0105, span_of(c, c->at, end), "incomplete '\\x' escape");
        diag_label(c->ctx->diags, d, "two hexadecimal digits must follow");
        return;
    }
    char byte = (char)(high << 4 | low);
    if (!byte) {
        fail(c, E0101, span_of(c, c->at, c->at + 4), "'\\x00' in a word");
        return;
    }
    put_run(c, (struct str){&byte, 1}, c->at + 4, true);
    c->at += 4;
}

/* A backslash, outside of strong quotes (HAProxy manual 2.2). What is no escape stays as it is. */
static void escape(struct cutter *c, bool weak)
{
    static const char names[] = " \\#'\"tnr$", bytes[] = " \\#'\"\t\n\r$";
    char next = c->at + 1 < c->end ? c->text[c->at + 1] : '\0';
    const char *known = next ? strchr(names, next) : NULL;
    c->word.quoted = true;
    if (next == 'x') {
        escape_hex(c);
    } else if (known && (weak || next != '$')) {
        put_run(c, (struct str){bytes + (known - names), 1}, c->at + 2, true);
        c->at += 2;
    } else {
        put_source(c, c->at + 1);
    }
}

/* A variable in double quotes: "$NAME", "${NAME}", "${NAME-default}", "${NAME[*]}". */
struct variable {
    struct str name;
    struct str dflt; /* p == NULL: none */
    bool braces, list;
    uint32_t end; /* offset behind it */
};

/* Reads what follows the name between braces. */
static void variable_suffix(struct cutter *c, struct variable *v)
{
    const char *p = c->text + v->end, *end = c->text + c->end;
    if (p < end && *p == '[') {
        v->list = end - p >= 3 && !memcmp(p, "[*]", 3);
        if (!v->list) {
            struct diag *d =
                fail(c, E0107, span_of(c, v->end, v->end + 1), "unknown suffix of a variable");
            diag_help(c->ctx->diags, d, "'[*]' makes one word of each value in a list");
            return;
        }
        p += 3;
    }
    const char *brace = p < end && *p == '-' ? memchr(p, '}', (size_t)(end - p)) : p;
    if (!brace || brace == end || *brace != '}') {
        struct diag *d = fail(c, E0106, span_of(c, c->at, c->at + 2), "'${' without '}'");
        diag_label(c->ctx->diags, d, "opened here");
        return;
    }
    if (brace > p)
        v->dflt = (struct str){p + 1, (size_t)(brace - p - 1)};
    v->end = (uint32_t)(brace + 1 - c->text);
}

/* Reads the variable at a dollar sign. false: reported. */
static bool variable_read(struct cutter *c, struct variable *v)
{
    *v = (struct variable){.end = c->at + 1};
    v->braces = v->end < c->end && c->text[v->end] == '{';
    v->end += v->braces;
    uint32_t start = v->end;
    uint32_t letters = start + (start < c->end && c->text[start] == '.');
    v->end = letters;
    while (v->end < c->end && env_name_byte(c->text[v->end], v->end == letters))
        v->end++;
    if (v->end == letters) {
        struct diag *d = fail(c, E0104, span_of(c, c->at, letters), "a name must follow '$'");
        diag_help(c->ctx->diags, d, "to write a dollar sign in double quotes, write '\\$'");
        return false;
    }
    v->name = (struct str){c->text + start, v->end - start};
    if (v->braces)
        variable_suffix(c, v);
    return !c->failed;
}

/* .FILE, .LINE, .SECTION (HAProxy manual 2.3). */
static struct str pseudo_value(struct cutter *c, const struct variable *v)
{
    static const struct str names[] = {{".FILE", 5}, {".LINE", 5}, {".SECTION", 8}};
    if (str_eq(v->name, names[0]))
        return c->source->name;
    if (str_eq(v->name, names[1]))
        return str_printf(c->ctx->arena, "%u", source_place(c->source, c->at).line);
    if (str_eq(v->name, names[2]))
        return c->ctx->section;
    struct diag *d = fail(c, E0104, span_of(c, c->at, v->end), "unknown pseudo-variable");
    diag_suggest(c->ctx->diags, d, v->name, names, COUNT(names));
    diag_note(c->ctx->diags, d, "there are .FILE, .LINE and .SECTION");
    return (struct str){NULL, 0};
}

static struct str variable_value(struct cutter *c, const struct variable *v)
{
    if (v->name.p[0] == '.')
        return pseudo_value(c, v);
    struct str value = env_get(c->ctx->env, v->name);
    return value.p ? value : v->dflt;
}

/* Appends a list of words: white space in it ends a word. */
static void put_list(struct cutter *c, struct str value, uint32_t end)
{
    size_t i = 0;
    c->only_lists = !c->bytes.len;
    while (i < value.len && !c->failed) {
        size_t from = i;
        while (i < value.len && classes[(unsigned char)value.p[i]] != BLANK)
            i++;
        if (i > from)
            put_run(c, str_cut(value, from, i), end, true);
        if (i == value.len)
            return;
        word_end(c, end);
        while (i < value.len && classes[(unsigned char)value.p[i]] == BLANK)
            i++;
        word_begin(c, c->at);
        c->word.quoted = c->word.expanded = c->only_lists = true;
    }
}

static void variable(struct cutter *c)
{
    struct variable v;
    if (!variable_read(c, &v))
        return;
    struct str value = variable_value(c, &v);
    c->expanded += value.len;
    if (c->expanded > MAX_EXPANSION) {
        fail(c, E0109, span_of(c, c->at, v.end), "variables make this line too long");
        return;
    }
    bool fd = v.braces && !v.list && v.name.p[0] != '.' && c->bytes.len == 3;
    fd = fd && !memcmp(c->bytes.p, "fd@", 3);
    c->word.expanded = true;
    if (v.list)
        put_list(c, value, v.end);
    else
        put_run(c, value, v.end, true);
    if (fd)
        c->word.fd_env = v.name;
    c->at = v.end;
}

static void unmatched(struct cutter *c, uint32_t quote)
{
    struct diag *d = fail(c, E0103, span_of(c, quote, quote + 1), "unmatched quote");
    diag_label(c->ctx->diags, d, "opened here, not closed before the end of the line");
}

static void strong_quoted(struct cutter *c)
{
    uint32_t quote = c->at++, at = c->at;
    while (at < c->end && c->text[at] != '\'' && class_of(c, at) != CONTROL)
        at++;
    if (at == c->end) {
        unmatched(c, quote);
    } else if (c->text[at] != '\'') {
        control_byte(c, at);
    } else {
        put_source(c, at);
        c->at++;
    }
}

static void weak_quoted(struct cutter *c)
{
    uint32_t quote = c->at++;
    while (!c->failed && c->at < c->end && c->text[c->at] != '"') {
        uint32_t at = c->at;
        while (at < c->end && !strchr("\"\\$", c->text[at]) && class_of(c, at) != CONTROL)
            at++;
        put_source(c, at);
        if (at == c->end)
            break;
        if (c->text[at] == '\\')
            escape(c, true);
        else if (c->text[at] == '$')
            variable(c);
        else if (c->text[at] != '"')
            control_byte(c, at);
    }
    if (!c->failed && c->at == c->end)
        unmatched(c, quote);
    c->at++;
}

/* The rest of a word, from the first byte that is not plain. */
static void cut_special(struct cutter *c)
{
    while (!c->failed && !blank_at(c, c->at)) {
        switch (class_of(c, c->at)) {
        case BACKSLASH:
            escape(c, false);
            break;
        case WEAK_QUOTE:
            c->word.quoted = true;
            weak_quoted(c);
            break;
        case STRONG_QUOTE:
            c->word.quoted = true;
            strong_quoted(c);
            break;
        case CONTROL:
            control_byte(c, c->at);
            break;
        default:
            put_source(c, skip_plain(c, c->at));
        }
    }
    word_end(c, c->at);
}

static void cut_word(struct cutter *c)
{
    uint32_t end = skip_plain(c, c->at);
    word_begin(c, c->at);
    if (blank_at(c, end)) {
        c->word.span.end = end;
        word_add(c, (struct str){c->text + c->at, end - c->at});
        c->at = end;
        return;
    }
    put_source(c, end);
    cut_special(c);
}

static void cut_line(struct cutter *c)
{
    const char *nul = memchr(c->text + c->at, '\0', c->end - c->at);
    if (nul) {
        uint32_t at = (uint32_t)(nul - c->text);
        fail(c, E0101, span_of(c, at, at + 1), "NUL byte in a line");
    }
    while (!c->failed) {
        while (c->at < c->end && class_of(c, c->at) == BLANK)
            c->at++;
        if (blank_at(c, c->at))
            return;
        cut_word(c);
    }
}

uint32_t words_cut(struct word_context *ctx, const struct source *s, uint32_t at,
                   struct words *words)
{
    struct word done[MAX_WORDS];
    char bytes[1024];
    const char *line = s->text.p + at, *lf = memchr(line, '\n', s->text.len - at);
    uint32_t next = lf ? (uint32_t)(lf + 1 - s->text.p) : (uint32_t)s->text.len;
    uint32_t end = next - (lf ? 1 : 0);
    end -= end > at && s->text.p[end - 1] == '\r';
    struct cutter c = {.ctx = ctx, .source = s, .text = s->text.p, .at = at, .end = end};
    c.bytes = (struct text){.arena = ctx->arena, .p = bytes, .cap = sizeof bytes};
    c.done = done;
    cut_line(&c);
    *words = (struct words){.span = {s, at, at}};
    if (c.failed || !c.ndone)
        return next;
    words->v = NEW_N(ctx->arena, struct word, c.ndone);
    memcpy(words->v, done, c.ndone * sizeof *done);
    words->n = c.ndone;
    words->span = span_join(done[0].span, done[c.ndone - 1].span);
    return next;
}
