/*
 * Tests of runtime/policy/hello.c: what a ClientHello offers. (Records, versions and names are in
 * fetch_payload_test.c.)
 *
 * Bytes are read from blocks of exactly their size, so that an analyser of memory sees a read
 * beyond their end.
 */
#include "runtime/policy/hello.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

/* Version, random, session "ab", three cipher suites, no compression, then extensions. */
#define RANDOM "0123456789abcdef0123456789abcdef"
#define FRONT                                                                                      \
    "\x03\x03" RANDOM "\x02"                                                                       \
    "ab"                                                                                           \
    "\x00\x06\x13\x01\x13\x02\xc0\x2f"                                                             \
    "\x01\x00"
#define ALPN "\x00\x10\x00\x0e\x00\x0c\x02h2\x08http/1.1"
#define GROUPS "\x00\x0a\x00\x06\x00\x04\x00\x1d\x00\x17"
#define SIGNATURES "\x00\x0d\x00\x04\x00\x02\x04\x03"
#define TICKET "\x00\x23\x00\x02xy"
#define SHARES "\x00\x33\x00\x0f\x00\x0d\x00\x1d\x00\x03KEY\x00\x17\x00\x02OK"
#define ALL ALPN GROUPS SIGNATURES TICKET SHARES

static char *exact;
static struct px_str body;

static void hello(const char *p, size_t n)
{
    exact = malloc(n);
    body = (struct px_str){memcpy(exact, p, n), n};
}

static void forget(void)
{
    free(exact);
    exact = NULL;
}

#define HELLO(extensions, length)                                                                  \
    hello(FRONT length extensions, sizeof(FRONT length extensions) - 1)

static void must_be(enum px_found found, struct px_str got, const char *want, size_t len)
{
    ck_assert_int_eq(found, PX_FOUND);
    ck_assert_uint_eq(got.len, len);
    ck_assert_mem_eq(got.p, want, len);
}

START_TEST(everything_is_found)
{
    char room[200];
    struct px_str s, text = {room, 0};
    HELLO(ALL, "\x00\x3d");
    must_be(px_hello_ciphers(body, &s), s, "\x13\x01\x13\x02\xc0\x2f", 6);
    must_be(px_hello_protocol(body, &s), s, "h2", 2);
    must_be(px_hello_list(body, PX_EXT_GROUPS, &s), s, "\x00\x1d\x00\x17", 4);
    must_be(px_hello_list(body, PX_EXT_SIGNATURES, &s), s, "\x04\x03", 2);
    must_be(px_hello_extension(body, PX_EXT_TICKET, &s), s, "xy", 2);
    must_be(px_hello_shares(body, &text), text, "\x00\x1d\x00\x17", 4);
    forget();
}
END_TEST

START_TEST(what_is_not_offered_is_absent)
{
    char room[200];
    struct px_str s, text = {room, 0};
    HELLO(GROUPS, "\x00\x0a");
    ck_assert_int_eq(px_hello_protocol(body, &s), PX_ABSENT);
    ck_assert_int_eq(px_hello_shares(body, &text), PX_ABSENT);
    ck_assert_int_eq(px_hello_extension(body, PX_EXT_TICKET, &s), PX_ABSENT);
    ck_assert_int_eq(px_hello_list(body, PX_EXT_SIGNATURES, &s), PX_ABSENT);
    forget();
    hello(FRONT, sizeof FRONT - 1);
    must_be(px_hello_ciphers(body, &s), s, "\x13\x01\x13\x02\xc0\x2f", 6);
    ck_assert_int_eq(px_hello_list(body, PX_EXT_GROUPS, &s), PX_ABSENT);
    forget();
}
END_TEST

START_TEST(lengths_that_do_not_fit_are_refused)
{
    char room[200];
    struct px_str s, text = {room, 0};
    HELLO("\x00\x10\x00\x05\x00\x09\x02h2", "\x00\x09");
    ck_assert_int_eq(px_hello_protocol(body, &s), PX_ABSENT);
    forget();
    HELLO("\x00\x10\x00\x05\x00\x03\x03h2", "\x00\x09");
    ck_assert_int_eq(px_hello_protocol(body, &s), PX_ABSENT);
    forget();
    HELLO("\x00\x10\x00\x02\x00\x00", "\x00\x06");
    ck_assert_int_eq(px_hello_protocol(body, &s), PX_ABSENT);
    forget();
    HELLO("\x00\x33\x00\x07\x00\x05\x00\x1d\x00\x03K", "\x00\x0b");
    ck_assert_int_eq(px_hello_shares(body, &text), PX_ABSENT);
    forget();
}
END_TEST

/* Every byte takes every value: nothing is read outside, and nothing is longer than it may be. */
START_TEST(no_changed_byte_leads_outside)
{
    char *room = malloc(sizeof(FRONT ALL) + 1);
    HELLO(ALL, "\x00\x3d");
    for (size_t i = 0; i < body.len; i++) {
        char was = exact[i];
        for (int v = 0; v < 256; v++) {
            struct px_str s, text = {room, 0};
            exact[i] = (char)v;
            px_hello_ciphers(body, &s);
            px_hello_protocol(body, &s);
            px_hello_shares(body, &text);
            ck_assert_uint_le(text.len, body.len);
            px_hello_list(body, PX_EXT_GROUPS, &s);
        }
        exact[i] = was;
    }
    free(room);
    forget();
}
END_TEST

UNIT_MAIN("hello", NULL, NULL, everything_is_found, what_is_not_offered_is_absent,
          lengths_that_do_not_fit_are_refused, no_changed_byte_leads_outside)
