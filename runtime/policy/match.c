/*
 * Matchers over pattern sets. See abi/match.h.
 *
 * Not here: the comparison of single strings (strings.c) and regular expressions (regex.c).
 */
#include "../abi/kept.h"
#include "../abi/match.h"

#include "../txn/scratch.h"
#include "fold.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

const uint16_t px_no_hits[1] = {0};
const uint16_t px_later[2] = {1, PX_OPEN_HIT};

bool px_hit(const uint16_t *hits, unsigned test)
{
    for (unsigned i = 1; i <= hits[0]; i++)
        if (hits[i] >= test)
            return hits[i] == test;
    return false;
}

enum px_tri px_hit3(const uint16_t *hits, unsigned test)
{
    if (px_hit(hits, test))
        return PX_TRUE;
    return hits[0] && hits[hits[0]] == PX_OPEN_HIT ? PX_UNKNOWN : PX_FALSE;
}

const uint16_t *px_hits_open(const uint16_t *hits)
{
    return px_hits_join(hits, px_later);
}

/* Is all of b in a? */
static bool holds_all(const uint16_t *a, const uint16_t *b)
{
    unsigned i = 1;
    for (unsigned k = 1; k <= b[0]; k++) {
        while (i <= a[0] && a[i] < b[k])
            i++;
        if (i > a[0] || a[i] != b[k])
            return false;
    }
    return true;
}

/* From the back, so that `into` may be a; it has room for both. */
static void merge(const uint16_t *a, const uint16_t *b, uint16_t *into)
{
    unsigned i = a[0], k = b[0], n = i + k, at = n;
    while (i || k) {
        if (i && k && a[i] == b[k])
            k--;
        into[at--] = !k || (i && a[i] > b[k]) ? a[i--] : b[k--];
    }
    /* Those in both have left a gap in front. */
    memmove(into + 1, into + 1 + at, (n - at) * sizeof *into);
    into[0] = (uint16_t)(n - at);
}

/* The list that grows: the one that was joined last, with room for more, so that all the lists of a
 * request take memory in proportion to their hits. */
static _Thread_local struct {
    uint16_t *list;
    unsigned room;
    uint64_t age;
} grown;

static uint16_t *list_for(const uint16_t *a, unsigned n)
{
    if (a == grown.list && grown.age == px_kept_age && n <= grown.room)
        return grown.list;
    uint16_t *list = (uint16_t *)(void *)px_scratch_get((2 * n + 1) * sizeof *list);
    if (!list)
        return NULL;
    grown.list = list;
    grown.room = 2 * n;
    grown.age = px_kept_age;
    return list;
}

const uint16_t *px_hits_join(const uint16_t *a, const uint16_t *b)
{
    if (holds_all(a, b))
        return a;
    if (holds_all(b, a))
        return b;
    uint16_t *out = list_for(a, (unsigned)a[0] + b[0]);
    if (!out)
        return a;
    merge(a, b, out);
    return out;
}

/* ---- strings ---- */

/* Samples of no bytes may have none to point at. */
static int compare(const char *a, const char *b, size_t n)
{
    return n ? memcmp(a, b, n) : 0;
}

static bool key_is(const struct px_strings *set, uint32_t i, struct px_str v)
{
    const struct px_key *k = &set->keys[i];
    return k->len == v.len && !compare(set->text + k->at, v.p, v.len);
}

int64_t px_find_few(const struct px_strings *set, struct px_str v)
{
    char low[PX_FOLD_MAX];
    if (set->fold && !px_fold(&v, low))
        return -1;
    for (uint32_t i = 0; i < set->nkeys; i++)
        if (key_is(set, i, v))
            return i;
    return -1;
}

/* The compiler computes the same: bucket from the high half, slot from the low half moved by the
 * pilot of the bucket. */
int64_t px_find_hash(const struct px_strings *set, struct px_str v)
{
    char low[PX_FOLD_MAX];
    if (set->fold && !px_fold(&v, low))
        return -1;
    uint64_t h = XXH3_64bits_withSeed(v.p, v.len, set->seed);
    uint32_t bucket = (uint32_t)((h >> 32) * set->nbuckets >> 32);
    uint32_t moved = (uint32_t)h ^ set->pilots[bucket] * 0x9e3779b1u;
    uint32_t slot = (uint32_t)((uint64_t)moved * set->nkeys >> 32);
    return key_is(set, slot, v) ? (int64_t)slot : -1;
}

/* The last key that is not after v, or one of those that it begins with, is the longest prefix. */
int64_t px_find_prefix(const struct px_strings *set, struct px_str v)
{
    char low[PX_FOLD_MAX];
    if (set->fold && !px_fold_start(&v, low))
        return -1;
    uint32_t from = 0, to = set->nkeys;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        const struct px_key *k = &set->keys[mid];
        size_t n = k->len < v.len ? k->len : v.len;
        int c = compare(set->text + k->at, v.p, n);
        if (c < 0 || (c == 0 && k->len <= v.len))
            from = mid + 1;
        else
            to = mid;
    }
    for (uint32_t i = from; i; i = set->up[i - 1]) {
        const struct px_key *k = &set->keys[i - 1];
        if (k->len <= v.len && !compare(set->text + k->at, v.p, k->len))
            return i - 1;
    }
    return -1;
}

static int compare_ends(const char *a, size_t alen, const char *b, size_t blen)
{
    for (size_t i = 1; i <= alen && i <= blen; i++) {
        unsigned char x = (unsigned char)a[alen - i], y = (unsigned char)b[blen - i];
        if (x != y)
            return x < y ? -1 : 1;
    }
    return alen <= blen ? 0 : 1;
}

int64_t px_find_suffix(const struct px_strings *set, struct px_str v)
{
    char low[PX_FOLD_MAX];
    if (set->fold && !px_fold_end(&v, low))
        return -1;
    uint32_t from = 0, to = set->nkeys;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        const struct px_key *k = &set->keys[mid];
        if (compare_ends(set->text + k->at, k->len, v.p, v.len) <= 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (uint32_t i = from; i; i = set->up[i - 1]) {
        const struct px_key *k = &set->keys[i - 1];
        if (k->len <= v.len && !compare(set->text + k->at, v.p + v.len - k->len, k->len))
            return i - 1;
    }
    return -1;
}

static const uint16_t *hits_of(const struct px_strings *set, int64_t key)
{
    return key < 0 ? px_no_hits : set->hits + set->keys[key].hits;
}

const uint16_t *px_match_few(const struct px_strings *set, struct px_str v)
{
    return hits_of(set, px_find_few(set, v));
}

const uint16_t *px_match_hash(const struct px_strings *set, struct px_str v)
{
    return hits_of(set, px_find_hash(set, v));
}

const uint16_t *px_match_prefix(const struct px_strings *set, struct px_str v)
{
    return hits_of(set, px_find_prefix(set, v));
}

const uint16_t *px_match_suffix(const struct px_strings *set, struct px_str v)
{
    return hits_of(set, px_find_suffix(set, v));
}

/* ---- numbers and addresses ---- */

int64_t px_find_int(const struct px_ranges *set, int64_t v)
{
    uint32_t from = 0, to = set->n;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (set->v[mid].high < v)
            from = mid + 1;
        else
            to = mid;
    }
    return from < set->n && set->v[from].low <= v ? (int64_t)from : -1;
}

const uint16_t *px_match_int(const struct px_ranges *set, int64_t v)
{
    int64_t i = px_find_int(set, v);
    return i < 0 ? px_no_hits : set->hits + set->v[i].hits;
}

static const struct px_net *find_net(const struct px_net *v, uint32_t n, const uint8_t *ip,
                                     size_t len)
{
    uint32_t from = 0, to = n;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (memcmp(v[mid].high, ip, len) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from < n && memcmp(v[from].low, ip, len) <= 0 ? &v[from] : NULL;
}

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* The IPv4 address inside an IPv6 one: mapped, compatible, or 6to4 (HAProxy manual 7.1.6). */
static const uint8_t *v4_inside(const uint8_t *ip)
{
    static const uint8_t zero[12] = {0};
    if (!memcmp(ip, mapped, 12) || !memcmp(ip, zero, 12))
        return ip + 12;
    return ip[0] == 0x20 && ip[1] == 0x02 ? ip + 2 : NULL;
}

const struct px_net *px_find_ip(const struct px_nets *set, const struct px_sample *smp)
{
    uint8_t ip[16];
    if (smp->type == PX_IPV4) {
        memcpy(ip, mapped, 12);
        memcpy(ip + 12, &smp->u.v4, 4);
        const struct px_net *net = find_net(set->v4, set->n4, ip + 12, 4);
        return net || !set->n6 ? net : find_net(set->v6, set->n6, ip, 16);
    }
    memcpy(ip, &smp->u.v6, 16);
    const struct px_net *net = find_net(set->v6, set->n6, ip, 16);
    const uint8_t *v4 = v4_inside(ip);
    return net || !v4 ? net : find_net(set->v4, set->n4, v4, 4);
}

/* An address may be in a network of either family: both count. */
const uint16_t *px_match_ip(const struct px_nets *set, const struct px_sample *smp)
{
    struct px_nets one = *set;
    const struct px_net *net = px_find_ip(set, smp);
    if (!net)
        return px_no_hits;
    const uint16_t *hits = set->hits + net->hits;
    if (!set->n4 || !set->n6)
        return hits;
    bool in_v6 = net >= set->v6 && net < set->v6 + set->n6;
    if (in_v6)
        one.n6 = 0;
    else
        one.n4 = 0;
    const struct px_net *other = px_find_ip(&one, smp);
    return other ? px_hits_join(hits, set->hits + other->hits) : hits;
}

/* ---- indexes ---- */

static int by_number(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* Ascending, each once. */
static void settle(struct px_candidates *c, bool sorted)
{
    unsigned kept = 0;
    if (c->n < 2)
        return;
    if (!sorted)
        qsort(c->v, c->n, sizeof *c->v, by_number);
    for (unsigned i = 0; i < c->n; i++)
        if (!i || c->v[i] != c->v[i - 1])
            c->v[kept++] = c->v[i];
    c->n = kept;
}

static bool make_room(struct px_candidates *c, size_t more)
{
    if (c->n + more == 1) {
        c->v = &c->one;
        return true;
    }
    uint16_t *v = (uint16_t *)(void *)px_scratch_get((c->n + more) * sizeof *v);
    if (!v)
        return false;
    if (c->n)
        memcpy(v, c->v, c->n * sizeof *v);
    c->v = v;
    return true;
}

static bool append(struct px_candidates *c, const uint16_t *rules, uint32_t n)
{
    bool sorted = !c->n || !n || c->v[c->n - 1] <= rules[0];
    if (n)
        memcpy(c->v + c->n, rules, n * sizeof *rules);
    c->n += n;
    return sorted;
}

void px_candidates_add(struct px_candidates *c, const struct px_rule_index *index,
                       const uint16_t *hits)
{
    size_t more = 0;
    bool sorted = true;
    for (unsigned i = 1; i <= hits[0] && hits[i] != PX_OPEN_HIT; i++)
        more += index->first[hits[i] + 1] - index->first[hits[i]];
    if (!more || !make_room(c, more))
        return;
    for (unsigned i = 1; i <= hits[0] && hits[i] != PX_OPEN_HIT; i++)
        sorted &= append(c, index->rules + index->first[hits[i]],
                         index->first[hits[i] + 1] - index->first[hits[i]]);
    settle(c, sorted);
}

/* The slot of a pair; that of no pair is an empty one, without rules. */
static uint32_t pair_slot(const struct px_pair_index *index, uint32_t key)
{
    uint32_t slot = px_pair_slot(key, index->bits), mask = (UINT32_C(1) << index->bits) - 1;
    while (index->keys[slot] != key && index->keys[slot] != PX_NO_PAIR)
        slot = (slot + 1) & mask;
    return slot;
}

void px_candidates_add_pairs(struct px_candidates *c, const struct px_pair_index *index,
                             const uint16_t *hits, const uint16_t *with)
{
    size_t more = 0;
    bool sorted = true;
    for (unsigned i = 1; i <= hits[0]; i++)
        for (unsigned k = 1; k <= with[0]; k++) {
            uint32_t slot = pair_slot(index, px_pair_key(hits[i], with[k]));
            more += index->first[slot + 1] - index->first[slot];
        }
    if (!more || !make_room(c, more))
        return;
    for (unsigned i = 1; i <= hits[0]; i++)
        for (unsigned k = 1; k <= with[0]; k++) {
            uint32_t slot = pair_slot(index, px_pair_key(hits[i], with[k]));
            sorted &= append(c, index->rules + index->first[slot],
                             index->first[slot + 1] - index->first[slot]);
        }
    settle(c, sorted);
}
