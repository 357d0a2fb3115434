/*
 * Tests of runtime/txn/scratch.c: memory that grows with what rules compute, and starts anew with
 * each of them.
 */
#include "runtime/abi/kept.h"
#include "runtime/abi/out.h"
#include "runtime/abi/tables.h"
#include "runtime/base/mem.h"
#include "runtime/txn/scratch.h"
#include "tests/unit/unit.h"

#include <string.h>

static const struct px_global global = {.bufsize = 4096, .maxrewrite = 1024};
const struct px_program px_program = {.global = &global};

static void start(void)
{
    px_scratch_reset();
}

START_TEST(pieces_do_not_touch)
{
    enum { PIECES = 3000, SIZE = 100 };
    static char *pieces[PIECES];
    for (unsigned i = 0; i < PIECES; i++) {
        pieces[i] = px_scratch_get(SIZE + i % 7);
        ck_assert_ptr_nonnull(pieces[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % 8, 0);
        memset(pieces[i], (int)(i % 251), SIZE + i % 7);
    }
    for (unsigned i = 0; i < PIECES; i++)
        for (unsigned k = 0; k < SIZE + i % 7; k++)
            ck_assert_int_eq((unsigned char)pieces[i][k], i % 251);
}
END_TEST

START_TEST(one_piece_may_be_large)
{
    char *large = px_scratch_get(1000000), *small = px_scratch_get(8);
    ck_assert_ptr_nonnull(large);
    ck_assert_ptr_nonnull(small);
    memset(large, 'a', 1000000);
    memset(small, 'b', 8);
    ck_assert_int_eq(large[999999], 'a');
}
END_TEST

/* A request may use much, and every request may. */
START_TEST(there_is_an_end)
{
    for (unsigned round = 0; round < 3; round++) {
        size_t got = 0;
        while (px_scratch_get(4096))
            got += 4096;
        ck_assert_uint_ge(got, 1000 * px_buf_size());
        ck_assert_uint_le(got, 5000 * px_buf_size());
        px_scratch_reset();
    }
    ck_assert_ptr_null(px_scratch_get(SIZE_MAX / 2));
}
END_TEST

START_TEST(failures_are_remembered)
{
    ck_assert(!px_scratch_failed());
    ck_assert_ptr_null(px_scratch_get(SIZE_MAX / 2));
    ck_assert_ptr_nonnull(px_scratch_get(8));
    ck_assert(px_scratch_failed());
    uint64_t age = px_kept_age;
    px_scratch_reset();
    ck_assert(!px_scratch_failed());
    ck_assert_uint_ne(px_kept_age, age);
}
END_TEST

START_TEST(what_is_cut_is_given_again)
{
    char *a = px_scratch_get(1000);
    px_scratch_cut(a, 10);
    char *b = px_scratch_get(8);
    ck_assert_ptr_eq(b, a + 16);
    px_scratch_cut(b, 0);
    ck_assert_ptr_eq(px_scratch_get(8), b);
    for (unsigned i = 0; i < 10000; i++) {
        char *c = px_scratch_get(4096);
        ck_assert_ptr_nonnull(c);
        px_scratch_cut(c, 0);
    }
}
END_TEST

/* The last piece is cut after a later one, in a block of its own, was given back. */
START_TEST(cuts_in_reverse)
{
    char *a = px_scratch_get(60000), *b = px_scratch_get(60000), *c = px_scratch_get(100000);
    ck_assert(a && b && c);
    px_scratch_cut(c, 0);
    px_scratch_cut(b, 0);
    px_scratch_cut(a, 8);
    ck_assert_ptr_eq(px_scratch_get(8), a + 8);
}
END_TEST

START_TEST(copies)
{
    struct px_str s = {"abc", 3}, nothing = {NULL, 0};
    ck_assert(px_scratch_copy(&s) && px_scratch_copy(&nothing));
    ck_assert_mem_eq(s.p, "abc", 3);
    ck_assert_ptr_nonnull(nothing.p);
}
END_TEST

static void put_letters(struct px_txn *t, struct px_out *out)
{
    (void)t;
    for (unsigned i = 0; i < 20000; i++)
        px_put(out, "x", 1);
}

START_TEST(texts_of_formats)
{
    static const struct px_fmt constant = {PX_STR("abc"), NULL}, long_one = {.append = put_letters};
    struct px_str s = px_fmt_text(NULL, &constant);
    ck_assert(s.len == 3 && s.p == constant.text.p);
    s = px_fmt_text(NULL, &long_one);
    ck_assert_uint_eq(s.len, px_buf_size());
}
END_TEST

UNIT_MAIN("scratch", start, start, pieces_do_not_touch, one_piece_may_be_large, there_is_an_end, failures_are_remembered,
          what_is_cut_is_given_again, cuts_in_reverse, copies, texts_of_formats)
