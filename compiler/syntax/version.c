/*
 * Version numbers, for conditions on them.
 *
 * Idea: a version becomes a row of numbers that compare one after the other. A stage has a number
 * too, and the release, which names none, the highest.
 */
#include "version.h"

enum { LETTER = 3, STAGE, STAGE_NUMBER, COMMITS };

static const struct {
    const char *name;
    uint32_t rank;
} stages[] = {{"dev", 1}, {"alpha", 1}, {"beta", 2}, {"pre", 2}, {"rc", 3}};

enum { RELEASE = 4 };

static bool is_digit(struct str s, size_t at)
{
    return at < s.len && s.p[at] >= '0' && s.p[at] <= '9';
}

static uint32_t take_number(struct str s, size_t *at)
{
    uint32_t n = 0;
    for (; is_digit(s, *at); ++*at)
        n = n < 100000000 ? n * 10 + (uint32_t)(s.p[*at] - '0') : n;
    return n;
}

/* "-rc2", in front of anything else. */
static void take_stage(struct str s, size_t *at, struct version *v)
{
    v->part[STAGE] = RELEASE;
    if (*at == s.len)
        return;
    struct str rest = str_cut(s, *at + 1, s.len);
    for (unsigned i = 0; i < COUNT(stages); i++) {
        if (!str_begins(rest, stages[i].name))
            continue;
        *at += 1 + str_of(stages[i].name).len;
        v->part[STAGE] = stages[i].rank;
        v->part[STAGE_NUMBER] = take_number(s, at);
        return;
    }
}

/* "-<hash>-<commits>" or "-<commits>": the last part, if it is a number. */
static uint32_t take_commits(struct str s, size_t from)
{
    size_t at = s.len;
    while (at > from && s.p[at - 1] != '-')
        at--;
    size_t end = at;
    uint32_t n = take_number(s, &end);
    return at > from && end == s.len ? n : 0;
}

bool version_parse(struct str s, struct version *v)
{
    *v = (struct version){0};
    size_t at = 0, plus = 0;
    while (plus < s.len && s.p[plus] != '+')
        plus++;
    s.len = plus;
    for (unsigned i = 0; i < LETTER && is_digit(s, at); i++) {
        v->part[i] = take_number(s, &at);
        if (i + 1 < LETTER && at < s.len && s.p[at] == '.' && is_digit(s, at + 1))
            at++;
    }
    if (!at)
        return false;
    if (at < s.len && s.p[at] >= 'a' && s.p[at] <= 'z')
        v->part[LETTER] = (unsigned char)s.p[at++];
    if (at < s.len && s.p[at] != '-')
        return false;
    take_stage(s, &at, v);
    v->part[COMMITS] = take_commits(s, at);
    return true;
}

int version_cmp(const struct version *a, const struct version *b)
{
    for (unsigned i = 0; i < VERSION_PARTS; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    return 0;
}
