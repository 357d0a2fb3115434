/*
 * Tests of runtime/http/hop.c, after RFC 9110 7.6.1: what is for one connection does not go on, and
 * nobody outside can have anything else taken out.
 */
#include "h1_desk.h"

static const struct px_name connection = {PX_STR("connection"), PX_H_CONNECTION};
static const struct px_name forwarded = {PX_STR("x-forwarded-for"), 0};

static void start(const char *fields)
{
    char text[2048];
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", fields);
    ck_assert_int_eq(parse(false, text), PX_H1_DONE);
    ck_assert_int_eq(px_h1_request_framing(&P.head), PX_H1_DONE);
}

static void expect(const char *fields)
{
    char text[2048];
    px_head_drop_hop(&P.head);
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nhost: h\r\n%s\r\n", fields);
    ck_assert_str_eq(written(), text);
}

START_TEST(received)
{
    static const struct {
        const char *fields, *sent;
    } rows[] = {
        {"X: y\r\n", "x: y\r\n"},
        {"Connection: close\r\n", ""},
        {"Connection: Keep-Alive\r\nKeep-Alive: timeout=5\r\n", ""},
        {"Proxy-Connection: keep-alive\r\nX: y\r\n", "x: y\r\n"},
        {"Connection: X-Hop, close\r\nX-Hop: 1\r\nX: y\r\nX-Hop: 2\r\n", "x: y\r\n"},
        {"Connection: x-hop\r\nX-HOP: 1\r\nX-Hops: 2\r\nX-Ho: 3\r\n", "x-hops: 2\r\nx-ho: 3\r\n"},
        {"Connection: , a ,,\tb\r\nConnection: c\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n", "d: 4\r\n"},
        {"Connection: Upgrade\r\nUpgrade: foo\r\n", "connection: Upgrade\r\nupgrade: foo\r\n"},
        {"Connection: keep-alive, Upgrade\r\nUpgrade: foo\r\n",
         "connection: upgrade\r\nupgrade: foo\r\n"},
        {"Connection: upgrade\r\n", ""},
        {"Upgrade: foo\r\n", ""},
        {"Connection: TE\r\nTE: trailers\r\n", "connection: TE\r\nte: trailers\r\n"},
        {"Connection: close, TE\r\nTE: trailers\r\n", "connection: te\r\nte: trailers\r\n"},
        {"Connection: TE\r\n", ""},
        {"Connection: TE, Upgrade, x\r\nTE: trailers\r\nUpgrade: foo\r\nX: y\r\n",
         "connection: te, upgrade\r\nte: trailers\r\nupgrade: foo\r\n"},
        {"Connection:\r\nX: y\r\n", "x: y\r\n"},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        start(rows[i].fields);
        expect(rows[i].sent);
    }
}
END_TEST

START_TEST(vital_fields_stay)
{
    start(
        "Connection: host, content-length, transfer-encoding, connection\r\nContent-Length: 3\r\n");
    expect("content-length: 3\r\n");
}
END_TEST

/* What clients name in Connection does not concern what rules have added. */
START_TEST(added)
{
    start("Connection: X-Forwarded-For, close\r\nX-Forwarded-For: 1\r\n");
    ck_assert(px_head_add(&P.head, &forwarded, (struct px_str){"2", 1}));
    expect("x-forwarded-for: 2\r\n");
    start("");
    ck_assert(px_head_add(&P.head, &connection, (struct px_str){"a, close ,Keep-Alive,b", 22}));
    expect("connection: a,b\r\n");
    start("");
    ck_assert(px_head_add(&P.head, &connection, (struct px_str){"close", 5}));
    expect("");
}
END_TEST

UNIT_MAIN("hop", desk_open, desk_close, received, vital_fields_stay, added)
