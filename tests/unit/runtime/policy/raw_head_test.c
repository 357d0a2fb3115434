/*
 * Tests of runtime/policy/raw_head.c: what of a TCP client's bytes is a request, and until when.
 */
#include "message_desk.h"

#define T &desk, &desk_sample

static const struct px_name tag = {PX_STR("tag"), 0};

/* A TCP session whose content rules look at these bytes. */
static void session(const char *text)
{
    struct px_buf *buf = desk_clear(text);
    desk.http = NULL;
    desk_client.sock.in = buf;
    desk.stage = PX_STAGE_CONTENT;
}

static const char post[] = "POST /p?q=1 HTTP/1.0\r\nTAG: a\r\nContent-Length: 5\r\n\r\nhell";

START_TEST(a_request_is_found_and_left_as_it_is)
{
    session(post);
    EXPECT(px_fetch_method(T), "POST");
    ck_assert_int_eq(desk_sample.meth, PX_M_POST);
    EXPECT(px_fetch_path(T), "/p");
    EXPECT(px_fetch_req_ver(T), "1.0");
    EXPECT(px_fetch_req_hdr(T, &tag, 0), "a");
    EXPECT(px_fetch_req_body(T), "hell");
    EXPECT(px_fetch_req_body_size(T), "5");
    ck_assert_mem_eq(desk_buf->data, post, sizeof post - 1);
}
END_TEST

START_TEST(it_is_waited_for)
{
    session("");
    EXPECT(px_fetch_path(T), "(later)");
    desk_client.sock.in = NULL;
    EXPECT(px_fetch_path(T), "(later)");
    desk.stage = PX_STAGE_ROUTE;
    EXPECT(px_fetch_path(T), "(none)");
    session("GET / HTTP/1.1\r\nHost");
    EXPECT(px_fetch_path(T), "(later)");
    EXPECT(px_fetch_method(T), "(later)");
    desk.flags |= PX_T_FINAL;
    EXPECT(px_fetch_path(T), "(none)");
    session("GET / HTTP/1.1\r\nHost");
    desk.stage = PX_STAGE_ROUTE;
    EXPECT(px_fetch_path(T), "(none)");
}
END_TEST

START_TEST(what_is_none_is_not_waited_for)
{
    static const char *const others[] = {"SSH-2.0-x\r\n",
                                         "\x16\x03\x01",
                                         "GET /\r\n",
                                         "GET / HTTP/1.1\r\nA : b\r\n",
                                         "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                                         "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"};
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        session(others[i]);
        EXPECT(px_fetch_path(T), "(none)");
    }
}
END_TEST

START_TEST(more_bytes_are_read_anew)
{
    session("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    desk_buf->end -= 2;
    EXPECT(px_fetch_path(T), "(later)");
    desk_buf->end += 2;
    px_scratch_reset();
    EXPECT(px_fetch_path(T), "/");
    px_scratch_reset();
    desk_buf->data[4] = '*';
    EXPECT(px_fetch_path(T), "(none)");
}
END_TEST

START_TEST(many_fields)
{
    char text[1024] = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (unsigned i = 0; i < 98; i++)
        strcat(text, "a:b\r\n");
    strcat(text, "tag:c\r\n\r\n");
    session(text);
    EXPECT(px_fetch_req_hdr(T, &tag, 0), "c");
    text[strlen(text) - 2] = 0;
    strcat(text, "d:e\r\n\r\n");
    session(text);
    EXPECT(px_fetch_req_hdr(T, &tag, 0), "(none)");
}
END_TEST

START_TEST(what_has_gone_is_not_looked_at)
{
    session(post);
    desk.flags |= PX_T_SENT;
    EXPECT(px_fetch_path(T), "(none)");
    session(post);
    desk.stage = PX_STAGE_END;
    EXPECT(px_fetch_path(T), "(none)");
    EXPECT(px_fetch_method(T), "(none)");
}
END_TEST

UNIT_MAIN("raw_head", NULL, NULL, a_request_is_found_and_left_as_it_is, it_is_waited_for,
          what_is_none_is_not_waited_for, more_bytes_are_read_anew, many_fields,
          what_has_gone_is_not_looked_at)
