/*
 * Tests of runtime/http/body.c, after RFC 9112 6 and 7: where a body ends, which of its bytes are
 * data, and that it does not matter how it arrives in pieces.
 */
#include "runtime/http/body.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { MOST = 4096 };

struct outcome {
    enum px_span_kind kind; /* MORE, END or BAD */
    size_t used;            /* bytes of the body */
    char data[MOST], sent[MOST], trailer[MOST];
    size_t ndata, nsent, ntrailer;
};

static void note_span(struct outcome *o, enum px_span_kind kind, const char *p, size_t len)
{
    if (kind == PX_SPAN_DATA) {
        memcpy(o->data + o->ndata, p, len);
        o->ndata += len;
    } else if (kind == PX_SPAN_TRAILER) {
        memcpy(o->trailer + o->ntrailer, p, len);
        o->ntrailer += len;
    }
    if (kind != PX_SPAN_DROP) {
        memcpy(o->sent + o->nsent, p, len);
        o->nsent += len;
    }
}

/* Walks bytes from..to-1 of text; all of them must be used when the body goes on. */
static void walk_piece(struct px_body_walk *w, const char *text, size_t from, size_t to,
                       struct outcome *o)
{
    /* A copy of its own size, so that a sanitizer sees every byte read too many. */
    size_t len = to - from;
    char *piece = malloc(len ? len : 1);
    memcpy(piece, text + from, len);
    const char *p = piece, *end = piece + len;
    do {
        const char *at = p;
        o->kind = px_body_next(w, &p, end);
        ck_assert(p >= at && p <= end);
        if (o->kind < PX_SPAN_MORE)
            note_span(o, o->kind, at, (size_t)(p - at));
    } while (o->kind < PX_SPAN_MORE);
    if (o->kind == PX_SPAN_MORE)
        ck_assert_msg(p == end, "%zu bytes are left of [%.*s]", (size_t)(end - p), (int)len, piece);
    o->used += (size_t)(p - piece);
    free(piece);
}

static void walk_cut(enum px_body kind, uint64_t length, const char *text, size_t cut,
                     struct outcome *o)
{
    struct px_body_walk w;
    memset(o, 0, sizeof *o);
    px_body_begin(&w, kind, length);
    walk_piece(&w, text, 0, cut, o);
    if (o->kind == PX_SPAN_MORE)
        walk_piece(&w, text, cut, strlen(text), o);
}

static void walk_bytes(enum px_body kind, uint64_t length, const char *text, struct outcome *o)
{
    struct px_body_walk w;
    memset(o, 0, sizeof *o);
    px_body_begin(&w, kind, length);
    for (size_t i = 0; i < strlen(text); i++) {
        walk_piece(&w, text, i, i + 1, o);
        if (o->kind != PX_SPAN_MORE)
            return;
    }
    walk_piece(&w, text, 0, 0, o);
}

static void expect_same(const char *text, const struct outcome *a, const struct outcome *b,
                        const char *how, size_t cut)
{
    bool same = a->kind == b->kind && a->ndata == b->ndata && !memcmp(a->data, b->data, a->ndata);
    /* How much of the frame is reported in front of a mistake depends on the pieces. */
    if (a->kind != PX_SPAN_BAD)
        same = same && a->used == b->used && a->nsent == b->nsent && a->ntrailer == b->ntrailer &&
               !memcmp(a->sent, b->sent, a->nsent) && !memcmp(a->trailer, b->trailer, a->ntrailer);
    ck_assert_msg(same, "[%s] differs %s %zu: %d and %d, %zu and %zu bytes", text, how, cut,
                  a->kind, b->kind, a->used, b->used);
}

/* The outcome, which must not depend on where the body is cut in pieces. */
static struct outcome walk(enum px_body kind, uint64_t length, const char *text)
{
    struct outcome whole, other;
    walk_cut(kind, length, text, strlen(text), &whole);
    for (size_t cut = 0; cut < strlen(text); cut++) {
        walk_cut(kind, length, text, cut, &other);
        expect_same(text, &whole, &other, "when cut at", cut);
    }
    walk_bytes(kind, length, text, &other);
    expect_same(text, &whole, &other, "byte by byte", 0);
    return whole;
}

/* A chunked body: kind, what is data, what is forwarded, and how many bytes belong to it. */
struct row {
    const char *text;
    enum px_span_kind kind;
    const char *data, *sent;
};

static void expect(const struct row *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const struct row *r = &rows[i];
        struct outcome o = walk(PX_BODY_CHUNKED, 0, r->text);
        ck_assert_msg(o.kind == r->kind, "[%s] answers %d", r->text, o.kind);
        ck_assert_msg(o.ndata == strlen(r->data) && !memcmp(o.data, r->data, o.ndata),
                      "[%s]: data [%.*s]", r->text, (int)o.ndata, o.data);
        ck_assert_msg(!r->sent || (o.nsent == strlen(r->sent) && !memcmp(o.sent, r->sent, o.nsent)),
                      "[%s]: sent [%.*s]", r->text, (int)o.nsent, o.sent);
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(chunks)
{
    static const struct row rows[] = {
        {"0\r\n\r\n", PX_SPAN_END, "", "0\r\n\r\n"},
        {"5\r\nhello\r\n0\r\n\r\n", PX_SPAN_END, "hello", "5\r\nhello\r\n0\r\n\r\n"},
        {"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", PX_SPAN_END, "abc", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"},
        {"a\r\n0123456789\r\n0\r\n\r\n", PX_SPAN_END, "0123456789", NULL},
        {"A\r\n0123456789\r\n000\r\n\r\n", PX_SPAN_END, "0123456789", NULL},
        {"00005\r\nhello\r\n0\r\n\r\n", PX_SPAN_END, "hello", NULL},
        {"2\r\n\r\n\r\n0\r\n\r\n", PX_SPAN_END, "\r\n", NULL},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(unfinished)
{
    static const struct row rows[] = {
        {"", PX_SPAN_MORE, "", NULL},
        {"5", PX_SPAN_MORE, "", NULL},
        {"5\r", PX_SPAN_MORE, "", NULL},
        {"5\r\n", PX_SPAN_MORE, "", NULL},
        {"5\r\nhel", PX_SPAN_MORE, "hel", NULL},
        {"5\r\nhello", PX_SPAN_MORE, "hello", NULL},
        {"5\r\nhello\r", PX_SPAN_MORE, "hello", NULL},
        {"0\r\n", PX_SPAN_MORE, "", NULL},
        {"0\r\n\r", PX_SPAN_MORE, "", NULL},
        {"0\r\nX: y\r\n", PX_SPAN_MORE, "", NULL},
        {"5;ext", PX_SPAN_MORE, "", NULL},
        {"5;ext\r", PX_SPAN_MORE, "", NULL},
        {"5 ", PX_SPAN_MORE, "", NULL},
    };
    expect(rows, COUNT(rows));
}
END_TEST

/* RFC 9112 7.1.1: a recipient ignores extensions that it does not know; we do not pass them on. */
START_TEST(extensions_are_dropped)
{
    static const struct row rows[] = {
        {"5;name\r\nhello\r\n0\r\n\r\n", PX_SPAN_END, "hello", "5\r\nhello\r\n0\r\n\r\n"},
        {"5;a=b;c=\"d e\"\r\nhello\r\n0;last\r\n\r\n", PX_SPAN_END, "hello",
         "5\r\nhello\r\n0\r\n\r\n"},
        {"5 ; a = b\r\nhello\r\n0\r\n\r\n", PX_SPAN_END, "hello", "5\r\nhello\r\n0\r\n\r\n"},
        {"5\t\r\nhello\r\n0\r\n\r\n", PX_SPAN_END, "hello", "5\r\nhello\r\n0\r\n\r\n"},
        {"1;a\r\nx\r\n1;b\r\ny\r\n0\r\n\r\n", PX_SPAN_END, "xy", "1\r\nx\r\n1\r\ny\r\n0\r\n\r\n"},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(trailers)
{
    struct outcome o = walk(PX_BODY_CHUNKED, 0, "1\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\nNEXT");
    ck_assert_int_eq(o.kind, PX_SPAN_END);
    ck_assert_uint_eq(o.ntrailer, 12);
    ck_assert_mem_eq(o.trailer, "A: b\r\nC:\r\n\r\n", 12);
    ck_assert_uint_eq(o.ndata, 1);
    static const struct row good[] = {
        {"0\r\nContent-Lengths: 1\r\nHos: t\r\n\r\n", PX_SPAN_END, "", NULL},
        {"0\r\nTransfer-Encoding-and-much-more: 1\r\nX-Host: t\r\n\r\n", PX_SPAN_END, "", NULL},
    };
    expect(good, COUNT(good));
    static const struct row bad[] = {
        {"0\r\n: b\r\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\nA\r\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\nA b: c\r\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\nContent-Length: 1\r\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\nX: y\r\ntransfer-ENCODING:chunked\r\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\nHost: h\r\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\n A: c\r\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\nA: b\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\nA: b\rc\r\n\r\n", PX_SPAN_BAD, "", NULL},
        {"0\r\n\n", PX_SPAN_BAD, "", NULL},
        {"0\r\n\rx", PX_SPAN_BAD, "", NULL},
    };
    expect(bad, COUNT(bad));
}
END_TEST

START_TEST(looking_ahead)
{
    static const char bad[] = "3\r\nabcx", good[] = "3\r\nabc\r\n0\r\n\r\nwhatever";
    ck_assert(px_body_is_bad(PX_BODY_CHUNKED, bad, bad + 7));
    ck_assert(!px_body_is_bad(PX_BODY_CHUNKED, bad, bad + 6));
    ck_assert(!px_body_is_bad(PX_BODY_CHUNKED, bad, bad));
    ck_assert(!px_body_is_bad(PX_BODY_CHUNKED, good, good + sizeof good - 1));
    ck_assert(!px_body_is_bad(PX_BODY_CLOSE, bad, bad + 7));
    ck_assert(!px_body_is_bad(PX_BODY_NONE, bad, bad + 7));
}
END_TEST

/* RFC 9112 7.1.1: neither extensions nor trailers go on for ever. */
START_TEST(extras_are_bounded)
{
    static char text[20100];
    memset(text, 'a', sizeof text);
    memcpy(text, "1;", 2);
    for (int turn = 0; turn < 2; turn++) {
        const char *p = text, *end = text + sizeof text;
        struct px_body_walk w;
        px_body_begin(&w, PX_BODY_CHUNKED, 0);
        enum px_span_kind kind;
        do
            kind = px_body_next(&w, &p, end);
        while (kind < PX_SPAN_MORE);
        ck_assert_int_eq(kind, PX_SPAN_BAD);
        ck_assert_int_ge(p - text, 16384);
        memcpy(text, "0\r\nX: ", 6);
    }
}
END_TEST

START_TEST(what_follows_is_not_the_body)
{
    static const char text[] = "5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
    struct outcome o = walk(PX_BODY_CHUNKED, 0, text);
    ck_assert_int_eq(o.kind, PX_SPAN_END);
    ck_assert_uint_eq(o.used, strlen("5\r\nhello\r\n0\r\n\r\n"));
}
END_TEST

START_TEST(malformed)
{
    static const struct row rows[] = {
        {"\r\n", PX_SPAN_BAD, "", NULL},
        {"x\r\n", PX_SPAN_BAD, "", NULL},
        {";a\r\n", PX_SPAN_BAD, "", NULL},
        {" 5\r\nhello\r\n", PX_SPAN_BAD, "", NULL},
        {"0x5\r\n", PX_SPAN_BAD, "", NULL},
        {"-5\r\n", PX_SPAN_BAD, "", NULL},
        {"+5\r\n", PX_SPAN_BAD, "", NULL},
        {"5\nhello\n", PX_SPAN_BAD, "", NULL},
        {"5\rhello\r\n", PX_SPAN_BAD, "", NULL},
        {"5\r\r\n", PX_SPAN_BAD, "", NULL},
        {"5\r\nhelloX\r\n", PX_SPAN_BAD, "hello", NULL},
        {"5\r\nhello\n0\r\n", PX_SPAN_BAD, "hello", NULL},
        {"5\r\nhello\rX", PX_SPAN_BAD, "hello", NULL},
        {"5\r\nhello0\r\n\r\n", PX_SPAN_BAD, "hello", NULL},
        {"5;a\nb\r\nhello\r\n", PX_SPAN_BAD, "", NULL},
        {"5;a\rb\r\nhello\r\n", PX_SPAN_BAD, "", NULL},
        {"5;a\x01\r\nhello\r\n", PX_SPAN_BAD, "", NULL},
        {"5 6\r\nhello\r\n", PX_SPAN_BAD, "", NULL},
        {"5g\r\n", PX_SPAN_BAD, "", NULL},
        {"5,5\r\n", PX_SPAN_BAD, "", NULL},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(sizes_stay_below_2_to_the_31)
{
    static const struct row rows[] = {
        {"7fffffff\r\nx", PX_SPAN_MORE, "x", NULL},
        {"80000000\r\nx", PX_SPAN_BAD, "", NULL},
        {"100000000\r\nx", PX_SPAN_BAD, "", NULL},
        {"ffffffffffffffff\r\nx", PX_SPAN_BAD, "", NULL},
        {"10000000000000000\r\nx", PX_SPAN_BAD, "", NULL},
        {"00000000000000000000000000000001\r\nx", PX_SPAN_BAD, "", NULL},
    };
    expect(rows, COUNT(rows));
}
END_TEST

START_TEST(bodies_with_a_length)
{
    struct outcome o = walk(PX_BODY_LENGTH, 5, "hello");
    ck_assert_int_eq(o.kind, PX_SPAN_END);
    ck_assert_uint_eq(o.ndata, 5);
    o = walk(PX_BODY_LENGTH, 5, "helloGET");
    ck_assert_int_eq(o.kind, PX_SPAN_END);
    ck_assert_uint_eq(o.used, 5);
    o = walk(PX_BODY_LENGTH, 6, "hello");
    ck_assert_int_eq(o.kind, PX_SPAN_MORE);
    o = walk(PX_BODY_LENGTH, 0, "x");
    ck_assert_int_eq(o.kind, PX_SPAN_END);
    ck_assert_uint_eq(o.used, 0);
    o = walk(PX_BODY_LENGTH, UINT64_MAX, "x");
    ck_assert_int_eq(o.kind, PX_SPAN_MORE);
    ck_assert_uint_eq(o.ndata, 1);
}
END_TEST

START_TEST(bodies_until_close_and_none)
{
    struct outcome o = walk(PX_BODY_CLOSE, 0, "0\r\n\r\nx");
    ck_assert_int_eq(o.kind, PX_SPAN_MORE);
    ck_assert_uint_eq(o.ndata, 6);
    o = walk(PX_BODY_NONE, 0, "x");
    ck_assert_int_eq(o.kind, PX_SPAN_END);
    ck_assert_uint_eq(o.used, 0);
}
END_TEST

UNIT_MAIN("body", NULL, NULL, chunks, unfinished, extensions_are_dropped, trailers, looking_ahead,
          extras_are_bounded, what_follows_is_not_the_body, malformed, sizes_stay_below_2_to_the_31,
          bodies_with_a_length, bodies_until_close_and_none)
