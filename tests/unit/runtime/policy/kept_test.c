/*
 * Tests of runtime/policy/kept.c: how long samples are kept, and for whom.
 */
#include "message_desk.h"
#include "runtime/abi/kept.h"

static struct px_kept kept;
static struct px_kept_list list;
static unsigned computed;
static char text[] = "abc";

static void begin(void)
{
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    px_forget(&kept);
    px_forget(&list.end);
    computed = 0;
    strcpy(text, "abc");
}

static void end(void)
{
    px_scratch_reset();
}

/* As generated code asks for a sample. */
static const char *get(struct px_txn *t)
{
    if (px_is_kept(&kept, t))
        return desk_text(px_kept_again(&kept, &desk_sample));
    computed++;
    px_set_text(&desk_sample, px_text_of(text));
    return desk_text(px_keep(&kept, t, &desk_sample, PX_FOUND));
}

static enum px_found one_of_three(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    static const char *const texts[] = {"a", "", "c"};
    computed += t == &desk;
    if (it->line == 3)
        return PX_LATER;
    px_set_text(s, px_text_of(texts[it->line++]));
    return PX_FOUND;
}

/* The three values, and what is behind them. */
static void expect_three(void)
{
    static const char *const texts[] = {"a", "", "c"};
    struct px_iter it = {0};
    if (!px_is_kept(&list.end, &desk))
        px_keep_all(&list, &desk, one_of_three);
    for (unsigned i = 0; i < 3; i++)
        EXPECT(px_kept_next(&list, &desk_sample, &it), texts[i]);
    ck_assert_int_eq(px_kept_next(&list, &desk_sample, &it), PX_LATER);
    ck_assert_int_eq(px_kept_next(&list, &desk_sample, &it), PX_LATER);
}

START_TEST(computed_once)
{
    for (unsigned i = 0; i < 3; i++)
        ck_assert_str_eq(get(&desk), "abc");
    ck_assert_uint_eq(computed, 1);
}
END_TEST

START_TEST(absence_is_kept)
{
    px_keep(&kept, &desk, &desk_sample, PX_ABSENT);
    ck_assert(px_is_kept(&kept, &desk));
    ck_assert_int_eq(px_kept_again(&kept, &desk_sample), PX_ABSENT);
}
END_TEST

START_TEST(bytes_are_copies)
{
    ck_assert_str_eq(get(&desk), "abc");
    strcpy(text, "xyz");
    ck_assert_str_eq(get(&desk), "abc");
}
END_TEST

START_TEST(until_it_is_forgotten)
{
    get(&desk);
    strcpy(text, "xyz");
    px_forget(&kept);
    ck_assert_str_eq(get(&desk), "xyz");
    ck_assert_uint_eq(computed, 2);
}
END_TEST

/* Nothing else may have used scratch memory: the reset counts all the same. */
START_TEST(until_scratch_memory_is_reset)
{
    px_keep(&kept, &desk, &desk_sample, PX_ABSENT);
    px_scratch_reset();
    ck_assert(!px_is_kept(&kept, &desk));
    ck_assert_str_eq(get(&desk), "abc");
    px_scratch_reset();
    strcpy(text, "xyz");
    ck_assert_str_eq(get(&desk), "xyz");
}
END_TEST

START_TEST(not_for_others)
{
    struct px_txn other = {0};
    get(&desk);
    ck_assert(!px_is_kept(&kept, &other));
    ck_assert(!px_is_kept(&kept, NULL));
    strcpy(text, "xyz");
    ck_assert_str_eq(get(&other), "xyz");
    ck_assert(!px_is_kept(&kept, &desk));
}
END_TEST

START_TEST(not_at_first)
{
    static const struct px_kept fresh;
    ck_assert(!px_is_kept(&fresh, NULL));
    ck_assert(!px_is_kept(&fresh, &desk));
}
END_TEST

START_TEST(for_one_rule_set)
{
    get(&desk);
    ck_assert(px_is_kept_in_pass(&kept, &desk));
    px_kept_pass++;
    ck_assert(px_is_kept(&kept, &desk));
    ck_assert(!px_is_kept_in_pass(&kept, &desk));
}
END_TEST

START_TEST(all_values)
{
    expect_three();
    unsigned before = computed;
    expect_three();
    ck_assert_uint_eq(computed, before);
    px_forget(&list.end);
    expect_three();
    ck_assert_uint_eq(computed, 2 * before);
}
END_TEST

static enum px_found many(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    (void)t;
    px_set_int(s, it->line);
    return it->line++ < 1000 ? PX_FOUND : PX_ABSENT;
}

START_TEST(many_values)
{
    struct px_iter it = {0};
    px_keep_all(&list, &desk, many);
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert_int_eq(px_kept_next(&list, &desk_sample, &it), PX_FOUND);
        ck_assert_int_eq(desk_sample.u.i, i);
    }
    ck_assert_int_eq(px_kept_next(&list, &desk_sample, &it), PX_ABSENT);
}
END_TEST

static enum px_found endless(struct px_txn *t, struct px_sample *s, struct px_iter *it)
{
    (void)t;
    (void)it;
    px_set_int(s, 1);
    return PX_FOUND;
}

/* More than there is memory for: nothing is kept, and what is decided meanwhile does not count. */
START_TEST(without_memory)
{
    px_keep_all(&list, &desk, endless);
    ck_assert(!px_is_kept(&list.end, &desk));
    ck_assert(px_scratch_failed());
}
END_TEST

START_TEST(shared_by_the_functions_of_a_phase)
{
    struct px_kept whose = {0};
    struct px_txn other = {0};
    ck_assert(!px_is_shared(&whose, &desk));
    ck_assert(px_is_shared(&whose, &desk));
    ck_assert(!px_is_shared(&whose, &other));
    ck_assert(!px_is_shared(&whose, &desk));
    px_scratch_reset();
    ck_assert(!px_is_shared(&whose, &desk));
}
END_TEST

UNIT_MAIN("kept", begin, end, computed_once, absence_is_kept, bytes_are_copies,
          until_it_is_forgotten, until_scratch_memory_is_reset, not_for_others, not_at_first,
          for_one_rule_set, all_values, many_values, without_memory,
          shared_by_the_functions_of_a_phase)
