/*
 * Keys of lists that have changed: how each kind is read from its text, and found.
 *
 * Not here: the lists themselves (live.h). Idea: keys of which a sample can only equal a few (whole
 * strings, prefixes, networks) are bytes of a class, found by hash once for each class that there
 * is; the others are tried in the order of the list.
 */
#ifndef PX_KEYS_H
#define PX_KEYS_H

#include "../abi/lists.h"
#include "../abi/regex.h"

enum { PX_WHY = 256 }; /* room for what is wrong with a key */

/* A key as it is compared. */
struct px_key_data {
    uint32_t class; /* prefixes: how long; networks: PX_CLASS_V6 and bits; others: 0 */
    union {
        struct px_str bytes;
        struct {
            int64_t low, high;
        } range;
        struct px_regex regex;
    } u;
};

enum { PX_CLASS_V6 = 256 };

struct px_view;
struct px_entry;

struct px_key_kind {
    bool indexed;
    /* room: at least as long as text and 16 bytes, for the life of the key. false: why says why. */
    bool (*read)(const struct px_use *use, struct px_str text, char *room, struct px_key_data *k,
                 char *why);
    void (*drop)(struct px_key_data *k); /* NULL: there is nothing to be freed */
    /* Does the sample, of the type that the kind compares, match this key? */
    bool (*match)(const struct px_use *use, const struct px_key_data *k, const struct px_sample *s);
    /* The entry that counts; only when indexed. */
    const struct px_entry *(*find)(const struct px_use *use, const struct px_view *v,
                                   const struct px_sample *s, uint32_t version);
};

#endif
