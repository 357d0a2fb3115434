/*
 * Tests of runtime/policy/act_header.c: fields added, changed and removed, with the results of
 * HAProxy 2.6.
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

/* Names as the compiler gives them: lower case, except to del-header. */
static const struct px_name *named(const char *text)
{
    static struct px_name name;
    name = (struct px_name){px_text_of(text), 0};
    for (unsigned i = 1; i < PX_NKNOWN_NAMES; i++)
        if (!strcmp(desk_texts[i], text))
            name.slot = (uint8_t)i;
    return &name;
}

static const struct px_fmt *fmt(const char *text)
{
    static struct px_fmt f;
    f = (struct px_fmt){.text = px_text_of(text)};
    return &f;
}

static const struct px_regex *regex(const char *pattern)
{
    return compiled(pattern, false);
}

/* "x: 1|y: 2|" of all fields behind Host. */
static const char *fields(void)
{
    static char text[8192];
    struct px_out out = {.p = text, .cap = sizeof text - 1};
    const struct px_head *head = &desk_http.req;
    for (unsigned i = 1; i < head->nhdrs; i++) {
        const struct px_hdr *h = &head->hdrs[i];
        if (h->flags & PX_HDR_DELETED)
            continue;
        px_put(&out, h->name, h->name_len);
        px_put(&out, ": ", 2);
        px_put(&out, h->value, h->value_len);
        px_put(&out, "|", 1);
    }
    text[out.len] = 0;
    return text;
}

/* The action on a request with these fields, separated by bars. */
#define ON(lines, want, action)                                                                    \
    do {                                                                                           \
        request(lines);                                                                            \
        ck_assert_int_eq(action, PX_GO);                                                           \
        ck_assert_str_eq(fields(), want);                                                          \
    } while (0)

static void request(const char *bars)
{
    char lines[4096] = "";
    for (const char *p = bars; *p; p++)
        strcat(lines, *p == '|' ? "\r\n" : (char[]){*p, 0});
    strcat(lines, "\r\n");
    desk_fields(*bars ? lines : "");
}

#define AT &desk, PX_AT_REQ_HTTP

#define REPLACE(lines, want, name, pattern, text)                                                  \
    ON(lines, want, px_act_replace_header(AT, named(name), regex(pattern), fmt(text)))

START_TEST(replace_header)
{
    REPLACE("x: a|x: ba|y: a", "x: b|x: b|y: a|", "x", "a", "b");
    REPLACE("x: ab|x: c,d", "x: abab|x: c,dc,d|", "x", "^(.*)$", "\\1\\1");
    REPLACE("x: a|x: ab|x: zab", "x: [a|]|x: [a|b]|x: [a|b]|", "x", "(a)(b)?", "[\\1|\\2]");
    REPLACE("x: a|x: A", "x: a|x: b|", "x", "A", "b");
    REPLACE("x: a", "x: b|", "x", "(?i)A", "b");
    REPLACE("x:|x: y", "x: empty|x: y|", "x", "^$", "empty");
    REPLACE("x: a b", "x: c|", "x", "a b", "c");
    REPLACE("cookie: v secure", "cookie: v|", "cookie", "(.*) secure", "\\1");
    REPLACE("y: a", "y: a|", "x", "a", "b");
    REPLACE("x: a", "x: |", "x", "a", "");
}
END_TEST

#undef REPLACE
#define REPLACE(lines, want, name, pattern, text)                                                  \
    ON(lines, want, px_act_replace_value(AT, named(name), regex(pattern), fmt(text)))

START_TEST(replace_value)
{
    REPLACE("x: a, a,b ,  ca |x: z", "x: b,b,b ,b|x: z|", "x", "a", "b");
    REPLACE("x: a, a,b ,  ca", "x: b,b,b ,  ca|", "x", "^a$", "b");
    REPLACE("x: a , b , b", "x: a ,-,-|", "x", "^b$", "-");
    REPLACE("x: \"a,b\", c", "x: <\"a,b\">,<c>|", "x", "^(.*)$", "<\\1>");
    REPLACE("x: a,,b", "x: a,e,b|", "x", "^$", "e");
    REPLACE("x:", "x: e|", "x", "^$", "e");
    REPLACE("x: a, ab", "x: [],[b]|", "x", "(a)(b)?", "[\\2]");
    REPLACE("x: a=1;a=2, a", "x: b,b|", "x", "a", "b");
    REPLACE("x: \"\\\"a,b\", b", "x: \"\\\"a,b\",-|", "x", "^b", "-");
    REPLACE("x: b,  c", "x: b,  c|", "x", "a", "b");
}
END_TEST

#define DELETE(lines, want, name, how)                                                             \
    ON(lines, want, px_act_del_header(AT, named(name), PX_WORD_##how))

START_TEST(del_header)
{
    DELETE("x: 1|y: 2|X: 3", "y: 2|", "x", STR);
    DELETE("x-a: 1|ax-: 2|X-b: 3", "ax-: 2|", "x-", BEG);
    DELETE("x-a: 1|ax-: 2|x-A: 3", "ax-: 2|", "-a", END);
    DELETE("x-ab: 1|ax-: 2", "ax-: 2|", "-a", SUB);
    DELETE("x: 1|xx: 2", "xx: 2|", "x", STR);
    DELETE("y: 1", "y: 1|", "x", STR);
}
END_TEST

START_TEST(del_header_by_expression)
{
    static const struct px_name digits = {PX_STR("^x-[0-9]+$"), 0}, letters = {PX_STR("[a-c]"), 0};
    for (unsigned i = 0; i < 3; i++) {
        ON("x-1: 1|x-a: 2|x-12: 3", "x-a: 2|", px_act_del_header(AT, &digits, PX_WORD_REG));
        ON("x-1: 1|x-a: 2|x-12: 3", "x-1: 1|x-12: 3|",
           px_act_del_header(AT, &letters, PX_WORD_REG));
    }
}
END_TEST

START_TEST(add_and_set_header)
{
    ON("x: 1", "x: 1|x: v|", px_act_add_header(AT, named("x"), fmt("v")));
    ON("x: 1|x: 2|y: 3", "y: 3|x: v|", px_act_set_header(AT, named("x"), fmt("v")));
    ON("y: 3", "y: 3|x: v|", px_act_set_header(AT, named("x"), fmt("v")));
    ON("cookie: 1|x: 2", "x: 2|cookie: v|", px_act_set_header(AT, named("cookie"), fmt("v")));
    ON("y: 3", "y: 3|x: |", px_act_set_header(AT, named("x"), fmt("")));
}
END_TEST

/* No value brings in lines of its own. */
START_TEST(line_ends_in_values)
{
    ON("y: 3", "y: 3|x: a%0D%0Ab: c|", px_act_add_header(AT, named("x"), fmt("a\r\nb: c")));
    ON("x: a", "x: %0A|", px_act_replace_header(AT, named("x"), regex("a"), fmt("\n")));
    ON("x: a,b", "x: %0D,b|", px_act_replace_value(AT, named("x"), regex("a"), fmt("\\x0d")));
}
END_TEST

/* More fields than a head has room for at first. */
START_TEST(many_fields)
{
    char lines[1024] = "", want[1024] = "";
    for (unsigned i = 0; i < 90; i++) {
        sprintf(lines + strlen(lines), "%sx: %u", i ? "|" : "", i);
        sprintf(want + strlen(want), "x: <%u>|", i);
    }
    ON(lines, want, px_act_replace_header(AT, named("x"), regex("^(.*)$"), fmt("<\\1>")));
    ON(lines, "", px_act_del_header(AT, named("x"), PX_WORD_STR));
    ON(lines, "x: v|", px_act_set_header(AT, named("x"), fmt("v")));
}
END_TEST

static bool refused(enum px_verdict v)
{
    return v == PX_DONE && desk.cause == 'P' && desk.phase == 'R';
}

/* Rules do not decide where a message ends. */
START_TEST(framing_stays)
{
    static const char post[] = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    desk_request(post);
    ck_assert_int_eq(px_act_del_header(AT, named("content-length"), PX_WORD_STR), PX_GO);
    ck_assert_str_eq(fields(), "content-length: 3|");
    ck_assert_int_eq(px_act_set_header(AT, named("content-length"), fmt("3")), PX_GO);
    ck_assert_str_eq(fields(), "content-length: 3|");
    desk_request(post);
    desk_http.rewrite_lax = true;
    ck_assert_int_eq(px_act_set_header(AT, named("content-length"), fmt("4")), PX_GO);
    ck_assert_int_eq(px_act_add_header(AT, named("transfer-encoding"), fmt("chunked")), PX_GO);
    ck_assert_int_eq(px_act_replace_header(AT, named("content-length"), regex("3"), fmt("33")),
                     PX_GO);
    ck_assert_str_eq(fields(), "content-length: 3|");
    ck_assert_uint_eq(desk_http.req.length, 3);
}
END_TEST

/* A rewrite that fails is counted, and ends the request unless strict-mode is off. */
START_TEST(failures)
{
    static char large[17000];
    memset(large, 'v', sizeof large - 1);
    desk_http.rewrite_lax = false;
    desk.kind = &px_kind_http;
    desk_fields("x: a\r\n");
    desk.kind = &px_kind_http;
    desk_http.rewrite_lax = true;
    ck_assert_int_eq(px_act_add_header(AT, named("y"), fmt(large)), PX_GO);
    ck_assert_int_eq(px_act_replace_header(AT, named("x"), regex("a"), fmt("\\x4")), PX_GO);
    ck_assert_str_eq(fields(), "x: a|");
    ck_assert_uint_eq(px_fe_counters(&desk_fe)->rewrite_failures, 2);
    desk_http.rewrite_lax = false;
    ck_assert(refused(px_act_replace_header(AT, named("x"), regex("a"), fmt("\\"))));
    ck_assert_str_eq(fields(), "x: a|");
    ck_assert_uint_eq(px_fe_counters(&desk_fe)->rewrite_failures, 3);
    ck_assert_uint_eq(px_fe_counters(&desk_fe)->internal_errors, 1);
}
END_TEST

/* Host and the authority of the target stay the same. */
START_TEST(host_and_target)
{
    desk_request("GET http://h:80/p?q HTTP/1.1\r\nHost: h:80\r\n\r\n");
    ck_assert_int_eq(px_act_set_header(AT, named("host"), fmt("other")), PX_GO);
    EXPECT(px_fetch_url(&desk, &desk_sample), "http://other/p?q");
    desk_request("GET /p?q HTTP/1.1\r\nHost: h:80\r\n\r\n");
    ck_assert_int_eq(px_act_set_header(AT, named("host"), fmt("other")), PX_GO);
    EXPECT(px_fetch_url(&desk, &desk_sample), "/p?q");
}
END_TEST

START_TEST(connection)
{
    desk_fields("x: a\r\n");
    ck_assert_int_eq(px_act_set_header(AT, named("connection"), fmt("x, Close")), PX_GO);
    ck_assert(desk_http.server_close);
    desk_fields("Connection: upgrade\r\nUpgrade: other\r\n");
    ck_assert(desk_http.req.flags & PX_HEAD_UPGRADE);
    ck_assert_int_eq(px_act_del_header(AT, named("upgrade"), PX_WORD_STR), PX_GO);
    ck_assert(!(desk_http.req.flags & PX_HEAD_UPGRADE));
}
END_TEST

START_TEST(responses)
{
    desk_response("HTTP/1.1 200 OK\r\nX: a\r\nX: b, a\r\nContent-Length: 0\r\n\r\n");
    ck_assert_int_eq(
        px_act_replace_value(&desk, PX_AT_RES_HTTP, named("x"), regex("^a$"), fmt("c")), PX_GO);
    EXPECT(px_fetch_res_hdrs(&desk, &desk_sample), "x: c\r\nx: b,c\r\ncontent-length: 0\r\n\r\n");
    ck_assert_int_eq(px_act_del_header(&desk, PX_AT_RES_HTTP, named("x"), PX_WORD_STR), PX_GO);
    EXPECT(px_fetch_res_hdrs(&desk, &desk_sample), "content-length: 0\r\n\r\n");
}
END_TEST

UNIT_MAIN("act_header", start, NULL, replace_header, replace_value, del_header,
          del_header_by_expression, add_and_set_header, line_ends_in_values, many_fields,
          framing_stays, failures, host_and_target, connection, responses)
