/*
 * Lists that have changed: their elements in memory, with an index for each use.
 *
 * Readers take no lock: what they may see is replaced as a whole and freed when all threads have
 * gone on (loop/grace.h). Writers of one list take turns.
 * Idea: an element belongs to a version of the list. Readers see the current one only, so that a
 * new version is prepared beside it and takes its place at once.
 */
#ifndef PX_LIVE_H
#define PX_LIVE_H

#include "../abi/match.h"
#include "../loop/grace.h"
#include "keys.h"

#include <pthread.h>

struct px_element;

/* An element, as one use of the list finds it. */
struct px_entry {
    struct px_element *of;
    _Atomic(struct px_entry *) next; /* in the order of the list, where keys are tried one by one */
    struct px_entry *before;
    struct px_key_data key;
    uint64_t hash;
};

struct px_text_of_value {
    struct px_retired retired;
    uint32_t len;
    char bytes[];
};

struct px_element {
    struct px_retired retired;
    struct px_element *next, **link; /* all versions, in order */
    uint32_t version;
    const void *name; /* what it is called by: its address, or its line in the built list */
    struct px_str key;
    _Atomic(struct px_text_of_value *) value; /* NULL: it has none */
    const struct px_list *list;
    struct px_entry entries[]; /* by use, then one of whole keys if no use has such */
};

/* A table of entries by hash; slots that were emptied hold PX_GONE. */
struct px_table {
    struct px_retired retired;
    uint32_t mask, taken; /* taken: slots that are not empty, the gone ones included */
    _Atomic(struct px_entry *) slots[];
};

struct px_classes { /* descending */
    struct px_retired retired;
    uint32_t n;
    uint32_t v[];
};

struct px_view {
    _Atomic(struct px_table *) table;
    _Atomic(struct px_classes *) classes;
    _Atomic(struct px_entry *) first;
    struct px_entry *last;
    uint32_t held; /* entries of the table */
};

struct px_live {
    pthread_mutex_t lock; /* of writers */
    _Atomic uint32_t version;
    uint32_t next_version; /* the last one that was prepared */
    struct px_element *first, **last;
    uint32_t n;
    struct px_view views[]; /* as entries */
};

/* For kinds that are indexed. */
const struct px_entry *px_view_probe(const struct px_view *v, uint32_t class, struct px_str bytes,
                                     uint32_t version);

/* The entry of a changed list that a sample finds; NULL: none. Stays valid for this event. */
const struct px_entry *px_live_find(struct px_live *live, const struct px_use *use, unsigned number,
                                    const struct px_sample *s);

static inline struct px_live *px_list_live(const struct px_list *l)
{
    return l->changes ? atomic_load_explicit(&l->changes->live, memory_order_acquire) : NULL;
}

/* ---- changes: from threads of loops; version NULL: the current one ---- */

enum px_change { PX_CHANGED, PX_NO_SUCH_KEY, PX_BAD_KEY, PX_NO_MEMORY };

/* why: PX_WHY bytes for what is wrong with the key or value; may be NULL. value.p NULL: none. */
enum px_change px_list_add(const struct px_list *l, const uint32_t *version, struct px_str key,
                           struct px_str value, char *why);
/* The same if no element of the current version has that key: otherwise its value changes. */
enum px_change px_list_put(const struct px_list *l, struct px_str key, struct px_str value);

/* Elements by their key, or one by its name (key.p NULL). */
enum px_change px_list_set(const struct px_list *l, struct px_str key, const void *name,
                           struct px_str value, char *why);
enum px_change px_list_delete(const struct px_list *l, struct px_str key, const void *name);

enum px_change px_list_clear(const struct px_list *l, const uint32_t *version);
/* A version of its own, empty. */
enum px_change px_list_prepare(const struct px_list *l, uint32_t *version);
/* PX_NO_SUCH_KEY: there is no such version to come. */
enum px_change px_list_commit(const struct px_list *l, uint32_t version);

/* ---- looking at a list, changed or not ---- */

struct px_list_state {
    uint32_t version, next_version;
    uint32_t n; /* elements of all versions */
};
void px_list_state(const struct px_list *l, struct px_list_state *state);

/* The elements of a version (NULL: the current one), in their order. value.p is NULL for patterns.
 * name: what px_list_set and px_list_delete call the element. */
struct px_list_seen {
    const void *name;
    struct px_str key, value;
};
void px_list_each(const struct px_list *l, const uint32_t *version,
                  void (*see)(void *ctx, const struct px_list_seen *x), void *ctx);

/* The element that a sample finds by a use of the list; both have to be of its type. */
bool px_list_find(const struct px_list *l, unsigned use, const struct px_sample *s,
                  struct px_list_seen *found);

#endif
