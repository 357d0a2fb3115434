/*
 * Pattern sets: every pattern that a configuration tests against the same sample with the same
 * method, in one matcher.
 *
 * A matcher answers with the hits of a value: the sorted numbers of the tests that the value
 * passes. hits[0] is how many follow. Tests ask with px_hit(). No matcher allocates.
 * The data is built by the compiler; large sets come from a data file with the same layout.
 */
#ifndef PX_ABI_MATCH_H
#define PX_ABI_MATCH_H

#include "types.h"

extern const uint16_t px_no_hits[1];

static inline bool px_hit(const uint16_t *hits, unsigned test)
{
    for (unsigned i = 1; i <= hits[0]; i++)
        if (hits[i] >= test)
            return hits[i] == test;
    return false;
}

/* A key of a set: bytes at text + at, and where its hits start. */
struct px_key {
    uint32_t at, len, hits;
};

/*
 * Strings. keys are ordered as the kind needs: SMALL in any order, HASH by perfect hash slot,
 * BEG and END sorted (END by reversed bytes) with `up` the next shorter key that also matches.
 */
struct px_strings {
    uint32_t nkeys, nbuckets;
    bool fold; /* keys are lower case, values are folded before comparison */
    const char *text;
    const struct px_key *keys;
    const uint32_t *up;      /* BEG, END: index + 1 of the longest shorter match, 0: none */
    const uint16_t *pilots;  /* HASH: displacement of each bucket */
    const uint16_t *hits;
};

const uint16_t *px_match_small(const struct px_strings *set, struct px_str v);
const uint16_t *px_match_hash(const struct px_strings *set, struct px_str v);

struct px_range {
    int64_t low, high;
    uint32_t hits;
};

struct px_ranges { /* disjoint, ascending */
    uint32_t n;
    const struct px_range *ranges;
    const uint16_t *hits;
};

const uint16_t *px_match_int(const struct px_ranges *set, int64_t v);

struct px_net_range { /* addresses as big-endian bytes, IPv4 in the last four */
    uint8_t low[16], high[16];
    uint32_t hits;
};

struct px_nets { /* disjoint, ascending, IPv4 and IPv6 apart */
    uint32_t n4, n6;
    const struct px_net_range *v4, *v6;
    const uint16_t *hits;
};

const uint16_t *px_match_ip(const struct px_nets *set, const struct px_sample *smp);

/* One string pattern against one value: the methods that need no set. */
bool px_is(struct px_str v, struct px_str pattern, bool fold);
bool px_begins(struct px_str v, struct px_str pattern, bool fold);
bool px_ends(struct px_str v, struct px_str pattern, bool fold);
bool px_contains(struct px_str v, struct px_str pattern, bool fold);
bool px_has_part(struct px_str v, struct px_str pattern, const char *separators, bool fold);

#endif
