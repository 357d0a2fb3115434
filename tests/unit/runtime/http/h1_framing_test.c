/*
 * Tests of runtime/http/h1_framing.c, after RFC 9112 3.2, 6 and 9: hosts, where a body ends, and
 * what becomes of the connection.
 */
#include "h1_desk.h"

struct row {
    const char *fields;
    enum px_h1_result result;
    enum px_body body;
    uint64_t length;
    const char *sent; /* the fields as they go on; NULL: as they came */
};

static enum px_h1_result frame(const char *line, const char *fields, enum px_meth request)
{
    char text[2048];
    bool response = !strncmp(line, "HTTP", 4);
    snprintf(text, sizeof text, "%s\r\n%s\r\n", line, fields);
    ck_assert_msg(parse(response, text) == PX_H1_DONE, "[%s]", text);
    return response ? px_h1_response_framing(&P.head, request) : px_h1_request_framing(&P.head);
}

static void expect(const char *line, enum px_meth request, const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const struct row *r = &rows[i];
        enum px_h1_result got = frame(line, r->fields, request);
        ck_assert_msg(got == r->result, "[%s] [%s] answers %d", line, r->fields, got);
        if (got != PX_H1_DONE)
            continue;
        ck_assert_msg(P.head.body == r->body, "[%s]: body %d", r->fields, P.head.body);
        if (r->body == PX_BODY_LENGTH)
            ck_assert_msg(P.head.length == r->length, "[%s]: length %llu", r->fields,
                          (unsigned long long)P.head.length);
        char want[2048];
        snprintf(want, sizeof want, "%s\r\n%s\r\n", line, r->sent ? r->sent : r->fields);
        if (r->sent)
            ck_assert_str_eq(written(), want);
    }
}

#define H "host: x\r\n"

START_TEST(content_length)
{
    static const struct row rows[] = {
        {H, PX_H1_DONE, PX_BODY_NONE, 0, H},
        {H "Content-Length: 5\r\n", PX_H1_DONE, PX_BODY_LENGTH, 5, H "content-length: 5\r\n"},
        {H "Content-Length: 0\r\n", PX_H1_DONE, PX_BODY_NONE, 0, NULL},
        {H "Content-Length: 005\r\n", PX_H1_DONE, PX_BODY_LENGTH, 5, NULL},
        {H "Content-Length:\t5 \r\n", PX_H1_DONE, PX_BODY_LENGTH, 5, H "content-length: 5\r\n"},
        {H "Content-Length: 5, 5\r\n", PX_H1_DONE, PX_BODY_LENGTH, 5, H "content-length: 5\r\n"},
        {H "Content-Length: 5 , 05,5\r\n", PX_H1_DONE, PX_BODY_LENGTH, 5,
         H "content-length: 5\r\n"},
        {H "Content-Length: 5\r\nContent-Length: 5\r\n", PX_H1_DONE, PX_BODY_LENGTH, 5,
         H "content-length: 5\r\n"},
        {H "Content-Length: 5\r\na: b\r\nContent-Length: 5, 5\r\n", PX_H1_DONE, PX_BODY_LENGTH, 5,
         H "content-length: 5\r\na: b\r\n"},
        {H "Content-Length: 9223372036854775807\r\n", PX_H1_DONE, PX_BODY_LENGTH, INT64_MAX, NULL},
        {H "Content-Length: 4294967296\r\n", PX_H1_DONE, PX_BODY_LENGTH, 4294967296, NULL},
    };
    expect("POST / HTTP/1.1", PX_M_OTHER, rows, COUNT(rows));
}
END_TEST

START_TEST(content_lengths_that_lie)
{
    static const struct row rows[] = {
        {H "Content-Length:\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: +5\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: -5\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5x\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5;\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5 5\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5 55\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 0x5\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5.0\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: x\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5,\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: ,5\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5,,5\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5,6\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5,5x\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5\r\nContent-Length: 6\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 5\r\nContent-Length:\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 0\r\nContent-Length: 5\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 9223372036854775808\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 18446744073709551615\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 18446744073709551616\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 18446744073709551621\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Content-Length: 99999999999999999999999\r\n", PX_H1_BAD, 0, 0, NULL},
    };
    expect("POST / HTTP/1.1", PX_M_OTHER, rows, COUNT(rows));
    for (unsigned i = 0; i < COUNT(rows); i++)
        ck_assert_int_eq(frame("HTTP/1.1 200 OK", rows[i].fields, PX_M_GET), PX_H1_BAD);
}
END_TEST

START_TEST(transfer_encoding)
{
    static const struct row rows[] = {
        {H "Transfer-Encoding: chunked\r\n", PX_H1_DONE, PX_BODY_CHUNKED, 0, NULL},
        {H "Transfer-Encoding: CHUNKED\r\n", PX_H1_DONE, PX_BODY_CHUNKED, 0, NULL},
        {H "Transfer-Encoding:  chunked \r\n", PX_H1_DONE, PX_BODY_CHUNKED, 0, NULL},
        {H "Transfer-Encoding: gzip, chunked\r\n", PX_H1_CODING, 0, 0, NULL},
        {H "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", PX_H1_CODING, 0, 0, NULL},
        {H "Transfer-Encoding: gzip\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding:\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: identity\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: chunked, gzip\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: chunked, chunked\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: chunked, gzip, chunked\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: xchunked\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: chunked, xchunked\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: chunkedx\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: chunked;x\r\n", PX_H1_BAD, 0, 0, NULL},
        {H "Transfer-Encoding: \"chunked\"\r\n", PX_H1_BAD, 0, 0, NULL},
    };
    expect("POST / HTTP/1.1", PX_M_OTHER, rows, COUNT(rows));
}
END_TEST

/* RFC 9112 6.1: the length goes, and the connection is not used again. */
START_TEST(length_beside_transfer_encoding)
{
    static const struct row rows[] = {
        {H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", PX_H1_DONE, PX_BODY_CHUNKED, 0,
         H "transfer-encoding: chunked\r\n"},
        {H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\nContent-Length: x\r\n", PX_H1_BAD, 0,
         0, NULL},
        {H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\nContent-Length: 5\r\n", PX_H1_DONE,
         PX_BODY_CHUNKED, 0, H "transfer-encoding: chunked\r\n"},
    };
    expect("POST / HTTP/1.1", PX_M_OTHER, rows, COUNT(rows));
    ck_assert(P.head.flags & PX_HEAD_BOTH);
    frame("POST / HTTP/1.1", H "Transfer-Encoding: chunked\r\n", PX_M_OTHER);
    ck_assert(!(P.head.flags & PX_HEAD_BOTH));
}
END_TEST

START_TEST(transfer_encoding_is_not_of_1_0)
{
    ck_assert_int_eq(frame("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n", PX_M_OTHER),
                     PX_H1_BAD);
    ck_assert_int_eq(frame("HTTP/1.0 200 OK", "Transfer-Encoding: chunked\r\n", PX_M_GET),
                     PX_H1_BAD);
}
END_TEST

START_TEST(bodies_of_1_0)
{
    static const char five[] = "Content-Length: 5\r\n";
    ck_assert_int_eq(frame("GET / HTTP/1.0", five, PX_M_OTHER), PX_H1_PAYLOAD);
    ck_assert_int_eq(frame("HEAD / HTTP/1.0", five, PX_M_OTHER), PX_H1_PAYLOAD);
    ck_assert_int_eq(frame("DELETE / HTTP/1.0", five, PX_M_OTHER), PX_H1_PAYLOAD);
    ck_assert_int_eq(frame("POST / HTTP/1.0", five, PX_M_OTHER), PX_H1_DONE);
    ck_assert_int_eq(frame("GET / HTTP/1.0", "Content-Length: 0\r\n", PX_M_OTHER), PX_H1_DONE);
    ck_assert_int_eq(frame("GET / HTTP/1.1", H "Content-Length: 5\r\n", PX_M_OTHER), PX_H1_DONE);
    ck_assert_uint_eq(P.head.length, 5);
}
END_TEST

/* RFC 9112 3.2 */
START_TEST(hosts)
{
    static const struct row rows[] = {
        {"Host: a.b:80\r\n", PX_H1_DONE, PX_BODY_NONE, 0, NULL},
        {"Host: [::1]:80\r\n", PX_H1_DONE, PX_BODY_NONE, 0, NULL},
        {"Host:\r\n", PX_H1_DONE, PX_BODY_NONE, 0, NULL},
        {"Host: a\r\nHost: b\r\n", PX_H1_BAD, 0, 0, NULL},
        {"Host: a b\r\n", PX_H1_BAD, 0, 0, NULL},
        {"Host: a/b\r\n", PX_H1_BAD, 0, 0, NULL},
        {"Host: a@b\r\n", PX_H1_BAD, 0, 0, NULL},
        {"Host: a,b\r\n", PX_H1_BAD, 0, 0, NULL},
        {"Host: a?b\r\n", PX_H1_BAD, 0, 0, NULL},
        {"Host: \xc3\xa4\r\n", PX_H1_BAD, 0, 0, NULL},
    };
    expect("GET / HTTP/1.1", PX_M_OTHER, rows, COUNT(rows));
    ck_assert_int_eq(frame("GET / HTTP/1.0", "", PX_M_OTHER), PX_H1_DONE);
}
END_TEST

START_TEST(connection_options)
{
    static const struct {
        const char *fields;
        unsigned flags;
    } rows[] = {
        {H, 0},
        {H "Connection: close\r\n", PX_HEAD_CLOSE},
        {H "Connection: Keep-Alive\r\n", PX_HEAD_KEEP},
        {H "Connection: foo , CLOSE\r\n", PX_HEAD_CLOSE},
        {H "Connection: closed\r\n", 0},
        {H "Connection: keep-alive\r\nConnection: close\r\n", PX_HEAD_KEEP | PX_HEAD_CLOSE},
        {H "Connection: upgrade\r\n", 0},
        {H "Upgrade: websocket\r\n", 0},
        {H "Connection: Upgrade\r\nUpgrade: foo\r\n", PX_HEAD_UPGRADE},
        {H "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
         PX_HEAD_UPGRADE},
        {H "Expect: 100-continue\r\n", PX_HEAD_CONTINUE},
        {H "Expect: 100-Continue\r\n", PX_HEAD_CONTINUE},
        {H "Expect: x\r\n", 0},
    };
    const unsigned all = PX_HEAD_CLOSE | PX_HEAD_KEEP | PX_HEAD_UPGRADE | PX_HEAD_CONTINUE;
    for (unsigned i = 0; i < COUNT(rows); i++) {
        ck_assert_int_eq(frame("POST / HTTP/1.1", rows[i].fields, PX_M_OTHER), PX_H1_DONE);
        ck_assert_msg((P.head.flags & all) == rows[i].flags, "[%s]: %x", rows[i].fields,
                      P.head.flags);
    }
    /* RFC 6455 4.2.1 */
    ck_assert_int_eq(frame("GET / HTTP/1.1",
                           H "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n",
                           PX_M_OTHER),
                     PX_H1_BAD);
    ck_assert_int_eq(
        frame("GET / HTTP/1.1", H "Connection: Upgrade\r\nUpgrade: WebSocket\r\n", PX_M_OTHER),
        PX_H1_BAD);
    frame("POST / HTTP/1.0", "Expect: 100-continue\r\n", PX_M_OTHER);
    ck_assert(!(P.head.flags & PX_HEAD_CONTINUE));
}
END_TEST

/* RFC 9112 6.3 */
START_TEST(responses)
{
    static const struct {
        const char *line, *fields;
        enum px_meth request;
        enum px_body body;
    } rows[] = {
        {"HTTP/1.1 200 OK", "", PX_M_GET, PX_BODY_CLOSE},
        {"HTTP/1.0 200 OK", "", PX_M_GET, PX_BODY_CLOSE},
        {"HTTP/1.1 200 OK", "Content-Length: 5\r\n", PX_M_GET, PX_BODY_LENGTH},
        {"HTTP/1.1 200 OK", "Content-Length: 0\r\n", PX_M_GET, PX_BODY_NONE},
        {"HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\n", PX_M_GET, PX_BODY_CHUNKED},
        {"HTTP/1.1 200 OK", "Content-Length: 5\r\n", PX_M_HEAD, PX_BODY_NONE},
        {"HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\n", PX_M_HEAD, PX_BODY_NONE},
        {"HTTP/1.1 200 OK", "", PX_M_HEAD, PX_BODY_NONE},
        {"HTTP/1.1 204 No Content", "Content-Length: 5\r\n", PX_M_GET, PX_BODY_NONE},
        {"HTTP/1.1 304 Not Modified", "Content-Length: 5\r\n", PX_M_GET, PX_BODY_NONE},
        {"HTTP/1.1 304 Not Modified", "", PX_M_GET, PX_BODY_NONE},
        {"HTTP/1.1 100 Continue", "", PX_M_POST, PX_BODY_NONE},
        {"HTTP/1.1 101 Switching", "", PX_M_GET, PX_BODY_NONE},
        {"HTTP/1.1 404 Not Found", "", PX_M_GET, PX_BODY_CLOSE},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        ck_assert_int_eq(frame(rows[i].line, rows[i].fields, rows[i].request), PX_H1_DONE);
        ck_assert_msg(P.head.body == rows[i].body, "[%s] [%s]: %d", rows[i].line, rows[i].fields,
                      P.head.body);
    }
}
END_TEST

UNIT_MAIN("h1_framing", desk_open, desk_close, content_length, content_lengths_that_lie,
          transfer_encoding, length_beside_transfer_encoding, transfer_encoding_is_not_of_1_0,
          bodies_of_1_0, hosts, connection_options, responses)
