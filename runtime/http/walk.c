/*
 * Walks over texts with several values. See walk.h.
 *
 * Not here: which field or target the text comes from. Malformed texts are read as HAProxy reads
 * them, because rules that were written for it rely on what it sees.
 */
#include "walk.h"

#include "../base/macros.h"
#include "chars.h"

#include <string.h>

/* ---- quotes ---- */

/* The first of `stops` outside quotes in [from, end), else end. Inside quotes a backslash takes
 * the next byte with it. */
static size_t find_unquoted(const char *p, size_t from, size_t end, const char *stops)
{
    bool quoted = false;
    for (size_t i = from; i < end; i++) {
        if (p[i] == '"')
            quoted = !quoted;
        else if (quoted && p[i] == '\\')
            i++;
        else if (!quoted && (p[i] == stops[0] || p[i] == stops[1]))
            return i;
    }
    return end;
}

static size_t skip_blanks(const char *p, size_t from, size_t end)
{
    while (from < end && px_is_blank(p[from]))
        from++;
    return from;
}

static size_t trim_blanks(const char *p, size_t from, size_t end)
{
    while (end > from && px_is_blank(p[end - 1]))
        end--;
    return end;
}

/* ---- lists ---- */

size_t px_list_end(struct px_str list, size_t from)
{
    const char *p = list.p + from;
    size_t n = list.len - from;
    const char *comma = n ? memchr(p, ',', n) : NULL;
    size_t end = comma ? (size_t)(comma - list.p) : list.len;
    if (PX_LIKELY(end == from || !memchr(p, '"', end - from)))
        return end;
    return find_unquoted(list.p, from, list.len, ",,");
}

bool px_list_next(struct px_str list, uint32_t *at, struct px_str *value)
{
    if (*at > list.len)
        return false;
    size_t end = px_list_end(list, *at);
    size_t from = skip_blanks(list.p, *at, end);
    *value = (struct px_str){list.p + from, trim_blanks(list.p, from, end) - from};
    *at = (uint32_t)end + 1;
    return true;
}

/* ---- cookies ---- */

struct px_pair px_cookie_pair(struct px_str field, size_t from, enum px_cookie_side side)
{
    const char *p = field.p;
    size_t end = field.len, at = skip_blanks(p, from, end), name = at;
    while (at < end && p[at] != '=' && p[at] != ';' && !(side == PX_COOKIES && p[at] == ','))
        at++;
    struct px_pair pair = {.name = {p + name, trim_blanks(p, name, at) - name}, .end = at};
    if (at == end || p[at] != '=')
        return pair;
    size_t value = skip_blanks(p, at + 1, end);
    pair.end = find_unquoted(p, value, end, ";,");
    pair.value = (struct px_str){p + value, trim_blanks(p, value, pair.end) - value};
    return pair;
}

static bool is_attribute(const struct px_pair *pair)
{
    return !pair->value.p || (pair->name.len && pair->name.p[0] == '$');
}

static bool has_name(const struct px_pair *pair, struct px_str name)
{
    return !name.len || (pair->name.len == name.len && !memcmp(pair->name.p, name.p, name.len));
}

/* In [*at, end). What is too short for the name and a value is not looked at. */
static bool cookie_before(struct px_str field, uint32_t *at, size_t end, struct px_str name,
                          enum px_cookie_side side, struct px_cookie *cookie)
{
    size_t from = *at;
    while (from + name.len + 1 < end) {
        struct px_pair pair = px_cookie_pair((struct px_str){field.p, end}, from, side);
        from = pair.end + 1;
        if (is_attribute(&pair))
            continue;
        if (has_name(&pair, name)) {
            *cookie = (struct px_cookie){pair.name, pair.value};
            *at = (uint32_t)from;
            return true;
        }
        if (side == PX_SET_COOKIE)
            break;
    }
    return false;
}

bool px_cookie_next(struct px_str field, uint32_t *at, struct px_str name, enum px_cookie_side side,
                    struct px_cookie *cookie)
{
    while (*at <= field.len) {
        size_t end = px_list_end(field, *at);
        if (!*at || field.p[*at - 1] == ',')
            *at = (uint32_t)skip_blanks(field.p, *at, end);
        if (cookie_before(field, at, trim_blanks(field.p, *at, end), name, side, cookie))
            return true;
        *at = (uint32_t)end + 1;
    }
    return false;
}

static bool begins_with(struct px_str s, struct px_str text)
{
    return s.len >= text.len && !memcmp(s.p, text.p, text.len);
}

static bool pair_begins(const struct px_pair *pair, struct px_str text)
{
    size_t n = pair->name.len;
    if (is_attribute(pair))
        return false;
    if (text.len <= n)
        return begins_with(pair->name, text);
    return !memcmp(text.p, pair->name.p, n) && text.p[n] == '=' &&
           begins_with(pair->value, (struct px_str){text.p + n + 1, text.len - n - 1});
}

bool px_cookie_begins(struct px_str field, struct px_str text, enum px_cookie_side side,
                      struct px_str *name, struct px_str *value)
{
    for (size_t from = 0; from < field.len;) {
        struct px_pair pair = px_cookie_pair(field, from, side);
        if (pair_begins(&pair, text)) {
            *name = pair.name;
            *value = pair.value;
            return true;
        }
        if (side == PX_SET_COOKIE)
            break;
        from = pair.end + 1;
    }
    return false;
}

/* ---- parameters ---- */

static size_t param_end(struct px_str uri, size_t from, char begin)
{
    while (from < uri.len && uri.p[from] != '&' && uri.p[from] != ';' &&
           (!begin || uri.p[from] != begin))
        from++;
    return from;
}

/* Where the value of the parameter in [from, end) begins; 0: it is not the one, or has none. */
static size_t param_value(struct px_str uri, size_t from, size_t end, const struct px_param *param)
{
    const struct px_str name = param->name;
    if (!name.len) {
        const char *equal = memchr(uri.p + from, '=', end - from);
        return equal ? (size_t)(equal - uri.p) + 1 : 0;
    }
    if (end - from <= name.len || uri.p[from + name.len] != '=')
        return 0;
    bool same = param->fold ? !strncasecmp(uri.p + from, name.p, name.len)
                            : !memcmp(uri.p + from, name.p, name.len);
    return same ? from + name.len + 1 : 0;
}

static size_t first_param(struct px_str uri, char begin)
{
    if (!begin)
        return 0;
    const char *p = memchr(uri.p, begin, uri.len);
    return p ? (size_t)(p - uri.p) + 1 : uri.len;
}

bool px_param_next(struct px_str uri, uint32_t *at, const struct px_param *param,
                   struct px_str *value)
{
    size_t from = *at ? *at : first_param(uri, param->begin);
    while (from < uri.len) {
        size_t end = param_end(uri, from, param->begin);
        size_t from_value = param_value(uri, from, end, param);
        from = end + 1;
        if (from_value) {
            *value = (struct px_str){uri.p + from_value, end - from_value};
            *at = (uint32_t)from;
            return true;
        }
    }
    return false;
}
