/*
 * Files of patterns and maps, for those who look at them or change them while the proxy runs: rules
 * and the control socket.
 *
 * Maps and tests have matchers of their own over what the file held when the program was built
 * (match.h). As long as a list is unchanged they are what is asked. With its first change a list
 * moves to memory, for all its uses at once.
 */
#ifndef PX_ABI_LISTS_H
#define PX_ABI_LISTS_H

#include "types.h"

#include <stdatomic.h>

struct px_slice {
    uint32_t at, len;
};

struct px_line { /* of a file: places in px_list.text */
    struct px_slice key, value;
};

/* How keys are compared: one of the kinds below. */
struct px_key_kind;
extern const struct px_key_kind px_keys_str, px_keys_bin, px_keys_beg, px_keys_ip, px_keys_int,
    px_keys_len, px_keys_text, px_keys_reg;

/* A way in which the keys of a list are compared, by maps or by ACLs. */
struct px_use {
    const char *method; /* "str" */
    const struct px_key_kind *kind;
    uint8_t how; /* enum px_compare, of px_keys_text */
    bool fold;
    bool of_map;
};

/* Where a list that may change keeps what it is now. */
struct px_changes {
    _Atomic(struct px_live *) live; /* NULL: as it was built */
};

struct px_list {
    const char *name;  /* of the file, as the configuration has it */
    const char *users; /* "used by map at file 'x.cfg' line 3, by acl ..." */
    uint32_t id;
    bool of_maps;               /* lines have values */
    bool ints, addrs;           /* values have to be integers, addresses */
    struct px_changes *changes; /* NULL: it stays as it is */
    const char *text;
    const struct px_line *lines; /* in the order of the file */
    uint32_t nlines;
    const struct px_use *uses;
    unsigned nuses;
};

#endif
