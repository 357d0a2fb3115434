/*
 * Tests of runtime/policy/fetch_url.c: the parts of a target, and hashes that equal HAProxy's.
 */
#include "message_desk.h"

#define T &desk, &desk_sample

static const struct px_str not_given = {NULL, 0}, with_mark = {"with_qm", 7};

START_TEST(parts)
{
    desk_target("/a/b?x=1?y");
    EXPECT(px_fetch_path(T), "/a/b");
    EXPECT(px_fetch_pathq(T), "/a/b?x=1?y");
    EXPECT(px_fetch_query(T, not_given), "x=1?y");
    EXPECT(px_fetch_query(T, with_mark), "?x=1?y");
    EXPECT(px_fetch_url(T), "/a/b?x=1?y");
    desk_target("/?");
    EXPECT(px_fetch_path(T), "/");
    EXPECT(px_fetch_query(T, not_given), "");
    EXPECT(px_fetch_query(T, with_mark), "");
    desk_target("//a/b");
    EXPECT(px_fetch_path(T), "//a/b");
    EXPECT(px_fetch_query(T, not_given), "(none)");
}
END_TEST

START_TEST(absolute_targets)
{
    desk_request("GET http://h:81/p?q HTTP/1.1\r\nHost: h:81\r\n\r\n");
    EXPECT(px_fetch_path(T), "/p");
    EXPECT(px_fetch_pathq(T), "/p?q");
    EXPECT(px_fetch_query(T, not_given), "q");
    EXPECT(px_fetch_base(T), "h:81/p");
    desk_request("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT(px_fetch_path(T), "(none)");
    EXPECT(px_fetch_pathq(T), "(none)");
    EXPECT(px_fetch_url(T), "http://h");
    EXPECT(px_fetch_base(T), "h");
}
END_TEST

START_TEST(targets_without_a_path)
{
    desk_request("OPTIONS * HTTP/1.1\r\nHost: Ex.com\r\n\r\n");
    EXPECT(px_fetch_path(T), "(none)");
    EXPECT(px_fetch_query(T, not_given), "(none)");
    EXPECT(px_fetch_url(T), "*");
    EXPECT(px_fetch_base(T), "Ex.com");
    EXPECT(px_fetch_base32(T), "1609581299");
    EXPECT(px_fetch_url32(T), "1609581299");
    desk_request("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n");
    EXPECT(px_fetch_path(T), "(none)");
    EXPECT(px_fetch_url(T), "h:443");
}
END_TEST

START_TEST(base_and_hashes)
{
    desk_request("GET /a/b?x=1 HTTP/1.1\r\nHost: Ex.com\r\n\r\n");
    EXPECT(px_fetch_base(T), "Ex.com/a/b");
    EXPECT(px_fetch_base32(T), "316727705");
    EXPECT(px_fetch_url32(T), "1085629208");
    desk_request("GET /x HTTP/1.0\r\n\r\n");
    EXPECT(px_fetch_base(T), "/x");
    EXPECT(px_fetch_base32(T), "2340802059");
    EXPECT(px_fetch_url32(T), "2340802059");
    desk_request("GET /x HTTP/1.1\r\nHost:\r\n\r\n");
    EXPECT(px_fetch_base(T), "/x");
    desk_request("GET http://1.2.3.4:8080/p?q HTTP/1.1\r\nHost: 1.2.3.4:8080\r\n\r\n");
    EXPECT(px_fetch_base32(T), "1418847217");
    EXPECT(px_fetch_url32(T), "105655381");
}
END_TEST

START_TEST(sites)
{
    static const struct {
        const char *target, *ip, *port;
    } cases[] = {
        {"http://192.0.2.1:8080/p", "192.0.2.1", "8080"},
        {"HTTP://192.0.2.1", "192.0.2.1", "80"},
        {"https://192.0.2.1/z", "192.0.2.1", "443"},
        {"http://192.0.2.1:8a/x", "192.0.2.1", "8"},
        {"http://192.0.2.1:99999/x", "192.0.2.1", "34463"},
        {"http://192.0.2.1x/x", "192.0.2.1", "80"},
        {"http://[::1]:99/z", "(none)", "(none)"},
        {"http://localhost:81/z", "(none)", "(none)"},
        {"http://u:p@192.0.2.1:77/x", "(none)", "(none)"},
        {"ftp://192.0.2.1/x", "(none)", "(none)"},
        {"/http://192.0.2.1/", "(none)", "(none)"},
        {"/", "(none)", "(none)"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        desk_target("/"); /* rules may set targets that no client may send */
        ck_assert(px_head_set_uri(&desk_http.req, px_text_of(cases[i].target)));
        EXPECT(px_fetch_url_ip(T), cases[i].ip);
        EXPECT(px_fetch_url_port(T), cases[i].port);
    }
}
END_TEST

START_TEST(parameters)
{
    desk_target("/x;a=9?a=12abc&b=2;a=-3");
    EXPECT(px_fetch_url_param(T, px_text_of("a"), not_given, not_given), "12abc");
    EXPECT(px_fetch_url_param(T, px_text_of("c"), not_given, not_given), "(none)");
    EXPECT(px_fetch_url_param(T, not_given, not_given, not_given), "12abc");
    EXPECT(px_fetch_url_param(T, px_text_of("a"), px_text_of(";"), not_given), "9?a=12abc");
    EXPECT(px_fetch_urlp_val(T, px_text_of("a"), not_given, not_given), "12");
    EXPECT(px_fetch_url_param(T, px_text_of("B"), not_given, not_given), "(none)");
    EXPECT(px_fetch_url_param(T, px_text_of("B"), not_given, px_text_of("i")), "2");
    EXPECT(px_fetch_urlp_val(T, px_text_of("B"), not_given, px_text_of("i")), "2");
    struct px_iter it = {0};
    EXPECT(px_each_urlp_val(T, &it, px_text_of("a"), not_given, not_given), "12");
    EXPECT(px_each_urlp_val(T, &it, px_text_of("a"), not_given, not_given), "-3");
    EXPECT(px_each_urlp_val(T, &it, px_text_of("a"), not_given, not_given), "(none)");
}
END_TEST

START_TEST(no_head)
{
    desk_target("/");
    desk.at.head = 0;
    desk.stage = PX_STAGE_CONTENT;
    EXPECT(px_fetch_path(T), "(later)");
    EXPECT(px_fetch_base32(T), "(later)");
    EXPECT(px_fetch_url_port(T), "(later)");
    EXPECT(px_fetch_url_param(T, not_given, not_given, not_given), "(later)");
}
END_TEST

UNIT_MAIN("fetch_url", NULL, NULL, parts, absolute_targets, targets_without_a_path, base_and_hashes,
          sites, parameters, no_head)
