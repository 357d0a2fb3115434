/*
 * Tests of runtime/ops/ring.c: what a ring keeps, who has missed what, and waking of readers.
 */
#include "runtime/ops/ring.h"

#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = 64, WRITERS = 4, LINES = 5000 };

static const struct px_ring rings[] = {{.name = "small", .size = SIZE},
                                       {.name = "busy", .size = 4096, .number = 1}};
static const struct px_global global = {.bufsize = 16384};
const struct px_program px_program = {.global = &global, .rings = rings, .nrings = 2};

static struct px_loop loop;
static unsigned woken, freed_readers;

static void ready(struct px_ring_reader *r)
{
    (void)r;
    woken++;
}

static void freed(struct px_ring_reader *r)
{
    (void)r;
    freed_readers++;
}

static struct px_ring_reader reader(bool told)
{
    return (struct px_ring_reader){.ready = ready, .freed = freed, .loop = told ? &loop : NULL};
}

static void begin(void)
{
    ck_assert(px_loop_init(&loop, 0));
    px_self = &loop;
    ck_assert(px_rings_init());
    woken = freed_readers = 0;
}

static void put(const char *text)
{
    size_t half = strlen(text) / 2;
    struct iovec v[3] = {
        {(char *)text, half}, {NULL, 0}, {(char *)text + half, strlen(text) - half}};
    px_ring_write(&rings[0], v, 3);
}

static void reads(struct px_ring_reader *r, enum px_framing framing, size_t room, const char *text)
{
    char got[PX_RING_READ_LEAST];
    size_t n = px_ring_read(r, framing, got, room);
    ck_assert_uint_eq(n, strlen(text));
    ck_assert_mem_eq(got, text, n);
}

/* The notes that are on their way. */
static void deliver(void)
{
    struct px_note *note = atomic_exchange(&loop.inbox, NULL);
    while (note) {
        struct px_note *next = note->next;
        note->deliver(note);
        note = next;
    }
}

START_TEST(frames)
{
    struct px_ring_reader a = reader(false), b = a, c = a;
    px_ring_open(&a, &rings[0], false);
    put("one");
    put("");
    px_ring_open(&b, &rings[0], true);
    put("two words");
    px_ring_open(&c, &rings[0], false);
    reads(&a, PX_FRAME_LF, 100, "one\n\ntwo words\n");
    reads(&a, PX_FRAME_LF, 100, "");
    reads(&b, PX_FRAME_COUNTS, 100, "9 two words");
    reads(&c, PX_FRAME_COUNTS, 100, "3 one0 9 two words");
}
END_TEST

START_TEST(only_whole_lines)
{
    struct px_ring_reader r = reader(false);
    px_ring_open(&r, &rings[0], false);
    put("0123456789");
    put("abc");
    reads(&r, PX_FRAME_LF, 14, "0123456789\n");
    reads(&r, PX_FRAME_LF, 4, "abc\n");
}
END_TEST

/* 64 bytes hold four lines of 12 bytes; places go around the end of the memory many times. */
START_TEST(the_oldest_go)
{
    char text[16], all[64];
    struct px_ring_reader old = reader(false), slow = old;
    px_ring_open(&old, &rings[0], false);
    for (unsigned i = 0; i < 1000; i++) {
        if (i == 990)
            px_ring_open(&slow, &rings[0], true);
        snprintf(text, sizeof text, "line %07u", i);
        put(text);
    }
    snprintf(all, sizeof all, "%s\n%s\n%s\n%s\n", "line 0000996", "line 0000997", "line 0000998",
             "line 0000999");
    ck_assert_uint_eq(px_ring_lost(&old), 996);
    reads(&old, PX_FRAME_LF, 100, all);
    ck_assert_uint_eq(px_ring_lost(&old), 996);
    ck_assert_uint_eq(px_ring_lost(&slow), 6);
    reads(&slow, PX_FRAME_LF, 100, all);
    put("more");
    reads(&old, PX_FRAME_LF, 100, "more\n");
    ck_assert_uint_eq(px_ring_lost(&old), 996);
}
END_TEST

START_TEST(a_line_as_long_as_the_ring)
{
    char text[SIZE - PX_RING_OVERHEAD + 1], line[sizeof text + 1];
    struct px_ring_reader r = reader(false);
    px_ring_open(&r, &rings[0], false);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    put("before");
    put(text);
    snprintf(line, sizeof line, "%s\n", text);
    reads(&r, PX_FRAME_LF, 100, line);
    ck_assert_uint_eq(px_ring_lost(&r), 1);
}
END_TEST

START_TEST(readers_are_told_once)
{
    struct px_ring_reader r = reader(true);
    px_ring_open(&r, &rings[0], false);
    put("not yet");
    deliver();
    ck_assert_uint_eq(woken, 0);
    reads(&r, PX_FRAME_LF, 100, "not yet\n");
    reads(&r, PX_FRAME_LF, 100, "");
    put("a");
    put("b");
    reads(&r, PX_FRAME_LF, 100, "a\nb\n");
    reads(&r, PX_FRAME_LF, 100, "");
    put("c"); /* the first note is still on its way */
    deliver();
    ck_assert_uint_eq(woken, 1);
    reads(&r, PX_FRAME_LF, 100, "c\n");
    reads(&r, PX_FRAME_LF, 100, "");
    put("d");
    deliver();
    ck_assert_uint_eq(woken, 2);
}
END_TEST

START_TEST(freed_when_nothing_comes)
{
    struct px_ring_reader r = reader(true), busy = r;
    px_ring_open(&r, &rings[0], false);
    px_ring_close(&r);
    ck_assert_uint_eq(freed_readers, 1);
    px_ring_open(&busy, &rings[0], false);
    reads(&busy, PX_FRAME_LF, 100, "");
    put("a");
    px_ring_close(&busy);
    ck_assert_uint_eq(freed_readers, 1);
    put("b");
    deliver();
    ck_assert_uint_eq(freed_readers, 2);
    ck_assert_uint_eq(woken, 0);
}
END_TEST

static void *write_many(void *arg)
{
    char text[32];
    for (unsigned i = 0; i < LINES; i++) {
        struct iovec v = {text, (size_t)snprintf(text, sizeof text, "%c%u", *(char *)arg, i)};
        px_ring_write(&rings[1], &v, 1);
    }
    return NULL;
}

/* Lines of one writer keep their order, none is torn, and none vanishes uncounted. */
START_TEST(many_writers)
{
    static char names[WRITERS] = "abcd";
    pthread_t threads[WRITERS];
    unsigned next[WRITERS] = {0}, n = 0;
    struct px_ring_reader r = reader(false);
    char got[PX_RING_READ_LEAST + 1];
    px_ring_open(&r, &rings[1], false);
    for (unsigned i = 0; i < WRITERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_many, &names[i]), 0);
    while (n + px_ring_lost(&r) < WRITERS * LINES) {
        got[px_ring_read(&r, PX_FRAME_LF, got, PX_RING_READ_LEAST)] = 0;
        for (char *line = strtok(got, "\n"); line; line = strtok(NULL, "\n"), n++) {
            char *end;
            unsigned writer = (unsigned)(*line - 'a');
            unsigned long number = strtoul(line + 1, &end, 10);
            ck_assert_uint_lt(writer, WRITERS);
            ck_assert_int_eq(*end, 0);
            ck_assert_uint_ge(number, next[writer]);
            next[writer] = (unsigned)number + 1;
        }
    }
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(n + px_ring_lost(&r), WRITERS * LINES);
    ck_assert_uint_gt(n, 0);
}
END_TEST

UNIT_MAIN("ring", begin, NULL, frames, only_whole_lines, the_oldest_go, a_line_as_long_as_the_ring,
          readers_are_told_once, freed_when_nothing_comes, many_writers)
