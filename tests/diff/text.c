/*
 * Bytes that grow. See text.h.
 */
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fail(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "differ: ");
    vfprintf(stderr, format, list);
    fprintf(stderr, "\n");
    va_end(list);
    exit(2);
}

void *get(size_t size)
{
    void *p = calloc(1, size);
    if (!p)
        fail("out of memory");
    return p;
}

static void make_room(struct text *t, size_t n)
{
    if (t->n + n + 1 <= t->cap)
        return;
    t->cap = (t->n + n + 1) * 2;
    t->p = realloc(t->p, t->cap);
    if (!t->p)
        fail("out of memory");
}

void text_add(struct text *t, const void *bytes, size_t n)
{
    make_room(t, n);
    if (n)
        memcpy(t->p + t->n, bytes, n);
    t->n += n;
    t->p[t->n] = '\0';
}

void text_put(struct text *t, const char *string)
{
    text_add(t, string, strlen(string));
}

void text_format(struct text *t, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, format, list);
    make_room(t, (size_t)n);
    vsnprintf(t->p + t->n, (size_t)n + 1, format, again);
    t->n += (size_t)n;
    va_end(again);
    va_end(list);
}

void text_clear(struct text *t)
{
    t->n = 0;
    if (t->p)
        t->p[0] = '\0';
}

void text_free(struct text *t)
{
    free(t->p);
    *t = (struct text){0};
}

void text_escape(struct text *t, const char *bytes, size_t n)
{
    static const char plain[] = "\r\n\t\\", letters[] = "rnt\\";
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        const char *known = c ? strchr(plain, c) : NULL;
        if (known)
            text_format(t, "\\%c", letters[known - plain]);
        else if (c < ' ' || c > '~')
            text_format(t, "\\x%02x", c);
        else
            text_add(t, &c, 1);
    }
}

/* "{N,TEXT}" behind \R. Returns what follows it, or NULL. */
static const char *repeat(struct text *t, const char *s)
{
    char *comma;
    long count = *s == '{' ? strtol(s + 1, &comma, 10) : -1;
    const char *end = count < 0 || *comma != ',' ? NULL : strchr(comma, '}');
    if (!end)
        return NULL;
    struct text source = {0}, piece = {0};
    text_add(&source, comma + 1, (size_t)(end - comma - 1));
    bool good = text_unescape(&piece, source.p);
    for (long i = 0; good && i < count; i++)
        text_add(t, piece.p, piece.n);
    text_free(&source);
    text_free(&piece);
    return good ? end + 1 : NULL;
}

static const char *hex(struct text *t, const char *s)
{
    if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
        return NULL;
    char digits[3] = {s[0], s[1], '\0'}, c = (char)strtol(digits, NULL, 16);
    text_add(t, &c, 1);
    return s + 2;
}

bool text_unescape(struct text *t, const char *s)
{
    static const char letters[] = "rnt\\", plain[] = "\r\n\t\\";
    while (s && *s) {
        const char *letter = *s == '\\' && s[1] ? strchr(letters, s[1]) : NULL;
        if (*s != '\\') {
            text_add(t, s++, 1);
        } else if (letter) {
            text_add(t, &plain[letter - letters], 1);
            s += 2;
        } else {
            s = s[1] == 'x' ? hex(t, s + 2) : s[1] == 'R' ? repeat(t, s + 2) : NULL;
        }
    }
    return s;
}

const char *text_find(const char *bytes, size_t n, const char *string)
{
    return n ? memmem(bytes, n, string, strlen(string)) : NULL;
}
