/*
 * Tests of compiler/base/source.c: lines and columns of offsets, and reading files.
 */
#include "compiler/base/source.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

static void expect_place(const struct source *s, uint32_t offset, unsigned line, unsigned column)
{
    struct place p = source_place(s, offset);
    ck_assert_msg(p.line == line && p.column == column, "offset %u is %u:%u, not %u:%u", offset,
                  p.line, p.column, line, column);
}

START_TEST(offsets_have_lines_and_columns)
{
    struct source *s = source_from(arena, "a.cfg", STR("ab\n\ncd\nlast"));
    expect_place(s, 0, 1, 1);
    expect_place(s, 2, 1, 3);
    expect_place(s, 3, 2, 1);
    expect_place(s, 4, 3, 1);
    expect_place(s, 6, 3, 3);
    expect_place(s, 7, 4, 1);
    expect_place(s, 11, 4, 5);
    ck_assert_uint_eq(s->lines.n, 4);
}
END_TEST

START_TEST(the_end_belongs_to_the_last_line)
{
    struct source *s = source_from(arena, "a.cfg", STR("ab\ncd\n"));
    ck_assert_uint_eq(s->lines.n, 2);
    expect_place(s, 6, 2, 4);
    struct source *empty = source_from(arena, "a.cfg", STR(""));
    ck_assert_uint_eq(empty->lines.n, 1);
    expect_place(empty, 0, 1, 1);
    ck_assert_uint_eq(source_line(empty, 1).len, 0);
}
END_TEST

START_TEST(lines_come_without_their_ends)
{
    struct source *s = source_from(arena, "a.cfg", STR("lf\ncrlf\r\n\n\r\na\rb\nnone"));
    static const char *const lines[] = {"lf", "crlf", "", "", "a\rb", "none"};
    ck_assert_uint_eq(s->lines.n, COUNT(lines));
    for (unsigned i = 0; i < COUNT(lines); i++)
        ck_assert_msg(str_is(source_line(s, i + 1), lines[i]), "line %u", i + 1);
}
END_TEST

START_TEST(a_nul_is_a_byte_like_others)
{
    struct source *s = source_from(arena, "a.cfg", STR("a\0b\nc"));
    ck_assert_uint_eq(s->text.len, 5);
    ck_assert_uint_eq(s->lines.n, 2);
    ck_assert_uint_eq(source_line(s, 1).len, 3);
    ck_assert_int_eq(s->text.p[5], 0);
}
END_TEST

START_TEST(spans_join_in_any_order)
{
    struct source *s = source_from(arena, "a.cfg", STR("0123456789"));
    struct span a = {s, 2, 4}, b = {s, 3, 8};
    struct span ab = span_join(a, b), ba = span_join(b, a);
    ck_assert_ptr_eq(ab.source, s);
    ck_assert_uint_eq(ab.start, 2);
    ck_assert_uint_eq(ab.end, 8);
    ck_assert_uint_eq(ba.start, 2);
    ck_assert_uint_eq(ba.end, 8);
}
END_TEST

START_TEST(pipes_are_read_to_their_end)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(write(fds[1], "global\n", 7), 7);
    close(fds[1]);
    struct source *s = source_read_fd(arena, "-", fds[0]);
    ck_assert_ptr_nonnull(s);
    ck_assert(str_is(s->text, "global\n"));
    ck_assert(str_is(s->name, "-"));
    ck_assert_int_eq(close(fds[0]), 0);
}
END_TEST

START_TEST(files_are_read)
{
    char path[] = "/tmp/source_test.XXXXXX";
    int fd = mkstemp(path);
    static char bytes[200000];
    memset(bytes, 'x', sizeof bytes);
    bytes[sizeof bytes - 1] = '\n';
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    struct source *s = source_read(arena, path);
    unlink(path);
    ck_assert_ptr_nonnull(s);
    ck_assert_uint_eq(s->text.len, sizeof bytes);
    ck_assert_mem_eq(s->text.p, bytes, sizeof bytes);
    ck_assert(str_is(s->name, path));
}
END_TEST

START_TEST(what_cannot_be_read_says_why)
{
    errno = 0;
    ck_assert_ptr_null(source_read(arena, "/tmp/no such file anywhere"));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_ptr_null(source_read(arena, "/tmp"));
    ck_assert_int_eq(errno, EISDIR);
}
END_TEST

UNIT_MAIN("source", setup, teardown, offsets_have_lines_and_columns,
          the_end_belongs_to_the_last_line, lines_come_without_their_ends,
          a_nul_is_a_byte_like_others, spans_join_in_any_order, pipes_are_read_to_their_end,
          files_are_read, what_cannot_be_read_says_why)
