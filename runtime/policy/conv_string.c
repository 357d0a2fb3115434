/*
 * Converters of texts (HAProxy manual 7.3.1).
 *
 * A sample may point into the head of a message, so whatever changes bytes works on a copy.
 */
#include "../base/mem.h"
#include "../txn/scratch.h"
#include "fold.h"
#include "replace.h"
#include "vars.h"

bool px_conv_length(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    px_set_int(smp, (int64_t)smp->u.s.len);
    return true;
}

bool px_conv_lower(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *low = px_scratch_get(s.len + 1);
    if (!low)
        return false;
    px_low_copy(low, s.p, s.len);
    smp->u.s.p = low;
    return true;
}

bool px_conv_upper(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *up = px_scratch_get(s.len + 1);
    if (!up)
        return false;
    for (size_t i = 0; i < s.len; i++)
        up[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] & ~0x20) : s.p[i];
    smp->u.s.p = up;
    return true;
}

bool px_conv_ltrim(struct px_txn *t, struct px_sample *smp, struct px_str set)
{
    (void)t;
    while (smp->u.s.len && memchr(set.p, smp->u.s.p[0], set.len)) {
        smp->u.s.p++;
        smp->u.s.len--;
    }
    return true;
}

bool px_conv_rtrim(struct px_txn *t, struct px_sample *smp, struct px_str set)
{
    (void)t;
    while (smp->u.s.len && memchr(set.p, smp->u.s.p[smp->u.s.len - 1], set.len))
        smp->u.s.len--;
    return true;
}

bool px_conv_iif(struct px_txn *t, struct px_sample *smp, struct px_str yes, struct px_str no)
{
    (void)t;
    struct px_str s = smp->u.i ? yes : no;
    px_set_text(smp, s.p ? s : (struct px_str){"", 0});
    return true;
}

static bool var_text(const struct px_txn *t, unsigned var, struct px_str *s)
{
    struct px_sample smp;
    if (!px_var_get(t, var, &smp) || !px_cast(&smp, PX_STRING))
        return false;
    *s = smp.u.s;
    return true;
}

static bool append(struct px_sample *smp, struct px_str a, struct px_str b, struct px_str c)
{
    size_t size = smp->u.s.len + a.len + b.len + c.len;
    struct px_out out = {.p = px_scratch_get(size + 1), .cap = size};
    if (!out.p)
        return false;
    px_put(&out, smp->u.s.p, smp->u.s.len);
    px_put(&out, a.p, a.len);
    px_put(&out, b.p, b.len);
    px_put(&out, c.p, c.len);
    smp->u.s = (struct px_str){out.p, out.len};
    return true;
}

/* A variable that is not set adds nothing. */
bool px_conv_concat(struct px_txn *t, struct px_sample *smp, struct px_str start, int var,
                    struct px_str end)
{
    struct px_str middle = {"", 0};
    if (var >= 0 && !var_text(t, (unsigned)var, &middle))
        middle.len = 0;
    return append(smp, start, middle, end);
}

/* The difference of the first bytes that differ; a beginning of the other text is smaller. */
static int64_t compare(struct px_str a, struct px_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < common; i++)
        if (a.p[i] != b.p[i])
            return (unsigned char)a.p[i] - (unsigned char)b.p[i];
    return (a.len > b.len) - (a.len < b.len);
}

bool px_conv_strcmp(struct px_txn *t, struct px_sample *smp, unsigned var)
{
    struct px_str other;
    if (!var_text(t, var, &other))
        return false;
    px_set_int(smp, compare(smp->u.s, other));
    return true;
}

/* One match and its replacement from *at on, where `all` behaves like sed's flag g: a match of
 * nothing is in front of a byte, which is kept. Answers whether to go on. */
static bool replace_next(const struct px_regex *re, struct px_str s, struct px_str text, size_t *at,
                         struct px_out *out, bool *good)
{
    struct px_match m;
    struct px_str rest = {s.p + *at, s.len - *at};
    if (!px_regex_find(re, rest, *at != 0, &m))
        return false;
    px_put(out, rest.p, m.group[0].from);
    *good = px_replace(out, text, &m);
    if (!rest.len)
        return false;
    *at += m.group[0].to;
    if (!m.group[0].to)
        px_put(out, s.p + (*at)++, 1);
    return *good;
}

bool px_conv_regsub(struct px_txn *t, struct px_sample *smp, const struct px_regex *re,
                    struct px_str text, struct px_str flags)
{
    (void)t;
    size_t room = px_buf_size(), at = 0;
    struct px_str s = {smp->u.s.p ? smp->u.s.p : "", smp->u.s.len};
    struct px_out out = {.p = px_scratch_get(room), .cap = room};
    bool all = flags.len && memchr(flags.p, 'g', flags.len), good = true;
    if (!out.p)
        return false;
    while (replace_next(re, s, text, &at, &out, &good) && all)
        continue;
    px_put(&out, s.p + at, s.len - at);
    px_scratch_cut(out.p, out.len);
    smp->u.s = (struct px_str){out.p, out.len};
    return good && !out.full;
}

/* Nothing is added when both the variable and the ending are empty or absent. */
bool px_conv_add_item(struct px_txn *t, struct px_sample *smp, struct px_str delimiter, int var,
                      struct px_str end)
{
    struct px_str middle = {"", 0};
    if (var >= 0 && !var_text(t, (unsigned)var, &middle))
        middle.len = 0;
    if (!smp->u.s.len || (!middle.len && !end.len))
        delimiter.len = 0;
    return append(smp, delimiter, middle, end);
}

bool px_conv_cut_crlf(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    size_t len = 0;
    while (len < smp->u.s.len && smp->u.s.p[len] != '\r' && smp->u.s.p[len] != '\n')
        len++;
    smp->u.s.len = len;
    return true;
}

/* All bytes are looked at, so that the time tells nothing about where they differ. The lengths
 * are no secret. */
bool px_conv_secure_memcmp(struct px_txn *t, struct px_sample *smp, unsigned var)
{
    struct px_sample other;
    if (!px_var_get(t, var, &other) || !px_cast(&other, PX_BIN))
        return false;
    struct px_str a = smp->u.s, b = other.u.s;
    volatile unsigned char differing = a.len != b.len;
    for (size_t i = 0; a.len == b.len && i < a.len; i++)
        differing |= (unsigned char)(a.p[i] ^ b.p[i]);
    px_set_bool(smp, !differing);
    return true;
}

bool px_conv_reverse(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *text = px_scratch_get(s.len + 1);
    if (!text)
        return false;
    for (size_t i = 0; i < s.len; i++)
        text[i] = s.p[s.len - 1 - i];
    smp->u.s.p = text;
    return true;
}

bool px_conv_reverse_dom(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    char *text = px_scratch_get(s.len + 1), *p = text;
    if (!text)
        return false;
    for (size_t end = s.len, at = s.len;; at--) {
        if (at && s.p[at - 1] != '.')
            continue;
        memcpy(p, s.p + at, end - at);
        p += end - at;
        if (!at)
            break;
        *p++ = '.';
        end = at - 1;
    }
    smp->u.s = (struct px_str){text, s.len};
    return true;
}
