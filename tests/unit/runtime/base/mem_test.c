/*
 * Tests of runtime/base/mem.c: pools, buffers and arenas, and what happens when memory runs out.
 */
#include "runtime/base/mem.h"
#include "tests/unit/unit.h"

#include <stdalign.h>
#include <stdbool.h>
#include <string.h>

struct thing {
    char bytes[100];
};

START_TEST(pools_give_back_what_they_got)
{
    static struct px_pool pool = PX_POOL(struct thing);
    static struct thing *things[100];
    for (unsigned i = 0; i < 100; i++) {
        things[i] = px_pool_get(&pool);
        ck_assert_ptr_nonnull(things[i]);
        ck_assert_uint_eq((uintptr_t)things[i] % alignof(max_align_t), 0);
        memset(things[i], (int)i, sizeof *things[i]);
    }
    for (unsigned i = 0; i < 100; i++)
        for (unsigned k = 0; k < sizeof(struct thing); k++)
            ck_assert_int_eq(things[i]->bytes[k], (char)i);
    struct thing *last = things[99];
    px_pool_put(&pool, last);
    ck_assert_ptr_eq(px_pool_get(&pool), last);
}
END_TEST

START_TEST(small_objects)
{
    static struct px_pool pool = {1, NULL, 4};
    char *a = px_pool_get(&pool), *b = px_pool_get(&pool);
    *a = 'a';
    *b = 'b';
    ck_assert_int_eq(*a, 'a');
    px_pool_put(&pool, a);
    px_pool_put(&pool, b);
    ck_assert_ptr_eq(px_pool_get(&pool), b);
    ck_assert_ptr_eq(px_pool_get(&pool), a);
}
END_TEST

START_TEST(pools_may_run_out)
{
    static struct px_pool pool = PX_POOL(struct thing);
    static void *got[64];
    px_mem_fail_at(2);
    unsigned n = 0;
    while (n < 64 && (got[n] = px_pool_get(&pool)))
        n++;
    ck_assert_uint_eq(n, pool.batch);
    px_mem_fail_at(0);
    got[n] = px_pool_get(&pool);
    ck_assert_ptr_nonnull(got[n]);
}
END_TEST

START_TEST(the_nth_allocation_fails)
{
    px_mem_fail_at(3);
    for (unsigned i = 1; i <= 5; i++) {
        void *p = px_alloc(10);
        ck_assert_msg(!p == (i == 3), "call %u", i);
        px_free(p);
    }
    px_mem_fail_at(1);
    ck_assert_ptr_null(px_alloc(10));
    px_mem_fail_at(0);
    void *p = px_alloc(10);
    ck_assert_ptr_nonnull(p);
    px_free(p);
    px_free(NULL);
}
END_TEST

START_TEST(poison_fills_objects)
{
    static struct px_pool pool = PX_POOL(struct thing);
    px_mem_poison(0xa5);
    struct thing *t = px_pool_get(&pool);
    for (unsigned i = 0; i < sizeof *t; i++)
        ck_assert_int_eq((unsigned char)t->bytes[i], 0xa5);
    memset(t, 0, sizeof *t);
    px_pool_put(&pool, t);
    ck_assert_ptr_eq(px_pool_get(&pool), t);
    ck_assert_int_eq((unsigned char)t->bytes[50], 0xa5);
    struct px_buf *buf = px_buf_get();
    ck_assert_int_eq((unsigned char)buf->data[0], 0xa5);
    ck_assert_uint_eq(buf->start, 0);
    ck_assert_uint_eq(buf->end, 0);
    px_buf_put(buf);
}
END_TEST

START_TEST(buffers_have_the_size_asked_for)
{
    px_buf_set_size(5000);
    ck_assert_uint_eq(px_buf_size(), 5000);
    struct px_buf *a = px_buf_get(), *b = px_buf_get();
    ck_assert_uint_eq(a->cap, 5000);
    memset(a->data, 'a', a->cap);
    memset(b->data, 'b', b->cap);
    ck_assert_int_eq(a->data[4999], 'a');
    a->start = 5;
    a->end = a->mark = 10;
    ck_assert_uint_eq(px_buf_len(a), 5);
    px_buf_put(a);
    px_buf_put(NULL);
    struct px_buf *again = px_buf_get();
    ck_assert_ptr_eq(again, a);
    ck_assert_uint_eq(again->start + again->end + again->mark, 0);
    px_mem_fail_at(1);
    ck_assert_ptr_null(px_buf_get());
    px_mem_fail_at(0);
    px_buf_put(a);
    px_buf_put(b);
}
END_TEST

START_TEST(aligning_moves_bytes_and_mark)
{
    static const struct {
        uint32_t mark, moved;
    } rows[] = {{0, 0}, {5, 0}, {10, 0}, {12, 2}, {16, 6}};
    for (unsigned i = 0; i < 5; i++) {
        struct px_buf *b = px_buf_get();
        memcpy(b->data, "0123456789abcdef", 16);
        b->start = 10;
        b->end = 16;
        b->mark = rows[i].mark;
        px_buf_align(b);
        ck_assert_uint_eq(b->start, 0);
        ck_assert_uint_eq(b->end, 6);
        ck_assert_uint_eq(b->mark, rows[i].moved);
        ck_assert_mem_eq(b->data, "abcdef", 6);
        px_buf_align(b);
        ck_assert_uint_eq(b->end, 6);
        px_buf_put(b);
    }
}
END_TEST

START_TEST(arenas_hold_many_pieces)
{
    struct px_arena arena = {NULL};
    char *pieces[300];
    for (unsigned i = 0; i < 300; i++) {
        size_t size = 1 + i * 7 % 1500;
        pieces[i] = px_arena_get(&arena, size);
        ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)i, size);
    }
    for (unsigned i = 0; i < 300; i++)
        for (size_t k = 0; k < 1 + i * 7 % 1500; k++)
            ck_assert_int_eq(pieces[i][k], (char)i);
    px_arena_release(&arena);
    ck_assert_ptr_null(arena.chunk);
    px_arena_release(&arena);
    ck_assert_ptr_nonnull(px_arena_get(&arena, 5));
    px_arena_release(&arena);
}
END_TEST

START_TEST(arenas_copy)
{
    struct px_arena arena = {NULL};
    char *copy = px_arena_copy(&arena, "a\0b", 3);
    ck_assert_mem_eq(copy, "a\0b", 3);
    ck_assert_ptr_nonnull(px_arena_copy(&arena, NULL, 0));
    px_mem_fail_at(1);
    ck_assert_ptr_null(px_arena_get(&arena, 100000));
    ck_assert_mem_eq(copy, "a\0b", 3);
    px_mem_fail_at(0);
    ck_assert_ptr_nonnull(px_arena_get(&arena, 100000));
    px_arena_release(&arena);
}
END_TEST

/* A burst of buffers is given back once it is over, but for as many as make the next one quick. */
START_TEST(buffers_of_a_burst_are_given_back)
{
    enum { BURST = 500 };
    static struct px_buf *all[BURST];
    px_buf_trim();
    px_buf_trim();
    for (unsigned i = 0; i < BURST; i++)
        ck_assert_ptr_nonnull(all[i] = px_buf_get());
    for (unsigned i = 0; i < BURST; i++)
        px_buf_put(all[i]);
    ck_assert(px_buf_surplus());
    px_buf_trim(); /* they were in use a moment ago */
    ck_assert(px_buf_surplus());
    px_buf_trim();
    ck_assert(!px_buf_surplus());
    ck_assert_ptr_nonnull(all[0] = px_buf_get());
    px_buf_put(all[0]);
}
END_TEST

UNIT_MAIN("mem", NULL, NULL, pools_give_back_what_they_got, small_objects, pools_may_run_out,
          the_nth_allocation_fails, poison_fills_objects, buffers_have_the_size_asked_for,
          aligning_moves_bytes_and_mark, arenas_hold_many_pieces, arenas_copy,
          buffers_of_a_burst_are_given_back)
