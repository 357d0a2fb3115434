/*
 * Classes of bytes in HTTP messages (RFC 9110 5.6, RFC 3986).
 */
#ifndef PX_CHARS_H
#define PX_CHARS_H

#include "../abi/types.h"
#include "../base/words.h"

#include <stdbool.h>
#include <stdint.h>

/* tchar (RFC 9110 5.6.2): its lower-case form; 0 for every other byte. */
extern const uint8_t px_lower_token[256];

static inline bool px_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Without the white space around it (OWS, RFC 9110 5.6.3). */
static inline struct px_str px_trim(struct px_str s)
{
    while (s.len && px_is_blank(*s.p)) {
        s.p++;
        s.len--;
    }
    while (s.len && px_is_blank(s.p[s.len - 1]))
        s.len--;
    return s;
}

static inline bool px_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What must not stand in a field value (RFC 9110 5.5). */
static inline bool px_is_control(char c)
{
    return ((uint8_t)c < ' ' && c != '\t') || c == 0x7f;
}

/* Is there a byte below `least`, or a DEL? Far quicker than to ask for each. */
static inline bool px_has_below(struct px_str s, char least)
{
    size_t i = 0;
    uint64_t odd = 0;
    for (; s.len - i >= 8; i += 8) {
        uint64_t v = px_word_at(s.p + i);
        odd |= px_word_below(v, (unsigned char)least) | px_word_with(v, 0x7f);
    }
    for (; i < s.len; i++)
        odd |= (unsigned char)s.p[i] < (unsigned char)least || s.p[i] == 0x7f;
    return odd;
}

#endif
