/*
 * Converters that choose one of several parts by its name: a parameter, a language.
 */
#include "../http/chars.h"
#include "sample.h"

/* ---- parameters ---- */

static bool starts_with(struct px_str s, struct px_str begin)
{
    return s.len >= begin.len && !memcmp(s.p, begin.p, begin.len);
}

/* From *at to the delimiter; *at moves behind that. */
static struct px_str next_part(struct px_str s, size_t *at, char delimiter)
{
    const char *from = s.p + *at, *end = memchr(from, delimiter, s.len - *at);
    size_t len = end ? (size_t)(end - from) : s.len - *at;
    *at += len + 1;
    return (struct px_str){from, len};
}

/* The first parameter of that name counts; one without a value has an empty one. */
bool px_conv_param(struct px_txn *t, struct px_sample *smp, struct px_str name,
                   struct px_str delimiter)
{
    (void)t;
    char separator = delimiter.len ? delimiter.p[0] : '&';
    for (size_t at = 0; smp->u.s.len && at <= smp->u.s.len;) {
        struct px_str part = next_part(smp->u.s, &at, separator);
        if (!starts_with(part, name))
            continue;
        struct px_str rest = {part.p + name.len, part.len - name.len};
        if (rest.len && rest.p[0] != '=')
            continue;
        smp->u.s = rest.len ? (struct px_str){rest.p + 1, rest.len - 1} : rest;
        return true;
    }
    return false;
}

/* ---- languages (RFC 9110 12.5.4) ---- */

enum { QUALITY_MOST = 1000 };

/* RFC 9110 12.4.2, in thousandths. What is no weight counts as none given. */
static int quality(struct px_str s)
{
    s = px_trim(s);
    if (s.len < 3 || (s.p[0] | 0x20) != 'q' || s.p[1] != '=' || (s.p[2] != '0' && s.p[2] != '1'))
        return QUALITY_MOST;
    if (s.p[2] == '1')
        return QUALITY_MOST;
    int q = 0, weight = 100;
    for (size_t i = 4; i < s.len && s.p[3] == '.' && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
        q += (s.p[i] - '0') * weight;
        weight /= 10;
    }
    return q;
}

static struct px_str base_of(struct px_str tag)
{
    const char *dash = memchr(tag.p, '-', tag.len);
    return dash ? (struct px_str){tag.p, (size_t)(dash - tag.p)} : tag;
}

/* The value of the list that is this tag. */
static bool listed(struct px_str list, struct px_str tag, struct px_str *value)
{
    for (size_t at = 0; at <= list.len;) {
        *value = next_part(list, &at, ';');
        if (tag.len && value->len == tag.len && !memcmp(value->p, tag.p, tag.len))
            return true;
    }
    return false;
}

bool px_conv_language(struct px_txn *t, struct px_sample *smp, struct px_str list,
                      struct px_str otherwise)
{
    (void)t;
    struct px_str best = otherwise, value;
    int best_quality = 0;
    for (size_t at = 0; smp->u.s.len && at <= smp->u.s.len;) {
        struct px_str range = next_part(smp->u.s, &at, ',');
        size_t behind = 0;
        struct px_str tag = px_trim(next_part(range, &behind, ';'));
        struct px_str weight = behind < range.len
                                   ? (struct px_str){range.p + behind, range.len - behind}
                                   : (struct px_str){"", 0};
        int q = quality(weight);
        if (q <= best_quality ||
            (!listed(list, tag, &value) && !listed(list, base_of(tag), &value)))
            continue;
        best = value;
        best_quality = q;
    }
    if (!best.p)
        return false;
    smp->u.s = best;
    return true;
}
