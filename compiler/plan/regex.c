/*
 * Reading regular expressions. See regex.h.
 */
#include "regex.h"

#include <string.h>

enum { DEEPEST = 200 };

struct reader {
    struct arena *arena;
    const unsigned char *p, *end;
    bool fold, loosely;
    unsigned depth;
    const char *why;
};

static struct re *no(struct reader *r, const char *why)
{
    if (!r->why)
        r->why = why;
    return NULL;
}

static bool at(const struct reader *r, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(r->end - r->p) >= len && !memcmp(r->p, text, len);
}

static bool take(struct reader *r, const char *text)
{
    if (!at(r, text))
        return false;
    r->p += strlen(text);
    return true;
}

/* ---- trees ---- */

struct re *re_new(struct arena *a, enum re_kind kind)
{
    struct re *re = NEW(a, struct re);
    re->kind = kind;
    return re;
}

struct re *re_bytes(struct arena *a, struct byte_set bytes)
{
    struct re *re = re_new(a, RE_BYTES);
    re->bytes = bytes;
    return re;
}

static struct re *repeat(struct arena *a, struct re *of, uint32_t min, uint32_t max,
                         struct str text)
{
    struct re *re = re_new(a, RE_REPEAT);
    re->min = min;
    re->max = max;
    re->text = text;
    VEC_ADD(a, &re->parts, of);
    return re;
}

/* ---- sets of bytes ---- */

static bool is_letter(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

void byte_add_folded(struct byte_set *s, unsigned char c, bool fold)
{
    byte_add(s, c);
    if (fold && is_letter(c))
        byte_add(s, c ^ 0x20);
}

static void add_range(struct byte_set *s, unsigned from, unsigned to, bool fold)
{
    for (unsigned c = from; c <= to; c++)
        byte_add_folded(s, (unsigned char)c, fold);
}

static void add_set(struct byte_set *s, const struct byte_set *other, bool negated)
{
    for (unsigned i = 0; i < 4; i++)
        s->w[i] |= negated ? ~other->w[i] : other->w[i];
}

static void add_chars(struct byte_set *s, const char *chars)
{
    for (; *chars; chars++)
        byte_add(s, (unsigned char)*chars);
}

/* \d \D \s \S \w \W. false: c is none of these letters. */
static bool add_type(struct byte_set *s, unsigned char c)
{
    struct byte_set x = {{0}};
    switch (c | 0x20) {
    case 'd':
        add_range(&x, '0', '9', false);
        break;
    case 's':
        add_chars(&x, " \t\n\v\f\r");
        break;
    case 'w':
        add_range(&x, '0', '9', false);
        add_range(&x, 'a', 'z', true);
        byte_add(&x, '_');
        break;
    default:
        return false;
    }
    add_set(s, &x, !(c & 0x20));
    return true;
}

/* Of "[:name:]". */
static bool add_posix(struct byte_set *s, const char *name, bool fold)
{
    static const struct {
        const char *name, *ranges;
    } classes[] = {
        {"alnum", "09azAZ"},  {"alpha", "azAZ"},     {"ascii", NULL},     {"blank", "\t\t  "},
        {"cntrl", NULL},      {"digit", "09"},       {"graph", "!~"},     {"lower", "az"},
        {"print", " ~"},      {"punct", "!/:@[`{~"}, {"space", "\t\r  "}, {"upper", "AZ"},
        {"word", "09azAZ__"}, {"xdigit", "09afAF"},
    };
    for (unsigned i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strcmp(classes[i].name, name))
            continue;
        if (!strcmp(name, "ascii"))
            add_range(s, 0, 127, fold);
        else if (!strcmp(name, "cntrl"))
            add_range(s, 0, 31, false), byte_add(s, 127);
        for (const char *at = classes[i].ranges; at && *at; at += 2)
            add_range(s, (unsigned char)at[0], (unsigned char)at[1], fold);
        return true;
    }
    return false;
}

/* ---- escapes ---- */

static int hex_digit(unsigned char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind "\x". -1: not of one byte. */
static int take_hex(struct reader *r)
{
    bool braces = take(r, "{");
    int v = 0, n = 0;
    for (; r->p < r->end && hex_digit(*r->p) >= 0 && n < (braces ? 8 : 2); n++)
        v = v > 0xff ? v : v * 16 + hex_digit(*r->p++);
    if (braces && (!n || !take(r, "}")))
        return -1;
    return v <= 0xff ? v : -1;
}

/* Behind "\0". */
static int take_octal(struct reader *r)
{
    int v = 0;
    for (int n = 0; n < 2 && r->p < r->end && *r->p >= '0' && *r->p <= '7'; n++)
        v = v * 8 + (*r->p++ - '0');
    return v;
}

/* The byte that an escape stands for, at the letter behind the backslash. -1: it is not one. */
static int take_escaped(struct reader *r)
{
    static const char letters[] = "tnrfea", bytes[] = "\t\n\r\f\033\a";
    unsigned char c = *r->p++;
    const char *known = c ? strchr(letters, c) : NULL;
    if (known)
        return (unsigned char)bytes[known - letters];
    if (c == 'x')
        return take_hex(r);
    if (c == '0')
        return take_octal(r);
    return is_letter(c) || is_digit(c) ? -1 : c;
}

static struct re *end_or_last_newline(struct reader *r)
{
    struct re *any = re_new(r->arena, RE_ANY), *all = re_new(r->arena, RE_ALL);
    struct byte_set newline = {{0}};
    byte_add(&newline, '\n');
    VEC_ADD(r->arena, &all->parts, re_bytes(r->arena, newline));
    VEC_ADD(r->arena, &all->parts, re_new(r->arena, RE_END));
    VEC_ADD(r->arena, &any->parts, re_new(r->arena, RE_END));
    VEC_ADD(r->arena, &any->parts, all);
    return any;
}

static struct re *one_byte(struct reader *r, unsigned char c)
{
    struct byte_set s = {{0}};
    byte_add_folded(&s, c, r->fold);
    return re_bytes(r->arena, s);
}

/* Behind the backslash, outside classes. */
static struct re *read_escape(struct reader *r)
{
    struct byte_set s = {{0}};
    if (r->p == r->end)
        return no(r, "a backslash at its end");
    if (add_type(&s, *r->p)) {
        r->p++;
        return re_bytes(r->arena, s);
    }
    if (take(r, "A"))
        return re_new(r->arena, RE_BEGIN);
    if (take(r, "z"))
        return re_new(r->arena, RE_END);
    if (take(r, "Z"))
        return end_or_last_newline(r);
    if (*r->p == 'b' || *r->p == 'B') {
        r->p += r->loosely;
        return r->loosely ? re_new(r->arena, RE_ALL) : no(r, "a word boundary");
    }
    if (*r->p >= '1' && *r->p <= '9')
        return no(r, "a reference to a group");
    int c = take_escaped(r);
    return c < 0 ? no(r, "an escape that is not one byte") : one_byte(r, (unsigned char)c);
}

/* ---- classes ---- */

/* At "[:". false: it is none, and a bracket is a character. */
static bool take_posix(struct reader *r, struct byte_set *s)
{
    char name[8] = "";
    bool negated = r->end - r->p > 2 && r->p[2] == '^';
    const unsigned char *p = r->p + 2 + negated;
    size_t n = 0;
    while (p + n < r->end && n < sizeof name - 1 && p[n] >= 'a' && p[n] <= 'z') {
        name[n] = (char)p[n];
        n++;
    }
    struct byte_set x = {{0}};
    if (p + n + 2 > r->end || p[n] != ':' || p[n + 1] != ']' || !add_posix(&x, name, r->fold))
        return false;
    add_set(s, &x, negated);
    r->p = p + n + 2;
    return true;
}

/* A byte of a class; -1: a type, in *s already; -2: what cannot be said. */
static int take_class_item(struct reader *r, struct byte_set *s)
{
    if (at(r, "[:") || at(r, "[.") || at(r, "[="))
        return take_posix(r, s) ? -1 : -2;
    unsigned char c = *r->p++;
    if (c != '\\')
        return c;
    if (r->p == r->end)
        return -2;
    if (add_type(s, *r->p)) {
        r->p++;
        return -1;
    }
    if (take(r, "b"))
        return '\b';
    int v = take_escaped(r);
    return v < 0 ? -2 : v;
}

/* An item and, when a hyphen follows it, the end of its range. */
static bool take_class_range(struct reader *r, struct byte_set *s)
{
    int from = take_class_item(r, s);
    bool ranges = r->end - r->p >= 2 && r->p[0] == '-' && r->p[1] != ']';
    if (from == -2 || (from == -1 && ranges))
        return false;
    if (from == -1)
        return true;
    if (!ranges) {
        byte_add_folded(s, (unsigned char)from, r->fold);
        return true;
    }
    r->p++;
    int to = take_class_item(r, s);
    if (to < from)
        return false;
    add_range(s, (unsigned)from, (unsigned)to, r->fold);
    return true;
}

/* Behind the bracket. */
static struct re *read_class(struct reader *r)
{
    struct byte_set s = {{0}}, all = {{0}};
    bool negated = take(r, "^");
    for (bool first = true; first || !at(r, "]"); first = false)
        if (r->p == r->end || !take_class_range(r, &s))
            return no(r, "an unusual class");
    r->p++;
    add_set(&all, &s, negated);
    return re_bytes(r->arena, all);
}

/* ---- groups ---- */

static struct re *read_any(struct reader *r);

/* Behind "(?", letters that are options. false: something else. */
static bool take_options(struct reader *r, char end)
{
    const unsigned char *p = r->p;
    bool on = true, fold = r->fold;
    for (; p < r->end && (*p == 'i' || *p == '-'); p++) {
        if (*p == 'i')
            fold = on;
        else
            on = false;
    }
    if (p == r->end || *p != (unsigned char)end)
        return false;
    r->p = p + 1;
    r->fold = fold;
    return true;
}

static bool take_group_name(struct reader *r)
{
    const unsigned char *p = r->p + (*r->p == 'P');
    if (r->end - p < 2 || *p != '<' || !(is_letter(p[1]) || p[1] == '_'))
        return false;
    const unsigned char *close = memchr(p, '>', (size_t)(r->end - p));
    if (!close)
        return false;
    r->p = close + 1;
    return true;
}

static bool take_look_around(struct reader *r)
{
    return take(r, "=") || take(r, "!") || take(r, "<=") || take(r, "<!");
}

static const char *what_group(const struct reader *r)
{
    if (r->p < r->end && *r->p == '>')
        return "an atomic group";
    if (at(r, "=") || at(r, "!") || at(r, "<=") || at(r, "<!"))
        return "a look-around";
    return "a special group";
}

/* Behind the parenthesis. */
static struct re *read_group(struct reader *r)
{
    bool fold = r->fold, looks = false;
    if (at(r, "*"))
        return no(r, "a verb");
    if (take(r, "?")) {
        if (r->p == r->end)
            return no(r, "a special group");
        if (take_options(r, ')')) /* until the group around it ends */
            return re_new(r->arena, RE_ALL);
        looks = r->loosely && take_look_around(r);
        if (!looks && !(r->loosely && take(r, ">")) && !take_options(r, ':') && !take_group_name(r))
            return no(r, what_group(r));
    }
    if (++r->depth > DEEPEST)
        return no(r, "too many groups inside each other");
    struct re *re = read_any(r);
    r->depth--;
    r->fold = fold;
    if (re && !take(r, ")"))
        return no(r, "an open group");
    return re && looks ? re_new(r->arena, RE_ALL) : re;
}

/* ---- repetitions ---- */

static bool take_count(struct reader *r, uint32_t *n)
{
    const unsigned char *from = r->p;
    for (*n = 0; r->p < r->end && is_digit(*r->p) && r->p - from < 6; r->p++)
        *n = *n * 10 + (uint32_t)(*r->p - '0');
    return r->p > from;
}

/* "{2}", "{2,}", "{2,3}". false: a brace that is a character. */
static bool take_braces(struct reader *r, uint32_t *min, uint32_t *max)
{
    const unsigned char *was = r->p;
    bool good = take(r, "{") && take_count(r, min);
    *max = *min;
    if (good && take(r, ",") && !take_count(r, max))
        *max = RE_FOREVER;
    if (good && take(r, "}"))
        return true;
    r->p = was;
    return false;
}

static bool take_quantifier(struct reader *r, uint32_t *min, uint32_t *max)
{
    *min = at(r, "+") ? 1 : 0;
    *max = at(r, "?") ? 1 : RE_FOREVER;
    if (take(r, "*") || take(r, "+") || take(r, "?"))
        return true;
    return take_braces(r, min, max);
}

/* Behind an atom that began at `from`. */
static struct re *read_quantifiers(struct reader *r, struct re *re, const unsigned char *from)
{
    uint32_t min, max;
    while (re && take_quantifier(r, &min, &max)) {
        if (take(r, "+") && !r->loosely)
            return no(r, "a possessive repetition");
        take(r, "?"); /* how many are preferred does not matter */
        re =
            repeat(r->arena, re, min, max, (struct str){(const char *)from, (size_t)(r->p - from)});
    }
    /* Newer versions of PCRE2 read "{,3}" and "{ 1 }" as repetitions. */
    if (at(r, "{,") || at(r, "{ "))
        return no(r, "a brace that PCRE2 has read in different ways");
    return re;
}

static struct re *read_atom(struct reader *r)
{
    unsigned char c = *r->p++;
    switch (c) {
    case '(':
        return read_group(r);
    case '[':
        return read_class(r);
    case '\\':
        return read_escape(r);
    case '^':
        return re_new(r->arena, RE_BEGIN);
    case '$':
        return end_or_last_newline(r);
    case '.': {
        struct byte_set none = {{0}}, all = {{0}};
        byte_add(&none, '\n');
        add_set(&all, &none, true);
        return re_bytes(r->arena, all);
    }
    default:
        return one_byte(r, c);
    }
}

static struct re *read_all(struct reader *r)
{
    struct re *all = re_new(r->arena, RE_ALL);
    while (r->p < r->end && *r->p != '|' && *r->p != ')') {
        const unsigned char *from = r->p;
        struct re *re = read_quantifiers(r, read_atom(r), from);
        if (!re)
            return NULL;
        VEC_ADD(r->arena, &all->parts, re);
    }
    return all;
}

static struct re *read_any(struct reader *r)
{
    struct re *any = re_new(r->arena, RE_ANY);
    do {
        struct re *re = read_all(r);
        if (!re)
            return NULL;
        VEC_ADD(r->arena, &any->parts, re);
    } while (take(r, "|"));
    return any->parts.n == 1 ? any->parts.v[0] : any;
}

static struct re *parse(struct reader *r, struct str pattern)
{
    r->p = (const unsigned char *)pattern.p;
    r->end = r->p + pattern.len;
    struct re *re = read_any(r);
    return re && r->p < r->end ? no(r, "a group that is not open") : re;
}

struct re *re_parse(struct arena *a, struct str pattern, bool fold, const char **why)
{
    struct reader r = {.arena = a, .fold = fold};
    struct re *re = parse(&r, pattern);
    *why = r.why;
    return re;
}

struct re *re_parse_loosely(struct arena *a, struct str pattern, bool fold)
{
    struct reader r = {.arena = a, .fold = fold, .loosely = true};
    return parse(&r, pattern);
}
