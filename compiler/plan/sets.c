/*
 * Building pattern sets: from the patterns of tests to the arrays that the matchers walk.
 *
 * Every key gets the list of the tests that a match of it passes ("hits"): those of all patterns
 * that match when it does. Equal lists are stored once.
 */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

#include "../../runtime/abi/keyhash.h"
#include "../../runtime/abi/match.h"

enum { FEW = 8 };

/* ---- strings ---- */

/* A distinct string with all tests whose patterns are equal to it. */
struct entry {
    struct str text;
    uint32_t first; /* of those tests; in maps the entry that counts */
    VEC(uint16_t) tests;
    uint32_t up; /* 1 + index of the longest shorter entry that matches too */
};

struct entries {
    VEC(struct entry) v;
};

static struct entries entries_of(struct plan *p, const struct p_set *s, bool map)
{
    struct entries out = {0};
    struct map seen = {0};
    for (unsigned i = 0; i < s->keys.n; i++) {
        const struct p_key *k = &s->keys.v[i];
        void **at = map_at(p->arena, &seen, k->text);
        if (!*at) {
            *VEC_PUSH(p->arena, &out.v) = (struct entry){.text = k->text, .first = k->test};
            *at = (void *)(uintptr_t)out.v.n;
        }
        struct entry *e = &out.v.v[(uintptr_t)*at - 1];
        if (!map)
            VEC_ADD(p->arena, &e->tests, (uint16_t)k->test);
    }
    return out;
}

struct string_builder {
    struct plan *plan;
    struct p_set *set;
    struct hit_lists hits;
    struct text text;
    bool map; /* keys carry the number of their entry instead of hits */
};

static struct px_key make_key(struct string_builder *b, const struct entry *e)
{
    struct px_key k = {(uint32_t)b->text.len, (uint32_t)e->text.len, 0};
    text_str(&b->text, e->text);
    k.hits = b->map ? e->first : hits_put(&b->hits, e->tests.v, e->tests.n);
    return k;
}

static void finish_strings(struct string_builder *b, struct px_key *keys, uint32_t n)
{
    struct p_set *s = b->set;
    s->nslots = n;
    s->slots = (struct p_blob){"struct px_key", sizeof *keys, n, keys};
    s->text = (struct p_blob){"char", 1, b->text.len, b->text.p};
    if (!b->map)
        s->hits = hits_blob(&b->hits);
}

static void build_few(struct string_builder *b, const struct entries *e)
{
    struct px_key *keys = NEW_N(b->plan->arena, struct px_key, e->v.n);
    for (unsigned i = 0; i < e->v.n; i++)
        keys[i] = make_key(b, &e->v.v[i]);
    b->set->kind = SET_FEW;
    finish_strings(b, keys, e->v.n);
}

/* ---- perfect hash ---- */

struct bucket {
    uint32_t number, n;
    uint32_t *entries;
};

static int by_size(const void *a, const void *b)
{
    const struct bucket *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return x->number < y->number ? -1 : 1;
}

struct hasher {
    struct plan *plan;
    const struct entries *e;
    uint64_t *hash;
    uint32_t nslots, nbuckets;
    uint64_t seed;
    uint16_t *pilots;
    int64_t *slot_of; /* slot -> entry, -1: empty */
};

static uint32_t slot_at(const struct hasher *h, uint32_t entry, uint32_t pilot)
{
    uint32_t moved = (uint32_t)h->hash[entry] ^ pilot * 0x9e3779b1u;
    return (uint32_t)((uint64_t)moved * h->nslots >> 32);
}

/* All entries of the bucket into free slots of their own. */
static bool place(struct hasher *h, const struct bucket *b, uint32_t pilot)
{
    unsigned i = 0;
    for (; i < b->n; i++) {
        uint32_t slot = slot_at(h, b->entries[i], pilot);
        if (h->slot_of[slot] >= 0)
            break;
        h->slot_of[slot] = b->entries[i];
    }
    if (i == b->n)
        return true;
    while (i-- > 0)
        h->slot_of[slot_at(h, b->entries[i], pilot)] = -1;
    return false;
}

static struct bucket *make_buckets(struct hasher *h)
{
    struct arena *a = h->plan->arena;
    struct bucket *buckets = NEW_N(a, struct bucket, h->nbuckets);
    uint32_t n = h->e->v.n, *of = NEW_N(a, uint32_t, n), *all = NEW_N(a, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        struct str t = h->e->v.v[i].text;
        h->hash[i] = px_key_hash_of(t.p, t.len, h->seed);
        of[i] = (uint32_t)((h->hash[i] >> 32) * h->nbuckets >> 32);
        buckets[of[i]].n++;
    }
    for (uint32_t b = 0, at = 0; b < h->nbuckets; b++) {
        buckets[b].number = b;
        buckets[b].entries = all + at;
        at += buckets[b].n;
        buckets[b].n = 0;
    }
    for (uint32_t i = 0; i < n; i++)
        buckets[of[i]].entries[buckets[of[i]].n++] = i;
    qsort(buckets, h->nbuckets, sizeof *buckets, by_size);
    return buckets;
}

static bool try_seed(struct hasher *h)
{
    struct bucket *buckets = make_buckets(h);
    for (uint32_t i = 0; i < h->nslots; i++)
        h->slot_of[i] = -1;
    for (uint32_t b = 0; b < h->nbuckets && buckets[b].n; b++) {
        uint32_t pilot = 0;
        while (pilot <= UINT16_MAX && !place(h, &buckets[b], pilot))
            pilot++;
        if (pilot > UINT16_MAX)
            return false;
        h->pilots[buckets[b].number] = (uint16_t)pilot;
    }
    return true;
}

static void build_hash(struct string_builder *b, const struct entries *e)
{
    struct arena *a = b->plan->arena;
    uint32_t n = e->v.n;
    struct hasher h = {.plan = b->plan, .e = e, .nslots = n + n / 16 + 1, .nbuckets = n / 4 + 1};
    h.hash = NEW_N(a, uint64_t, n);
    h.pilots = NEW_N(a, uint16_t, h.nbuckets);
    h.slot_of = NEW_N(a, int64_t, h.nslots);
    while (!try_seed(&h))
        h.seed++;
    struct px_key *keys = NEW_N(a, struct px_key, h.nslots);
    for (uint32_t i = 0; i < h.nslots; i++)
        keys[i] = h.slot_of[i] < 0 ? (struct px_key){0, PX_KEY_EMPTY, 0}
                                   : make_key(b, &e->v.v[h.slot_of[i]]);
    b->set->kind = SET_HASH;
    b->set->nbuckets = h.nbuckets;
    b->set->seed = h.seed;
    b->set->pilots = (struct p_blob){"uint16_t", sizeof(uint16_t), h.nbuckets, h.pilots};
    finish_strings(b, keys, h.nslots);
}

/* ---- prefixes and suffixes ---- */

static int by_front(const void *a, const void *b)
{
    return str_cmp(((const struct entry *)a)->text, ((const struct entry *)b)->text);
}

static int by_back(const void *a, const void *b)
{
    struct str x = ((const struct entry *)a)->text, y = ((const struct entry *)b)->text;
    for (size_t i = 1; i <= x.len && i <= y.len; i++) {
        unsigned char c = (unsigned char)x.p[x.len - i], d = (unsigned char)y.p[y.len - i];
        if (c != d)
            return c < d ? -1 : 1;
    }
    return x.len < y.len ? -1 : x.len > y.len;
}

static bool matches_too(struct str shorter, struct str longer, bool suffix)
{
    if (shorter.len > longer.len)
        return false;
    const char *at = suffix ? longer.p + longer.len - shorter.len : longer.p;
    return !memcmp(at, shorter.p, shorter.len);
}

/* Bytes that all entries begin with. They are sorted: what the first and the last one share. */
static size_t common_start(const struct entries *e)
{
    size_t n = 0;
    if (!e->v.n)
        return 0;
    struct str first = e->v.v[0].text, last = e->v.v[e->v.n - 1].text;
    while (n < first.len && n < last.len && first.p[n] == last.p[n])
        n++;
    return n;
}

/* The bytes behind those by which entries are told apart. */
static void put_heads(struct string_builder *b, const struct entries *e)
{
    uint64_t *heads = NEW_N(b->plan->arena, uint64_t, e->v.n);
    size_t skip = common_start(e);
    for (unsigned i = 0; i < e->v.n; i++)
        heads[i] = px_key_head(e->v.v[i].text.p + skip, e->v.v[i].text.len - skip);
    b->set->skip = (uint32_t)skip;
    b->set->heads = (struct p_blob){"uint64_t", sizeof *heads, e->v.n, heads};
}

/* Sorted, so the chain of shorter matches is that of the entry before, cut where it no longer
 * fits. What a shorter one passes, the longer one passes as well. */
static void build_ends(struct string_builder *b, struct entries *e, bool suffix)
{
    struct arena *a = b->plan->arena;
    if (e->v.n)
        qsort(e->v.v, e->v.n, sizeof *e->v.v, suffix ? by_back : by_front);
    for (unsigned i = 1; i < e->v.n; i++) {
        struct entry *x = &e->v.v[i];
        x->up = i;
        while (x->up && !matches_too(e->v.v[x->up - 1].text, x->text, suffix))
            x->up = e->v.v[x->up - 1].up;
        const struct entry *up = x->up ? &e->v.v[x->up - 1] : NULL;
        for (unsigned k = 0; up && !b->map && k < up->tests.n; k++)
            VEC_ADD(a, &x->tests, up->tests.v[k]);
    }
    struct px_key *keys = NEW_N(a, struct px_key, e->v.n);
    uint32_t *up = NEW_N(a, uint32_t, e->v.n);
    for (unsigned i = 0; i < e->v.n; i++) {
        keys[i] = make_key(b, &e->v.v[i]);
        up[i] = e->v.v[i].up;
    }
    b->set->kind = suffix ? SET_SUFFIX : SET_PREFIX;
    b->set->up = (struct p_blob){"uint32_t", sizeof *up, e->v.n, up};
    if (!suffix)
        put_heads(b, e);
    finish_strings(b, keys, e->v.n);
}

static void build_strings(struct plan *p, struct p_set *s, bool map)
{
    struct string_builder b = {
        .plan = p, .set = s, .hits.arena = p->arena, .text.arena = p->arena, .map = map};
    struct entries e = entries_of(p, s, map);
    if (s->method == MATCH_BEG || s->method == MATCH_END)
        build_ends(&b, &e, s->method == MATCH_END);
    else if (e.v.n <= FEW)
        build_few(&b, &e);
    else
        build_hash(&b, &e);
}

/* ---- integers and addresses: disjoint intervals ---- */

/* Bounds are 17 bytes, big-endian, so that "one above the highest" exists. */
struct bound {
    uint8_t v[17];
};

struct edge {
    struct bound at;
    uint32_t key;
    bool opens;
};

static int by_place(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    int c = memcmp(x->at.v, y->at.v, sizeof x->at.v);
    if (c)
        return c;
    return x->key < y->key ? -1 : x->key > y->key;
}

static struct bound bound_of(const uint8_t *v, size_t len)
{
    struct bound b = {{0}};
    memcpy(b.v + sizeof b.v - len, v, len);
    return b;
}

static void bound_move(struct bound *b, int by)
{
    for (size_t i = sizeof b->v; i-- > 0;) {
        b->v[i] = (uint8_t)(b->v[i] + by);
        if (b->v[i] != (by > 0 ? 0 : 0xff))
            return;
    }
}

static void int_bytes(int64_t v, uint8_t out[8])
{
    uint64_t u = (uint64_t)v ^ UINT64_C(1) << 63; /* so that the order is that of the bytes */
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(u >> (56 - 8 * i));
}

static int64_t int_of(const struct bound *b)
{
    uint64_t u = 0;
    for (int i = 0; i < 8; i++)
        u = u << 8 | b->v[sizeof b->v - 8 + (size_t)i];
    return (int64_t)(u ^ UINT64_C(1) << 63);
}

struct flattener {
    struct plan *plan;
    struct p_set *set;
    struct hit_lists hits;
    bool map;
    size_t len; /* bytes of a value */
    VEC(struct edge) edges;
    VEC(uint32_t) open; /* keys that cover the current place */
    VEC(struct px_range) ranges;
    VEC(struct px_net4) nets4;
    VEC(struct px_net6) nets6;
};

/* In a map one key wins: the first of integers, the smallest network of addresses. */
static uint32_t winner(const struct flattener *f)
{
    uint32_t best = f->open.v[0];
    for (unsigned i = 1; i < f->open.n; i++) {
        const struct p_key *a = &f->set->keys.v[f->open.v[i]], *b = &f->set->keys.v[best];
        bool smaller = f->set->method == MATCH_IP && (memcmp(a->ip_low, b->ip_low, f->len) > 0 ||
                                                      memcmp(a->ip_high, b->ip_high, f->len) < 0);
        bool same = f->set->method != MATCH_IP || (!memcmp(a->ip_low, b->ip_low, f->len) &&
                                                   !memcmp(a->ip_high, b->ip_high, f->len));
        if (smaller || (same && f->open.v[i] < best))
            best = f->open.v[i];
    }
    return f->set->keys.v[best].test;
}

static uint32_t result_of(struct flattener *f)
{
    if (f->map)
        return winner(f);
    uint16_t *tests = NEW_N(f->plan->arena, uint16_t, f->open.n);
    for (unsigned i = 0; i < f->open.n; i++)
        tests[i] = (uint16_t)f->set->keys.v[f->open.v[i]].test;
    return hits_put(&f->hits, tests, f->open.n);
}

static uint32_t number_of(const uint8_t ip[4])
{
    return (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3];
}

static void interval_put(struct flattener *f, struct bound from, struct bound to)
{
    bound_move(&to, -1);
    uint32_t result = result_of(f);
    struct arena *a = f->plan->arena;
    if (f->set->method != MATCH_IP) {
        VEC_ADD(a, &f->ranges, ((struct px_range){int_of(&from), int_of(&to), result}));
        return;
    }
    const uint8_t *low = from.v + sizeof from.v - f->len, *high = to.v + sizeof to.v - f->len;
    if (f->len == 4) {
        struct px_net4 net = {number_of(low), number_of(high), result};
        VEC_ADD(a, &f->nets4, net);
        return;
    }
    struct px_net6 net = {.hits = result};
    memcpy(net.low, low, f->len);
    memcpy(net.high, high, f->len);
    VEC_ADD(a, &f->nets6, net);
}

static void edge_pass(struct flattener *f, const struct edge *e)
{
    if (e->opens) {
        VEC_ADD(f->plan->arena, &f->open, e->key);
        return;
    }
    unsigned i = 0;
    while (f->open.v[i] != e->key)
        i++;
    f->open.v[i] = f->open.v[--f->open.n];
}

static void flatten(struct flattener *f)
{
    if (f->edges.n)
        qsort(f->edges.v, f->edges.n, sizeof *f->edges.v, by_place);
    for (unsigned i = 0; i < f->edges.n;) {
        struct bound at = f->edges.v[i].at;
        while (i < f->edges.n && !memcmp(f->edges.v[i].at.v, at.v, sizeof at.v))
            edge_pass(f, &f->edges.v[i++]);
        if (f->open.n && i < f->edges.n)
            interval_put(f, at, f->edges.v[i].at);
    }
}

static void interval_add(struct flattener *f, uint32_t key, const uint8_t *low, const uint8_t *high)
{
    struct bound from = bound_of(low, f->len), to = bound_of(high, f->len);
    bound_move(&to, 1);
    VEC_ADD(f->plan->arena, &f->edges, ((struct edge){from, key, true}));
    VEC_ADD(f->plan->arena, &f->edges, ((struct edge){to, key, false}));
}

static void build_ints(struct plan *p, struct p_set *s, bool map)
{
    struct flattener f = {.plan = p, .set = s, .hits.arena = p->arena, .map = map, .len = 8};
    for (unsigned i = 0; i < s->keys.n; i++) {
        uint8_t low[8], high[8];
        int_bytes(s->keys.v[i].low, low);
        int_bytes(s->keys.v[i].high, high);
        interval_add(&f, i, low, high);
    }
    flatten(&f);
    s->kind = SET_INT;
    s->ranges = (struct p_blob){"struct px_range", sizeof(struct px_range), f.ranges.n, f.ranges.v};
    s->hits = hits_blob(&f.hits);
}

static void build_nets(struct plan *p, struct p_set *s, bool map)
{
    struct flattener f[2] = {{.plan = p, .set = s, .hits.arena = p->arena, .map = map, .len = 4},
                             {.plan = p, .set = s, .map = map, .len = 16}};
    for (unsigned i = 0; i < s->keys.n; i++) {
        const struct p_key *k = &s->keys.v[i];
        interval_add(&f[k->v6], i, k->ip_low, k->ip_high);
    }
    flatten(&f[0]);
    f[1].hits = f[0].hits;
    flatten(&f[1]);
    s->kind = SET_IP;
    s->nets4 =
        (struct p_blob){"struct px_net4", sizeof(struct px_net4), f[0].nets4.n, f[0].nets4.v};
    s->nets6 =
        (struct p_blob){"struct px_net6", sizeof(struct px_net6), f[1].nets6.n, f[1].nets6.v};
    s->hits = hits_blob(&f[1].hits);
}

static void build(struct plan *p, struct p_set *s, bool map)
{
    switch (s->method) {
    case MATCH_INT:
    case MATCH_LEN:
        build_ints(p, s, map);
        break;
    case MATCH_IP:
        build_nets(p, s, map);
        break;
    default:
        build_strings(p, s, map);
    }
}

void set_build(struct plan *p, struct p_set *s)
{
    if (s->kind == SET_SEARCH) /* searches_build did it */
        return;
    build(p, s, false);
}

void set_build_map(struct plan *p, struct p_set *s)
{
    build(p, s, true);
}
