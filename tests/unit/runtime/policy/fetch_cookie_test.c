/*
 * Tests of runtime/policy/fetch_cookie.c: which of several cookies an expression takes.
 */
#include "message_desk.h"

#define T &desk, &desk_sample

static const struct px_str any = {NULL, 0};

START_TEST(the_last_of_a_name)
{
    desk_fields("Cookie: a=1; b=2\r\nCookie: a=3\r\n");
    EXPECT(px_fetch_req_cook(T, px_text_of("a")), "3");
    EXPECT(px_fetch_req_cook(T, px_text_of("b")), "2");
    EXPECT(px_fetch_req_cook(T, px_text_of("c")), "(none)");
    EXPECT(px_fetch_req_cook(T, any), "1");
    EXPECT(px_fetch_req_cook_cnt(T, px_text_of("a")), "2");
    EXPECT(px_fetch_req_cook_cnt(T, any), "3");
}
END_TEST

START_TEST(each_of_a_name)
{
    struct px_iter it = {0};
    desk_fields("Cookie: a=1; b=2; a=\r\nCookie: x\r\nCookie: a=3\r\n");
    EXPECT(px_each_req_cook(T, &it, px_text_of("a")), "1");
    EXPECT(px_each_req_cook(T, &it, px_text_of("a")), "");
    EXPECT(px_each_req_cook(T, &it, px_text_of("a")), "3");
    EXPECT(px_each_req_cook(T, &it, px_text_of("a")), "(none)");
}
END_TEST

START_TEST(as_integers)
{
    struct px_iter it = {0};
    desk_fields("Cookie: n=12abc; m=1; n=-7\r\n");
    EXPECT(px_fetch_req_cook_val(T, px_text_of("n")), "-7");
    EXPECT(px_fetch_req_cook_val(T, px_text_of("q")), "(none)");
    EXPECT(px_each_req_cook_val(T, &it, px_text_of("n")), "12");
    EXPECT(px_each_req_cook_val(T, &it, px_text_of("n")), "-7");
}
END_TEST

START_TEST(set_by_the_server)
{
    struct px_iter it = {0};
    desk_response("HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: a=2; Path=/\r\n"
                  "Content-Length: 0\r\n\r\n");
    EXPECT(px_fetch_res_cook(T, px_text_of("a")), "2");
    EXPECT(px_fetch_res_cook(T, px_text_of("Path")), "(none)");
    EXPECT(px_fetch_res_cook(T, any), "1");
    EXPECT(px_fetch_res_cook_cnt(T, px_text_of("a")), "2");
    EXPECT(px_each_res_cook(T, &it, px_text_of("a")), "1");
    EXPECT(px_each_res_cook(T, &it, px_text_of("a")), "2");
    EXPECT(px_each_res_cook(T, &it, px_text_of("a")), "(none)");
    EXPECT(px_fetch_req_cook(T, any), "(none)");
}
END_TEST

START_TEST(no_cookies)
{
    desk_fields("");
    EXPECT(px_fetch_req_cook(T, any), "(none)");
    EXPECT(px_fetch_req_cook_cnt(T, any), "0");
    EXPECT(px_fetch_res_cook_cnt(T, any), "(none)");
    desk.at.head = 0;
    desk.stage = PX_STAGE_CONTENT;
    EXPECT(px_fetch_req_cook_cnt(T, any), "(later)");
}
END_TEST

START_TEST(names)
{
    desk_fields("Cookie: a=1; bb=2; a=\r\nCookie: x\r\nCookie: c=3\r\n");
    EXPECT(px_fetch_req_cook_names(T, any), "a,bb,a,c");
    EXPECT(px_fetch_req_cook_names(T, px_text_of("; ")), "a;bb;a;c");
    EXPECT(px_fetch_req_cook_names(T, px_text_of("")), "a,bb,a,c");
    desk_fields("Cookie: a\r\n");
    EXPECT(px_fetch_req_cook_names(T, any), "");
    desk_response(
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: x\r\nSet-Cookie: b=5\r\n"
        "Content-Length: 0\r\n\r\n");
    EXPECT(px_fetch_res_cook_names(T, any), "a,b");
    EXPECT(px_fetch_res_cook_val(T, px_text_of("b")), "5");
    EXPECT(px_fetch_req_cook_names(T, any), "(none)");
}
END_TEST

UNIT_MAIN("fetch_cookie", NULL, NULL, the_last_of_a_name, each_of_a_name, as_integers,
          set_by_the_server, no_cookies, names)
