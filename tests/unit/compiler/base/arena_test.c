/*
 * Tests of compiler/base/arena.c: memory is zeroed, aligned, apart, and of any size.
 */
#include "compiler/base/arena.h"
#include "tests/unit/unit.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_zero(const char *p, size_t n)
{
    while (n && !p[n - 1])
        n--;
    return !n;
}

START_TEST(pieces_are_zeroed_aligned_and_apart)
{
    struct arena *a = arena_new();
    char *before = NULL;
    size_t before_size = 0;
    for (size_t size = 1; size < 3000; size += 7) {
        char *p = arena_get(a, size);
        ck_assert_uint_eq((uintptr_t)p % alignof(max_align_t), 0);
        ck_assert_msg(is_zero(p, size), "a piece of %zu bytes is not zeroed", size);
        if (before)
            ck_assert_msg(before[before_size - 1] == 'x' && before[0] == 'x', "overwritten");
        memset(p, 'x', size);
        before = p;
        before_size = size;
    }
    arena_free(a);
}
END_TEST

START_TEST(large_pieces_do_not_lose_the_room_left)
{
    struct arena *a = arena_new();
    char *first = arena_get(a, 16);
    char *large = arena_get(a, 1 << 20);
    char *second = arena_get(a, 16);
    memset(large, 'x', 1 << 20);
    ck_assert_ptr_eq(second, first + 16);
    ck_assert(is_zero(second, 16));
    arena_free(a);
}
END_TEST

START_TEST(a_large_piece_may_be_the_first)
{
    struct arena *a = arena_new();
    char *large = arena_get(a, 1 << 20);
    char *small = arena_get(a, 8);
    ck_assert(is_zero(large, 1 << 20));
    memset(large, 'x', 1 << 20);
    ck_assert(is_zero(small, 8));
    arena_free(a);
}
END_TEST

START_TEST(nothing_is_a_piece_too)
{
    struct arena *a = arena_new();
    ck_assert_ptr_nonnull(arena_get(a, 0));
    ck_assert_ptr_nonnull(arena_get_n(a, 0, 8));
    ck_assert_ptr_nonnull(arena_get_n(a, 8, 0));
    arena_free(a);
}
END_TEST

START_TEST(vectors_keep_their_elements)
{
    struct arena *a = arena_new();
    VEC(unsigned) v = {0};
    for (unsigned i = 0; i < 1000; i++) {
        unsigned *place = VEC_PUSH(a, &v);
        ck_assert_uint_eq(*place, 0);
        *place = i * 3;
    }
    VEC_ADD(a, &v, 7);
    ck_assert_uint_eq(v.n, 1001);
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_uint_eq(v.v[i], i * 3);
    ck_assert_uint_eq(v.v[1000], 7);
    arena_free(a);
}
END_TEST

/* Runs in a child of its own: the program ends with a message. */
START_TEST(a_size_that_overflows_ends_the_program)
{
    struct arena *a = arena_new();
    arena_get_n(a, SIZE_MAX / 4, 8);
    arena_free(a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *all = tcase_create("arena");
    tcase_add_test(all, pieces_are_zeroed_aligned_and_apart);
    tcase_add_test(all, large_pieces_do_not_lose_the_room_left);
    tcase_add_test(all, a_large_piece_may_be_the_first);
    tcase_add_test(all, nothing_is_a_piece_too);
    tcase_add_test(all, vectors_keep_their_elements);
    tcase_add_exit_test(all, a_size_that_overflows_ends_the_program, 1);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
