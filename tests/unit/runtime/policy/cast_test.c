/*
 * Tests of runtime/policy/cast.c: every type to every other (HAProxy manual 7.1), with the values
 * that HAProxy 2.6 makes.
 */
#include "message_desk.h"

#include <arpa/inet.h>

/* What goes in, what it is to become, what comes out; NULL: the value does not allow it. */
struct change {
    enum px_type from;
    const char *in;
    enum px_type to;
    const char *want;
};

static const char *const type_names[] = {
    [PX_BOOL] = "bool", [PX_SINT] = "sint", [PX_STRING] = "str", [PX_BIN] = "bin",
    [PX_IPV4] = "ipv4", [PX_IPV6] = "ipv6", [PX_METH] = "meth",  [PX_ADDR] = "addr",
};

static struct px_sample sample_of(enum px_type type, const char *text)
{
    struct px_sample s = {.type = (uint8_t)type};
    switch (type) {
    case PX_BOOL:
    case PX_SINT:
        s.u.i = strtoll(text, NULL, 10);
        break;
    case PX_IPV4:
        ck_assert_int_eq(inet_pton(AF_INET, text, &s.u.v4), 1);
        break;
    case PX_IPV6:
        ck_assert_int_eq(inet_pton(AF_INET6, text, &s.u.v6), 1);
        break;
    default:
        s.u.s = px_text_of(text);
    }
    return s;
}

/* Bytes in hexadecimal, everything else as it is logged. */
static const char *shown(const struct px_sample *s)
{
    static char text[256];
    struct px_out out = {.p = text, .cap = sizeof text - 1};
    struct px_sample shown = *s;
    if (s->type == PX_BIN)
        ck_assert(px_conv_hex(&desk, &shown));
    px_put_plain(&out, &shown);
    text[out.len] = 0;
    return text;
}

static void check(const struct change *c)
{
    struct px_sample s = sample_of(c->from, c->in);
    px_scratch_reset();
    bool good = px_cast(&s, c->to);
    ck_assert_msg(good == !!c->want, "%s '%s' to %s: %d", type_names[c->from], c->in,
                  type_names[c->to], good);
    if (!good)
        return;
    ck_assert_msg(!strcmp(shown(&s), c->want), "%s '%s' to %s: '%s', not '%s'", type_names[c->from],
                  c->in, type_names[c->to], shown(&s), c->want);
    if (c->to == PX_ADDR)
        ck_assert(s.type == PX_IPV4 || s.type == PX_IPV6);
    else if (c->to != PX_ANY)
        ck_assert_int_eq(s.type, c->to);
}

static void check_all(const struct change *c, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        check(&c[i]);
}
#define CHECK(...)                                                                                 \
    do {                                                                                           \
        static const struct change all[] = {__VA_ARGS__};                                          \
        check_all(all, sizeof all / sizeof *all);                                                  \
    } while (0)

START_TEST(from_booleans)
{
    CHECK({PX_BOOL, "1", PX_SINT, "1"}, {PX_BOOL, "0", PX_SINT, "0"},
          {PX_BOOL, "1", PX_STRING, "1"}, {PX_BOOL, "0", PX_STRING, "0"},
          {PX_BOOL, "1", PX_BIN, "0000000000000001"}, {PX_BOOL, "1", PX_BOOL, "1"});
}
END_TEST

START_TEST(from_integers)
{
    CHECK({PX_SINT, "5", PX_BOOL, "1"}, {PX_SINT, "-5", PX_BOOL, "1"}, {PX_SINT, "0", PX_BOOL, "0"},
          {PX_SINT, "-2", PX_STRING, "-2"}, {PX_SINT, "-2", PX_BIN, "FFFFFFFFFFFFFFFE"},
          {PX_SINT, "16909060", PX_IPV4, "1.2.3.4"}, {PX_SINT, "4311810305", PX_IPV4, "1.1.1.1"},
          {PX_SINT, "-1", PX_ADDR, "255.255.255.255"}, {PX_SINT, "1", PX_IPV6, "::ffff:0.0.0.1"},
          {PX_SINT, "-9223372036854775808", PX_STRING, "-9223372036854775808"},
          {PX_SINT, "9223372036854775807", PX_STRING, "9223372036854775807"});
}
END_TEST

START_TEST(from_texts_to_integers)
{
    CHECK({PX_STRING, "12x", PX_SINT, "12"}, {PX_STRING, "x12", PX_SINT, "0"},
          {PX_STRING, "", PX_SINT, NULL}, {PX_STRING, "+5", PX_SINT, "5"},
          {PX_STRING, "-5", PX_SINT, "-5"}, {PX_STRING, " 5", PX_SINT, "0"},
          {PX_STRING, "-", PX_SINT, "0"}, {PX_STRING, "0x10", PX_SINT, "0"},
          {PX_STRING, "9223372036854775807", PX_SINT, "9223372036854775807"},
          {PX_STRING, "9223372036854775808", PX_SINT, "9223372036854775807"},
          {PX_STRING, "-9223372036854775808", PX_SINT, "-9223372036854775808"},
          {PX_STRING, "-9223372036854775809", PX_SINT, "-9223372036854775808"},
          {PX_STRING, "99999999999999999999", PX_SINT, "9223372036854775807"},
          {PX_STRING, "1", PX_BOOL, "1"}, {PX_STRING, "0", PX_BOOL, "0"},
          {PX_STRING, "", PX_BOOL, NULL});
}
END_TEST

START_TEST(from_texts_to_addresses)
{
    CHECK({PX_STRING, "1.2.3.4", PX_ADDR, "1.2.3.4"}, {PX_STRING, "1.2.3.4:80", PX_ADDR, "1.2.3.4"},
          {PX_STRING, "1.2.3.4x", PX_ADDR, "1.2.3.4"}, {PX_STRING, "1.2.3", PX_ADDR, NULL},
          {PX_STRING, "1.2.3.4 ", PX_ADDR, "1.2.3.4"}, {PX_STRING, "1.2.3.4.5", PX_ADDR, NULL},
          {PX_STRING, "256.2.3.4", PX_ADDR, NULL}, {PX_STRING, "01.2.3.4", PX_ADDR, "1.2.3.4"},
          {PX_STRING, " 1.2.3.4", PX_ADDR, NULL}, {PX_STRING, "::1", PX_ADDR, "::1"},
          {PX_STRING, "2001:DB8::1", PX_ADDR, "2001:db8::1"}, {PX_STRING, "::1 ", PX_ADDR, NULL},
          {PX_STRING, " ::1", PX_ADDR, NULL}, {PX_STRING, "[::1]", PX_ADDR, NULL},
          {PX_STRING, "::ffff:1.2.3.4", PX_ADDR, "::ffff:1.2.3.4"},
          {PX_STRING, "::1:80x", PX_ADDR, NULL}, {PX_STRING, "host", PX_ADDR, NULL},
          {PX_STRING, "", PX_ADDR, NULL}, {PX_STRING, "1.2.3.4", PX_IPV6, "::ffff:1.2.3.4"},
          {PX_STRING, "::ffff:1.2.3.4", PX_IPV4, "1.2.3.4"}, {PX_STRING, "::1", PX_IPV4, NULL});
}
END_TEST

START_TEST(from_addresses)
{
    CHECK({PX_IPV4, "1.2.3.4", PX_STRING, "1.2.3.4"}, {PX_IPV4, "255.2.3.4", PX_SINT, "4278321924"},
          {PX_IPV4, "1.2.3.4", PX_BIN, "01020304"}, {PX_IPV4, "1.2.3.4", PX_IPV6, "::ffff:1.2.3.4"},
          {PX_IPV4, "1.2.3.4", PX_ADDR, "1.2.3.4"}, {PX_IPV4, "0.0.0.0", PX_BOOL, "0"},
          {PX_IPV6, "::1", PX_BIN, "00000000000000000000000000000001"},
          {PX_IPV6, "2001:db8::1", PX_STRING, "2001:db8::1"},
          {PX_IPV6, "::ffff:1.2.3.4", PX_STRING, "::ffff:1.2.3.4"},
          {PX_IPV6, "::ffff:1.2.3.4", PX_IPV4, "1.2.3.4"}, {PX_IPV6, "::1.2.3.4", PX_IPV4, NULL},
          {PX_IPV6, "::1", PX_SINT, NULL}, {PX_IPV6, "::1", PX_ADDR, "::1"});
}
END_TEST

START_TEST(from_bytes)
{
    CHECK({PX_BIN, "abc", PX_STRING, "abc"}, {PX_BIN, "", PX_STRING, ""},
          {PX_BIN, "1", PX_SINT, NULL}, {PX_BIN, "1.2.3.4", PX_ADDR, NULL},
          {PX_BIN, "1", PX_BOOL, NULL}, {PX_BIN, "GET", PX_METH, NULL},
          {PX_STRING, "abc", PX_BIN, "616263"}, {PX_METH, "GET", PX_BIN, "474554"},
          {PX_METH, "GET", PX_STRING, "GET"}, {PX_METH, "1", PX_SINT, NULL});
    struct px_sample s = {.type = PX_BIN, .u.s = {"a\0b", 3}};
    ck_assert(px_cast(&s, PX_STRING));
    ck_assert_uint_eq(s.u.s.len, 1); /* text ends before a NUL */
    s = (struct px_sample){.type = PX_BIN, .u.s = {NULL, 0}};
    ck_assert(px_cast(&s, PX_STRING));
    ck_assert_uint_eq(s.u.s.len, 0);
}
END_TEST

START_TEST(methods)
{
    static const struct {
        const char *text;
        enum px_meth meth;
    } all[] = {{"GET", PX_M_GET},         {"HEAD", PX_M_HEAD},       {"POST", PX_M_POST},
               {"PUT", PX_M_PUT},         {"DELETE", PX_M_DELETE},   {"TRACE", PX_M_TRACE},
               {"CONNECT", PX_M_CONNECT}, {"OPTIONS", PX_M_OPTIONS}, {"get", PX_M_OTHER},
               {"GETX", PX_M_OTHER},      {"", PX_M_OTHER},          {"BREW", PX_M_OTHER}};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        struct px_sample s = sample_of(PX_STRING, all[i].text);
        ck_assert(px_cast(&s, PX_METH));
        ck_assert_int_eq(s.meth, all[i].meth);
        ck_assert_str_eq(shown(&s), all[i].text);
    }
}
END_TEST

START_TEST(any_type_will_do)
{
    for (enum px_type type = PX_BOOL; type <= PX_METH; type++) {
        struct px_sample s = sample_of(type, type == PX_IPV4   ? "1.2.3.4"
                                             : type == PX_IPV6 ? "::1"
                                                               : "1");
        ck_assert(px_cast(&s, PX_ANY));
        ck_assert_int_eq(s.type, type);
        ck_assert(px_cast(&s, type));
    }
}
END_TEST

UNIT_MAIN("cast", NULL, NULL, from_booleans, from_integers, from_texts_to_integers,
          from_texts_to_addresses, from_addresses, from_bytes, methods, any_type_will_do)
