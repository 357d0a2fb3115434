/*
 * Pattern sets: every pattern that a proxy tests against the same sample with the same method, in
 * one matcher.
 *
 * A matcher answers with the hits of a value: the sorted numbers of the tests that the value
 * passes. hits[0] is how many follow. Tests ask with px_hit(). No matcher allocates.
 * The data is built by the compiler; large sets come from a data file with the same layout.
 */
#ifndef PX_ABI_MATCH_H
#define PX_ABI_MATCH_H

#include "lists.h"
#include "regex.h"
#include "types.h"

extern const uint16_t px_no_hits[];
extern const uint16_t px_later[2]; /* the sample is not known yet: open, and no test passed */

/* Of a sample that bytes to come may change, the last hit is this one. */
#define PX_OPEN_HIT UINT16_MAX
/* Such hits, from those of what is there; in scratch memory. */
const uint16_t *px_hits_open(const uint16_t *hits);

bool px_hit(const uint16_t *hits, unsigned test);
/* The same, PX_UNKNOWN when the hits are open and do not have the test. */
enum px_tri px_hit3(const uint16_t *hits, unsigned test);
static inline enum px_tri px_not(enum px_tri v)
{
    return v == PX_UNKNOWN ? v : v == PX_TRUE ? PX_FALSE : PX_TRUE;
}

/* The hits of either; in scratch memory when both have some. */
const uint16_t *px_hits_merge(const uint16_t *a, const uint16_t *b);
static inline const uint16_t *px_hits_join(const uint16_t *a, const uint16_t *b)
{
    return !a[0] ? b : !b[0] ? a : px_hits_merge(a, b);
}

/* A key of a set: bytes at text + at. hits: where its hits start; in maps, the entry's number. */
struct px_key {
    uint32_t at, len, hits;
};

#define PX_KEY_EMPTY UINT32_MAX /* len of a slot without key */

/* Bytes of a key of a folded set, at most; longer values are equal to none. */
#define PX_FOLD_MAX 1024

/*
 * Strings. The order of keys is what the kind needs: by perfect hash slot; sorted; sorted by their
 * reversed bytes; or as written.
 */
struct px_strings {
    uint32_t nkeys, nbuckets;
    uint64_t seed;
    bool fold; /* keys are lower case, and values are folded before they are compared */
    const char *text;
    const struct px_key *keys;
    const uint32_t *up;     /* prefixes, suffixes: 1 + the longest shorter key that matches too */
    uint32_t skip;          /* prefixes: bytes that all keys begin with */
    const uint64_t *heads;  /* prefixes: px_key_head of what is behind them */
    const uint16_t *pilots; /* hash: displacement of each bucket */
    const uint16_t *hits;
};

/* The number of the key that matches: the longest for prefixes and suffixes; -1: none. */
int64_t px_find_few(const struct px_strings *set, struct px_str v);
int64_t px_find_hash(const struct px_strings *set, struct px_str v);
/* The same as of px_find_few and px_find_hash for the value in lower case, as the keys are. */
int64_t px_find_low(const struct px_strings *set, struct px_str v);
int64_t px_find_prefix(const struct px_strings *set, struct px_str v);
int64_t px_find_suffix(const struct px_strings *set, struct px_str v);

const uint16_t *px_match_few(const struct px_strings *set, struct px_str v);
const uint16_t *px_match_hash(const struct px_strings *set, struct px_str v);
const uint16_t *px_match_prefix(const struct px_strings *set, struct px_str v);
const uint16_t *px_match_suffix(const struct px_strings *set, struct px_str v);

struct px_range {
    int64_t low, high;
    uint32_t hits;
};

struct px_ranges { /* disjoint, ascending */
    uint32_t n;
    const struct px_range *v;
    const uint16_t *hits;
};

int64_t px_find_int(const struct px_ranges *set, int64_t v);
const uint16_t *px_match_int(const struct px_ranges *set, int64_t v);

struct px_net4 { /* addresses as numbers of the machine */
    uint32_t low, high;
    uint32_t hits;
};

struct px_net6 { /* addresses as in packets */
    uint8_t low[16], high[16];
    uint32_t hits;
};

struct px_nets { /* each disjoint and ascending */
    uint32_t n4, n6;
    const struct px_net4 *v4;
    const struct px_net6 *v6;
    const uint16_t *hits;
};

/* What the net that holds the address has as its hits; -1: none does. IPv4-mapped addresses are
 * tried both ways. */
int64_t px_find_ip(const struct px_nets *set, const struct px_sample *smp);
const uint16_t *px_match_ip(const struct px_nets *set, const struct px_sample *smp);

/*
 * An automaton that looks for patterns inside a value. State 0 is dead: what follows changes
 * nothing. Matches end in the states from first_here on, whatever follows; others where the value
 * ends.
 */
struct px_automaton {
    uint32_t nclasses, start, first_here;
    const char *classes;   /* of the 256 bytes, as unsigned char */
    const uint16_t *next;  /* [state][class] */
    const uint32_t *here;  /* hits by state, from first_here */
    const uint32_t *end;   /* hits by state, of a value that ends there: those and more */
    const uint16_t *hits;
};

const uint16_t *px_match_automaton(const struct px_automaton *a, struct px_str v);
/* The lowest of the hits; -1: there is none. */
int64_t px_find_automaton(const struct px_automaton *a, struct px_str v);

/* String patterns that need no set, one after another. */
enum px_compare { PX_IS, PX_BEGINS, PX_ENDS, PX_CONTAINS, PX_HAS_DIR, PX_HAS_DOMAIN };

struct px_patterns {
    uint8_t how; /* enum px_compare */
    bool fold;   /* patterns are lower case */
    uint32_t n;
    const struct px_str *v;
};

/* Pattern number i against v. */
bool px_compare(const struct px_patterns *set, uint32_t i, struct px_str v);
bool px_any_pattern(const struct px_patterns *set, struct px_str v);
bool px_any_regex(const struct px_regex *const *set, unsigned n, struct px_str v);

/* A map: keys with values; or the keys of an ACL's file. */
struct px_map {
    /* One of these, by the kind of keys. */
    int64_t (*find)(const struct px_strings *set, struct px_str v);
    const struct px_strings *strings;
    const struct px_patterns *patterns; /* tried in the order of the file */
    const struct px_regex *const *regexes;
    const struct px_ranges *ranges;
    const struct px_nets *nets;
    const struct px_automaton *automaton; /* finds the first of patterns or regexes; may be NULL */
    uint32_t n;
    const struct px_slice *values; /* by the entry's number; NULL: an ACL has none */
    const char *text;
    bool by_length;             /* ranges are those of the lengths of samples */
    const struct px_list *list; /* where its entries are from; NULL: nobody asks for that */
    unsigned use;               /* of the list */
};

/* What a sample finds. In scratch memory once the list has changed. */
struct px_map_hit {
    struct px_str value;
    struct px_str key;            /* as the list has it; only if the map knows its list */
    const struct px_regex *regex; /* that has matched; NULL: keys are of another kind */
};

/* The number of the entry whose key matches a sample of the type that the keys have; -1: none. Of
 * the map as it was built. */
int64_t px_map_entry(const struct px_map *map, const struct px_sample *smp);
/* The entry as it is now. false: no key matches. */
bool px_map_find(const struct px_map *map, const struct px_sample *smp, struct px_map_hit *hit);
/* The converters "lower" and "map", of a map of such keys as it was built. */
bool px_map_low(const struct px_map *map, struct px_sample *smp, struct px_str otherwise);
/* Does any key match? */
bool px_listed(const struct px_map *map, const struct px_sample *smp);

/* One string pattern against one value. */
bool px_is(struct px_str v, struct px_str pattern, bool fold);
bool px_begins(struct px_str v, struct px_str pattern, bool fold);
bool px_ends(struct px_str v, struct px_str pattern, bool fold);
bool px_contains(struct px_str v, struct px_str pattern, bool fold);
bool px_has_part(struct px_str v, struct px_str pattern, const char *separators, bool fold);

/*
 * Rules found by index: for each test of a set, the numbers of the rules that need it.
 * rules[first[test] .. first[test + 1]) ascending.
 */
struct px_rule_index {
    const uint32_t *first;
    const uint16_t *rules;
};

/*
 * The same for pairs of tests of two sets. keys: a hash table without gaps in its chains, of
 * 1 << bits slots; PX_NO_PAIR where there is none. Slot i has rules[first[i] .. first[i + 1]).
 */
struct px_pair_index {
    uint32_t bits;
    const uint32_t *keys, *first;
    const uint16_t *rules;
};

#define PX_NO_PAIR UINT32_MAX

static inline uint32_t px_pair_key(uint32_t a, uint32_t b)
{
    return a << 16 | b;
}

/* Where the search for a key begins. */
static inline uint32_t px_pair_slot(uint32_t key, uint32_t bits)
{
    return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

/* The candidates of several sets, ascending, each once: the rules of a single test as the index has
 * them, or in scratch memory. */
struct px_candidates {
    const uint16_t *v;
    unsigned n;
};

void px_candidates_join(struct px_candidates *c, const struct px_rule_index *index,
                        const uint16_t *hits);
static inline void px_candidates_add(struct px_candidates *c, const struct px_rule_index *index,
                                     const uint16_t *hits)
{
    if (c->n || hits[0] != 1 || hits[1] == PX_OPEN_HIT) {
        px_candidates_join(c, index, hits);
        return;
    }
    const uint32_t *first = index->first + hits[1];
    *c = (struct px_candidates){index->rules + first[0], first[1] - first[0]};
}

void px_candidates_add_pairs(struct px_candidates *c, const struct px_pair_index *index,
                             const uint16_t *hits, const uint16_t *with);

#endif
