/*
 * The normalizers. See normalize.h.
 *
 * Not here: which part of the target is normalized, and putting it back (act_uri.c). Each is one
 * pass over the bytes that writes the result behind what it has written, as in HAProxy.
 */
#include "normalize.h"

#include <stdlib.h>
#include <string.h>

bool px_normalizes_path(int which)
{
    return which == PX_WORD_PATH_MERGE_SLASHES || which == PX_WORD_PATH_STRIP_DOT ||
           which == PX_WORD_PATH_STRIP_DOTDOT;
}

static bool is(struct px_str s, const char *text)
{
    return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

/* What stands before the next `end`, which is taken as well; *ended: there was one. */
static struct px_str next_piece(struct px_str *rest, char end, bool *ended)
{
    const char *at = rest->len ? memchr(rest->p, end, rest->len) : NULL;
    struct px_str piece = {rest->p, at ? (size_t)(at - rest->p) : rest->len};
    size_t taken = piece.len + (at ? 1 : 0);
    *ended = at;
    *rest = (struct px_str){rest->p + taken, rest->len - taken};
    return piece;
}

/* ---- fragments ---- */

static void encode_fragment(struct px_str part, struct px_out *out)
{
    for (size_t i = 0; i < part.len; i++)
        px_put(out, part.p[i] == '#' ? "%23" : part.p + i, part.p[i] == '#' ? 3 : 1);
}

static void strip_fragment(struct px_str part, struct px_out *out)
{
    bool ended;
    struct px_str rest = next_piece(&part, '#', &ended);
    px_put(out, rest.p, rest.len);
}

/* ---- paths ---- */

static void merge_slashes(struct px_str path, struct px_out *out)
{
    for (size_t i = 0; i < path.len; i++)
        if (path.p[i] != '/' || !out->len || out->p[out->len - 1] != '/')
            px_put(out, path.p + i, 1);
}

static void put_segment(struct px_out *out, struct px_str segment, bool ended)
{
    px_put(out, segment.p, segment.len);
    px_put(out, "/", ended ? 1 : 0);
}

static void strip_dot(struct px_str path, struct px_out *out)
{
    while (path.len) {
        bool ended;
        struct px_str segment = next_piece(&path, '/', &ended);
        if (!is(segment, "."))
            put_segment(out, segment, ended);
    }
}

/* out ends with a segment and its slash: both go, what is before them stays. */
static void drop_segment(struct px_out *out)
{
    out->len--;
    while (out->len && out->p[out->len - 1] != '/')
        out->len--;
}

static void strip_dotdot(struct px_str path, bool full, struct px_out *out)
{
    unsigned depth = 0; /* segments in out that ".." may take back */
    bool ended;
    put_segment(out, next_piece(&path, '/', &ended), true); /* what is in front of the path */
    while (path.len) {
        struct px_str segment = next_piece(&path, '/', &ended);
        if (!is(segment, "..")) {
            put_segment(out, segment, ended);
            depth++;
        } else if (depth) {
            drop_segment(out);
            depth--;
        } else if (!full) {
            put_segment(out, segment, true);
        }
    }
}

/* ---- percent signs ---- */

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 2.3. */
static bool is_unreserved(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

static void put_upper(struct px_out *out, int high, int low)
{
    static const char digits[] = "0123456789ABCDEF";
    const char coded[3] = {'%', digits[high], digits[low]};
    px_put(out, coded, 3);
}

static void put_decoded(struct px_out *out, const char *coded, int c)
{
    char byte = (char)c;
    if (is_unreserved(c))
        px_put(out, &byte, 1);
    else
        px_put(out, coded, 3);
}

static bool each_percent(struct px_str part, bool strict, bool decode, struct px_out *out)
{
    for (size_t i = 0; i < part.len; i++) {
        if (part.p[i] != '%') {
            px_put(out, part.p + i, 1);
            continue;
        }
        int high = i + 2 < part.len ? hex_of(part.p[i + 1]) : -1;
        int low = high >= 0 ? hex_of(part.p[i + 2]) : -1;
        if (low < 0) {
            if (strict)
                return false;
            px_put(out, "%", 1);
            continue;
        }
        if (decode)
            put_decoded(out, part.p + i, high * 16 + low);
        else
            put_upper(out, high, low);
        i += 2;
    }
    return true;
}

/* ---- queries ---- */

static int by_name(const void *a, const void *b)
{
    struct px_str x = *(const struct px_str *)a, y = *(const struct px_str *)b;
    bool ended;
    struct px_str px = x, py = y;
    struct px_str nx = next_piece(&px, '=', &ended), ny = next_piece(&py, '=', &ended);
    int cmp = memcmp(nx.p, ny.p, nx.len < ny.len ? nx.len : ny.len);
    if (!cmp && nx.len != ny.len)
        cmp = nx.len < ny.len ? -1 : 1;
    if (!cmp) /* the order among those of one name stays */
        cmp = x.p < y.p ? -1 : x.p > y.p;
    return cmp;
}

static void sort_query(struct px_str query, struct px_out *out)
{
    size_t n =
        query.len && query.p[query.len - 1] != '&'; /* as in HAProxy, nothing is no parameter */
    for (size_t i = 0; i < query.len; i++)
        n += query.p[i] == '&';
    struct px_str *params = malloc((n + 1) * sizeof *params);
    if (!params) { /* as good a way to write it */
        px_put(out, query.p, query.len);
        return;
    }
    bool ended;
    for (size_t i = 0; i < n; i++)
        params[i] = next_piece(&query, '&', &ended);
    qsort(params, n, sizeof *params, by_name);
    for (size_t i = 0; i < n; i++) {
        px_put(out, "&", i ? 1 : 0);
        px_put(out, params[i].p, params[i].len);
    }
    free(params);
}

bool px_normalize(int which, bool more, struct px_str part, struct px_out *out)
{
    switch (which) {
    case PX_WORD_FRAGMENT_ENCODE:
        encode_fragment(part, out);
        return true;
    case PX_WORD_FRAGMENT_STRIP:
        strip_fragment(part, out);
        return true;
    case PX_WORD_PATH_MERGE_SLASHES:
        merge_slashes(part, out);
        return true;
    case PX_WORD_PATH_STRIP_DOT:
        strip_dot(part, out);
        return true;
    case PX_WORD_PATH_STRIP_DOTDOT:
        strip_dotdot(part, more, out);
        return true;
    case PX_WORD_QUERY_SORT_BY_NAME:
        sort_query(part, out);
        return true;
    default:
        return each_percent(part, more, which == PX_WORD_PERCENT_DECODE_UNRESERVED, out);
    }
}
