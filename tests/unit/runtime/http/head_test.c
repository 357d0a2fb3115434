/*
 * Tests of runtime/http/head.c and h1_write.c: edits of a head, and the bytes that go out: the
 * original ones where nothing was changed, in as few pieces as possible.
 */
#include "h1_desk.h"

static const struct px_name slotted = {PX_STR("x-slot"), PROGRAM_X_SLOT};
static const struct px_name plain = {PX_STR("x-plain"), 0};

static const char request[] = "GET /a HTTP/1.1\r\nhost: x\r\nx-slot: 1\r\nx-plain: 2\r\nx-slot: "
                              "3\r\nlast: 4\r\n\r\n";

static struct px_str str(const char *s)
{
    return (struct px_str){s, strlen(s)};
}

static unsigned pieces(void)
{
    struct iovec v[512];
    return px_h1_iov(&P.head, v, COUNT(v));
}

/* The flat form must say the same. */
static void expect_sent(const char *want)
{
    size_t len = 0;
    const char *got = written(), *flat = px_h1_flat(&P.head, &len);
    ck_assert_str_eq(got, want);
    ck_assert_ptr_nonnull(flat);
    ck_assert_uint_eq(len, strlen(want));
    ck_assert_mem_eq(flat, want, len);
}

/* The runtime's own names have no slot, and those of the configuration do. */
START_TEST(what_is_added_without_a_slot_is_found_with_it)
{
    static const struct px_name bare = {PX_STR("x-slot"), 0};
    ck_assert_int_eq(parse(true, "HTTP/1.1 200 OK\r\na: b\r\n\r\n"), PX_H1_DONE);
    ck_assert_uint_eq(px_head_find(&P.head, &slotted, 0), 0);
    ck_assert(px_head_add(&P.head, &bare, str("1")));
    ck_assert_uint_eq(px_head_find(&P.head, &slotted, 0), 2);
    ck_assert_uint_eq(px_head_find(&P.head, &bare, 0), 2);
}
END_TEST

START_TEST(untouched_heads_go_out_as_they_are)
{
    ck_assert_int_eq(parse(false, request), PX_H1_DONE);
    ck_assert_uint_eq(pieces(), 1);
    expect_sent(request);
    ck_assert_int_eq(parse(true, "HTTP/1.1 200 OK\r\na: b\r\n\r\n"), PX_H1_DONE);
    ck_assert_uint_eq(pieces(), 1);
    expect_sent("HTTP/1.1 200 OK\r\na: b\r\n\r\n");
}
END_TEST

START_TEST(names_go_out_in_lower_case)
{
    ck_assert_int_eq(parse(false, "GET / HTTP/1.1\r\nHost: X\r\nFoo-Bar: B\r\n\r\n"), PX_H1_DONE);
    expect_sent("GET / HTTP/1.1\r\nhost: X\r\nfoo-bar: B\r\n\r\n");
}
END_TEST

START_TEST(what_is_loose_is_put_right)
{
    static const struct {
        const char *text, *sent;
        bool response;
    } rows[] = {
        {"GET  /\tHTTP/1.1\r\na:b\r\n\r\n", "GET / HTTP/1.1\r\na: b\r\n\r\n", false},
        {"GET / HTTP/1.0\na:   b  \nc:\n\n", "GET / HTTP/1.0\r\na: b\r\nc: \r\n\r\n", false},
        {"GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", false},
        {"HTTP/1.1  404   Not  Found \na: b\r\n\n", "HTTP/1.1 404 Not  Found \r\na: b\r\n\r\n",
         true},
        {"HTTP/1.0 200\r\n\r\n", "HTTP/1.0 200 \r\n\r\n", true},
        {"GET / HTTP/1.1\r\na: b\r\n\n", "GET / HTTP/1.1\r\na: b\r\n\r\n", false},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        ck_assert_int_eq(parse(rows[i].response, rows[i].text), PX_H1_DONE);
        expect_sent(rows[i].sent);
    }
}
END_TEST

START_TEST(adding)
{
    ck_assert_int_eq(parse(false, request), PX_H1_DONE);
    ck_assert(px_head_add(&P.head, &slotted, str("new")));
    ck_assert(px_head_add(&P.head, &plain, str("")));
    expect_sent("GET /a HTTP/1.1\r\nhost: x\r\nx-slot: 1\r\nx-plain: 2\r\nx-slot: 3\r\nlast: 4\r\n"
                "x-slot: new\r\nx-plain: \r\n\r\n");
    unsigned at = px_head_find(&P.head, &slotted, 4);
    ck_assert_uint_eq(at, 6);
    ck_assert_uint_eq(px_head_find(&P.head, &plain, 3), 7);
    ck_assert(px_str_is((struct px_str){px_head_at(&P.head, at)->value, 3}, "new"));
}
END_TEST

START_TEST(changing)
{
    ck_assert_int_eq(parse(false, request), PX_H1_DONE);
    ck_assert(px_head_change(&P.head, 2, str("a longer value")));
    ck_assert(px_head_change(&P.head, 5, str("")));
    expect_sent(
        "GET /a HTTP/1.1\r\nhost: x\r\nx-slot: a longer value\r\nx-plain: 2\r\nx-slot: 3\r\n"
        "last: \r\n\r\n");
    ck_assert(px_head_change(&P.head, 2, str("again")));
    ck_assert_uint_eq(px_head_find(&P.head, &slotted, 0), 2);
    ck_assert(px_str_is((struct px_str){px_head_at(&P.head, 2)->value, 5}, "again"));
}
END_TEST

START_TEST(deleting)
{
    ck_assert_int_eq(parse(false, request), PX_H1_DONE);
    px_head_delete(&P.head, 2);
    ck_assert_uint_eq(px_head_find(&P.head, &slotted, 0), 4);
    ck_assert_uint_eq(pieces(), 2);
    px_head_delete_name(&P.head, &plain);
    ck_assert_uint_eq(px_head_find(&P.head, &plain, 0), 0);
    px_head_delete_name(&P.head, &slotted);
    ck_assert_uint_eq(px_head_find(&P.head, &slotted, 0), 0);
    expect_sent("GET /a HTTP/1.1\r\nhost: x\r\nlast: 4\r\n\r\n");
    ck_assert(px_head_add(&P.head, &slotted, str("back")));
    ck_assert_uint_eq(px_head_find(&P.head, &slotted, 0), 6);
    px_head_delete_name(&P.head, &slotted);
    px_head_delete_name(&P.head, &slotted);
    px_head_delete(&P.head, 1);
    px_head_delete(&P.head, 5);
    expect_sent("GET /a HTTP/1.1\r\n\r\n");
}
END_TEST

START_TEST(values_cannot_bring_in_lines)
{
    ck_assert_int_eq(parse(false, "GET / HTTP/1.1\r\na: b\r\n\r\n"), PX_H1_DONE);
    ck_assert(px_head_add(&P.head, &plain, str("x\r\nevil: \ty\x7f")));
    ck_assert(px_head_change(&P.head, 1, str("\n\x01")));
    expect_sent("GET / HTTP/1.1\r\na: %0A%01\r\nx-plain: x%0D%0Aevil: \ty%7F\r\n\r\n");
}
END_TEST

START_TEST(added_bytes_are_copies)
{
    char value[] = "value";
    ck_assert_int_eq(parse(false, "GET / HTTP/1.1\r\n\r\n"), PX_H1_DONE);
    ck_assert(px_head_add(&P.head, &plain, (struct px_str){value, 5}));
    memset(value, 'x', 5);
    expect_sent("GET / HTTP/1.1\r\nx-plain: value\r\n\r\n");
}
END_TEST

START_TEST(fields_are_bounded)
{
    ck_assert_int_eq(parse(false, "GET / HTTP/1.1\r\n\r\n"), PX_H1_DONE);
    for (unsigned i = 0; i < PROGRAM_MAXHDR; i++)
        ck_assert(px_head_add(&P.head, i % 2 ? &slotted : &plain, str("v")));
    unsigned n = 0;
    for (unsigned at = 0; (at = px_head_find(&P.head, &slotted, at)); n++)
        ck_assert(px_str_is((struct px_str){px_head_at(&P.head, at)->name, 6}, "x-slot"));
    ck_assert_uint_eq(n, PROGRAM_MAXHDR / 2);
    ck_assert_ptr_nonnull(strstr(written(), "x-plain: v\r\nx-slot: v\r\nx-plain: v\r\n\r\n"));
    for (n = PROGRAM_MAXHDR; px_head_add(&P.head, &plain, str("v")); n++)
        ck_assert_uint_lt(n, 65535);
}
END_TEST

/* Whatever call fails, the head stays usable. */
START_TEST(memory_may_run_out)
{
    static char value[5000];
    memset(value, 'v', sizeof value);
    for (uint64_t nth = 1; nth < 20; nth++) {
        ck_assert_int_eq(parse(false, request), PX_H1_DONE);
        px_mem_fail_at(nth);
        bool all = true;
        for (unsigned i = 0; i < 60; i++)
            all &= px_head_add(&P.head, &plain, (struct px_str){value, i < 2 ? sizeof value : 3});
        px_mem_fail_at(0);
        ck_assert_ptr_nonnull(strstr(written(), "\r\n\r\n"));
        if (all)
            return;
    }
    ck_abort_msg("it never ran out and never worked");
}
END_TEST

START_TEST(too_few_pieces_answer_none)
{
    ck_assert_int_eq(parse(false, request), PX_H1_DONE);
    for (unsigned i = 1; i <= 5; i++)
        ck_assert(px_head_change(&P.head, i, str("v")));
    struct iovec v[64];
    unsigned need = px_h1_iov(&P.head, v, COUNT(v));
    ck_assert_uint_gt(need, 4);
    for (unsigned max = 1; max < need; max++)
        ck_assert_uint_eq(px_h1_iov(&P.head, v, max), 0);
    ck_assert_uint_eq(px_h1_iov(&P.head, v, need), need);
}
END_TEST

START_TEST(lists)
{
    ck_assert(px_list_has(str("close"), "close"));
    ck_assert(px_list_has(str("a, CLOSE ,b"), "close"));
    ck_assert(px_list_has(str(",, close"), "close"));
    ck_assert(px_list_has(str("a,\tclose"), "close"));
    ck_assert(!px_list_has(str(""), "close"));
    ck_assert(!px_list_has(str("closed, xclose, clos e"), "close"));
    ck_assert(!px_list_has(str("close;q=1"), "close"));
    ck_assert(!px_list_has(str(" , "), "close"));
}
END_TEST

UNIT_MAIN("head", desk_open, desk_close, what_is_added_without_a_slot_is_found_with_it,
          untouched_heads_go_out_as_they_are, names_go_out_in_lower_case,
          what_is_loose_is_put_right, adding, changing, deleting, values_cannot_bring_in_lines,
          added_bytes_are_copies, fields_are_bounded, memory_may_run_out,
          too_few_pieces_answer_none, lists)
