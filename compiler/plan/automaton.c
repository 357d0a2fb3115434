/*
 * Making automata. See automaton.h.
 *
 * First one in which many places are reached at once (Thompson 1968), then the subsets that occur
 * (Rabin and Scott 1959). Patterns that may begin anywhere begin again at every byte; their
 * beginnings are not part of the sets, for they are in all of them.
 */
#include "automaton.h"

#include "regex.h"

#include <stdlib.h>
#include <string.h>

/* Cells are those of the table of states and classes. */
enum {
    MOST_PLACES = 20000,
    MOST_STATES = UINT16_MAX,
    MOST_CELLS = 1 << 20,
    MOST_CELLS_ALONE = 1 << 16,
};

enum place_kind {
    AT_FORK,  /* all of outs at once */
    AT_BYTES, /* a byte of the set leads to outs.v[0] */
    AT_BEGIN, /* outs.v[0], if nothing was read yet */
    AT_END,   /* outs.v[0], if nothing follows */
    AT_MATCH,
};

struct au_place {
    uint8_t kind; /* enum place_kind */
    uint16_t test;
    uint32_t set; /* of bytes, by its number */
    VEC(uint32_t) outs;
};

struct places {
    struct arena *arena;
    VEC(struct au_place) v;
    VEC(struct byte_set) sets;
    struct map known_sets, steps;
    /* Where patterns begin: at the beginning, anywhere, behind a separator of either kind. */
    uint32_t begin, anywhere, dir, dom;
    unsigned most;
};

typedef VEC(uint32_t) numbers;

/* ---- places ---- */

static uint32_t place_new(struct places *p, enum place_kind kind)
{
    *VEC_PUSH(p->arena, &p->v) = (struct au_place){.kind = (uint8_t)kind};
    return p->v.n - 1;
}

static void lead(struct places *p, uint32_t from, uint32_t to)
{
    VEC_ADD(p->arena, &p->v.v[from].outs, to);
}

static uint32_t place_before(struct places *p, enum place_kind kind, uint32_t to)
{
    uint32_t at = place_new(p, kind);
    lead(p, at, to);
    return at;
}

static uint32_t set_number(struct places *p, const struct byte_set *s)
{
    struct str key = {(const char *)s, sizeof *s};
    void **at = map_at(p->arena, &p->known_sets, str_copy(p->arena, key));
    if (!*at) {
        VEC_ADD(p->arena, &p->sets, *s);
        *at = (void *)(uintptr_t)p->sets.n;
    }
    return (uint32_t)(uintptr_t)*at - 1;
}

static uint32_t bytes_before(struct places *p, const struct byte_set *s, uint32_t to)
{
    uint32_t at = place_before(p, AT_BYTES, to);
    p->v.v[at].set = set_number(p, s);
    return at;
}

static uint32_t match_of(struct places *p, uint16_t test)
{
    uint32_t at = place_new(p, AT_MATCH);
    p->v.v[at].test = test;
    return at;
}

/* From a fork on a byte of the set to the fork behind it: one for all patterns that go this way. */
static uint32_t step(struct places *p, uint32_t fork, const struct byte_set *s)
{
    uint32_t key[2] = {fork, set_number(p, s)};
    void **at = map_at(p->arena, &p->steps,
                       str_copy(p->arena, (struct str){(const char *)key, sizeof key}));
    if (!*at) {
        uint32_t to = place_new(p, AT_FORK);
        lead(p, fork, bytes_before(p, s, to));
        *at = (void *)(uintptr_t)to;
    }
    return (uint32_t)(uintptr_t)*at;
}

/* ---- patterns as places ---- */

static uint32_t put_re(struct places *p, const struct re *re, uint32_t to);

static uint32_t put_repeat(struct places *p, const struct re *re, uint32_t to)
{
    uint32_t at = to;
    if (re->max == RE_FOREVER) {
        at = place_new(p, AT_FORK);
        uint32_t again = put_re(p, re->parts.v[0], at);
        lead(p, at, again);
        lead(p, at, to);
    }
    for (uint32_t i = re->min; re->max != RE_FOREVER && i < re->max && p->v.n < p->most; i++) {
        uint32_t more = put_re(p, re->parts.v[0], at);
        at = place_before(p, AT_FORK, more);
        lead(p, at, to);
    }
    for (uint32_t i = 0; i < re->min && p->v.n < p->most; i++)
        at = put_re(p, re->parts.v[0], at);
    return at;
}

/* The place where the expression begins, when what follows it is at `to`. */
static uint32_t put_re(struct places *p, const struct re *re, uint32_t to)
{
    uint32_t at = to;
    if (p->v.n >= p->most)
        return to;
    switch (re->kind) {
    case RE_BYTES:
        return bytes_before(p, &re->bytes, to);
    case RE_ALL:
        for (unsigned i = re->parts.n; i-- > 0;)
            at = put_re(p, re->parts.v[i], at);
        return at;
    case RE_ANY:
        at = place_new(p, AT_FORK);
        for (unsigned i = 0; i < re->parts.n; i++) {
            uint32_t part = put_re(p, re->parts.v[i], to);
            lead(p, at, part);
        }
        return at;
    case RE_REPEAT:
        return put_repeat(p, re, to);
    case RE_BEGIN:
        return place_before(p, AT_BEGIN, to);
    default:
        return place_before(p, AT_END, to);
    }
}

/* Bytes in front go step by step through what other patterns have made. */
static void put_regex(struct places *p, const struct re *re, uint16_t test)
{
    struct re rest = {.kind = RE_ALL};
    uint32_t at = p->anywhere;
    unsigned i = 0, n = re->kind == RE_ALL ? re->parts.n : 0;
    if (n && re->parts.v[0]->kind == RE_BEGIN) {
        at = p->begin;
        i++;
    }
    for (; i < n && re->parts.v[i]->kind == RE_BYTES; i++)
        at = step(p, at, &re->parts.v[i]->bytes);
    for (; i < n; i++)
        VEC_ADD(p->arena, &rest.parts, re->parts.v[i]);
    uint32_t match = match_of(p, test);
    uint32_t to = put_re(p, n ? &rest : re, match);
    lead(p, at, to);
}

static uint32_t put_literal(struct places *p, uint32_t at, struct str text, bool fold)
{
    for (size_t i = 0; i < text.len; i++) {
        struct byte_set s = {{0}};
        byte_add_folded(&s, (unsigned char)text.p[i], fold);
        at = step(p, at, &s);
    }
    return at;
}

static struct byte_set set_of_chars(const char *chars)
{
    struct byte_set s = {{0}};
    for (; *chars; chars++)
        byte_add(&s, (unsigned char)*chars);
    return s;
}

static const char *separators_of(enum match_method m)
{
    return m == MATCH_DIR ? "/?" : "/?.:";
}

/* As px_has_part: separators around the pattern do not count; nothing is in no value. */
static void put_part(struct places *p, const struct au_key *k)
{
    const char *separators = separators_of(k->method);
    struct str text = k->text;
    for (; text.len && text.p[0] && strchr(separators, text.p[0]); text.p++)
        text.len--;
    while (text.len && text.p[text.len - 1] && strchr(separators, text.p[text.len - 1]))
        text.len--;
    if (!text.len)
        return;
    uint32_t at = put_literal(p, k->method == MATCH_DIR ? p->dir : p->dom, text, k->fold);
    uint32_t match = match_of(p, k->test);
    struct byte_set s = set_of_chars(separators);
    uint32_t behind = bytes_before(p, &s, match), end = place_before(p, AT_END, match);
    lead(p, at, behind);
    lead(p, at, end);
}

/* false: it is not regular, *why. */
static bool put_key(struct places *p, const struct au_key *k, const char **why)
{
    p->most = p->v.n + MOST_PLACES;
    if (k->method == MATCH_SUB || k->method == MATCH_END) {
        uint32_t at = put_literal(p, p->anywhere, k->text, k->fold), match = match_of(p, k->test);
        uint32_t to = k->method == MATCH_END ? place_before(p, AT_END, match) : match;
        lead(p, at, to);
        return true;
    }
    if (k->method != MATCH_REG) {
        put_part(p, k);
        return true;
    }
    const struct re *re = re_parse(p->arena, k->text, k->fold, why);
    if (!re)
        return false;
    put_regex(p, re, k->test);
    *why = "its repetitions have too many parts";
    return p->v.n < p->most;
}

static void places_open(struct places *p)
{
    p->begin = place_new(p, AT_FORK);
    p->anywhere = place_new(p, AT_FORK);
    p->dir = place_new(p, AT_FORK);
    p->dom = place_new(p, AT_FORK);
}

/* Parts begin at the beginning, or behind a separator that is anywhere. */
static void places_close(struct places *p)
{
    const uint32_t roots[2] = {p->dir, p->dom};
    for (unsigned i = 0; i < 2; i++) {
        if (!p->v.v[roots[i]].outs.n)
            continue;
        struct byte_set s = set_of_chars(separators_of(i ? MATCH_DOM : MATCH_DIR));
        uint32_t behind = bytes_before(p, &s, roots[i]);
        lead(p, p->begin, roots[i]);
        lead(p, p->anywhere, behind);
    }
}

/* ---- subsets ---- */

struct maker {
    struct arena *arena, *keep;
    struct places *places;
    struct automaton *out;
    uint32_t most_cells;
    uint64_t work;         /* steps that are left */
    uint32_t *seen, round; /* by place: the round in which it was reached */
    numbers stack, reached;
    unsigned char sample[256]; /* a byte of each class */
    numbers *restart;          /* by class: where beginnings lead on it */
    numbers always;            /* of beginnings: what is not a byte */
    VEC(numbers) subsets;      /* by state */
    VEC(struct au_state) states;
    VEC(uint16_t) next;
    struct map known; /* bytes of a subset -> its state */
};

static bool is_new(struct maker *m, uint32_t place)
{
    bool first = m->seen[place] != m->round;
    m->seen[place] = m->round;
    return first;
}

/* What is reached from the place without reading: bytes, ends, matches. */
static void reach(struct maker *m, uint32_t from, bool begins, bool ends)
{
    VEC_ADD(m->arena, &m->stack, from);
    while (m->stack.n) {
        uint32_t at = m->stack.v[--m->stack.n];
        const struct au_place *x = &m->places->v.v[at];
        if (!is_new(m, at))
            continue;
        bool passes =
            x->kind == AT_FORK || (x->kind == AT_BEGIN && begins) || (x->kind == AT_END && ends);
        for (unsigned i = 0; passes && i < x->outs.n; i++)
            VEC_ADD(m->arena, &m->stack, x->outs.v[i]);
        if (x->kind == AT_BYTES || x->kind == AT_MATCH || (x->kind == AT_END && !ends))
            VEC_ADD(m->arena, &m->reached, at);
    }
}

static void reach_anew(struct maker *m)
{
    m->round++;
    m->reached.n = 0;
}

static numbers copy_of(struct maker *m, const numbers *x)
{
    numbers out = {0};
    for (unsigned i = 0; i < x->n; i++)
        VEC_ADD(m->arena, &out, x->v[i]);
    return out;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Which tests are passed where these places are reached. */
static void collect_matches(struct maker *m, const numbers *from, bool begins, bool ends,
                            struct au_state *s)
{
    reach_anew(m);
    for (unsigned i = 0; i < from->n; i++)
        reach(m, from->v[i], begins, ends);
    for (unsigned i = 0; i < m->reached.n; i++) {
        const struct au_place *x = &m->places->v.v[m->reached.v[i]];
        if (x->kind != AT_MATCH)
            continue;
        if (ends)
            VEC_ADD(m->arena, &s->end, x->test);
        else
            VEC_ADD(m->arena, &s->here, x->test);
    }
}

static uint32_t state_new(struct maker *m, numbers subset, bool begins)
{
    struct au_state *s = VEC_PUSH(m->arena, &m->states);
    VEC_ADD(m->arena, &m->subsets, subset);
    collect_matches(m, &subset, begins, false, s);
    collect_matches(m, &subset, begins, true, s);
    return m->states.n - 1;
}

/* The state of what was reached. */
static uint32_t state_of(struct maker *m)
{
    numbers *r = &m->reached;
    if (r->n)
        qsort(r->v, r->n, sizeof *r->v, by_number);
    struct str key = {(const char *)r->v, r->n * sizeof *r->v};
    void *known = map_get(&m->known, key);
    if (known)
        return (uint32_t)(uintptr_t)known - 1;
    numbers subset = copy_of(m, r);
    uint32_t state = state_new(m, subset, false);
    *map_at(m->arena, &m->known, (struct str){(const char *)subset.v, key.len}) =
        (void *)(uintptr_t)(state + 1);
    return state;
}

static bool reads(const struct maker *m, uint32_t place, unsigned char byte)
{
    const struct au_place *x = &m->places->v.v[place];
    return x->kind == AT_BYTES && byte_in(&m->places->sets.v[x->set], byte);
}

static uint32_t next_state(struct maker *m, uint32_t state, uint32_t class)
{
    reach_anew(m);
    for (unsigned i = 0; i < m->subsets.v[state].n; i++) {
        uint32_t at = m->subsets.v[state].v[i];
        if (reads(m, at, m->sample[class]))
            reach(m, m->places->v.v[at].outs.v[0], false, false);
    }
    const numbers *more[2] = {&m->restart[class], &m->always};
    for (unsigned k = 0; k < 2; k++)
        for (unsigned i = 0; i < more[k]->n; i++)
            if (is_new(m, more[k]->v[i]))
                VEC_ADD(m->arena, &m->reached, more[k]->v[i]);
    return state_of(m);
}

/* ---- classes of bytes ---- */

static void split_classes(struct maker *m, const struct byte_set *s)
{
    struct automaton *out = m->out;
    int16_t inside[256]; /* by class: that of its bytes in the set */
    uint32_t sizes[256] = {0}, hits[256] = {0};
    for (unsigned b = 0; b < 256; b++) {
        sizes[out->classes[b]]++;
        hits[out->classes[b]] += byte_in(s, (unsigned char)b);
    }
    uint32_t n = out->nclasses;
    for (unsigned c = 0; c < n; c++)
        inside[c] = hits[c] && hits[c] < sizes[c] ? (int16_t)out->nclasses++ : -1;
    for (unsigned b = 0; b < 256; b++)
        if (inside[out->classes[b]] >= 0 && byte_in(s, (unsigned char)b))
            out->classes[b] = (uint8_t)inside[out->classes[b]];
}

static void make_classes(struct maker *m)
{
    m->out->nclasses = 1;
    for (unsigned i = 0; i < m->places->sets.n; i++)
        split_classes(m, &m->places->sets.v[i]);
    for (unsigned b = 0; b < 256; b++)
        m->sample[m->out->classes[b]] = (unsigned char)b;
}

/* ---- all of it ---- */

static void make_restart(struct maker *m)
{
    m->restart = NEW_N(m->arena, numbers, m->out->nclasses);
    reach_anew(m);
    reach(m, m->places->anywhere, false, false);
    numbers first = copy_of(m, &m->reached);
    for (unsigned i = 0; i < first.n; i++)
        if (m->places->v.v[first.v[i]].kind != AT_BYTES)
            VEC_ADD(m->arena, &m->always, first.v[i]);
    for (unsigned c = 0; c < m->out->nclasses; c++) {
        reach_anew(m);
        for (unsigned i = 0; i < first.n; i++)
            if (reads(m, first.v[i], m->sample[c]))
                reach(m, m->places->v.v[first.v[i]].outs.v[0], false, false);
        m->restart[c] = copy_of(m, &m->reached);
    }
}

/* Can nothing be found any more where nothing is being followed? */
static bool is_final(const struct maker *m)
{
    for (uint32_t c = 0; c < m->out->nclasses; c++)
        if (m->restart[c].n)
            return false;
    return !m->always.n;
}

static bool may_go_on(struct maker *m, uint32_t state)
{
    uint64_t steps = ((uint64_t)m->subsets.v[state].n + 4) * m->out->nclasses;
    if (steps > m->work)
        return false;
    m->work -= steps;
    return m->states.n <= MOST_STATES && m->states.n * m->out->nclasses <= m->most_cells;
}

/* false: it has grown too large. */
static bool make_states(struct maker *m)
{
    numbers nothing = {0};
    reach_anew(m);
    /* Only where nothing begins anew, nothing is the end of it. */
    if (is_final(m))
        state_of(m);
    else
        state_new(m, nothing, false);
    reach(m, m->places->begin, true, false);
    reach(m, m->places->anywhere, true, false);
    m->out->start = state_new(m, copy_of(m, &m->reached), true);
    for (uint32_t s = 0; s < m->states.n; s++) {
        if (!may_go_on(m, s))
            return false;
        for (uint32_t c = 0; c < m->out->nclasses; c++)
            VEC_ADD(m->arena, &m->next, (uint16_t)next_state(m, s, c));
    }
    return m->states.n <= MOST_STATES;
}

static au_tests kept(struct maker *m, const au_tests *t)
{
    au_tests out = {0};
    for (unsigned i = 0; i < t->n; i++)
        VEC_ADD(m->keep, &out, t->v[i]);
    return out;
}

/* Those with something found go behind the others. */
static void number_states(struct maker *m)
{
    struct automaton *out = m->out;
    uint32_t n = m->states.n, at = 0, *to = NEW_N(m->arena, uint32_t, n);
    for (uint32_t s = 0; s < n; s++)
        if (!m->states.v[s].here.n)
            to[s] = at++;
    out->first_here = at;
    for (uint32_t s = 0; s < n; s++)
        if (m->states.v[s].here.n)
            to[s] = at++;
    out->nstates = n;
    out->states = NEW_N(m->keep, struct au_state, n);
    out->next = NEW_N(m->keep, uint16_t, (size_t)n * out->nclasses);
    for (uint32_t s = 0; s < n; s++) {
        out->states[to[s]] =
            (struct au_state){kept(m, &m->states.v[s].here), kept(m, &m->states.v[s].end)};
        for (uint32_t c = 0; c < out->nclasses; c++)
            out->next[to[s] * out->nclasses + c] = (uint16_t)to[m->next.v[s * out->nclasses + c]];
    }
    out->start = to[out->start];
}

/* Does a place that reads bytes follow an end? Then an end is not where the value ends. */
static bool reads_behind_ends(struct maker *m)
{
    for (uint32_t i = 0; i < m->places->v.n; i++) {
        if (m->places->v.v[i].kind != AT_END)
            continue;
        reach_anew(m);
        reach(m, i, true, true);
        for (unsigned k = 0; k < m->reached.n; k++)
            if (m->places->v.v[m->reached.v[k]].kind == AT_BYTES)
                return true;
    }
    return false;
}

static bool make(struct maker *m, const char **why)
{
    places_close(m->places);
    m->seen = NEW_N(m->arena, uint32_t, m->places->v.n);
    *why = "something behind its end";
    if (reads_behind_ends(m))
        return false;
    make_classes(m);
    make_restart(m);
    *why = "its automaton would be too large";
    if (!make_states(m))
        return false;
    number_states(m);
    return true;
}

static bool make_of(struct maker *m, const struct au_key *keys, unsigned n, const char **why)
{
    struct places p = {.arena = m->arena};
    places_open(&p);
    for (unsigned i = 0; i < n; i++)
        if (!put_key(&p, &keys[i], why))
            return false;
    m->places = &p;
    *m->out = (struct automaton){0};
    return make(m, why);
}

bool automaton_make(struct arena *a, struct arena *scratch, const struct au_key *keys, unsigned n,
                    uint64_t *work, struct automaton *out)
{
    /* No attempt may use up what others could do with. */
    uint64_t share = *work / 4;
    struct maker m = {
        .arena = scratch, .keep = a, .out = out, .most_cells = MOST_CELLS, .work = share};
    const char *why;
    bool made = make_of(&m, keys, n, &why);
    *work -= share - m.work;
    return made;
}

const char *automaton_refuses(const struct au_key *key)
{
    struct arena *a = arena_new();
    struct automaton out;
    struct maker m = {
        .arena = a, .keep = a, .out = &out, .most_cells = MOST_CELLS_ALONE, .work = AU_WORK};
    const char *why;
    bool made = make_of(&m, key, 1, &why);
    arena_free(a);
    return made ? NULL : why;
}
