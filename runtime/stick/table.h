/*
 * Stick tables: entries by key, with columns of data.
 *
 * Not here: what rules do with them (policy/stick.c), and how servers are stored (server.h).
 * Idea: a table is cut into shards by the hash of the key. Each shard has a lock, a hash table, and
 * its entries in the order in which they were touched. The only thing that all threads share on
 * the way of a request is the count of entries, which changes when one comes or goes.
 *
 * Expiry: an entry that has not been touched for as long as the table says is gone, whoever asks.
 * Its memory is freed when its key is looked for, when its shard gets a new entry, or when room is
 * needed. A full table loses the entry that was touched least lately, in whichever shard.
 * Threads agree on that order to the millisecond.
 *
 * Memory: px_stick_entry_size and the bytes of the key for each entry, from px_alloc, and one to
 * two pointers in the hash table of its shard, which does not shrink. No more than table->size
 * entries exist at a time. Nothing is allocated for entries that do not exist.
 *
 * Ownership: who was given an entry holds it until px_stick_release. One that is held neither
 * expires nor makes room. Its columns may be read and written at any time, by all who hold it.
 *
 * Any thread that has a loop may call what is here.
 */
#ifndef PX_STICK_TABLE_H
#define PX_STICK_TABLE_H

#include "../abi/tables.h"

#include <stdatomic.h>

struct px_stick_entry {
    struct px_stick_entry *next;          /* of those with the same place in the hash table */
    struct px_stick_entry *older, *newer; /* in the shard */
    _Atomic uint64_t touched;             /* when, in an order of its own: only table.c reads it */
    uint32_t hash;
    _Atomic uint32_t holders;
    uint32_t key_len;
    _Alignas(8) unsigned char data[]; /* the columns, then the key */
};

/* Makes the tables of the program. false: no memory. */
bool px_stick_prepare(void);

/* NULL: there is none, or it has expired. touch: it lives on from now. */
struct px_stick_entry *px_stick_find(const struct px_stick_table *table, struct px_str key,
                                     bool touch);
/* The same, but makes it when it is not there, all its columns zero. NULL: the table is full and
 * has "nopurge", or all its entries are held, or there is no memory. */
struct px_stick_entry *px_stick_obtain(const struct px_stick_table *table, struct px_str key);
void px_stick_release(struct px_stick_entry *entry);

/* Entries, also those that have expired and still have their memory. */
uint32_t px_stick_used(const struct px_stick_table *table);
/* Frees those that have expired. */
void px_stick_purge(const struct px_stick_table *table);
/* Calls see for each entry; it may not call anything here but what takes an entry. true: the entry
 * is to go, which it does unless somebody else holds it. Entries that come meanwhile may be left
 * out. */
void px_stick_each(const struct px_stick_table *table,
                   bool (*see)(void *ctx, const struct px_stick_entry *entry), void *ctx);
/* Removes what was obtained, and releases it. false: somebody else holds it. */
bool px_stick_remove(const struct px_stick_table *table, struct px_stick_entry *entry);

/* Milliseconds until it expires (0: never) and since it was touched. */
uint64_t px_stick_left(const struct px_stick_table *table, const struct px_stick_entry *entry);
uint64_t px_stick_idle(const struct px_stick_entry *entry);

/* Bytes of an entry without its key. */
size_t px_stick_entry_size(const struct px_stick_table *table);
struct px_str px_stick_key(const struct px_stick_table *table, const struct px_stick_entry *entry);

/* ---- columns ---- */

static inline bool px_stick_has(const struct px_stick_table *table, enum px_stick_data which)
{
    return table->data & 1u << which;
}

/* Of a table that has it. */
uint32_t px_stick_int(const struct px_stick_table *table, const struct px_stick_entry *entry,
                      enum px_stick_data which);
void px_stick_set_int(const struct px_stick_table *table, struct px_stick_entry *entry,
                      enum px_stick_data which, uint32_t value);
/* NULL: none yet. */
const char *px_stick_text(const struct px_stick_table *table, const struct px_stick_entry *entry,
                          enum px_stick_data which);
void px_stick_set_text(const struct px_stick_table *table, struct px_stick_entry *entry,
                       enum px_stick_data which, const char *text);

#endif
