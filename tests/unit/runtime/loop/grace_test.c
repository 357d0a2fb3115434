/*
 * Tests of runtime/loop/grace.c: what is retired is freed behind the last loop, and not before.
 */
#include "runtime/loop/grace.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { LOOPS = 3 };

static struct px_loop all[LOOPS];
static struct px_loop *loops[LOOPS] = {&all[0], &all[1], &all[2]};
static unsigned freed;

static void count(struct px_retired *r)
{
    (void)r;
    freed++;
}

static void stop(struct px_note *note)
{
    (void)note;
    px_self->stop = true;
}

/* All that was posted to it so far is delivered. */
static void turn(unsigned number)
{
    struct px_note note = {.deliver = stop};
    px_loop_post(loops[number], &note);
    px_loop_run(loops[number]);
    loops[number]->stop = false;
}

static void begin(void)
{
    freed = 0;
    for (unsigned i = 0; i < LOOPS; i++)
        ck_assert(px_loop_init(loops[i], i));
}

START_TEST(behind_the_last_loop)
{
    struct px_retired one, two, three;
    px_grace_init(loops, LOOPS);
    px_retire(&one, count);
    turn(0);
    px_retire(&two, count); /* loop 0 may have seen it meanwhile: it waits for another round */
    turn(1);
    ck_assert_uint_eq(freed, 0);
    turn(2);
    ck_assert_uint_eq(freed, 1);
    turn(2);
    turn(0);
    ck_assert_uint_eq(freed, 1);
    px_retire(&three, count);
    turn(1);
    ck_assert_uint_eq(freed, 2);
    for (unsigned i = 0; i < LOOPS; i++)
        turn(i);
    ck_assert_uint_eq(freed, 3);
}
END_TEST

START_TEST(at_once_when_nobody_else_reads)
{
    struct px_retired one, two;
    px_grace_init(NULL, 0);
    px_retire(&one, count);
    ck_assert_uint_eq(freed, 1);
    px_grace_init(loops, 1);
    px_retire(&two, count);
    ck_assert_uint_eq(freed, 2);
}
END_TEST

UNIT_MAIN("grace", begin, NULL, behind_the_last_loop, at_once_when_nobody_else_reads)
