/*
 * Converters that cut a part out of a value (HAProxy manual 7.3.1). Nothing is copied.
 */
#include "number.h"
#include "sample.h"

static bool separates(struct px_str set, char c)
{
    return memchr(set.p, c, set.len);
}

static void keep(struct px_sample *smp, size_t from, size_t to)
{
    smp->u.s.p += from;
    smp->u.s.len = to - from;
}

/* Which parts: `first` of them are passed over; `count` 0 means all that follow. */
struct pick {
    int64_t first, count;
    struct px_str separators;
};

/* A negative index counts from the end. */
static struct pick make_pick(int64_t index, struct px_str count, struct px_str separators)
{
    struct pick p = {.first = index < 0 ? index + 1 : index - 1, .count = 1};
    if (p.first < 0)
        p.first = -p.first;
    if (count.p)
        p.count = px_read_int64(count);
    if (p.count < 0)
        p.count = 0;
    p.separators = separators;
    return p;
}

/* Is this the last part that is wanted? */
static bool is_last(const struct pick *p, int64_t part)
{
    return p->count && part - p->first + 1 >= p->count;
}

static bool field_forward(struct px_sample *smp, const struct pick *p)
{
    struct px_str s = smp->u.s;
    size_t from = 0, at = 0;
    for (int64_t part = 0;; part++) {
        size_t begin = at;
        while (at < s.len && !separates(p->separators, s.p[at]))
            at++;
        if (part == p->first)
            from = begin;
        if (part >= p->first && (at == s.len || is_last(p, part))) {
            keep(smp, from, at);
            return true;
        }
        if (at++ == s.len)
            return false;
    }
}

static bool field_backward(struct px_sample *smp, const struct pick *p)
{
    struct px_str s = smp->u.s;
    size_t to = 0, at = s.len;
    for (int64_t part = 0;; part++) {
        size_t end = at;
        while (at && !separates(p->separators, s.p[at - 1]))
            at--;
        if (part == p->first)
            to = end;
        if (part >= p->first && (!at || is_last(p, part))) {
            keep(smp, at, to);
            return true;
        }
        if (!at--)
            return false;
    }
}

bool px_conv_field(struct px_txn *t, struct px_sample *smp, int64_t index, struct px_str separators,
                   struct px_str count)
{
    (void)t;
    struct pick p = make_pick(index, count, separators);
    return index < 0 ? field_backward(smp, &p) : field_forward(smp, &p);
}

/* Where the wanted words are too few, the part goes on to the end of the value. */
static void word_forward(struct px_sample *smp, const struct pick *p)
{
    struct px_str s = smp->u.s;
    size_t from = s.len, at = 0;
    for (int64_t part = 0;; part++) {
        while (at < s.len && separates(p->separators, s.p[at]))
            at++;
        if (at == s.len)
            break;
        if (part == p->first)
            from = at;
        while (at < s.len && !separates(p->separators, s.p[at]))
            at++;
        if (part >= p->first && is_last(p, part)) {
            keep(smp, from, at);
            return;
        }
    }
    keep(smp, from, s.len);
}

static void word_backward(struct px_sample *smp, const struct pick *p)
{
    struct px_str s = smp->u.s;
    size_t to = 0, at = s.len;
    for (int64_t part = 0;; part++) {
        while (at && separates(p->separators, s.p[at - 1]))
            at--;
        if (!at)
            break;
        if (part == p->first)
            to = at;
        while (at && !separates(p->separators, s.p[at - 1]))
            at--;
        if (part >= p->first && is_last(p, part)) {
            keep(smp, at, to);
            return;
        }
    }
    keep(smp, 0, to);
}

bool px_conv_word(struct px_txn *t, struct px_sample *smp, int64_t index, struct px_str separators,
                  struct px_str count)
{
    (void)t;
    struct pick p = make_pick(index, count, separators);
    if (index < 0)
        word_backward(smp, &p);
    else
        word_forward(smp, &p);
    return true;
}

bool px_conv_bytes(struct px_txn *t, struct px_sample *smp, int64_t offset, struct px_str length)
{
    (void)t;
    uint64_t len = smp->u.s.len;
    if (offset < 0 || (uint64_t)offset > len) {
        keep(smp, 0, 0);
        return true;
    }
    uint64_t rest = len - (uint64_t)offset;
    int64_t want = length.p ? px_read_int64(length) : -1;
    if (want >= 0 && (uint64_t)want < rest)
        rest = (uint64_t)want;
    keep(smp, (size_t)offset, (size_t)((uint64_t)offset + rest));
    return true;
}

/* Where the port of a Host begins, with its colon; a colon inside brackets begins none. */
static size_t port_at(struct px_str s)
{
    for (size_t i = s.len; i-- > 0;) {
        if (s.p[i] == ']')
            break;
        if (s.p[i] == ':')
            return i;
    }
    return s.len;
}

bool px_conv_host_only(struct px_txn *t, struct px_sample *smp)
{
    keep(smp, 0, port_at(smp->u.s));
    return px_conv_lower(t, smp);
}

bool px_conv_port_only(struct px_txn *t, struct px_sample *smp)
{
    (void)t;
    struct px_str s = smp->u.s;
    size_t at = port_at(s);
    struct px_str port =
        at < s.len ? (struct px_str){s.p + at + 1, s.len - at - 1} : (struct px_str){NULL, 0};
    px_set_int(smp, px_read_uint32(port));
    return true;
}
