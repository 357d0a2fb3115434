/*
 * Growing text. See text.h.
 */
#include "text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_room(struct px_text *t, size_t len)
{
    if (t->cap - t->len > len)
        return true;
    size_t cap = (t->len + len + 1) * 2;
    char *p = realloc(t->p, cap);
    if (!p)
        return false;
    t->p = p;
    t->cap = cap;
    return true;
}

void px_text_put(struct px_text *t, const char *p, size_t len)
{
    if (!len || !text_room(t, len))
        return;
    memcpy(t->p + t->len, p, len);
    t->len += len;
}

void px_text_printf(struct px_text *t, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    if (n > 0 && text_room(t, (size_t)n)) {
        vsnprintf(t->p + t->len, (size_t)n + 1, fmt, again);
        t->len += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

void px_text_json(struct px_text *t, const char *p, size_t len)
{
    px_text_put(t, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c == '"' || c == '\\')
            px_text_put(t, "\\", 1);
        if (c < ' ')
            px_text_printf(t, "\\u%04x", c);
        else
            px_text_put(t, p + i, 1);
    }
    px_text_put(t, "\"", 1);
}
