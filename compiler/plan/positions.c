/*
 * Regular expressions as automata of positions. See positions.h.
 */
#include "positions.h"

enum { STEPS = 100000 }; /* bounded repetitions of nothing, inside each other, take no positions */

struct maker {
    struct positions *all;
    unsigned steps;
    bool failed;
};

/* A part of the expression. */
struct part {
    bool nullable;
    struct pos_set first, last;
};

static struct part part_of(struct maker *m, const struct re *re);

static struct part fail(struct maker *m)
{
    m->failed = true;
    return (struct part){.nullable = true};
}

static void join(struct pos_set *s, const struct pos_set *more)
{
    for (unsigned i = 0; i < POSITION_WORDS; i++)
        s->w[i] |= more->w[i];
}

/* Whatever is in `next` may follow whatever is in `last`. */
static void follow(struct positions *all, const struct pos_set *last, const struct pos_set *next)
{
    for (unsigned i = 0; i < all->n; i++)
        for (unsigned w = 0; pos_has(last, i) && w < POSITION_WORDS; w++) {
            all->twice[i].w[w] |= all->next[i].w[w] & next->w[w];
            all->next[i].w[w] |= next->w[w];
        }
}

static struct part position(struct maker *m, const struct byte_set *bytes)
{
    struct part x = {0};
    if (m->all->n == POSITIONS)
        return fail(m);
    pos_add(&x.first, m->all->n);
    x.last = x.first;
    m->all->bytes[m->all->n++] = *bytes;
    return x;
}

static struct part sequence(struct maker *m, const struct part *a, const struct part *b)
{
    struct part x = {a->nullable && b->nullable, a->first, b->last};
    follow(m->all, &a->last, &b->first);
    if (a->nullable)
        join(&x.first, &b->first);
    if (b->nullable)
        join(&x.last, &a->last);
    return x;
}

static struct part all_of(struct maker *m, const struct re *re)
{
    struct part x = {.nullable = true};
    for (unsigned i = 0; i < re->parts.n && !m->failed; i++) {
        struct part one = part_of(m, re->parts.v[i]);
        x = sequence(m, &x, &one);
    }
    return x;
}

static struct part any_of(struct maker *m, const struct re *re)
{
    struct part x = {0};
    for (unsigned i = 0; i < re->parts.n && !m->failed; i++) {
        struct part one = part_of(m, re->parts.v[i]);
        x.nullable |= one.nullable;
        join(&x.first, &one.first);
        join(&x.last, &one.last);
    }
    return x;
}

static struct part loop_of(struct maker *m, const struct re *re)
{
    unsigned first = m->all->n;
    struct part x = part_of(m, re->parts.v[0]);
    follow(m->all, &x.last, &x.first);
    VEC_ADD(m->all->arena, &m->all->loops, ((struct pos_loop){re->text, first, m->all->n}));
    return x;
}

/* As many copies as there may be; the last stands for those without a bound. */
static struct part repeat(struct maker *m, const struct re *re)
{
    bool endless = re->max == RE_FOREVER;
    uint32_t times = !endless ? re->max : re->min ? re->min : 1;
    struct part x = {.nullable = true};
    for (uint32_t i = 0; i < times && !m->failed; i++) {
        struct part one = endless && i + 1 == times ? loop_of(m, re) : part_of(m, re->parts.v[0]);
        one.nullable |= i >= re->min;
        x = sequence(m, &x, &one);
    }
    return x;
}

static struct part part_of(struct maker *m, const struct re *re)
{
    static const struct byte_set none;
    if (m->steps++ == STEPS)
        return fail(m);
    switch (re->kind) {
    case RE_BYTES:
        return position(m, &re->bytes);
    case RE_ALL:
        return all_of(m, re);
    case RE_ANY:
        return any_of(m, re);
    case RE_REPEAT:
        return repeat(m, re);
    case RE_BEGIN:
        break;
    case RE_END:
        return position(m, &none);
    }
    return (struct part){.nullable = true};
}

struct positions *positions_of(struct arena *a, const struct re *re)
{
    struct maker m = {.all = NEW(a, struct positions)};
    m.all->arena = a;
    struct part all = part_of(&m, re);
    if (m.failed)
        return NULL;
    m.all->first = all.first;
    m.all->last = all.last;
    return m.all;
}
