/*
 * Tests of runtime/policy/fetch_http.c: what is known of a message at which time.
 */
#include "message_desk.h"

#define T &desk, &desk_sample

START_TEST(request_line)
{
    desk_request("GET / HTTP/1.0\r\n\r\n");
    EXPECT(px_fetch_method(T), "GET");
    ck_assert_int_eq(desk_sample.type, PX_METH);
    ck_assert_int_eq(desk_sample.meth, PX_M_GET);
    EXPECT(px_fetch_req_ver(T), "1.0");
    EXPECT(px_fetch_capture_req_ver(T), "HTTP/1.0");
    EXPECT(px_fetch_http_first_req(T), "1");
    desk_request("BREW / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT(px_fetch_method(T), "BREW");
    ck_assert_int_eq(desk_sample.meth, PX_M_OTHER);
    EXPECT(px_fetch_req_ver(T), "1.1");
    desk_client.requests = 2;
    EXPECT(px_fetch_http_first_req(T), "0");
}
END_TEST

START_TEST(once_the_request_has_gone)
{
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    desk.flags |= PX_T_SENT;
    EXPECT(px_fetch_method(T), "GET");
    EXPECT(px_fetch_req_ver(T), "1.1");
    EXPECT(px_fetch_capture_req_method(T), "GET");
    EXPECT(px_fetch_capture_req_uri(T), "(none)");
    desk_request("BREW / HTTP/1.1\r\nHost: h\r\n\r\n");
    desk.flags |= PX_T_SENT;
    EXPECT(px_fetch_method(T), "(none)");
    EXPECT(px_fetch_req_body_len(T), "(none)");
}
END_TEST

START_TEST(kept_request_line)
{
    desk_request("GET http://h/p?q HTTP/1.1\r\nHost: h\r\n\r\n");
    desk_http.log_method = px_text_of("BREW");
    desk_http.log_uri = px_text_of("http://other/a?b");
    desk.flags |= PX_T_SENT;
    EXPECT(px_fetch_capture_req_method(T), "BREW");
    EXPECT(px_fetch_capture_req_uri(T), "/a?b");
    desk_http.log_uri = px_text_of("*");
    EXPECT(px_fetch_capture_req_uri(T), "(none)");
    desk_http.log_uri = px_text_of("http://other");
    EXPECT(px_fetch_capture_req_uri(T), "(none)");
}
END_TEST

START_TEST(kept_targets_are_cut)
{
    char target[1501] = "/";
    memset(target + 1, 'a', 1499);
    desk_target(target);
    ck_assert_uint_eq(strlen(desk_text(px_fetch_capture_req_uri(T))), 1023 - strlen("GET "));
}
END_TEST

START_TEST(before_the_head)
{
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    desk.at.head = 0;
    desk.stage = PX_STAGE_CONTENT;
    EXPECT(px_fetch_method(T), "(later)");
    EXPECT(px_fetch_req_ver(T), "(later)");
    EXPECT(px_fetch_http_first_req(T), "(later)");
    EXPECT(px_fetch_capture_req_uri(T), "(later)");
    EXPECT(px_fetch_req_body_len(T), "(later)");
    EXPECT(px_fetch_status(T), "(none)");
    desk.http = NULL;
    EXPECT(px_fetch_http_first_req(T), "1");
    EXPECT(px_fetch_capture_req_method(T), "(none)");
    EXPECT(px_fetch_capture_req_uri(T), "(none)");
    EXPECT(px_fetch_capture_req_hdr(T, 0), "(none)");
    EXPECT(px_fetch_txn_status(T), "(none)");
}
END_TEST

START_TEST(response)
{
    desk_response("HTTP/1.0 404 Not Found\r\n\r\n");
    desk_http.status = 502;
    EXPECT(px_fetch_status(T), "404");
    EXPECT(px_fetch_txn_status(T), "502");
    EXPECT(px_fetch_res_ver(T), "1.0");
    EXPECT(px_fetch_capture_res_ver(T), "HTTP/1.0");
}
END_TEST

START_TEST(own_response)
{
    desk_response("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    desk.at.answered = 0;
    EXPECT(px_fetch_status(T), "(none)");
    desk.flags |= PX_T_LOCAL;
    desk.stage = PX_STAGE_ANSWER;
    EXPECT(px_fetch_status(T), "403");
    desk.stage = PX_STAGE_END; /* nothing was sent */
    EXPECT(px_fetch_capture_res_ver(T), "(none)");
    desk.flags |= PX_T_ANSWERING; /* but by no server */
    EXPECT(px_fetch_capture_res_ver(T), "(none)");
}
END_TEST

START_TEST(captures)
{
    struct px_str kept[3] = {PX_STR("one"), {NULL, 0}, PX_STR("three")};
    desk_target("/");
    EXPECT(px_fetch_capture_req_hdr(T, 0), "(none)");
    desk_http.captures = kept;
    EXPECT(px_fetch_capture_req_hdr(T, 0), "one");
    EXPECT(px_fetch_capture_req_hdr(T, 1), "(none)");
    EXPECT(px_fetch_capture_req_hdr(T, 2), "(none)");
    EXPECT(px_fetch_capture_req_hdr(T, -1), "(none)");
    EXPECT(px_fetch_capture_res_hdr(T, 0), "three");
    EXPECT(px_fetch_capture_res_hdr(T, 1), "(none)");
}
END_TEST

static void expect_body(const char *text, const char *body, const char *size)
{
    char len[24];
    desk_request(text);
    snprintf(len, sizeof len, "%zu", strlen(body));
    EXPECT(px_fetch_req_body(T), body);
    EXPECT(px_fetch_req_body_len(T), len);
    EXPECT(px_fetch_req_body_size(T), size);
}

#define POST "POST / HTTP/1.1\r\nHost: h\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

START_TEST(bodies)
{
    expect_body("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /next", "", "0");
    expect_body(POST "Content-Length: 0\r\n\r\n", "", "0");
    expect_body(POST "Content-Length: 5\r\n\r\nhelloGET", "hello", "5");
    expect_body(POST "Content-Length: 50\r\n\r\nhello", "hello", "50");
    expect_body(CHUNKED, "", "0");
    expect_body(CHUNKED "0\r\n\r\n", "", "0");
    expect_body(CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", "5");
    expect_body(CHUNKED "3;x=y\r\nabc\r\n30\r\nde", "abcde", "51");
    expect_body(CHUNKED "30\r\n", "", "48");
    expect_body(CHUNKED "3\r\nabc\r\n3", "abc", "3");
    expect_body(CHUNKED "3\r\nabc\r\n!", "abc", "3");
}
END_TEST

UNIT_MAIN("fetch_http", NULL, NULL, request_line, once_the_request_has_gone, kept_request_line,
          kept_targets_are_cut, before_the_head, response, own_response, captures, bodies)
