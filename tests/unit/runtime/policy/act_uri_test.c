/*
 * Tests of runtime/policy/act_uri.c: every kind of target, rewritten in every way, with the results
 * of HAProxy 2.6 (but spaces, which are never written into a target as they are).
 */
#include "message_desk.h"
#include "regex_desk.h"
#include "runtime/policy/act.h"

static struct px_loop loop;

static void start(void)
{
    ck_assert(px_loop_init(&loop, 0));
    px_self = &loop;
    ck_assert(px_state_init(1, 0));
}

static const struct px_fmt *fmt(const char *text)
{
    static struct px_fmt f;
    f = (struct px_fmt){.text = px_text_of(text)};
    return &f;
}

static void request(const char *target)
{
    char text[256];
    const char *method = *target == '*' ? "OPTIONS" : strchr("/h", *target) ? "GET" : "CONNECT";
    snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: %s\r\n\r\n", method, target,
             *method == 'C' ? target : "h");
    desk_request(text);
}

#define AT &desk, PX_AT_REQ_HTTP
#define ON(target, action, want)                                                                   \
    do {                                                                                           \
        request(target);                                                                           \
        ck_assert_int_eq(action, PX_GO);                                                           \
        EXPECT(px_fetch_url(&desk, &desk_sample), want);                                           \
    } while (0)

START_TEST(set_path)
{
    ON("/a?b=1", px_act_set_path(AT, fmt("/n")), "/n?b=1");
    ON("/a?", px_act_set_path(AT, fmt("/n")), "/n?");
    ON("/a/a?a?a", px_act_set_path(AT, fmt("/n")), "/n?a?a");
    ON("/a?b", px_act_set_path(AT, fmt("/n?x")), "/n?x?b");
    ON("/a?b", px_act_set_path(AT, fmt("n")), "n?b");
    ON("/a?b", px_act_set_path(AT, fmt("")), "?b");
    ON("/a?b", px_act_set_path(AT, fmt("/a b\r\n")), "/a%20b%0D%0A?b");
    ON("//x", px_act_set_path(AT, fmt("/n")), "/n");
    ON("http://h/a?b", px_act_set_path(AT, fmt("/n")), "http://h/n?b");
    ON("*", px_act_set_path(AT, fmt("/n")), "/n");
    ON("*", px_act_set_path(AT, fmt("")), "*");
    ON("o:81", px_act_set_path(AT, fmt("/n")), "/n");
}
END_TEST

START_TEST(set_query)
{
    ON("/a?b=1", px_act_set_query(AT, fmt("n=2")), "/a?n=2");
    ON("/a", px_act_set_query(AT, fmt("n=2")), "/a?n=2");
    ON("/a", px_act_set_query(AT, fmt("")), "/a");
    ON("/a?b", px_act_set_query(AT, fmt("")), "/a?");
    ON("/a?a?a", px_act_set_query(AT, fmt("?x")), "/a??x");
    ON("http://h/a?b", px_act_set_query(AT, fmt("c")), "http://h/a?c");
    ON("*", px_act_set_query(AT, fmt("c")), "*"); /* HAProxy makes "*?c", which is no target */
}
END_TEST

START_TEST(set_pathq)
{
    ON("/a?b=1", px_act_set_pathq(AT, fmt("/n?m")), "/n?m");
    ON("/a?b=1", px_act_set_pathq(AT, fmt("/n")), "/n");
    ON("http://h/a?b", px_act_set_pathq(AT, fmt("/n?m")), "http://h/n?m");
    ON("*", px_act_set_pathq(AT, fmt("/n?m")), "/n?m");
    ON("*", px_act_set_pathq(AT, fmt("")), "*");
}
END_TEST

START_TEST(set_uri_and_host)
{
    ON("/a?b=1", px_act_set_uri(AT, fmt("/n?m")), "/n?m");
    EXPECT(px_fetch_req_hdrs(&desk, &desk_sample), "host: h\r\n\r\n");
    ON("/a?b=1", px_act_set_uri(AT, fmt("http://o/n?m")), "http://o/n?m");
    EXPECT(px_fetch_req_hdrs(&desk, &desk_sample), "host: o\r\n\r\n");
    ON("/a", px_act_set_uri(AT, fmt("*")), "*");
}
END_TEST

START_TEST(set_method)
{
    request("/a");
    ck_assert_int_eq(px_act_set_method(AT, fmt("PUT")), PX_GO);
    EXPECT(px_fetch_method(&desk, &desk_sample), "PUT");
    ck_assert_int_eq(px_act_set_method(AT, fmt("brew")), PX_GO);
    EXPECT(px_fetch_method(&desk, &desk_sample), "brew");
    desk_http.rewrite_lax = true;
    ck_assert_int_eq(px_act_set_method(AT, fmt("A B")), PX_GO);
    ck_assert_int_eq(px_act_set_method(AT, fmt("")), PX_GO);
    EXPECT(px_fetch_method(&desk, &desk_sample), "brew");
    ck_assert_uint_eq(px_fe_counters(&desk_fe)->rewrite_failures, 2);
}
END_TEST

#define RE(pattern) compiled(pattern, false)

START_TEST(replace_path)
{
    ON("/a?a=1", px_act_replace_path(AT, RE("a"), fmt("b")), "b?a=1");
    ON("/x?a=1", px_act_replace_path(AT, RE("a"), fmt("b")), "/x?a=1");
    ON("/a?q", px_act_replace_path(AT, RE("^(.*)$"), fmt("/x\\1")), "/x/a?q");
    ON("http://h/a?q", px_act_replace_path(AT, RE("^/(.)"), fmt("/\\1\\1")), "http://h/aa?q");
    ON("*", px_act_replace_path(AT, RE("^(.*)$"), fmt("/x\\1")), "*");
    ON("o:81", px_act_replace_path(AT, RE("^(.*)$"), fmt("/x\\1")), "o:81");
}
END_TEST

START_TEST(replace_pathq)
{
    ON("/a?b", px_act_replace_pathq(AT, RE("(.*)\\?(.*)"), fmt("\\1?z\\2")), "/a?zb");
    ON("/a", px_act_replace_pathq(AT, RE("(.*)\\?(.*)"), fmt("\\1?z\\2")), "/a");
    ON("http://h/a?b", px_act_replace_pathq(AT, RE("^.*$"), fmt("/only")), "http://h/only");
    ON("*", px_act_replace_pathq(AT, RE("^.*$"), fmt("/only")), "*");
}
END_TEST

START_TEST(replace_uri)
{
    ON("/a?b", px_act_replace_uri(AT, RE("^/(.*)"), fmt("http://o/\\1")), "http://o/a?b");
    EXPECT(px_fetch_req_hdrs(&desk, &desk_sample), "host: o\r\n\r\n");
    ON("http://h/a", px_act_replace_uri(AT, RE("^/(.*)"), fmt("http://o/\\1")), "http://h/a");
    EXPECT(px_fetch_req_hdrs(&desk, &desk_sample), "host: h\r\n\r\n");
    ON("*", px_act_replace_uri(AT, RE("^\\*$"), fmt("/")), "/");
    /* A usual port is left out of Host, and stays so when nothing is replaced. */
    ON("o:80", px_act_replace_uri(AT, RE("^/"), fmt("x")), "o:80");
    EXPECT(px_fetch_req_hdrs(&desk, &desk_sample), "host: o\r\n\r\n");
}
END_TEST

UNIT_MAIN("act_uri", start, NULL, set_path, set_query, set_pathq, set_uri_and_host, set_method,
          replace_path, replace_pathq, replace_uri)
