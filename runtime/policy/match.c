/*
 * Matchers over pattern sets. See abi/match.h.
 *
 * Not here: the comparison of single strings (strings.c) and regular expressions (regex.c).
 */
#include "../abi/match.h"
#include "../abi/kept.h"
#include "../abi/keyhash.h"

#include "../base/bytes.h"
#include "../base/macros.h"
#include "../txn/scratch.h"
#include "fold.h"

#include <stdlib.h>
#include <string.h>

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

const uint16_t *px_hits_merge(const uint16_t *a, const uint16_t *b)
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

PX_INLINE struct px_key_ends low_ends(const char *p, size_t len, bool fold)
{
    struct px_key_ends e = px_key_ends_of(p, len);
    if (fold)
        e = (struct px_key_ends){px_word_low(e.first), px_word_low(e.last)};
    return e;
}

PX_INLINE bool same_ends(struct px_key_ends a, struct px_key_ends b)
{
    return !((a.first ^ b.first) | (a.last ^ b.last));
}

/* Texts of more than two words are done in pieces of these. */
enum { PIECE = 16 };

/* Is the text of a key that of a value? */
static PX_ASIDE bool same(const char *key, const char *v, size_t len, bool fold)
{
    for (; len > PIECE; key += PIECE, v += PIECE, len -= PIECE)
        if (!same_ends(px_key_ends_of(key, PIECE), low_ends(v, PIECE, fold)))
            return false;
    return same_ends(px_key_ends_of(key, len), low_ends(v, len, fold));
}

PX_INLINE bool key_is(const struct px_strings *set, uint32_t i, struct px_str v, bool fold)
{
    const struct px_key *k = &set->keys[i];
    return k->len == v.len && same(set->text + k->at, v.p, v.len, fold);
}

/* The same of a short text, given its words. */
PX_INLINE bool short_key_is(const struct px_strings *set, uint32_t i, size_t len,
                            struct px_key_ends ends)
{
    const struct px_key *k = &set->keys[i];
    return k->len == len && same_ends(px_key_ends_of(set->text + k->at, len), ends);
}

/* No key of a folded set is as long. */
static bool too_long(struct px_str v, bool fold)
{
    return fold && v.len > PX_FOLD_MAX;
}

static PX_ASIDE int64_t find_long_of_few(const struct px_strings *set, struct px_str v, bool fold)
{
    for (uint32_t i = 0; i < set->nkeys && !too_long(v, fold); i++)
        if (key_is(set, i, v, fold))
            return i;
    return -1;
}

PX_INLINE int64_t find_few(const struct px_strings *set, struct px_str v, bool fold)
{
    if (PX_UNLIKELY(v.len > PIECE))
        return find_long_of_few(set, v, fold);
    struct px_key_ends ends = low_ends(v.p, v.len, fold);
    for (uint32_t i = 0; i < set->nkeys; i++)
        if (short_key_is(set, i, v.len, ends))
            return i;
    return -1;
}

/* The compiler computes the same: bucket from the high half, slot from the low half moved by the
 * pilot of the bucket. */
PX_INLINE uint32_t slot_of(const struct px_strings *set, uint64_t h)
{
    uint32_t bucket = (uint32_t)((h >> 32) * set->nbuckets >> 32);
    uint32_t moved = (uint32_t)h ^ set->pilots[bucket] * 0x9e3779b1u;
    return (uint32_t)((uint64_t)moved * set->nkeys >> 32);
}

/* Of two pieces, as many names of hosts are. */
static PX_ASIDE int64_t find_two(const struct px_strings *set, struct px_str v, bool fold)
{
    struct px_key_ends one = low_ends(v.p, PIECE, fold),
                       two = low_ends(v.p + PIECE, v.len - PIECE, fold);
    uint64_t h = px_key_hash(px_key_start(set->seed, v.len), one);
    uint32_t slot = slot_of(set, px_key_hash(h, two));
    const struct px_key *k = &set->keys[slot];
    const char *key = set->text + k->at;
    bool is = k->len == v.len && same_ends(px_key_ends_of(key, PIECE), one) &&
              same_ends(px_key_ends_of(key + PIECE, v.len - PIECE), two);
    return is ? (int64_t)slot : -1;
}

static PX_ASIDE int64_t find_long(const struct px_strings *set, struct px_str v, bool fold)
{
    struct px_str rest = v;
    uint64_t h = px_key_start(set->seed, v.len);
    if (too_long(v, fold))
        return -1;
    for (; rest.len > PIECE; rest.p += PIECE, rest.len -= PIECE)
        h = px_key_hash(h, low_ends(rest.p, PIECE, fold));
    uint32_t slot = slot_of(set, px_key_hash(h, low_ends(rest.p, rest.len, fold)));
    return key_is(set, slot, v, fold) ? (int64_t)slot : -1;
}

PX_INLINE int64_t find_hash(const struct px_strings *set, struct px_str v, bool fold)
{
    if (PX_UNLIKELY(v.len > PIECE))
        return v.len > 2 * PIECE ? find_long(set, v, fold) : find_two(set, v, fold);
    struct px_key_ends ends = low_ends(v.p, v.len, fold);
    uint32_t slot = slot_of(set, px_key_hash(px_key_start(set->seed, v.len), ends));
    return short_key_is(set, slot, v.len, ends) ? (int64_t)slot : -1;
}

PX_INLINE int64_t find_hash_as_set(const struct px_strings *set, struct px_str v)
{
    return set->fold ? find_hash(set, v, true) : find_hash(set, v, false);
}

int64_t px_find_few(const struct px_strings *set, struct px_str v)
{
    return set->fold ? find_few(set, v, true) : find_few(set, v, false);
}

int64_t px_find_hash(const struct px_strings *set, struct px_str v)
{
    return find_hash_as_set(set, v);
}

int64_t px_find_low(const struct px_strings *set, struct px_str v)
{
    return set->pilots ? find_hash(set, v, true) : find_few(set, v, true);
}

/* ---- prefixes ---- */

static uint64_t head_of(struct px_str v, size_t skip, bool fold)
{
    uint64_t head = px_key_head(v.p + skip, v.len - skip);
    return fold ? px_word_low(head) : head;
}

/* memcmp of a key and a value. */
static int compare(const char *key, const char *v, size_t n, bool fold)
{
    if (!fold)
        return n ? memcmp(key, v, n) : 0;
    for (; n; key += 8, v += 8, n -= 8) {
        uint64_t a = px_key_head(key, n), b = px_word_low(px_key_head(v, n));
        if (a != b)
            return a < b ? -1 : 1;
        if (n <= 8)
            break;
    }
    return 0;
}

/* Of the first `to` keys, how many are not after the value. The first `from` are not. */
static PX_ASIDE uint32_t not_after(const struct px_strings *set, uint32_t from, uint32_t to,
                                   struct px_str v)
{
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        const struct px_key *k = &set->keys[mid];
        int c = compare(set->text + k->at, v.p, k->len < v.len ? k->len : v.len, set->fold);
        if (c < 0 || (c == 0 && k->len <= v.len))
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* The same of all keys. Most are told apart by their heads. */
PX_INLINE uint32_t count_until(const struct px_strings *set, struct px_str v, uint64_t head)
{
    const uint64_t *heads = set->heads;
    uint32_t at = 0, n = set->nkeys;
    for (; n > 1; n -= n / 2)
        at += heads[at + n / 2 - 1] <= head ? n / 2 : 0;
    at += n && heads[at] <= head;
    if (PX_LIKELY(!at || heads[at - 1] != head))
        return at;
    return not_after(set, at > 1 && heads[at - 2] == head ? 0 : at - 1, at, v);
}

/* Given the head of the value, behind what all keys begin with. */
PX_INLINE bool begins_with(const struct px_strings *set, uint32_t i, struct px_str v, uint64_t head)
{
    const struct px_key *k = &set->keys[i];
    size_t rest = k->len - set->skip;
    if (k->len > v.len)
        return false;
    if (rest > 8)
        return same(set->text + k->at + set->skip, v.p + set->skip, rest, set->fold);
    return !rest || !((set->heads[i] ^ head) >> (64 - 8 * rest));
}

/* Do all keys and the value begin with the same? */
PX_INLINE bool starts_with_all(const struct px_strings *set, struct px_str v)
{
    if (!set->skip)
        return true;
    const char *start = set->text + set->keys->at;
    if (PX_UNLIKELY(set->skip > PIECE))
        return same(start, v.p, set->skip, set->fold);
    return same_ends(px_key_ends_of(start, set->skip), low_ends(v.p, set->skip, set->fold));
}

/* The last key that is not after v, or one of those that it begins with, is the longest prefix. */
PX_INLINE int64_t find_prefix(const struct px_strings *set, struct px_str v)
{
    if (PX_UNLIKELY(too_long(v, set->fold)))
        v.len = PX_FOLD_MAX;
    if (v.len < set->skip || !starts_with_all(set, v))
        return -1;
    uint64_t head = head_of(v, set->skip, set->fold);
    for (uint32_t i = count_until(set, v, head); i; i = set->up[i - 1])
        if (begins_with(set, i - 1, v, head))
            return i - 1;
    return -1;
}

int64_t px_find_prefix(const struct px_strings *set, struct px_str v)
{
    return find_prefix(set, v);
}

/* ---- suffixes ---- */

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
        if (k->len <= v.len && same(set->text + k->at, v.p + v.len - k->len, k->len, false))
            return i - 1;
    }
    return -1;
}

/* ---- their hits ---- */

PX_INLINE const uint16_t *key_hits(const struct px_strings *set, int64_t key)
{
    return key < 0 ? px_no_hits : set->hits + set->keys[key].hits;
}

const uint16_t *px_match_few(const struct px_strings *set, struct px_str v)
{
    return key_hits(set, px_find_few(set, v));
}

const uint16_t *px_match_hash(const struct px_strings *set, struct px_str v)
{
    return key_hits(set, find_hash_as_set(set, v));
}

const uint16_t *px_match_prefix(const struct px_strings *set, struct px_str v)
{
    return key_hits(set, find_prefix(set, v));
}

const uint16_t *px_match_suffix(const struct px_strings *set, struct px_str v)
{
    return key_hits(set, px_find_suffix(set, v));
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

/* Only the last but those that end before the address may hold it. */
static int64_t find_net4(const struct px_nets *set, uint32_t ip)
{
    const struct px_net4 *net = set->v4;
    for (uint32_t n = set->n4; n > 1; n -= n / 2)
        net += net[n / 2 - 1].high < ip ? n / 2 : 0;
    return set->n4 && net->low <= ip && ip <= net->high ? (int64_t)net->hits : -1;
}

static int64_t find_net6(const struct px_nets *set, const uint8_t *ip)
{
    const struct px_net6 *net = set->v6;
    for (uint32_t n = set->n6; n > 1; n -= n / 2)
        net += memcmp(net[n / 2 - 1].high, ip, 16) < 0 ? n / 2 : 0;
    bool holds = set->n6 && memcmp(net->low, ip, 16) <= 0 && memcmp(ip, net->high, 16) <= 0;
    return holds ? (int64_t)net->hits : -1;
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

/* Where the hits of an address start in the networks of either family. */
static int64_t find_in_v4(const struct px_nets *set, const struct px_sample *smp)
{
    if (PX_LIKELY(smp->type == PX_IPV4))
        return find_net4(set, ntohl(smp->u.v4.s_addr));
    const uint8_t *v4 = v4_inside((const uint8_t *)&smp->u.v6);
    return v4 ? find_net4(set, px_u32_at((const char *)v4)) : -1;
}

static int64_t find_in_v6(const struct px_nets *set, const struct px_sample *smp)
{
    uint8_t ip[16];
    if (!set->n6)
        return -1;
    if (smp->type == PX_IPV6)
        return find_net6(set, (const uint8_t *)&smp->u.v6);
    memcpy(ip, mapped, 12);
    memcpy(ip + 12, &smp->u.v4, 4);
    return find_net6(set, ip);
}

int64_t px_find_ip(const struct px_nets *set, const struct px_sample *smp)
{
    bool v4 = smp->type == PX_IPV4;
    int64_t hits = v4 ? find_in_v4(set, smp) : find_in_v6(set, smp);
    if (hits >= 0)
        return hits;
    return v4 ? find_in_v6(set, smp) : find_in_v4(set, smp);
}

/* An address may be in a network of either family: both count. */
const uint16_t *px_match_ip(const struct px_nets *set, const struct px_sample *smp)
{
    int64_t v4 = find_in_v4(set, smp), v6 = find_in_v6(set, smp);
    const uint16_t *hits = v4 < 0 ? px_no_hits : set->hits + v4;
    return PX_LIKELY(v6 < 0) ? hits : px_hits_join(hits, set->hits + v6);
}

/* ---- indexes ---- */

static int by_number(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* Ascending, each once. */
static unsigned settle(uint16_t *v, unsigned n, bool sorted)
{
    unsigned kept = 0;
    if (!sorted)
        qsort(v, n, sizeof *v, by_number);
    for (unsigned i = 0; i < n; i++)
        if (!i || v[i] != v[i - 1])
            v[kept++] = v[i];
    return kept;
}

/* What is to be added, in pieces. */
struct more {
    const uint32_t *first;
    const uint16_t *rules;
    uint16_t *v;
    unsigned n;
    bool sorted;
};

/* A copy of the candidates with room for others. */
static bool make_room(struct more *m, const struct px_candidates *c, size_t more)
{
    if (!more)
        return false;
    m->v = (uint16_t *)(void *)px_scratch_get((c->n + more) * sizeof *m->v);
    if (!m->v)
        return false;
    if (c->n)
        memcpy(m->v, c->v, c->n * sizeof *m->v);
    m->n = c->n;
    m->sorted = true;
    return true;
}

static size_t size_of(const struct more *m, uint32_t slot)
{
    return m->first[slot + 1] - m->first[slot];
}

static void append(struct more *m, uint32_t slot)
{
    size_t n = size_of(m, slot);
    const uint16_t *rules = m->rules + m->first[slot];
    if (!n)
        return;
    m->sorted &= !m->n || m->v[m->n - 1] <= rules[0];
    memcpy(m->v + m->n, rules, n * sizeof *rules);
    m->n += (unsigned)n;
}

static void take(struct px_candidates *c, const struct more *m)
{
    *c = (struct px_candidates){m->v, settle(m->v, m->n, m->sorted)};
}

void px_candidates_join(struct px_candidates *c, const struct px_rule_index *index,
                        const uint16_t *hits)
{
    struct more m = {.first = index->first, .rules = index->rules};
    size_t more = 0;
    for (unsigned i = 1; i <= hits[0] && hits[i] != PX_OPEN_HIT; i++)
        more += size_of(&m, hits[i]);
    if (!make_room(&m, c, more))
        return;
    for (unsigned i = 1; i <= hits[0] && hits[i] != PX_OPEN_HIT; i++)
        append(&m, hits[i]);
    take(c, &m);
}

/* The slot of a pair; that of no pair is an empty one, without rules. */
static uint32_t pair_slot(const struct px_pair_index *index, uint32_t key)
{
    uint32_t slot = px_pair_slot(key, index->bits), mask = (UINT32_C(1) << index->bits) - 1;
    while (index->keys[slot] != key && index->keys[slot] != PX_NO_PAIR)
        slot = (slot + 1) & mask;
    return slot;
}

static void join_pairs(struct px_candidates *c, const struct px_pair_index *index,
                       const uint16_t *hits, const uint16_t *with)
{
    struct more m = {.first = index->first, .rules = index->rules};
    size_t more = 0;
    for (unsigned i = 1; i <= hits[0]; i++)
        for (unsigned k = 1; k <= with[0]; k++)
            more += size_of(&m, pair_slot(index, px_pair_key(hits[i], with[k])));
    if (!make_room(&m, c, more))
        return;
    for (unsigned i = 1; i <= hits[0]; i++)
        for (unsigned k = 1; k <= with[0]; k++)
            append(&m, pair_slot(index, px_pair_key(hits[i], with[k])));
    take(c, &m);
}

void px_candidates_add_pairs(struct px_candidates *c, const struct px_pair_index *index,
                             const uint16_t *hits, const uint16_t *with)
{
    if (c->n || hits[0] != 1 || with[0] != 1) {
        join_pairs(c, index, hits, with);
        return;
    }
    const uint32_t *first = index->first + pair_slot(index, px_pair_key(hits[1], with[1]));
    *c = (struct px_candidates){index->rules + first[0], first[1] - first[0]};
}
