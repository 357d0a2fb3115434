/*
 * Tests of runtime/http/target.c, after RFC 9112 3.2 and RFC 9110 4.2, 7.2 and 9.3.6: which targets
 * and hosts are valid, which agree, and what goes on when a port says nothing.
 */
#include "h1_desk.h"

static enum px_h1_result ask(const char *target, const char *fields)
{
    char text[2048];
    snprintf(text, sizeof text, "%s\r\n%s\r\n", target, fields);
    ck_assert_msg(parse(false, text) == PX_H1_DONE, "[%s]", text);
    return px_h1_request_framing(&P.head);
}

static void refused(const char *const *lines, unsigned n, const char *fields)
{
    for (unsigned i = 0; i < n; i++)
        ck_assert_msg(ask(lines[i], fields) == PX_H1_BAD, "[%s] [%s]", lines[i], fields);
}

START_TEST(forms)
{
    static const char *const bad[] = {
        "GET foo/bar?x HTTP/1.1",     "GET ?x HTTP/1.1",           "GET h HTTP/1.1",
        "GET h:80 HTTP/1.1",          "GET h:80/x HTTP/1.1",       "GET * HTTP/1.1",
        "OPTIONS *x HTTP/1.1",        "OPTIONS ** HTTP/1.1",       "GET urn:a:b HTTP/1.1",
        "GET http:/h/x HTTP/1.1",     "GET 1http://h/ HTTP/1.1",   "GET ://h/ HTTP/1.1",
        "GET http:// HTTP/1.1",       "GET http:///x HTTP/1.1",    "GET http://:80/ HTTP/1.1",
        "GET http://h?x HTTP/1.1",    "GET \\\\h\\x HTTP/1.1",     "GET http://u@h/ HTTP/1.1",
        "GET http://u:p@h/ HTTP/1.1", "GET http://h:8x/ HTTP/1.1",
    };
    static const char *const good[] = {
        "GET / HTTP/1.1",          "GET //h/x HTTP/1.1",        "GET /a:b?c://d HTTP/1.1",
        "OPTIONS * HTTP/1.1",      "OPTIONS / HTTP/1.1",        "GET http://h/ HTTP/1.1",
        "GET HTTP://H/x HTTP/1.1", "OPTIONS http://h HTTP/1.1", "GET a+b-c.d2://h/ HTTP/1.1",
    };
    refused(bad, COUNT(bad), "Host: h\r\n");
    for (unsigned i = 0; i < COUNT(good); i++)
        ck_assert_msg(ask(good[i], "Host: h\r\n") == PX_H1_DONE, "[%s]", good[i]);
}
END_TEST

START_TEST(hosts)
{
    static const char *const good[] = {
        "h",         "h:80",    "h:",
        "h:0",       "h:65535", "a-b_c.d~e",
        "192.0.2.1", "[::1]",   "[2001:db8::1]:8080",
        "[v1.x:y]",  "a%20b",   "a!$&'()*+;=b",
        "",
    };
    static const char *const bad[] = {
        "h:x",    "h:65536", "h:-1", "h:80:80", ":80", ":",     "[::1", "::1",      "[]",
        "[::1]x", "a[b]",    "h/",   "h?",      "h#",  "a@b",   "a,b",  "a b",      "a\\b",
        "a\"b",   "<a>",     "a|b",  "a^b",     "{a}", "a\x01", "\x7f", "\xc3\xa4",
    };
    char field[256];
    for (unsigned i = 0; i < COUNT(good); i++) {
        snprintf(field, sizeof field, "Host: %s\r\n", good[i]);
        ck_assert_msg(ask("GET / HTTP/1.1", field) == PX_H1_DONE, "[%s]", good[i]);
    }
    for (unsigned i = 0; i < COUNT(bad); i++) {
        snprintf(field, sizeof field, "Host: %s\r\n", bad[i]);
        ck_assert_msg(ask("GET / HTTP/1.1", field) == PX_H1_BAD, "[%s]", bad[i]);
        ck_assert_msg(ask("GET / HTTP/1.0", field) == PX_H1_BAD, "[%s] in 1.0", bad[i]);
    }
    ck_assert_int_eq(ask("GET / HTTP/1.1", ""), PX_H1_BAD);
    ck_assert_int_eq(ask("GET http://h/ HTTP/1.1", ""), PX_H1_BAD);
    ck_assert_int_eq(ask("GET / HTTP/1.1", "Host: h\r\nHost: h\r\n"), PX_H1_BAD);
    ck_assert_int_eq(ask("GET / HTTP/1.0", ""), PX_H1_DONE);
    ck_assert_int_eq(ask("GET http://h/ HTTP/1.0", ""), PX_H1_DONE);
}
END_TEST

/* What is asked for, the host beside it, and both as they go on; NULL: refused. */
struct pair {
    const char *target, *host, *sent_target, *sent_host;
};

static void expect_pairs(const char *method, const struct pair *pairs, unsigned n)
{
    char line[256], text[512];
    for (unsigned i = 0; i < n; i++) {
        const struct pair *p = &pairs[i];
        snprintf(line, sizeof line, "%s %s HTTP/1.1", method, p->target);
        snprintf(text, sizeof text, "Host: %s\r\nX: y\r\n", p->host);
        enum px_h1_result r = ask(line, text);
        ck_assert_msg(r == (p->sent_target ? PX_H1_DONE : PX_H1_BAD), "[%s] [%s]: %d", p->target,
                      p->host, r);
        if (!p->sent_target)
            continue;
        snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nhost: %s\r\nx: y\r\n\r\n", method,
                 p->sent_target, p->sent_host);
        ck_assert_str_eq(written(), text);
        ck_assert(px_str_is(P.head.uri, p->sent_target));
    }
}

START_TEST(absolute)
{
    static const struct pair pairs[] = {
        {"http://h/x?y", "h", "http://h/x?y", "h"},
        {"http://h/x?y", "H", "http://h/x?y", "H"},
        {"http://h:80/x?y", "h:80", "http://h/x?y", "h"},
        {"http://h:80/x?y", "h", "http://h/x?y", "h"},
        {"http://h/x?y", "h:80", "http://h/x?y", "h:80"},
        {"http://h:/x?y", "h:", "http://h/x?y", "h"},
        {"http://h:80", "h", "http://h", "h"},
        {"https://h:443/", "h:443", "https://h/", "h"},
        {"http://h:443/", "h:443", "http://h:443/", "h:443"},
        {"http://h:8080/", "h:8080", "http://h:8080/", "h:8080"},
        {"http://[::1]:80/", "[::1]:80", "http://[::1]/", "[::1]"},
        {"ftp://h:21/", "h:21", "ftp://h:21/", "h:21"},
        {"ftp://h:80/", "h:80", "ftp://h:80/", "h:80"},
        {"http://h/", "g", NULL, NULL},
        {"http://h/", "", NULL, NULL},
        {"http://h/", "h.", NULL, NULL},
        {"http://h/", "hh", NULL, NULL},
        {"http://h:8080/", "h", NULL, NULL},
        {"http://h:8080/", "h:80", NULL, NULL},
        {"http://h/", "h:8080", NULL, NULL},
        {"http://h/", "h:443", NULL, NULL},
        {"https://h/", "h:80", NULL, NULL},
        {"ftp://h:80/", "h", NULL, NULL},
    };
    expect_pairs("GET", pairs, COUNT(pairs));
}
END_TEST

START_TEST(connecting)
{
    static const struct pair pairs[] = {
        {"h:443", "h:443", "h:443", "h"},
        {"h:443", "h", "h:443", "h"},
        {"h:80", "h:80", "h:80", "h"},
        {"h:8080", "h:8080", "h:8080", "h:8080"},
        {"[::1]:443", "[::1]", "[::1]:443", "[::1]"},
        {"h:443", "h:", "h:443", "h"},
        {"h:443", "h:80", NULL, NULL},
        {"h:443", "g:443", NULL, NULL},
        {"h:443", "", NULL, NULL},
        {"h:8080", "h", NULL, NULL},
        {"h", "h", NULL, NULL},
        {"h:", "h", NULL, NULL},
        {"h:0", "h:0", NULL, NULL},
        {"h:4x3", "h:4x3", NULL, NULL},
        {"h:65536", "h:65536", NULL, NULL},
        {"/", "h", NULL, NULL},
        {"http://h/", "h", NULL, NULL},
        {"u@h:443", "h", NULL, NULL},
    };
    expect_pairs("CONNECT", pairs, COUNT(pairs));
}
END_TEST

UNIT_MAIN("target", desk_open, desk_close, forms, hosts, absolute, connecting)
