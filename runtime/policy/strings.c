/*
 * One string pattern against one value (HAProxy manual 7.1, "-m"). Declared in abi/match.h.
 *
 * Not here: sets of patterns (match.c), and what needs regular expressions (map.c): a proxy without
 * them is not linked with their library. Case is ignored for ASCII letters only.
 */
#include "../abi/match.h"
#include "fold.h"

#include <string.h>

static bool same(const char *a, const char *b, size_t len, bool fold)
{
    if (!fold)
        return !memcmp(a, b, len);
    for (size_t i = 0; i < len; i++)
        if (px_low(a[i]) != px_low(b[i]))
            return false;
    return true;
}

bool px_is(struct px_str v, struct px_str pattern, bool fold)
{
    return v.len == pattern.len && (!v.len || same(v.p, pattern.p, v.len, fold));
}

bool px_begins(struct px_str v, struct px_str pattern, bool fold)
{
    return !pattern.len ||
           (v.len >= pattern.len && same(v.p, pattern.p, pattern.len, fold));
}

bool px_ends(struct px_str v, struct px_str pattern, bool fold)
{
    return !pattern.len ||
           (v.len >= pattern.len && same(v.p + v.len - pattern.len, pattern.p, pattern.len, fold));
}

bool px_contains(struct px_str v, struct px_str pattern, bool fold)
{
    if (!pattern.len)
        return true;
    if (v.len < pattern.len)
        return false;
    if (!fold)
        return memmem(v.p, v.len, pattern.p, pattern.len);
    char first = px_low(pattern.p[0]);
    for (size_t i = 0; i <= v.len - pattern.len; i++)
        if (px_low(v.p[i]) == first && same(v.p + i, pattern.p, pattern.len, true))
            return true;
    return false;
}

static bool separates(const char *separators, char c)
{
    return c && strchr(separators, c);
}

/* Separators around the pattern do not count; what is left has to stand between separators, or
 * between one of them and an end of the value. */
bool px_has_part(struct px_str v, struct px_str pattern, const char *separators, bool fold)
{
    while (pattern.len && separates(separators, pattern.p[0])) {
        pattern.p++;
        pattern.len--;
    }
    while (pattern.len && separates(separators, pattern.p[pattern.len - 1]))
        pattern.len--;
    if (!pattern.len || v.len < pattern.len)
        return false;
    size_t last = v.len - pattern.len;
    for (size_t i = 0; i <= last; i++) {
        if (i && !separates(separators, v.p[i - 1]))
            continue;
        if (i < last && !separates(separators, v.p[i + pattern.len]))
            continue;
        if (same(v.p + i, pattern.p, pattern.len, fold))
            return true;
    }
    return false;
}

/* ---- lists of patterns ---- */

bool px_any_pattern(const struct px_patterns *set, struct px_str v)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (px_compare(set, i, v))
            return true;
    return false;
}

bool px_compare(const struct px_patterns *set, uint32_t i, struct px_str v)
{
    switch (set->how) {
    case PX_IS:
        return px_is(v, set->v[i], set->fold);
    case PX_BEGINS:
        return px_begins(v, set->v[i], set->fold);
    case PX_ENDS:
        return px_ends(v, set->v[i], set->fold);
    case PX_CONTAINS:
        return px_contains(v, set->v[i], set->fold);
    case PX_HAS_DIR:
        return px_has_part(v, set->v[i], "/?", set->fold);
    default:
        return px_has_part(v, set->v[i], "/?.:", set->fold);
    }
}
