/*
 * Values inside JSON texts (RFC 8259) and JSON Web Tokens (RFC 7519), by their path.
 *
 * The text is read up to the value and no further, so what stands behind it is not checked. The
 * compiler has checked the path.
 */
#include "../txn/scratch.h"
#include "base64.h"
#include "number.h"
#include "sample.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What is left of a text; every step looks whether there is something. */
struct cursor {
    const char *p, *end;
};

static void skip_blanks(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
        c->p++;
}

static bool take(struct cursor *c, char wanted)
{
    skip_blanks(c);
    if (c->p == c->end || *c->p != wanted)
        return false;
    c->p++;
    return true;
}

/* The bytes between the quotes, with their escapes. */
static bool take_string(struct cursor *c, struct px_str *s)
{
    if (!take(c, '"'))
        return false;
    s->p = c->p;
    for (; c->p < c->end; c->p++) {
        if (*c->p == '"') {
            s->len = (size_t)(c->p++ - s->p);
            return true;
        }
        if (*c->p == '\\' && ++c->p == c->end)
            break;
    }
    return false;
}

/* A number, true, false or null. */
static struct px_str take_plain(struct cursor *c)
{
    struct px_str s = {c->p, 0};
    while (c->p < c->end && !memchr(",]} \t\r\n", *c->p, 7))
        c->p++;
    s.len = (size_t)(c->p - s.p);
    return s;
}

static bool skip_value(struct cursor *c)
{
    struct px_str s;
    size_t depth = 0;
    do {
        skip_blanks(c);
        if (c->p == c->end)
            return false;
        char first = *c->p;
        if (first == '"') {
            if (!take_string(c, &s))
                return false;
        } else if (first == '{' || first == '[') {
            depth++;
            c->p++;
        } else if (depth && (first == '}' || first == ']')) {
            depth--;
            c->p++;
        } else if (depth && (first == ',' || first == ':')) {
            c->p++;
        } else if (!take_plain(c).len) {
            return false;
        }
    } while (depth);
    return true;
}

/* ---- paths ---- */

/* Does the key at the beginning of the path equal the name? Its length, with backslashes; 0: no. */
static size_t key_matches(struct px_str path, struct px_str name)
{
    size_t at = 0, i = 0;
    while (at < path.len && path.p[at] != '.' && path.p[at] != '[') {
        if (path.p[at] == '\\' && at + 1 < path.len)
            at++;
        if (i >= name.len || path.p[at] != name.p[i])
            return 0;
        i++;
        at++;
    }
    return i == name.len ? at : 0;
}

/* To the member that the path begins with; its length, 0: there is none. */
static size_t enter_object(struct cursor *c, struct px_str path)
{
    struct px_str name;
    if (!take(c, '{'))
        return 0;
    do {
        if (!take_string(c, &name) || !take(c, ':'))
            return 0;
        size_t used = key_matches(path, name);
        if (used)
            return used;
    } while (skip_value(c) && take(c, ','));
    return 0;
}

static bool enter_array(struct cursor *c, uint64_t index)
{
    if (!take(c, '['))
        return false;
    for (; index; index--)
        if (!skip_value(c) || !take(c, ','))
            return false;
    return true;
}

static bool find(struct cursor *c, struct px_str path)
{
    for (size_t at = 1; at < path.len;) {
        struct px_str rest = {path.p + at + 1, path.len - at - 1};
        if (path.p[at] == '.') {
            size_t used = enter_object(c, rest);
            if (!used)
                return false;
            at += 1 + used;
        } else {
            const char *close = memchr(rest.p, ']', rest.len);
            if (!close || !enter_array(c, (uint64_t)px_read_int64(rest)))
                return false;
            at += 2 + (size_t)(close - rest.p);
        }
    }
    skip_blanks(c);
    return c->p < c->end;
}

/* ---- values ---- */

static char *put_utf8(char *p, uint32_t v)
{
    if (v < 0x80) {
        *p++ = (char)v;
    } else if (v < 0x800) {
        *p++ = (char)(0xc0 | v >> 6);
        *p++ = (char)(0x80 | (v & 63));
    } else if (v < 0x10000) {
        *p++ = (char)(0xe0 | v >> 12);
        *p++ = (char)(0x80 | (v >> 6 & 63));
        *p++ = (char)(0x80 | (v & 63));
    } else {
        *p++ = (char)(0xf0 | v >> 18);
        *p++ = (char)(0x80 | (v >> 12 & 63));
        *p++ = (char)(0x80 | (v >> 6 & 63));
        *p++ = (char)(0x80 | (v & 63));
    }
    return p;
}

/* Four hexadecimal digits behind \u; -1: they are none. */
static int32_t code_unit(struct px_str s, size_t at)
{
    int32_t v = 0;
    for (size_t i = at; i < at + 4; i++) {
        int digit = i < s.len ? px_hex_value(s.p[i]) : -1;
        if (digit < 0)
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

/* The character that is written as \uXXXX, perhaps as two of them (RFC 8259 7). */
static int32_t escaped(struct px_str s, size_t *at)
{
    int32_t high = code_unit(s, *at);
    *at += 4;
    if (high < 0xd800 || high > 0xdfff)
        return high;
    if (high >= 0xdc00 || *at + 1 >= s.len || s.p[*at] != '\\' || s.p[*at + 1] != 'u')
        return -1;
    int32_t low = code_unit(s, *at + 2);
    *at += 6;
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    return 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
}

static bool unescape(struct px_str *s)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char *text = px_scratch_get(s->len + 1), *p = text;
    for (size_t i = 0; text && i < s->len;) {
        if (s->p[i] != '\\') {
            *p++ = s->p[i++];
            continue;
        }
        char kind = s->p[i + 1]; /* take_string has seen it */
        i += 2;
        const char *known = memchr(from, kind, sizeof from - 1);
        int32_t v = kind == 'u' ? escaped(*s, &i) : known ? to[known - from] : -1;
        if (v < 0)
            return false;
        p = put_utf8(p, (uint32_t)v);
    }
    *s = (struct px_str){text, (size_t)(p - text)};
    return text;
}

enum { NUMBER_MOST = 64 };

/* Integers within 64 bits as such, others as C writes them shortly. */
static bool number(struct px_sample *smp, struct px_str s, bool want_int)
{
    char zero_ended[NUMBER_MOST], *end;
    if (s.len >= sizeof zero_ended || !memchr("-0123456789", s.p[0], 11))
        return false;
    memcpy(zero_ended, s.p, s.len);
    zero_ended[s.len] = 0;
    if (strspn(zero_ended, "+-.0123456789eE") != s.len) /* C reads more than JSON has */
        return false;
    errno = 0;
    int64_t exact = strtoll(zero_ended, &end, 10);
    if (!errno && end == zero_ended + s.len) {
        px_set_int(smp, exact);
        return true;
    }
    double v = strtod(zero_ended, &end);
    if (end != zero_ended + s.len)
        return false;
    if (want_int && v >= -0x1p63 && v < 0x1p63) {
        px_set_int(smp, (int64_t)v);
        return true;
    }
    char *text = want_int ? NULL : px_scratch_get(NUMBER_MOST);
    if (!text)
        return false;
    px_set_text(smp, (struct px_str){text, (size_t)snprintf(text, NUMBER_MOST, "%g", v)});
    return true;
}

static bool plain_value(struct px_sample *smp, struct px_str s, bool want_int)
{
    bool yes = px_text_is(s, "true");
    if (!yes && !px_text_is(s, "false"))
        return s.len && number(smp, s, want_int);
    px_set_bool(smp, yes);
    if (want_int)
        smp->type = PX_SINT;
    return true;
}

/* type: "int" or not given. */
static bool query(struct px_sample *smp, struct px_str path, struct px_str type)
{
    struct cursor c = {smp->u.s.p, smp->u.s.p + smp->u.s.len};
    struct px_str s;
    if (!smp->u.s.len || !find(&c, path))
        return false;
    if (*c.p != '"')
        return plain_value(smp, take_plain(&c), type.len);
    if (!take_string(&c, &s))
        return false;
    if (type.len)
        return s.len && number(smp, s, true);
    px_set_text(smp, s);
    return !memchr(s.p, '\\', s.len) || unescape(&smp->u.s);
}

bool px_conv_json_query(struct px_txn *t, struct px_sample *smp, struct px_str path,
                        struct px_str type)
{
    (void)t;
    return query(smp, path, type);
}

/* ---- tokens ---- */

/* RFC 7515 7.1: three parts in base64url. The sample becomes one of them, decoded. */
static bool open_part(struct px_sample *smp, unsigned number)
{
    struct px_str s = smp->u.s, part = {NULL, 0};
    unsigned n = 0;
    for (size_t from = 0, i = 0; i <= s.len; i++) {
        if (i < s.len && s.p[i] != '.')
            continue;
        if (n++ == number)
            part = (struct px_str){s.p + from, i - from};
        from = i + 1;
    }
    smp->u.s = part;
    return s.len && n == 3 && px_base64url_sample(smp);
}

static bool token_query(struct px_sample *smp, unsigned part, struct px_str path,
                        struct px_str type)
{
    if (!open_part(smp, part))
        return false;
    smp->type = PX_STRING;
    return !path.len || query(smp, path, type);
}

bool px_conv_jwt_header_query(struct px_txn *t, struct px_sample *smp, struct px_str path,
                              struct px_str type)
{
    (void)t;
    return token_query(smp, 0, path, type);
}

bool px_conv_jwt_payload_query(struct px_txn *t, struct px_sample *smp, struct px_str path,
                               struct px_str type)
{
    (void)t;
    return token_query(smp, 1, path, type);
}
