/*
 * Stick tables. See table.h.
 */
#include "table.h"

#include "../base/macros.h"
#include "../base/mem.h"
#include "../upstream/state.h"
#include "layout.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    LEAST_SHARDS = 16,
    MOST_SHARDS = 256,
    SHARDS_A_THREAD = 4,
    ENTRIES_A_SHARD = 4096, /* a shard that grows moves its entries while others wait */
    FIRST_SLOTS = 16,
    PURGED_AT_ONCE = 4,
    TURNS = 20 /* bits of px_stick_entry.touched below the milliseconds */
};

struct shard {
    _Alignas(64) pthread_mutex_t lock;
    struct px_stick_entry **slots; /* NULL: there was no entry yet */
    uint32_t mask, n;
    struct px_stick_entry *oldest, *newest;
    _Atomic uint64_t least; /* when the oldest was touched; UINT64_MAX: there is none */
};

struct state {
    struct px_stick_layout layout;
    unsigned shift; /* a hash without these bits is the number of a shard */
    unsigned nshards;
    struct shard *shards;
    _Atomic uint32_t used;
};

static struct state *states; /* by px_stick_table.number */
static uint64_t seed;        /* so that nobody can choose keys that meet */

/* ---- making tables ---- */

static unsigned bits_for(const struct px_stick_table *t)
{
    unsigned wanted = t->size / ENTRIES_A_SHARD, of_threads = px_nthreads * SHARDS_A_THREAD, bits;
    wanted = wanted > of_threads ? wanted : of_threads;
    wanted = wanted < LEAST_SHARDS ? LEAST_SHARDS : wanted > MOST_SHARDS ? MOST_SHARDS : wanted;
    for (bits = 0; 1u << bits < wanted; bits++)
        ;
    return bits;
}

static bool state_make(const struct px_stick_table *t, struct state *s)
{
    unsigned bits = bits_for(t);
    s->layout = px_stick_layout_of(t->data);
    s->shift = 32 - bits;
    s->nshards = 1u << bits;
    s->shards = aligned_alloc(_Alignof(struct shard), s->nshards * sizeof *s->shards);
    if (!s->shards)
        return false;
    for (unsigned i = 0; i < s->nshards; i++) {
        s->shards[i] = (struct shard){.least = UINT64_MAX};
        if (pthread_mutex_init(&s->shards[i].lock, NULL))
            return false;
    }
    return true;
}

bool px_stick_prepare(void)
{
    states = calloc(px_program.ntables, sizeof *states);
    if (!states || getrandom(&seed, sizeof seed, GRND_NONBLOCK) < 0)
        return false;
    for (unsigned i = 0; i < px_program.ntables; i++)
        if (!state_make(&px_program.tables[i], &states[i]))
            return false;
    return true;
}

static struct state *state_of(const struct px_stick_table *t)
{
    return &states[t->number];
}

static struct shard *shard_of(const struct state *s, uint32_t hash)
{
    return &s->shards[hash >> s->shift];
}

/* ---- time ---- */

/* Later than all that this thread has touched before. */
static uint64_t stamp(void)
{
    static _Thread_local uint64_t last;
    uint64_t now = px_self->now << TURNS;
    last = now > last ? now : last + 1;
    return last;
}

static uint64_t touched_at(const struct px_stick_entry *e)
{
    return atomic_load_explicit(&e->touched, memory_order_relaxed);
}

static bool is_held(const struct px_stick_entry *e)
{
    return atomic_load_explicit(&e->holders, memory_order_acquire);
}

static bool is_gone(const struct px_stick_table *t, const struct px_stick_entry *e)
{
    return t->expire && (touched_at(e) >> TURNS) + (uint64_t)t->expire <= px_self->now &&
           !is_held(e);
}

/* May something have expired in this shard? Where even the oldest lives on, nothing has to be
 * locked. */
static bool may_purge(const struct px_stick_table *t, const struct shard *sh)
{
    uint64_t least = atomic_load_explicit(&sh->least, memory_order_relaxed);
    return t->expire && least != UINT64_MAX &&
           (least >> TURNS) + (uint64_t)t->expire <= px_self->now;
}

uint64_t px_stick_left(const struct px_stick_table *table, const struct px_stick_entry *entry)
{
    uint64_t end = (touched_at(entry) >> TURNS) + (uint64_t)table->expire;
    return table->expire && end > px_self->now ? end - px_self->now : 0;
}

uint64_t px_stick_idle(const struct px_stick_entry *entry)
{
    uint64_t at = touched_at(entry) >> TURNS;
    return px_self->now > at ? px_self->now - at : 0;
}

/* ---- one shard; its lock is held ---- */

static void publish(struct shard *sh)
{
    uint64_t least = sh->oldest ? touched_at(sh->oldest) : UINT64_MAX;
    atomic_store_explicit(&sh->least, least, memory_order_relaxed);
}

static void unlink_age(struct shard *sh, struct px_stick_entry *e)
{
    if (e->older)
        e->older->newer = e->newer;
    else
        sh->oldest = e->newer;
    if (e->newer)
        e->newer->older = e->older;
    else
        sh->newest = e->older;
}

static void link_newest(struct shard *sh, struct px_stick_entry *e)
{
    e->older = sh->newest;
    e->newer = NULL;
    if (sh->newest)
        sh->newest->newer = e;
    else
        sh->oldest = e;
    sh->newest = e;
}

static void touch(struct shard *sh, struct px_stick_entry *e)
{
    bool was_oldest = sh->oldest == e;
    if (sh->newest != e) {
        unlink_age(sh, e);
        link_newest(sh, e);
    }
    atomic_store_explicit(&e->touched, stamp(), memory_order_relaxed);
    if (was_oldest)
        publish(sh);
}

/* Its place in the count of the table stays taken. */
static void drop(struct shard *sh, struct px_stick_entry *e)
{
    struct px_stick_entry **link = &sh->slots[e->hash & sh->mask];
    bool was_oldest = sh->oldest == e;
    while (*link != e)
        link = &(*link)->next;
    *link = e->next;
    unlink_age(sh, e);
    sh->n--;
    if (was_oldest)
        publish(sh);
    px_free(e);
}

static void give_place(struct state *s)
{
    atomic_fetch_sub_explicit(&s->used, 1, memory_order_relaxed);
}

/* Looks at so many of the oldest. */
static void purge(const struct px_stick_table *t, struct state *s, struct shard *sh, uint32_t most)
{
    for (struct px_stick_entry *e = sh->oldest, *next; e && most--; e = next) {
        next = e->newer;
        if (is_gone(t, e)) {
            drop(sh, e);
            give_place(s);
        } else if (!is_held(e)) {
            return;
        }
    }
}

/* NULL: there is none. */
static struct px_stick_entry *look(const struct px_stick_table *t, struct state *s,
                                   struct shard *sh, struct px_str key, uint32_t hash)
{
    struct px_stick_entry *e = sh->slots ? sh->slots[hash & sh->mask] : NULL;
    const unsigned at = s->layout.size;
    while (e && (e->hash != hash || e->key_len != key.len || memcmp(e->data + at, key.p, key.len)))
        e = e->next;
    if (!e || !is_gone(t, e))
        return e;
    drop(sh, e);
    give_place(s);
    return NULL;
}

/* Twice as many places. Without memory it stays as it is, and is slower. false: there is none. */
static bool grow(struct shard *sh)
{
    uint32_t n = sh->slots ? (sh->mask + 1) * 2 : FIRST_SLOTS;
    struct px_stick_entry **slots = px_alloc(n * sizeof *slots);
    if (!slots)
        return sh->slots;
    memset(slots, 0, n * sizeof *slots);
    for (struct px_stick_entry *e = sh->oldest; e; e = e->newer) {
        e->next = slots[e->hash & (n - 1)];
        slots[e->hash & (n - 1)] = e;
    }
    px_free(sh->slots);
    sh->slots = slots;
    sh->mask = n - 1;
    return true;
}

static struct px_stick_entry *add(struct state *s, struct shard *sh, struct px_str key,
                                  uint32_t hash)
{
    if ((!sh->slots || sh->n > sh->mask) && !grow(sh))
        return NULL;
    struct px_stick_entry *e = px_alloc(sizeof *e + s->layout.size + key.len);
    if (!e)
        return NULL;
    memset(e, 0, sizeof *e + s->layout.size);
    e->hash = hash;
    e->key_len = (uint32_t)key.len;
    memcpy(e->data + s->layout.size, key.p, key.len);
    e->next = sh->slots[hash & sh->mask];
    sh->slots[hash & sh->mask] = e;
    sh->n++;
    link_newest(sh, e);
    return e;
}

/* ---- room ---- */

static bool take_place(const struct px_stick_table *t, struct state *s)
{
    uint32_t used = atomic_load_explicit(&s->used, memory_order_relaxed);
    while (used < t->size)
        if (atomic_compare_exchange_weak_explicit(&s->used, &used, used + 1, memory_order_relaxed,
                                                  memory_order_relaxed))
            return true;
    return false;
}

/* One entry of this shard goes, if one may. */
static bool evict(const struct px_stick_table *t, struct shard *sh)
{
    struct px_stick_entry *e = sh->oldest;
    while (e && is_held(e))
        e = e->newer;
    bool may = e && (!t->nopurge || is_gone(t, e));
    if (may)
        drop(sh, e);
    return may;
}

/* The shard with the oldest entry of those that are newer than `tried`. NULL: none is. */
static struct shard *oldest_behind(const struct state *s, uint64_t tried, uint64_t *at)
{
    struct shard *found = NULL;
    *at = UINT64_MAX;
    for (unsigned i = 0; i < s->nshards; i++) {
        uint64_t least = atomic_load_explicit(&s->shards[i].least, memory_order_relaxed);
        if (least > tried && least < *at) {
            found = &s->shards[i];
            *at = least;
        }
    }
    return found;
}

/* An entry goes, and its place is the caller's. */
static bool make_room(const struct px_stick_table *t, struct state *s)
{
    uint64_t at = 0;
    for (struct shard *sh; (sh = oldest_behind(s, at, &at));) {
        if (t->nopurge && !may_purge(t, sh))
            return false;
        pthread_mutex_lock(&sh->lock);
        bool made = evict(t, sh);
        pthread_mutex_unlock(&sh->lock);
        if (made)
            return true;
    }
    return false;
}

/* ---- for others ---- */

static uint32_t hash_of(struct px_str key)
{
    return (uint32_t)XXH3_64bits_withSeed(key.p, key.len, seed);
}

static void hold(struct px_stick_entry *e)
{
    atomic_fetch_add_explicit(&e->holders, 1, memory_order_relaxed);
}

struct px_stick_entry *px_stick_find(const struct px_stick_table *table, struct px_str key,
                                     bool live_on)
{
    struct state *s = state_of(table);
    uint32_t hash = hash_of(key);
    struct shard *sh = shard_of(s, hash);
    pthread_mutex_lock(&sh->lock);
    struct px_stick_entry *e = look(table, s, sh, key, hash);
    if (e)
        hold(e);
    if (e && live_on)
        touch(sh, e);
    pthread_mutex_unlock(&sh->lock);
    return e;
}

struct px_stick_entry *px_stick_obtain(const struct px_stick_table *table, struct px_str key)
{
    struct state *s = state_of(table);
    uint32_t hash = hash_of(key);
    struct shard *sh = shard_of(s, hash);
    pthread_mutex_lock(&sh->lock);
    struct px_stick_entry *e = look(table, s, sh, key, hash);
    if (PX_UNLIKELY(!e)) {
        purge(table, s, sh, PURGED_AT_ONCE);
        bool has_place = take_place(table, s);
        if (!has_place) { /* another shard may have to be locked for it */
            pthread_mutex_unlock(&sh->lock);
            has_place = make_room(table, s);
            pthread_mutex_lock(&sh->lock);
            e = look(table, s, sh, key, hash);
        }
        bool made = !e && has_place && (e = add(s, sh, key, hash));
        if (has_place && !made)
            give_place(s);
    }
    if (e) {
        touch(sh, e);
        hold(e);
    }
    pthread_mutex_unlock(&sh->lock);
    return e;
}

void px_stick_release(struct px_stick_entry *entry)
{
    atomic_fetch_sub_explicit(&entry->holders, 1, memory_order_release);
}

bool px_stick_remove(const struct px_stick_table *table, struct px_stick_entry *entry)
{
    struct state *s = state_of(table);
    struct shard *sh = shard_of(s, entry->hash);
    pthread_mutex_lock(&sh->lock);
    px_stick_release(entry);
    bool goes = !is_held(entry);
    if (goes) {
        drop(sh, entry);
        give_place(s);
    }
    pthread_mutex_unlock(&sh->lock);
    return goes;
}

uint32_t px_stick_used(const struct px_stick_table *table)
{
    return atomic_load_explicit(&state_of(table)->used, memory_order_relaxed);
}

void px_stick_purge(const struct px_stick_table *table)
{
    struct state *s = state_of(table);
    for (unsigned i = 0; i < s->nshards; i++) {
        if (!may_purge(table, &s->shards[i]))
            continue;
        pthread_mutex_lock(&s->shards[i].lock);
        purge(table, s, &s->shards[i], UINT32_MAX);
        pthread_mutex_unlock(&s->shards[i].lock);
    }
}

void px_stick_each(const struct px_stick_table *table,
                   bool (*see)(void *ctx, const struct px_stick_entry *entry), void *ctx)
{
    struct state *s = state_of(table);
    for (unsigned i = 0; i < s->nshards; i++) {
        struct shard *sh = &s->shards[i];
        pthread_mutex_lock(&sh->lock);
        for (struct px_stick_entry *e = sh->oldest, *next; e; e = next) {
            next = e->newer;
            if (is_gone(table, e) || (see(ctx, e) && !is_held(e))) {
                drop(sh, e);
                give_place(s);
            }
        }
        pthread_mutex_unlock(&sh->lock);
    }
}

size_t px_stick_entry_size(const struct px_stick_table *table)
{
    return sizeof(struct px_stick_entry) + state_of(table)->layout.size;
}

struct px_str px_stick_key(const struct px_stick_table *table, const struct px_stick_entry *entry)
{
    return (struct px_str){(const char *)entry->data + state_of(table)->layout.size,
                           entry->key_len};
}

/* ---- columns ---- */

static const void *column(const struct px_stick_table *t, const struct px_stick_entry *e,
                          enum px_stick_data which)
{
    return e->data + state_of(t)->layout.at[which];
}

uint32_t px_stick_int(const struct px_stick_table *table, const struct px_stick_entry *entry,
                      enum px_stick_data which)
{
    const _Atomic uint32_t *value = column(table, entry, which);
    return atomic_load_explicit(value, memory_order_relaxed);
}

void px_stick_set_int(const struct px_stick_table *table, struct px_stick_entry *entry,
                      enum px_stick_data which, uint32_t value)
{
    _Atomic uint32_t *to = (_Atomic uint32_t *)(uintptr_t)column(table, entry, which);
    atomic_store_explicit(to, value, memory_order_relaxed);
}

/* What a text is was written before it was set. */
const char *px_stick_text(const struct px_stick_table *table, const struct px_stick_entry *entry,
                          enum px_stick_data which)
{
    const char *const _Atomic *value = column(table, entry, which);
    return atomic_load_explicit(value, memory_order_acquire);
}

void px_stick_set_text(const struct px_stick_table *table, struct px_stick_entry *entry,
                       enum px_stick_data which, const char *text)
{
    const char *_Atomic *to = (const char *_Atomic *)(uintptr_t)column(table, entry, which);
    atomic_store_explicit(to, text, memory_order_release);
}
