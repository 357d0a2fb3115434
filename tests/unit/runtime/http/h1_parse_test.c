/*
 * Tests of runtime/http/h1_parse.c, after RFC 9112 2 to 5: which heads are valid, what is read from
 * them, and that it does not matter in which pieces they arrive.
 */
#include "h1_desk.h"

struct row {
    const char *text;
    enum px_h1_result result;
};

/* What must be the same however a head arrives. */
static const char *summary(void)
{
    static char out[4][16384];
    static unsigned turn;
    char *p = out[++turn % 4], *end = p + sizeof out[0];
    const struct px_head *h = &P.head;
    p += snprintf(p, (size_t)(end - p), "%.*s %.*s %d %u %.*s %u|", (int)h->method.len, h->method.p,
                  (int)h->uri.len, h->uri.p, h->version, h->status, (int)h->reason.len, h->reason.p,
                  h->len);
    for (unsigned i = 0; i < h->nhdrs; i++)
        p += snprintf(p, (size_t)(end - p), "%.*s=%.*s (%u)|", h->hdrs[i].name_len, h->hdrs[i].name,
                      (int)h->hdrs[i].value_len, h->hdrs[i].value, h->hdrs[i].slot);
    return out[turn % 4];
}

static void expect_in_pieces(bool response, const char *text, enum px_h1_result result)
{
    size_t len = strlen(text);
    const char *whole = summary();
    for (size_t cut = 1; cut <= len; cut++) {
        parse_begin(response);
        enum px_h1_result r = parse_more(text, cut);
        if (r == PX_H1_MORE)
            r = parse_more(text + cut, len - cut);
        ck_assert_msg(r == result, "[%s], cut at %zu: %d", text, cut, r);
        if (r == PX_H1_DONE)
            ck_assert_msg(!strcmp(summary(), whole), "[%s], cut at %zu: %s", text, cut, summary());
    }
    parse_begin(response);
    enum px_h1_result r = PX_H1_MORE;
    for (size_t i = 0; i < len && r == PX_H1_MORE; i++)
        r = parse_more(text + i, 1);
    ck_assert_msg(r == result, "[%s], byte by byte: %d", text, r);
    if (r == PX_H1_DONE)
        ck_assert_msg(!strcmp(summary(), whole), "[%s], byte by byte: %s", text, summary());
}

static void expect(bool response, const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        enum px_h1_result r = parse(response, rows[i].text);
        ck_assert_msg(r == rows[i].result, "[%s] answers %d", rows[i].text, r);
        expect_in_pieces(response, rows[i].text, r);
    }
}

START_TEST(a_request)
{
    static const char text[] =
        "GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-Slot:  y z \r\nX-Other:\r\n\r\n";
    ck_assert_int_eq(parse(false, text), PX_H1_DONE);
    ck_assert(px_str_is(P.head.method, "GET"));
    ck_assert_int_eq(P.head.meth, PX_M_GET);
    ck_assert(px_str_is(P.head.uri, "/a?b=c"));
    ck_assert_int_eq(P.head.version, PX_HTTP_11);
    ck_assert_uint_eq(P.head.len, strlen(text));
    ck_assert_uint_eq(P.head.nhdrs, 3);
    char want[200];
    snprintf(want, sizeof want, "GET /a?b=c 11 0  %zu|host=x (%d)|x-slot=y z (%d)|x-other= (0)|",
             strlen(text), PX_H_HOST, PROGRAM_X_SLOT);
    ck_assert_str_eq(summary(), want);
    expect_in_pieces(false, text, PX_H1_DONE);
}
END_TEST

START_TEST(a_response)
{
    static const char text[] = "HTTP/1.0 404 Not  Found\r\nContent-Length: 0\r\n\r\n";
    ck_assert_int_eq(parse(true, text), PX_H1_DONE);
    ck_assert_int_eq(P.head.status, 404);
    ck_assert_int_eq(P.head.version, PX_HTTP_10);
    ck_assert(px_str_is(P.head.reason, "Not  Found"));
    ck_assert_uint_eq(P.head.nhdrs, 1);
    expect_in_pieces(true, text, PX_H1_DONE);
}
END_TEST

START_TEST(request_lines)
{
    static const struct row rows[] = {
        {"GET / HTTP/1.0\r\n\r\n", PX_H1_DONE},
        {"OPTIONS * HTTP/1.1\r\n\r\n", PX_H1_DONE},
        {"CONNECT a:443 HTTP/1.1\r\n\r\n", PX_H1_DONE},
        {"GET http://a/b HTTP/1.1\r\n\r\n", PX_H1_DONE},
        {"get / HTTP/1.1\r\n\r\n", PX_H1_DONE},
        {"M-SEARCH / HTTP/1.1\r\n\r\n", PX_H1_DONE},
        {"GET  /\t HTTP/1.1\r\n\r\n", PX_H1_DONE},
        {"GET / HTTP/1.1\n\n", PX_H1_DONE},
        {"\r\n\n\r\nGET / HTTP/1.1\r\n\r\n", PX_H1_DONE},
        {"GET / HTTP/1.9\r\n\r\n", PX_H1_DONE},
        {"GET / HTTP/2.0\r\n\r\n", PX_H1_DONE},
        {"GET / HTTP/0.9\r\n\r\n", PX_H1_BAD},
        {"GET /\r\n\r\n", PX_H1_BAD},
        {"GET\r\n\r\n", PX_H1_BAD},
        {"GET / \r\n\r\n", PX_H1_BAD},
        {" GET / HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"GET / http/1.1\r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/11\r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/1.10\r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/1.\r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/a.b\r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/1.1 \r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/1.1 x\r\n\r\n", PX_H1_BAD},
        {"GET /a b HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"GET /a#b HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"GET /\xc3\xa4 HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"GET /a\x01 HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"GET /a\x7f HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"GE(T / HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"\x16\x03\x01\x02", PX_H1_BAD},
        {"GET / HTTP/1.1\r\r\n\r\n", PX_H1_BAD},
        {"\rGET / HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"", PX_H1_MORE},
        {"\r", PX_H1_MORE},
        {"\r\n", PX_H1_MORE},
        {"GET / HTTP/1.1\r\n", PX_H1_MORE},
        {"GET / HTTP/1.1\r\n\r", PX_H1_MORE},
        {"GET / HTTP/1.1\r\nHost: x\r\n", PX_H1_MORE},
    };
    expect(false, rows, COUNT(rows));
}
END_TEST

START_TEST(status_lines)
{
    static const struct row rows[] = {
        {"HTTP/1.1 200 OK\r\n\r\n", PX_H1_DONE},
        {"HTTP/1.1 200 \r\n\r\n", PX_H1_DONE},
        {"HTTP/1.1 200\r\n\r\n", PX_H1_DONE},
        {"HTTP/1.0  200  OK\n\n", PX_H1_DONE},
        {"HTTP/1.1 200 \xc3\xa4\t!\r\n\r\n", PX_H1_DONE},
        {"HTTP/1.1 999 x\r\n\r\n", PX_H1_DONE},
        {"\r\nHTTP/1.1 200 OK\r\n\r\n", PX_H1_DONE},
        {"HTTP/1.1 099 x\r\n\r\n", PX_H1_BAD},
        {"HTTP/1.1 20 x\r\n\r\n", PX_H1_BAD},
        {"HTTP/1.1 2000 x\r\n\r\n", PX_H1_BAD},
        {"HTTP/1.1 2x0 x\r\n\r\n", PX_H1_BAD},
        {"HTTP/1.1 -20 x\r\n\r\n", PX_H1_BAD},
        {"HTTP/1.1\r\n\r\n", PX_H1_BAD},
        {"HTTP/1.1200 OK\r\n\r\n", PX_H1_BAD},
        {"http/1.1 200 OK\r\n\r\n", PX_H1_BAD},
        {"ICY 200 OK\r\n\r\n", PX_H1_BAD},
        {"HTTP/1.1 200OK\r\n\r\n", PX_H1_BAD},
        {"HTTP/0.9 200 OK\r\n\r\n", PX_H1_BAD},
        {"HTTP/1.1 200 O\rK\r\n\r\n", PX_H1_BAD},
    };
    expect(true, rows, COUNT(rows));
}
END_TEST

#define REQUEST "GET / HTTP/1.1\r\n"

START_TEST(fields)
{
    static const struct row rows[] = {
        {REQUEST "a:b\r\n\r\n", PX_H1_DONE},
        {REQUEST "a: \t b \t \r\n\r\n", PX_H1_DONE},
        {REQUEST "A!#$%&'*+-.^_`|~9: b\r\n\r\n", PX_H1_DONE},
        {REQUEST "a: \x80\xff\x01\r\n\r\n", PX_H1_DONE},
        {REQUEST "a: b\n\n", PX_H1_DONE},
        {REQUEST "a: b\r\n\n", PX_H1_DONE},
        {REQUEST "a : b\r\n\r\n", PX_H1_BAD},
        {REQUEST "a b: c\r\n\r\n", PX_H1_BAD},
        {REQUEST ": b\r\n\r\n", PX_H1_BAD},
        {REQUEST "a\r\n\r\n", PX_H1_BAD},
        {REQUEST "a\xc3\xa4: b\r\n\r\n", PX_H1_BAD},
        {REQUEST "a(: b\r\n\r\n", PX_H1_BAD},
        {REQUEST " a: b\r\n\r\n", PX_H1_BAD},
        {REQUEST "a: b\rc\r\n\r\n", PX_H1_BAD},
        {REQUEST "a: b\r\r\n\r\n", PX_H1_BAD},
        {REQUEST "a: b\r\n\r\r\n", PX_H1_BAD},
    };
    expect(false, rows, COUNT(rows));
}
END_TEST

START_TEST(a_nul_is_refused_anywhere)
{
    static const char *const texts[] = {REQUEST "a: b0c\r\n\r\n", REQUEST "a0: b\r\n\r\n",
                                        "GET /0 HTTP/1.1\r\n\r\n", "G0T / HTTP/1.1\r\n\r\n",
                                        REQUEST "a: 0123456789abcdef\r\n\r\n"};
    for (unsigned i = 0; i < COUNT(texts); i++) {
        char text[100];
        size_t len = strlen(texts[i]);
        memcpy(text, texts[i], len);
        *(char *)memchr(text, '0', len) = '\0';
        parse_begin(false);
        ck_assert_int_eq(parse_more(text, len), PX_H1_BAD);
        parse_begin(false);
        enum px_h1_result r = PX_H1_MORE;
        for (size_t k = 0; k < len && r == PX_H1_MORE; k++)
            r = parse_more(text + k, 1);
        ck_assert_int_eq(r, PX_H1_BAD);
    }
}
END_TEST

/* RFC 9112 5.2: a folded line becomes one, with spaces. */
START_TEST(folded_lines)
{
    static const struct {
        const char *text, *value, *sent;
    } rows[] = {
        {REQUEST "a: b\r\n c\r\n\r\n", "b   c", REQUEST "a: b   c\r\n\r\n"},
        {REQUEST "a: b\r\n\tc\r\n\r\n", "b  \tc", REQUEST "a: b  \tc\r\n\r\n"},
        {REQUEST "a: b \n c\n\n", "b   c", REQUEST "a: b   c\r\n\r\n"},
        {REQUEST "a:\r\n b\r\n\r\n", "b", REQUEST "a: b\r\n\r\n"},
        {REQUEST "a: b\r\n \r\n\r\n", "b", REQUEST "a: b\r\n\r\n"},
        {REQUEST "a: b\r\n c\r\n d\r\n\r\n", "b   c   d", REQUEST "a: b   c   d\r\n\r\n"},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        ck_assert_int_eq(parse(false, rows[i].text), PX_H1_DONE);
        struct px_str v = {P.head.hdrs[0].value, P.head.hdrs[0].value_len};
        ck_assert_msg(px_str_is(v, rows[i].value), "[%s]: [%.*s]", rows[i].text, (int)v.len, v.p);
        ck_assert_str_eq(written(), rows[i].sent);
        ck_assert_int_eq(parse(false, rows[i].text), PX_H1_DONE);
        expect_in_pieces(false, rows[i].text, PX_H1_DONE);
    }
}
END_TEST

START_TEST(what_follows_is_left_alone)
{
    static const char text[] = "\r\nGET / HTTP/1.1\r\n\r\nGET /b";
    ck_assert_int_eq(parse(false, text), PX_H1_DONE);
    ck_assert_uint_eq(P.buf->start, 0); /* the empty line has gone */
    ck_assert_uint_eq(P.head.len, strlen("GET / HTTP/1.1\r\n\r\n"));
    ck_assert_mem_eq(P.buf->data + P.buf->start + P.head.len, "GET /b", 6);
    P.buf->start += P.head.len;
    px_h1_reset(&P.h1);
    px_head_start(&P.head, &P.arena);
    ck_assert_int_eq(parse_more(" HTTP/1.1\r\n", 11), PX_H1_MORE);
    ck_assert_uint_eq(P.buf->start, 0); /* a head does not move once it has begun */
    ck_assert_int_eq(parse_more("\r\n", 2), PX_H1_DONE);
    ck_assert(px_str_is(P.head.uri, "/b"));
}
END_TEST

START_TEST(heads_are_bounded)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    uint32_t len = (uint32_t)strlen(text);
    for (uint32_t limit = 1; limit <= len + 2; limit++) {
        enum px_h1_result want = limit < len ? PX_H1_TOO_BIG : PX_H1_DONE;
        parse_begin(false);
        P.limit = limit;
        ck_assert_int_eq(parse_more(text, len), want);
        parse_begin(false);
        P.limit = limit;
        enum px_h1_result r = PX_H1_MORE;
        for (uint32_t i = 0; i < len && r == PX_H1_MORE; i++)
            r = parse_more(text + i, 1);
        ck_assert_msg(r == want, "limit %u: %d", limit, r);
    }
}
END_TEST

START_TEST(fields_are_counted)
{
    for (unsigned n = PROGRAM_MAXHDR - 1; n <= PROGRAM_MAXHDR + 1; n++) {
        char text[2048] = REQUEST;
        for (unsigned i = 0; i < n; i++)
            strcat(text, i % 3 ? "x: y\r\n" : "x-slot: z\r\n");
        strcat(text, "\r\n");
        ck_assert_int_eq(parse(false, text), n >= PROGRAM_MAXHDR ? PX_H1_TOO_BIG : PX_H1_DONE);
    }
    unsigned count = 0, at = 0;
    static const struct px_name name = {PX_STR("x-slot"), PROGRAM_X_SLOT};
    char text[2048] = REQUEST;
    for (unsigned i = 0; i < PROGRAM_MAXHDR - 1; i++)
        strcat(text, i % 3 ? "x: y\r\n" : "x-slot: z\r\n");
    strcat(text, "\r\n");
    ck_assert_int_eq(parse(false, text), PX_H1_DONE);
    while ((at = px_head_find(&P.head, &name, at)))
        count++;
    ck_assert_uint_eq(count, (PROGRAM_MAXHDR + 1) / 3);
}
END_TEST

START_TEST(long_names)
{
    enum { LONG = 66000 };
    px_buf_set_size(4 * LONG);
    static char text[2 * LONG];
    size_t at = (size_t)sprintf(text, REQUEST);
    memset(text + at, 'n', LONG);
    strcpy(text + at + LONG, ": v\r\n\r\n");
    parse_begin(false);
    P.limit = 4 * LONG;
    ck_assert_int_eq(parse_more(text, strlen(text)), PX_H1_BAD);
    parse_begin(false);
    P.limit = 4 * LONG;
    memmove(text + at + 65535, text + at + LONG, 8);
    ck_assert_int_eq(parse_more(text, strlen(text)), PX_H1_DONE);
    ck_assert_uint_eq(P.head.hdrs[0].name_len, 65535);
}
END_TEST

START_TEST(names_are_filed_by_slot)
{
    ck_assert_int_eq(parse(false, REQUEST "HOST: a\r\nx-A-Longer-Name: b\r\nX-A-Longer-Namf: c\r\n"
                                          "host: d\r\nTE: e\r\n\r\n"),
                     PX_H1_DONE);
    unsigned at = px_head_slot(&P.head, PX_H_HOST, 0);
    ck_assert_uint_eq(at, 1);
    ck_assert_uint_eq(px_head_slot(&P.head, PX_H_HOST, at), 4);
    ck_assert_uint_eq(px_head_slot(&P.head, PX_H_HOST, 4), 0);
    ck_assert_uint_eq(px_head_slot(&P.head, PROGRAM_X_LONGER_NAME, 0), 2);
    ck_assert_uint_eq(px_head_slot(&P.head, PX_H_TE, 0), 5);
    ck_assert_uint_eq(px_head_slot(&P.head, PX_H_COOKIE, 0), 0);
    ck_assert_int_eq(P.head.hdrs[2].slot, 0);
}
END_TEST

/* What is bad at first sight is looked at again, and may go on to arrive. */
START_TEST(odd_characters)
{
    static const struct row rows[] = {
        {"GET /\xe4#{ HTTP/1.1\r\nHost: h\r\nX(A): 1\r\n\r\n", PX_H1_DONE},
        {"GET / HTTP/1.1\r\nHost: h\r\nx(a)", PX_H1_MORE},
        {"GET / HTTP/1.1\r\nHost: h\r\nx a: 1\r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/1.1\r\nHost: h\r\nx-a : 1\r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/1.1\r\nHost: h\r\n\x01: 1\r\n\r\n", PX_H1_BAD},
        {"GET / HTTP/1.1\r\nHost: h\r\n(: 1\r\n\r\n", PX_H1_DONE},
        {"GET / HTTP/1.1\r\nHost: h\r\n: 1\r\n\r\n", PX_H1_BAD},
        {"GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n", PX_H1_BAD},
        {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", PX_H1_BAD},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        parse(false, rows[i].text);
        enum px_h1_result r = px_h1_request_again(&P.h1, &P.head, P.buf, 4096);
        ck_assert_msg(r == rows[i].result, "[%s] answers %d", rows[i].text, r);
    }
    parse(false, rows[0].text);
    px_h1_request_again(&P.h1, &P.head, P.buf, 4096);
    ck_assert_int_eq(P.head.nhdrs, 2);
    ck_assert(!memcmp(P.head.hdrs[1].name, "x(a)", 4));
    ck_assert_int_eq((int)P.head.uri.len, 4);
}
END_TEST

START_TEST(methods)
{
    static const char *const names[] = {"",    "OPTIONS", "GET",   "HEAD",    "POST",
                                        "PUT", "DELETE",  "TRACE", "CONNECT", "PATCH"};
    for (unsigned i = 1; i < COUNT(names); i++)
        ck_assert_int_eq(px_meth_of((struct px_str){names[i], strlen(names[i])}), i);
    ck_assert_int_eq(px_meth_of((struct px_str)PX_STR("get")), PX_M_OTHER);
    ck_assert_int_eq(px_meth_of((struct px_str)PX_STR("GETS")), PX_M_OTHER);
    ck_assert_int_eq(px_meth_of((struct px_str)PX_STR("")), PX_M_OTHER);
}
END_TEST

UNIT_MAIN("h1_parse", desk_open, desk_close, a_request, a_response, request_lines, status_lines,
          fields, a_nul_is_refused_anywhere, folded_lines, what_follows_is_left_alone,
          heads_are_bounded, fields_are_counted, long_names, names_are_filed_by_slot,
          odd_characters, methods)
