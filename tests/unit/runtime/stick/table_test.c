/*
 * Tests of runtime/stick/table.c: random operations beside a plain model, expiry, the bound of the
 * size, entries that are held, columns, memory that is out, and several threads at once.
 */
#include "runtime/stick/table.h"

#include "runtime/base/mem.h"
#include "runtime/upstream/state.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <string.h>

enum { PLAIN, SHORT_LIVED, FULL, REFUSING, WIDE, BUSY, NTABLES };
enum { SIZE = 50, EXPIRE = 1000, KEYS = 120, THREADS = 4, ROUNDS = 20000, BUSY_SIZE = 200 };

#define SERVER_DATA (1u << PX_STICK_SERVER_ID | 1u << PX_STICK_SERVER_KEY)
#define TABLE(n, ...) [n] = {.number = n, .type = PX_SINT, .key_size = 4, __VA_ARGS__}

static const struct px_stick_table tables[NTABLES] = {
    TABLE(PLAIN, .size = SIZE, .data = SERVER_DATA),
    TABLE(SHORT_LIVED, .size = SIZE, .expire = EXPIRE, .data = 1u << PX_STICK_SERVER_ID),
    TABLE(FULL, .size = 3),
    TABLE(REFUSING, .size = 3, .expire = EXPIRE, .nopurge = true),
    TABLE(WIDE, .size = 1 << 20, .data = SERVER_DATA),
    TABLE(BUSY, .size = BUSY_SIZE, .expire = EXPIRE, .data = 1u << PX_STICK_SERVER_ID),
};
const struct px_program px_program = {.tables = tables, .ntables = NTABLES};

static struct px_loop loop;

static void begin(void)
{
    px_self = &loop;
    loop.now = 5000;
    px_nthreads = 1;
    ck_assert(px_stick_prepare());
}

static struct px_str key_of(const uint32_t *n)
{
    return (struct px_str){(const char *)n, sizeof *n};
}

static bool obtain(unsigned table, uint32_t key)
{
    struct px_stick_entry *e = px_stick_obtain(&tables[table], key_of(&key));
    if (e)
        px_stick_release(e);
    return e;
}

static bool has(unsigned table, uint32_t key)
{
    struct px_stick_entry *e = px_stick_find(&tables[table], key_of(&key), false);
    if (e)
        px_stick_release(e);
    return e;
}

static bool refresh(unsigned table, uint32_t key)
{
    struct px_stick_entry *e = px_stick_find(&tables[table], key_of(&key), true);
    if (e)
        px_stick_release(e);
    return e;
}

/* ---- beside a model ---- */

struct model {
    bool there[KEYS];
    uint64_t time[KEYS], turn[KEYS], turns;
    uint32_t value[KEYS];
};

static void model_touch(struct model *m, uint32_t key)
{
    m->time[key] = loop.now;
    m->turn[key] = ++m->turns;
}

static void model_expire(struct model *m, int32_t expire)
{
    for (uint32_t k = 0; expire && k < KEYS; k++)
        if (m->there[k] && m->time[k] + (uint64_t)expire <= loop.now)
            m->there[k] = false;
}

static unsigned model_count(const struct model *m)
{
    unsigned n = 0;
    for (uint32_t k = 0; k < KEYS; k++)
        n += m->there[k];
    return n;
}

static void model_obtain(struct model *m, uint32_t key)
{
    uint32_t oldest = KEYS;
    for (uint32_t k = 0; k < KEYS; k++)
        if (m->there[k] && (oldest == KEYS || m->turn[k] < m->turn[oldest]))
            oldest = k;
    if (!m->there[key]) {
        if (model_count(m) == SIZE)
            m->there[oldest] = false;
        m->value[key] = 0;
    }
    m->there[key] = true;
    model_touch(m, key);
}

static void random_step(struct model *m, unsigned table, unsigned dice)
{
    const struct px_stick_table *t = &tables[table];
    uint32_t key = (uint32_t)rand() % KEYS;
    struct px_stick_entry *e;
    model_expire(m, t->expire);
    if (dice < 50) {
        model_obtain(m, key);
        e = px_stick_obtain(t, key_of(&key));
        ck_assert_ptr_nonnull(e);
        ck_assert_uint_eq(px_stick_int(t, e, PX_STICK_SERVER_ID), m->value[key]);
        m->value[key] = (uint32_t)rand();
        px_stick_set_int(t, e, PX_STICK_SERVER_ID, m->value[key]);
        px_stick_release(e);
    } else if (dice < 80) {
        bool live_on = dice < 65;
        e = px_stick_find(t, key_of(&key), live_on);
        ck_assert_int_eq(e != NULL, m->there[key]);
        if (!e)
            return;
        if (live_on)
            model_touch(m, key);
        ck_assert_uint_eq(px_stick_int(t, e, PX_STICK_SERVER_ID), m->value[key]);
        ck_assert_uint_eq(px_stick_idle(e), loop.now - m->time[key]);
        px_stick_release(e);
    } else if (dice < 85 && m->there[key]) {
        m->there[key] = false;
        ck_assert(px_stick_remove(t, px_stick_find(t, key_of(&key), false)));
    } else {
        loop.now += (uint64_t)rand() % 100;
    }
}

static bool see_one(void *ctx, const struct px_stick_entry *e)
{
    struct model *m = ctx;
    uint32_t key;
    memcpy(&key, px_stick_key(&tables[PLAIN], e).p, sizeof key);
    ck_assert(key < KEYS && m->there[key]);
    m->there[key] = false;
    return false;
}

static void beside_a_model(unsigned table)
{
    struct model m = {.turns = 0};
    srand(table + 1);
    for (unsigned i = 0; i < 30000; i++)
        random_step(&m, table, (unsigned)rand() % 100);
    model_expire(&m, tables[table].expire);
    px_stick_purge(&tables[table]);
    ck_assert_uint_eq(px_stick_used(&tables[table]), model_count(&m));
    if (table == PLAIN) {
        px_stick_each(&tables[table], see_one, &m);
        ck_assert_uint_eq(model_count(&m), 0);
    }
}

START_TEST(random_operations)
{
    beside_a_model(PLAIN);
}
END_TEST

START_TEST(random_operations_with_expiry)
{
    beside_a_model(SHORT_LIVED);
}
END_TEST

/* ---- expiry ---- */

START_TEST(entries_expire_unless_they_are_touched)
{
    ck_assert(obtain(SHORT_LIVED, 1) && obtain(SHORT_LIVED, 2));
    loop.now += EXPIRE - 1;
    ck_assert(has(SHORT_LIVED, 1)); /* looking is no touch */
    ck_assert(refresh(SHORT_LIVED, 2));
    loop.now++;
    ck_assert(!has(SHORT_LIVED, 1));
    ck_assert(has(SHORT_LIVED, 2));
    loop.now += EXPIRE - 1;
    ck_assert(!refresh(SHORT_LIVED, 2));
    ck_assert_uint_eq(px_stick_used(&tables[SHORT_LIVED]), 0);
}
END_TEST

START_TEST(what_is_left)
{
    uint32_t key = 9;
    struct px_stick_entry *e = px_stick_obtain(&tables[SHORT_LIVED], key_of(&key));
    loop.now += 300;
    ck_assert_uint_eq(px_stick_left(&tables[SHORT_LIVED], e), EXPIRE - 300);
    ck_assert_uint_eq(px_stick_idle(e), 300);
    loop.now += EXPIRE;
    ck_assert_uint_eq(px_stick_left(&tables[SHORT_LIVED], e), 0);
    px_stick_release(e);
    e = px_stick_obtain(&tables[PLAIN], key_of(&key));
    ck_assert_uint_eq(px_stick_left(&tables[PLAIN], e), 0);
    px_stick_release(e);
}
END_TEST

/* ---- size ---- */

START_TEST(the_oldest_makes_room)
{
    for (uint32_t k = 0; k < 3; k++)
        ck_assert(obtain(FULL, k));
    ck_assert(refresh(FULL, 0));
    ck_assert(obtain(FULL, 3));
    ck_assert(!has(FULL, 1));
    ck_assert(has(FULL, 0) && has(FULL, 2) && has(FULL, 3));
    ck_assert(obtain(FULL, 2)); /* it is there, and nothing has to go */
    ck_assert_uint_eq(px_stick_used(&tables[FULL]), 3);
}
END_TEST

START_TEST(nopurge_refuses_until_something_expires)
{
    for (uint32_t k = 0; k < 3; k++)
        ck_assert(obtain(REFUSING, k));
    ck_assert(!obtain(REFUSING, 3));
    ck_assert(obtain(REFUSING, 1));
    loop.now += EXPIRE - 1;
    ck_assert(obtain(REFUSING, 1));
    loop.now++;
    ck_assert(obtain(REFUSING, 3));
    ck_assert(!has(REFUSING, 0) && has(REFUSING, 1) && has(REFUSING, 3));
}
END_TEST

START_TEST(what_is_held_stays)
{
    struct px_stick_entry *held[3];
    for (uint32_t k = 0; k < 3; k++)
        held[k] = px_stick_obtain(&tables[FULL], key_of(&k));
    ck_assert(!obtain(FULL, 7));
    ck_assert_uint_eq(px_stick_used(&tables[FULL]), 3);
    px_stick_release(held[1]);
    ck_assert(obtain(FULL, 7));
    ck_assert(has(FULL, 0) && !has(FULL, 1) && has(FULL, 2));
    uint32_t key = 0;
    ck_assert(!px_stick_remove(&tables[FULL], px_stick_find(&tables[FULL], key_of(&key), false)));
    px_stick_release(held[0]);
    ck_assert(px_stick_remove(&tables[FULL], px_stick_find(&tables[FULL], key_of(&key), false)));
    ck_assert(!has(FULL, 0));
}
END_TEST

START_TEST(what_is_held_does_not_expire)
{
    uint32_t key = 1;
    struct px_stick_entry *e = px_stick_obtain(&tables[SHORT_LIVED], key_of(&key));
    loop.now += 2 * EXPIRE;
    ck_assert(has(SHORT_LIVED, 1));
    px_stick_release(e);
    ck_assert(!has(SHORT_LIVED, 1));
}
END_TEST

static bool odd(void *ctx, const struct px_stick_entry *e)
{
    uint32_t key;
    memcpy(&key, px_stick_key(ctx, e).p, sizeof key);
    return key & 1;
}

START_TEST(many)
{
    for (uint32_t k = 0; k < 100000; k++)
        ck_assert(obtain(WIDE, k));
    for (uint32_t k = 0; k < 100000; k++)
        ck_assert(has(WIDE, k));
    px_stick_each(&tables[WIDE], odd, (void *)&tables[WIDE]);
    ck_assert_uint_eq(px_stick_used(&tables[WIDE]), 50000);
    ck_assert(has(WIDE, 2) && !has(WIDE, 3));
}
END_TEST

/* ---- columns, keys, memory ---- */

START_TEST(columns)
{
    static const char name[] = "a";
    uint32_t key = 4;
    const struct px_stick_table *t = &tables[PLAIN];
    struct px_stick_entry *e = px_stick_obtain(t, key_of(&key));
    ck_assert_uint_eq(px_stick_int(t, e, PX_STICK_SERVER_ID), 0);
    ck_assert_ptr_null(px_stick_text(t, e, PX_STICK_SERVER_KEY));
    px_stick_set_int(t, e, PX_STICK_SERVER_ID, UINT32_MAX);
    px_stick_set_text(t, e, PX_STICK_SERVER_KEY, name);
    ck_assert_uint_eq(px_stick_int(t, e, PX_STICK_SERVER_ID), UINT32_MAX);
    ck_assert_ptr_eq(px_stick_text(t, e, PX_STICK_SERVER_KEY), name);
    ck_assert(!memcmp(px_stick_key(t, e).p, &key, 4));
    ck_assert(px_stick_has(t, PX_STICK_SERVER_KEY));
    ck_assert(!px_stick_has(&tables[SHORT_LIVED], PX_STICK_SERVER_KEY));
    ck_assert_uint_gt(px_stick_entry_size(t), px_stick_entry_size(&tables[FULL]));
    px_stick_release(e);
}
END_TEST

START_TEST(keys_of_any_length)
{
    const struct px_str keys[] = {PX_STR(""), PX_STR("a"), PX_STR("ab"), {"a\0b", 3}};
    for (unsigned i = 0; i < 4; i++)
        px_stick_release(px_stick_obtain(&tables[PLAIN], keys[i]));
    ck_assert_uint_eq(px_stick_used(&tables[PLAIN]), 4);
    ck_assert_ptr_null(px_stick_find(&tables[PLAIN], (struct px_str){"abc", 3}, false));
}
END_TEST

START_TEST(without_memory_nothing_changes)
{
    for (unsigned nth = 1; nth <= 2; nth++) {
        px_mem_fail_at(nth);
        ck_assert(!obtain(PLAIN, 1));
        px_mem_fail_at(0);
        ck_assert_uint_eq(px_stick_used(&tables[PLAIN]), 0);
        ck_assert(!has(PLAIN, 1));
    }
    ck_assert(obtain(PLAIN, 1));
}
END_TEST

/* ---- threads ---- */

static struct px_loop own[THREADS];

static void *run(void *arg)
{
    const struct px_stick_table *t = &tables[BUSY];
    unsigned state = (unsigned)(uintptr_t)arg;
    px_self = &own[state];
    px_self->now = 5000;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t key = (uint32_t)rand_r(&state) % (2 * BUSY_SIZE);
        unsigned dice = (unsigned)rand_r(&state) % 10;
        px_self->now += !(i % 20);
        struct px_stick_entry *e =
            dice < 6 ? px_stick_obtain(t, key_of(&key)) : px_stick_find(t, key_of(&key), true);
        if (!e)
            continue;
        ck_assert(!memcmp(px_stick_key(t, e).p, &key, sizeof key));
        if (px_stick_int(t, e, PX_STICK_SERVER_ID))
            ck_assert_uint_eq(px_stick_int(t, e, PX_STICK_SERVER_ID), key + 1);
        px_stick_set_int(t, e, PX_STICK_SERVER_ID, key + 1);
        if (dice == 9)
            px_stick_remove(t, e);
        else
            px_stick_release(e);
        ck_assert_uint_le(px_stick_used(t), BUSY_SIZE);
    }
    return NULL;
}

static bool count(void *ctx, const struct px_stick_entry *e)
{
    ck_assert_uint_eq(e->holders, 0);
    ++*(unsigned *)ctx;
    return false;
}

START_TEST(threads)
{
    pthread_t all[THREADS];
    unsigned n = 0;
    for (uintptr_t i = 0; i < THREADS; i++)
        ck_assert(!pthread_create(&all[i], NULL, run, (void *)i));
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(all[i], NULL);
    px_stick_each(&tables[BUSY], count, &n);
    ck_assert_uint_eq(px_stick_used(&tables[BUSY]), n);
    ck_assert_uint_gt(n, BUSY_SIZE / 2);
}
END_TEST

UNIT_MAIN("stick tables", begin, NULL, random_operations, random_operations_with_expiry,
          entries_expire_unless_they_are_touched, what_is_left, the_oldest_makes_room,
          nopurge_refuses_until_something_expires, what_is_held_stays, what_is_held_does_not_expire,
          many, columns, keys_of_any_length, without_memory_nothing_changes, threads)
