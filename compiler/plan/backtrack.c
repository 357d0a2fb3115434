/*
 * Regular expressions that a hostile subject makes exponentially slow. See backtrack.h.
 *
 * Idea: such an expression can read some text in two ways and be back where it was, inside a loop;
 * so every further copy of the text doubles the ways (Weber and Seidl, "On the degree of ambiguity
 * of finite automata", 1991). The automaton shows such texts, and a subject made of one is then
 * given to PCRE2, because it may know a way around, or the rest may match whatever comes.
 */
#include "backtrack.h"

#include "positions.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

enum { STATES = 128, COPIES = 30, WORD = 512, STEPS = 500000, UNSEEN = UINT16_MAX };

/* The states that can be reached from each other and from themselves: a loop and what is in it. */
struct core {
    const struct positions *ps;
    unsigned n;
    uint16_t state[STATES];
};

/* Pairs of states that the same text leads to, as first * STATES + second, numbers in the core. */
struct pairs {
    uint16_t from[STATES * STATES]; /* the pair that it was found from; or UNSEEN */
    uint16_t queue[STATES * STATES];
};

struct word {
    unsigned n;
    char text[WORD];
};

/* ---- states ---- */

static void reach(const struct positions *ps, struct pos_set *reached)
{
    memcpy(reached, ps->next, ps->n * sizeof *reached);
    for (unsigned k = 0; k < ps->n; k++)
        for (unsigned i = 0; i < ps->n; i++)
            for (unsigned w = 0; pos_has(&reached[i], k) && w < POSITION_WORDS; w++)
                reached[i].w[w] |= reached[k].w[w];
}

/* false: `i` is in no loop, or in one that is too large. */
static bool core_around(const struct positions *ps, const struct pos_set *reached, unsigned i,
                        struct core *c)
{
    *c = (struct core){.ps = ps};
    for (unsigned k = 0; k < ps->n; k++) {
        if (!pos_has(&reached[i], k) || !pos_has(&reached[k], i))
            continue;
        if (c->n == STATES)
            return false;
        c->state[c->n++] = (uint16_t)k;
    }
    return c->n;
}

/* A byte that both take; one that is easy to read, if there is one. -1: none. */
static int common_byte(const struct positions *ps, unsigned i, unsigned k)
{
    int found = -1;
    for (unsigned c = 0; c < 256; c++) {
        bool both =
            byte_in(&ps->bytes[i], (unsigned char)c) && byte_in(&ps->bytes[k], (unsigned char)c);
        if (both && (c >= 'a' && c <= 'z'))
            return (int)c;
        if (both && (found <= ' ' || found >= 127 || (c >= '0' && c <= '9')))
            found = (int)c;
    }
    return found;
}

static void word_add(struct word *w, int c)
{
    if (w->n < WORD)
        w->text[w->n++] = (char)c;
}

static void word_turn(struct word *w, unsigned from)
{
    for (unsigned i = from, k = w->n; i + 1 < k; i++) {
        char c = w->text[--k];
        w->text[k] = w->text[i];
        w->text[i] = c;
    }
}

/* The text of a way that ended in state i; from[i] is the one before it, at the start itself. */
static void way_word(const struct positions *ps, const uint16_t *from, unsigned i, struct word *out)
{
    unsigned began = out->n;
    for (;; i = from[i]) {
        int c = common_byte(ps, i, i);
        if (c >= 0)
            word_add(out, c);
        if (from[i] == i)
            break;
    }
    word_turn(out, began);
}

/* The shortest text from the states of `start` to one of `goal`. false: there is no way. */
static bool way(const struct positions *ps, const struct pos_set *start, const struct pos_set *goal,
                struct word *out)
{
    uint16_t from[POSITIONS], queue[POSITIONS];
    unsigned n = 0;
    for (unsigned i = 0; i < ps->n; i++) {
        from[i] = pos_has(start, i) ? (uint16_t)i : UNSEEN;
        if (from[i] == i)
            queue[n++] = (uint16_t)i;
    }
    for (unsigned at = 0; at < n; at++) {
        unsigned i = queue[at];
        if (pos_has(goal, i)) {
            way_word(ps, from, i, out);
            return true;
        }
        for (unsigned k = 0; k < ps->n; k++)
            if (pos_has(&ps->next[i], k) && from[k] == UNSEEN) {
                from[k] = (uint16_t)i;
                queue[n++] = (uint16_t)k;
            }
    }
    return false;
}

/* ---- pairs ---- */

static bool follows(const struct core *c, unsigned i, unsigned k, bool backwards)
{
    return pos_has(&c->ps->next[c->state[backwards ? k : i]], c->state[backwards ? i : k]);
}

static bool share_bytes(const struct core *c, unsigned i, unsigned k)
{
    const uint64_t *a = c->ps->bytes[c->state[i]].w, *b = c->ps->bytes[c->state[k]].w;
    return ((a[0] & b[0]) | (a[1] & b[1]) | (a[2] & b[2]) | (a[3] & b[3])) != 0;
}

/* All that the pair of twice the first state leads to, or that lead to it. */
static void find_pairs(const struct core *c, struct pairs *p, bool backwards)
{
    unsigned n = 0;
    memset(p->from, 0xff, sizeof p->from);
    p->queue[n++] = 0;
    for (unsigned at = 0; at < n; at++) {
        unsigned a = p->queue[at] / STATES, b = p->queue[at] % STATES;
        for (unsigned i = 0; i < c->n; i++) {
            if (!follows(c, a, i, backwards))
                continue;
            for (unsigned k = 0; k < c->n; k++) {
                unsigned pair = i * STATES + k;
                if (p->from[pair] != UNSEEN || !follows(c, b, k, backwards) ||
                    !share_bytes(c, i, k))
                    continue;
                p->from[pair] = p->queue[at];
                p->queue[n++] = (uint16_t)pair;
            }
        }
    }
}

static void pair_byte(const struct core *c, unsigned pair, struct word *out)
{
    word_add(out, common_byte(c->ps, c->state[pair / STATES], c->state[pair % STATES]));
}

/* Two different states that a text leads to from one state, and another back to it. */
static bool pump_of_pairs(struct arena *a, const struct core *c, struct word *out)
{
    struct pairs *there = NEW(a, struct pairs), *back = NEW(a, struct pairs);
    find_pairs(c, there, false);
    find_pairs(c, back, true);
    for (unsigned pair = 0; pair < STATES * STATES; pair++) {
        if (there->from[pair] == UNSEEN || back->from[pair] == UNSEEN ||
            pair / STATES == pair % STATES)
            continue;
        for (unsigned at = pair; at; at = there->from[at])
            pair_byte(c, at, out);
        word_turn(out, 0);
        for (unsigned at = pair; at; at = back->from[at])
            pair_byte(c, back->from[at], out);
        return true;
    }
    return false;
}

/* Text that is read in two ways from the first state back to it. */
static bool find_pump(struct arena *a, struct core *c, struct word *out)
{
    for (unsigned i = 0; i < c->n; i++) {
        for (unsigned k = 0; k < c->n; k++) {
            struct pos_set from = {{0}}, to = {{0}};
            if (!pos_has(&c->ps->twice[c->state[i]], c->state[k]))
                continue;
            pos_add(&from, c->state[k]);
            pos_add(&to, c->state[i]);
            uint16_t first = c->state[0];
            c->state[0] = c->state[i];
            c->state[i] = first;
            return way(c->ps, &from, &to, out);
        }
    }
    return c->n > 1 && pump_of_pairs(a, c, out);
}

/* ---- the trial ---- */

struct trial {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static bool trial_open(struct trial *t, struct str pattern, bool fold)
{
    int error;
    PCRE2_SIZE at;
    t->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.len, fold ? PCRE2_CASELESS : 0, &error,
                            &at, NULL);
    t->data = pcre2_match_data_create(1, NULL);
    t->context = pcre2_match_context_create(NULL);
    if (!t->code || !t->data || !t->context)
        return false;
    pcre2_set_match_limit(t->context, STEPS);
    return true;
}

static void trial_close(struct trial *t)
{
    pcre2_match_context_free(t->context);
    pcre2_match_data_free(t->data);
    pcre2_code_free(t->code);
}

static bool takes_for_ever(const struct trial *t, const struct trap *trap, struct arena *a)
{
    struct text s = {.arena = a};
    text_str(&s, trap->lead);
    for (unsigned i = 0; i < COPIES; i++)
        text_str(&s, trap->pump);
    text_str(&s, trap->end);
    return pcre2_match(t->code, (PCRE2_SPTR)s.p, s.len, 0, 0, t->data, t->context) ==
           PCRE2_ERROR_MATCHLIMIT;
}

/* The ends that are tried: something that fits nowhere; behind it what the expression needs to have
 * somewhere, because PCRE2 looks for that first. */
static bool try_ends(const struct trial *t, struct trap *trap, struct str rest, struct arena *a)
{
    static const char *const between[] = {"!", "", "/", "a"};
    for (unsigned i = 0; i < COUNT(between); i++)
        for (unsigned k = 0; k < 3; k++) {
            trap->end = str_printf(a, "%s" STR_FMT "%s", between[i], k ? (int)rest.len : 0, rest.p,
                                   k == 2 ? "!" : "");
            if (takes_for_ever(t, trap, a))
                return true;
        }
    return false;
}

/* The largest repetition that has all its states: those inside have only some, or are part of what
 * is ambiguous. */
static void find_loop(const struct core *c, struct trap *out)
{
    unsigned low = POSITIONS, high = 0;
    for (unsigned i = 0; i < c->n; i++) {
        low = c->state[i] < low ? c->state[i] : low;
        high = c->state[i] > high ? c->state[i] : high;
    }
    out->loop = STR("");
    for (unsigned i = 0; i < c->ps->loops.n; i++) {
        const struct pos_loop *l = &c->ps->loops.v[i];
        if (l->first <= low && high < l->behind && out->loop.len < l->text.len)
            out->loop = l->text;
    }
}

static bool core_is_trap(struct core *c, const struct trial *t, struct arena *a, struct trap *out)
{
    struct word lead = {0}, pump = {0}, rest = {0};
    struct pos_set there = {{0}};
    if (!find_pump(a, c, &pump) || pump.n == WORD)
        return false;
    pos_add(&there, c->state[0]);
    if (!way(c->ps, &c->ps->first, &there, &lead) ||
        !way(c->ps, &c->ps->next[c->state[0]], &c->ps->last, &rest))
        return false;
    find_loop(c, out);
    out->lead = str_copy(a, (struct str){lead.text, lead.n});
    out->pump = str_copy(a, (struct str){pump.text, pump.n});
    return try_ends(t, out, str_copy(a, (struct str){rest.text, rest.n}), a);
}

static bool search(const struct positions *ps, const struct trial *t, struct arena *a,
                   struct trap *out)
{
    struct pos_set *reached = NEW_N(a, struct pos_set, POSITIONS), done = {{0}};
    struct core *c = NEW(a, struct core);
    reach(ps, reached);
    for (unsigned i = 0; i < ps->n; i++) {
        if (pos_has(&done, i) || !core_around(ps, reached, i, c))
            continue;
        for (unsigned k = 0; k < c->n; k++)
            pos_add(&done, c->state[k]);
        if (core_is_trap(c, t, a, out))
            return true;
    }
    return false;
}

/* Most expressions repeat only single bytes. */
static bool repeats_group(struct str s)
{
    for (size_t i = 1; i < s.len; i++)
        if (s.p[i - 1] == ')' && (s.p[i] == '*' || s.p[i] == '+' || s.p[i] == '{'))
            return true;
    return false;
}

bool regex_has_trap(struct arena *a, struct str pattern, bool fold, struct trap *out)
{
    if (!repeats_group(pattern))
        return false;
    struct arena *own = arena_new();
    struct trial t = {0};
    const struct re *re = re_parse_loosely(own, pattern, fold);
    const struct positions *ps = re ? positions_of(own, re) : NULL;
    bool found = ps && trial_open(&t, pattern, fold) && search(ps, &t, own, out);
    if (found) {
        out->lead = str_copy(a, out->lead);
        out->pump = str_copy(a, out->pump);
        out->end = str_copy(a, out->end);
    }
    trial_close(&t);
    arena_free(own);
    return found;
}
