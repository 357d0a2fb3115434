/*
 * Converters that look into stick tables (HAProxy manual 7.3.1). Looking does not make an entry
 * live longer.
 */
#include "../stick/table.h"
#include "sample.h"
#include "sticks.h"

/* false: the sample is no key. *e is NULL when there is no entry, and else to be released. */
static bool find(struct px_sample *smp, const struct px_stick_table *table,
                 struct px_stick_entry **e)
{
    struct px_str key;
    if (!px_stick_key_of(table, smp, &key))
        return false;
    *e = px_stick_find(table, key, false);
    return true;
}

bool px_conv_in_table(struct px_txn *t, struct px_sample *smp, const struct px_stick_table *table)
{
    struct px_stick_entry *e;
    (void)t;
    if (!find(smp, table, &e))
        return false;
    px_set_bool(smp, e != NULL);
    if (e)
        px_stick_release(e);
    return true;
}

bool px_conv_table_server_id(struct px_txn *t, struct px_sample *smp,
                             const struct px_stick_table *table)
{
    struct px_stick_entry *e;
    (void)t;
    if (!px_stick_has(table, PX_STICK_SERVER_ID) || !find(smp, table, &e))
        return false;
    px_set_int(smp, e ? (int64_t)px_stick_int(table, e, PX_STICK_SERVER_ID) : 0);
    if (e)
        px_stick_release(e);
    return true;
}

/* What is asked about an entry, or the text that stands for it when there is none. */
static bool about(struct px_sample *smp, const struct px_stick_table *table,
                  struct px_str otherwise,
                  uint64_t (*of)(const struct px_stick_table *, const struct px_stick_entry *))
{
    struct px_stick_entry *e;
    if (!find(smp, table, &e) || (!e && !otherwise.p))
        return false;
    if (e) {
        px_set_int(smp, (int64_t)of(table, e));
        px_stick_release(e);
        return true;
    }
    px_set_text(smp, otherwise);
    return px_cast(smp, PX_SINT);
}

static uint64_t idle(const struct px_stick_table *table, const struct px_stick_entry *e)
{
    (void)table;
    return px_stick_idle(e);
}

bool px_conv_table_expire(struct px_txn *t, struct px_sample *smp,
                          const struct px_stick_table *table, struct px_str otherwise)
{
    (void)t;
    return about(smp, table, otherwise, px_stick_left);
}

bool px_conv_table_idle(struct px_txn *t, struct px_sample *smp, const struct px_stick_table *table,
                        struct px_str otherwise)
{
    (void)t;
    return about(smp, table, otherwise, idle);
}

/* What has expired and still has its memory is none of them. */
static uint32_t count(const struct px_stick_table *table)
{
    px_stick_purge(table);
    return px_stick_used(table);
}

enum px_found px_fetch_table_cnt(struct px_txn *t, struct px_sample *out,
                                 const struct px_stick_table *table)
{
    (void)t;
    return px_found_int(out, count(table));
}

enum px_found px_fetch_table_avl(struct px_txn *t, struct px_sample *out,
                                 const struct px_stick_table *table)
{
    (void)t;
    return px_found_int(out, (int64_t)table->size - count(table));
}
