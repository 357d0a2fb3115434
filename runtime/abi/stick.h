/*
 * Stick tables as the compiler prints them, and what "stick" rules do with them.
 *
 * Not here: entries, which come and go while the proxy runs (runtime/stick/).
 */
#ifndef PX_ABI_STICK_H
#define PX_ABI_STICK_H

#include "types.h"

enum px_stick_data {
#define PX_STICK(name, symbol, kind, doc) PX_STICK_##symbol,
#include "stick.def"
#undef PX_STICK
    PX_NSTICK_DATA
};

struct px_stick_ops; /* what the runtime has for programs with tables */
extern const struct px_stick_ops px_stick_tables;

struct px_stick_table {
    const char *name;
    uint8_t type;      /* of its keys: PX_IPV4, PX_IPV6, PX_SINT, PX_STRING or PX_BIN */
    bool by_addr;      /* servers are known by their addresses, not by their names */
    bool nopurge;      /* when it is full there are no new entries; else the oldest one goes */
    uint16_t number;   /* in the program */
    uint32_t data;     /* of each entry: bits 1 << enum px_stick_data */
    uint32_t key_size; /* bytes; of PX_STRING at most */
    uint32_t size;     /* entries at most */
    int32_t expire;    /* milliseconds since an entry was touched; 0: for ever */
};

/* HAProxy manual, "stick store-request": so many keys may be learnt of a request, and so many of a
 * response; of each only one for a table. */
enum { PX_STICK_MOST = 8 };
struct px_stick_seen {
    unsigned n;
    const struct px_stick_table *tables[PX_STICK_MOST];
};

/* "stick match": the server that the table has for this key is designated, unless t has one. The
 * entry is touched. */
void px_stick_match(struct px_txn *t, const struct px_stick_table *table, px_expr key);
/* "stick store-request": when t is connected, the table learns its server for this key. */
void px_stick_store(struct px_txn *t, const struct px_stick_table *table, px_expr key);
/* Both, with one key. */
void px_stick_on(struct px_txn *t, const struct px_stick_table *table, px_expr key);
/* "stick store-response": the table learns the server of t. */
void px_stick_learn(struct px_txn *t, struct px_stick_seen *seen,
                    const struct px_stick_table *table, px_expr key);
/* Would a rule like this still do something? */
bool px_stick_may_store(const struct px_txn *t, const struct px_stick_table *table);
bool px_stick_may_learn(const struct px_stick_seen *seen, const struct px_stick_table *table);

#endif
