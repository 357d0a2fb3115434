/*
 * Reading and finding keys. See keys.h.
 *
 * Texts of errors are HAProxy's, for scripts read them.
 */
#include "keys.h"

#include "fold.h"
#include "live.h"
#include "number.h"

#include <stdio.h>
#include <string.h>

static bool no(char *why, const char *format, struct px_str text)
{
    if (why)
        snprintf(why, PX_WHY, format, (int)(text.len < 128 ? text.len : 128), text.p);
    return false;
}

/* ---- strings ---- */

static bool read_text(const struct px_use *use, struct px_str text, char *room,
                      struct px_key_data *k, char *why)
{
    k->class = 0;
    k->u.bytes = text;
    if (!use->fold)
        return true;
    if (!px_fold(&k->u.bytes, room))
        return no(why, "'%.*s' is too long to be compared without case.", text);
    return true;
}

static bool read_prefix(const struct px_use *use, struct px_str text, char *room,
                        struct px_key_data *k, char *why)
{
    bool good = read_text(use, text, room, k, why);
    k->class = (uint32_t)text.len;
    return good;
}

static bool read_bytes(const struct px_use *use, struct px_str text, char *room,
                       struct px_key_data *k, char *why)
{
    (void)use;
    k->class = 0;
    k->u.bytes = (struct px_str){room, text.len / 2};
    bool good = text.len % 2 == 0;
    for (size_t i = 0; good && i < text.len; i += 2) {
        int high = px_hex_value(text.p[i]), low = px_hex_value(text.p[i + 1]);
        good = high >= 0 && low >= 0;
        if (good)
            room[i / 2] = (char)(high << 4 | low);
    }
    return good || no(why, "'%.*s' is not an even number of hexadecimal digits.", text);
}

static bool match_same(const struct px_use *use, const struct px_key_data *k,
                       const struct px_sample *s)
{
    return px_is(s->u.s, k->u.bytes, use->fold);
}

static bool match_prefix(const struct px_use *use, const struct px_key_data *k,
                         const struct px_sample *s)
{
    return px_begins(s->u.s, k->u.bytes, use->fold);
}

static bool match_text(const struct px_use *use, const struct px_key_data *k,
                       const struct px_sample *s)
{
    struct px_patterns one = {use->how, use->fold, 1, &k->u.bytes};
    return px_compare(&one, 0, s->u.s);
}

static const struct px_entry *find_same(const struct px_use *use, const struct px_view *v,
                                        const struct px_sample *s, uint32_t version)
{
    char low[PX_FOLD_MAX];
    struct px_str text = s->u.s;
    if (use->fold && !px_fold(&text, low))
        return NULL;
    return px_view_probe(v, 0, text, version);
}

/* The longest that there is. */
static const struct px_entry *find_prefix(const struct px_use *use, const struct px_view *v,
                                          const struct px_sample *s, uint32_t version)
{
    char low[PX_FOLD_MAX];
    struct px_str text = s->u.s;
    const struct px_classes *classes = atomic_load_explicit(&v->classes, memory_order_acquire);
    if (!classes || (use->fold && !px_fold_start(&text, low)))
        return NULL;
    for (uint32_t i = 0; i < classes->n; i++) {
        uint32_t len = classes->v[i];
        const struct px_entry *e =
            len <= text.len ? px_view_probe(v, len, (struct px_str){text.p, len}, version) : NULL;
        if (e)
            return e;
    }
    return NULL;
}

const struct px_key_kind px_keys_str = {true, read_text, NULL, match_same, find_same};
const struct px_key_kind px_keys_bin = {true, read_bytes, NULL, match_same, find_same};
const struct px_key_kind px_keys_beg = {true, read_prefix, NULL, match_prefix, find_prefix};
const struct px_key_kind px_keys_text = {false, read_text, NULL, match_text, NULL};

/* ---- numbers ---- */

/* All of s is a number, or with a dot two of them, the first one counted 65536 times. */
static bool read_number(struct px_str s, int64_t *n)
{
    size_t digits = 0, at = s.len && (s.p[0] == '-' || s.p[0] == '+');
    const char *dot = s.len ? memchr(s.p, '.', s.len) : NULL;
    struct px_str whole = {s.p, dot ? (size_t)(dot - s.p) : s.len};
    for (; at < whole.len && s.p[at] >= '0' && s.p[at] <= '9'; at++)
        digits++;
    if (!digits || at != whole.len || digits > 18)
        return false;
    *n = px_read_int64(whole);
    if (!dot)
        return true;
    struct px_str minor = {dot + 1, s.len - whole.len - 1};
    int64_t low;
    if (memchr(minor.p, '.', minor.len) || !read_number(minor, &low) || low < 0 || low > 65535 ||
        *n > INT32_MAX || *n < 0)
        return false;
    *n = *n * 65536 + low;
    return true;
}

static bool read_range(const struct px_use *use, struct px_str text, char *room,
                       struct px_key_data *k, char *why)
{
    (void)use;
    (void)room;
    const char *colon = text.len ? memchr(text.p, ':', text.len) : NULL;
    size_t at = colon ? (size_t)(colon - text.p) : text.len;
    struct px_str from = {text.p, at},
                  to = {colon ? colon + 1 : NULL, colon ? text.len - at - 1 : 0};
    k->class = 0;
    k->u.range.low = INT64_MIN;
    k->u.range.high = INT64_MAX;
    bool good = (from.len || to.len) && (!from.len || read_number(from, &k->u.range.low)) &&
                (!to.len || read_number(to, &k->u.range.high));
    if (!colon)
        k->u.range.high = k->u.range.low;
    if (good && k->u.range.low <= k->u.range.high)
        return true;
    return no(why, "'%.*s' is not a valid number range.", text);
}

static bool match_range(const struct px_use *use, const struct px_key_data *k,
                        const struct px_sample *s)
{
    (void)use;
    return s->u.i >= k->u.range.low && s->u.i <= k->u.range.high;
}

static bool match_length(const struct px_use *use, const struct px_key_data *k,
                         const struct px_sample *s)
{
    (void)use;
    int64_t len = (int64_t)s->u.s.len;
    return len >= k->u.range.low && len <= k->u.range.high;
}

const struct px_key_kind px_keys_int = {false, read_range, NULL, match_range, NULL};
const struct px_key_kind px_keys_len = {false, read_range, NULL, match_length, NULL};

/* ---- networks ---- */

/* A prefix length, or, for IPv4, a mask without gaps. -1: neither. */
static int read_mask(struct px_str s, unsigned most)
{
    struct in_addr ip;
    int64_t n;
    if (!memchr(s.p, '.', s.len))
        return read_number(s, &n) && n >= 0 && n <= (int64_t)most ? (int)n : -1;
    if (most != 32 || px_read_ipv4(s, &ip) != s.len)
        return -1;
    uint32_t bits = ntohl(ip.s_addr), gap = ~bits & (~bits + 1);
    int len = 0;
    for (; bits; bits <<= 1)
        len++;
    return gap ? -1 : len;
}

static void mask_bytes(char *ip, unsigned bits, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned keep = bits >= 8 * (i + 1) ? 8 : bits > 8 * i ? bits - 8 * (unsigned)i : 0;
        ip[i] = (char)((unsigned char)ip[i] & (0xff00u >> keep));
    }
}

static bool read_net(const struct px_use *use, struct px_str text, char *room,
                     struct px_key_data *k, char *why)
{
    static const char wrong[] = "'%.*s' is not a valid IPv4 or IPv6 address.";
    (void)use;
    const char *slash = text.len ? memchr(text.p, '/', text.len) : NULL;
    struct px_str addr = {text.p, slash ? (size_t)(slash - text.p) : text.len};
    bool v6 = addr.len && memchr(addr.p, ':', addr.len);
    struct in6_addr ip6;
    struct in_addr ip4;
    if (!addr.len || (v6 ? !px_read_ipv6(addr, &ip6) : px_read_ipv4(addr, &ip4) != addr.len))
        return no(why, wrong, text);
    int bits = v6 ? 128 : 32;
    if (slash)
        bits = read_mask((struct px_str){slash + 1, text.len - addr.len - 1}, v6 ? 128 : 32);
    if (bits < 0)
        return no(why, wrong, text);
    k->u.bytes = (struct px_str){room, v6 ? 16 : 4};
    memcpy(room, v6 ? (const void *)&ip6 : (const void *)&ip4, k->u.bytes.len);
    mask_bytes(room, (unsigned)bits, k->u.bytes.len);
    k->class = (v6 ? PX_CLASS_V6 : 0) + (uint32_t)bits;
    return true;
}

/* The address of a sample as one of that family. false: it has none. */
static bool address_in(const struct px_sample *s, bool v6, char ip[16])
{
    static const char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xff};
    static const char zero[12] = {0};
    const char *six = (const char *)&s->u.v6;
    if (v6) {
        memcpy(ip, s->type == PX_IPV4 ? mapped : six, 12);
        memcpy(ip + 12, s->type == PX_IPV4 ? (const char *)&s->u.v4 : six + 12, 4);
        return true;
    }
    if (s->type == PX_IPV4)
        memcpy(ip, &s->u.v4, 4);
    else if (!memcmp(six, mapped, 12) || !memcmp(six, zero, 12))
        memcpy(ip, six + 12, 4);
    else if (six[0] == 0x20 && six[1] == 0x02) /* 6to4 */
        memcpy(ip, six + 2, 4);
    else
        return false;
    return true;
}

static bool match_net(const struct px_use *use, const struct px_key_data *k,
                      const struct px_sample *s)
{
    char ip[16];
    (void)use;
    bool v6 = k->class >= PX_CLASS_V6;
    if (!address_in(s, v6, ip))
        return false;
    mask_bytes(ip, k->class - (v6 ? PX_CLASS_V6 : 0), k->u.bytes.len);
    return !memcmp(ip, k->u.bytes.p, k->u.bytes.len);
}

static const struct px_entry *find_in_family(const struct px_view *v, bool v6,
                                             const struct px_sample *s, uint32_t version)
{
    const struct px_classes *classes = atomic_load_explicit(&v->classes, memory_order_acquire);
    const struct px_entry *e = NULL;
    char ip[16];
    if (!classes || !address_in(s, v6, ip))
        return NULL;
    for (uint32_t i = 0; i < classes->n && !e; i++) {
        uint32_t class = classes->v[i];
        size_t len = v6 ? 16 : 4;
        if ((class >= PX_CLASS_V6) != v6)
            continue;
        mask_bytes(ip, class - (v6 ? PX_CLASS_V6 : 0), len); /* ever less is left of it */
        e = px_view_probe(v, class, (struct px_str){ip, len}, version);
    }
    return e;
}

/* The smallest network; of its own family first. */
static const struct px_entry *find_net(const struct px_use *use, const struct px_view *v,
                                       const struct px_sample *s, uint32_t version)
{
    (void)use;
    bool v6 = s->type == PX_IPV6;
    const struct px_entry *e = find_in_family(v, v6, s, version);
    return e ? e : find_in_family(v, !v6, s, version);
}

const struct px_key_kind px_keys_ip = {true, read_net, NULL, match_net, find_net};
