/*
 * Tests of runtime/net/proxy_protocol.c: headers of both versions, what is refused, and what is
 * written.
 */
#include "runtime/net/proxy_protocol.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(literal) ((struct px_str)PX_STR(literal))

static enum px_pp_result parse(struct px_str s, struct px_pp_header *h)
{
    /* Exactly so many bytes, so that sanitizers see what is read behind them. */
    char *copy = malloc(s.len ? s.len : 1);
    memcpy(copy, s.p, s.len);
    enum px_pp_result r = px_pp_parse(h, copy, s.len);
    free(copy);
    return r;
}

static void must_be(struct px_str s, enum px_pp_result want)
{
    struct px_pp_header h;
    enum px_pp_result got = parse(s, &h);
    ck_assert_msg(got == want, "%.*s: %d instead of %d", (int)s.len, s.p, (int)got, (int)want);
    if (want != PX_PP_DONE)
        ck_assert(!h.relayed);
}

static struct px_addr address(const char *text, unsigned port)
{
    struct px_addr a = {.family = strchr(text, ':') ? AF_INET6 : AF_INET, .port = (uint16_t)port};
    ck_assert_int_eq(inet_pton(a.family, text, a.ip), 1);
    return a;
}

static void must_equal(const struct px_addr *a, const char *text, unsigned port)
{
    struct px_addr want = address(text, port);
    ck_assert_uint_eq(a->family, want.family);
    ck_assert_uint_eq(a->port, want.port);
    ck_assert_mem_eq(a->ip, want.ip, sizeof want.ip);
}

/* Every beginning of a good header asks for more, and what follows it does not matter. */
static void must_need_all(struct px_str s)
{
    struct px_pp_header h;
    char longer[1024];
    for (size_t n = 0; n < s.len; n++)
        must_be((struct px_str){s.p, n}, PX_PP_MORE);
    memset(longer, 'x', sizeof longer);
    memcpy(longer, s.p, s.len);
    ck_assert_int_eq(parse((struct px_str){longer, sizeof longer}, &h), PX_PP_DONE);
    ck_assert_uint_eq(h.len, s.len);
    ck_assert_int_eq(parse(s, &h), PX_PP_DONE);
    ck_assert_uint_eq(h.len, s.len);
}

START_TEST(v1_of_the_specification)
{
    struct px_str s = BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
    struct px_pp_header h;
    must_need_all(s);
    parse(s, &h);
    ck_assert(h.relayed && !h.authority.p && !h.unique_id.p);
    must_equal(&h.src, "192.168.0.1", 56324);
    must_equal(&h.dst, "192.168.0.11", 443);
    s = BYTES("PROXY TCP6 2001:db8::1 FE80::FFFF:1 0 65535\r\n");
    must_need_all(s);
    parse(s, &h);
    must_equal(&h.src, "2001:db8::1", 0);
    must_equal(&h.dst, "fe80::ffff:1", 65535);
}
END_TEST

START_TEST(v1_longest)
{
    must_need_all(BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"));
    must_need_all(BYTES("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"));
    must_need_all(BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"));
    must_be(BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655350\r\n"),
            PX_PP_BAD);
    must_be(BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655350"),
            PX_PP_BAD);
}
END_TEST

START_TEST(v1_unknown)
{
    struct px_pp_header h;
    must_need_all(BYTES("PROXY UNKNOWN\r\n"));
    must_need_all(BYTES("PROXY UNKNOWN whatever \x00\xff this is\r\n"));
    parse(BYTES("PROXY UNKNOWN 1.2.3.4 5.6.7.8 1 2\r\n"), &h);
    ck_assert(!h.relayed && !h.src.family);
    must_be(BYTES("PROXY UNKNOWNS\r\n"), PX_PP_UNHANDLED);
    must_be(BYTES("PROXY UNKNOW\r\n"), PX_PP_UNHANDLED);
    must_be(BYTES("PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n"), PX_PP_UNHANDLED);
    must_be(BYTES("PROXY \r\n"), PX_PP_UNHANDLED);
    must_be(BYTES("PROXY TCP4\r\n"), PX_PP_UNHANDLED);
}
END_TEST

START_TEST(v1_bad)
{
    static const char *const bad[] = {
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rx",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n",
        "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n",
        "PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1  2\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8\r\n",
        "PROXY TCP4 1.2.3.4\r\n",
        "PROXY TCP4 \r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
        "PROXY TCP4 192.0.2.256 5.6.7.8 1 2\r\n",
        "PROXY TCP4 1.2.3.4 192.0.2.256 1 2\r\n",
        "PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n",
        "PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n",
        "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
        "PROXY TCP4 1.2.3.4.5 5.6.7.8 1 2\r\n",
        "PROXY TCP4 0x1.2.3.4 5.6.7.8 1 2\r\n",
        "PROXY TCP4 1.2.3.+4 5.6.7.8 1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 4294967297\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 00\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n",
        "PROXY TCP4 1.2.3.4 5.6.7.8 1 2a\r\n",
        "PROXY TCP4\t1.2.3.4 5.6.7.8 1 2\r\n",
        "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
        "PROXY TCP6 ::1 ::1::2 1 2\r\n",
        "PROXY TCP6 ::1 1:2:3:4:5:6:7 1 2\r\n",
        "PROXY TCP6 ::1 1:2:3:4:5:6:7:8:9 1 2\r\n",
        "PROXY TCP6 ::g ::1 1 2\r\n",
        "PROXY TCP6 ::1%lo ::1 1 2\r\n",
        "PROXY TCP6 [::1] [::1] 1 2\r\n",
        "PROXY TCP6 ::12345 ::1 1 2\r\n",
    };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        bool tab = strchr(bad[i], '\t');
        must_be((struct px_str){bad[i], strlen(bad[i])}, tab ? PX_PP_UNHANDLED : PX_PP_BAD);
    }
    must_be(BYTES("PROXY TCP4 1.2.3.4\x00 5.6.7.8 1 2\r\n"), PX_PP_BAD);
}
END_TEST

START_TEST(alien)
{
    must_be(BYTES("GET / HTTP/1.1\r\n"), PX_PP_ALIEN);
    must_be(BYTES("x"), PX_PP_ALIEN);
    must_be(BYTES("PROXx"), PX_PP_ALIEN);
    must_be(BYTES("PROXY\r\n"), PX_PP_ALIEN);
    must_be(BYTES("proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n"), PX_PP_ALIEN);
    must_be(BYTES("\r\n\r\n\0\r\nQUIX"), PX_PP_ALIEN);
    must_be(BYTES(SIGNATURE "\x11"), PX_PP_ALIEN);
    must_be(BYTES(SIGNATURE "\x31\x11\0\x0c"), PX_PP_ALIEN);
    must_be(BYTES(""), PX_PP_MORE);
}
END_TEST

#define ENDS4 "\x01\x02\x03\x04\x05\x06\x07\x08\0\x0b\0\x16"

START_TEST(v2_addresses)
{
    struct px_pp_header h;
    struct px_str s = BYTES(SIGNATURE "\x21\x11\0\x0c" ENDS4);
    must_need_all(s);
    parse(s, &h);
    ck_assert(h.relayed && !h.authority.p && !h.unique_id.p);
    must_equal(&h.src, "1.2.3.4", 11);
    must_equal(&h.dst, "5.6.7.8", 22);
    s = BYTES(SIGNATURE "\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
                        "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\xff\xff\x01\xbb");
    must_need_all(s);
    parse(s, &h);
    must_equal(&h.src, "2001:db8::1", 65535);
    must_equal(&h.dst, "fe80::2", 443);
}
END_TEST

START_TEST(v2_local)
{
    struct px_pp_header h;
    must_need_all(BYTES(SIGNATURE "\x20\0\0\0"));
    must_need_all(BYTES(SIGNATURE "\x20\x11\0\x0c" ENDS4));
    must_need_all(BYTES(SIGNATURE "\x20\xff\0\x05\x02\xff\xff\0\0"));
    parse(BYTES(SIGNATURE "\x20\x11\0\x11" ENDS4 "\x02\0\x02"
                          "ab"),
          &h);
    ck_assert(!h.relayed && !h.src.family && !h.authority.p);
}
END_TEST

START_TEST(v2_bad)
{
    must_be(BYTES(SIGNATURE "\x22"), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x2f\x11\0\x0c" ENDS4), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\0\0\0"), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x10\0\x0c" ENDS4), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x12\0\x0c" ENDS4), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x13\0\x0c" ENDS4), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x31\0\xd8"), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x41\0\x0c" ENDS4), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x11\0\x0b" ENDS4), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x21\0\x0c" ENDS4), PX_PP_BAD);
}
END_TEST

START_TEST(v2_vectors)
{
    struct px_str s = BYTES(SIGNATURE "\x21\x11\0\x1f" ENDS4 "\x02\0\x03"
                                      "old\x04\0\0\xee\0\x01x\x02\0\x00\x05\0\x00");
    struct px_pp_header h;
    must_need_all(s);
    parse(s, &h);
    ck_assert(h.authority.p && !h.authority.len && h.unique_id.p && !h.unique_id.len);
    s = BYTES(SIGNATURE "\x21\x11\0\x17" ENDS4 "\x05\0\x02id\x02\0\x03"
                        "abc");
    ck_assert_int_eq(px_pp_parse(&h, s.p, s.len), PX_PP_DONE);
    ck_assert_uint_eq(h.authority.len, 3);
    ck_assert_mem_eq(h.authority.p, "abc", 3);
    ck_assert_uint_eq(h.unique_id.len, 2);
    ck_assert_mem_eq(h.unique_id.p, "id", 2);
    must_be(BYTES(SIGNATURE "\x21\x11\0\x11" ENDS4 "\x02\0\x03"
                            "ab"),
            PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x11\0\x0d" ENDS4 "\x02"), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x11\0\x0e" ENDS4 "\x02\0"), PX_PP_BAD);
}
END_TEST

/* An unknown header with one vector of this type and length. */
static enum px_pp_result with_vector(char type, size_t len)
{
    static char bytes[1024];
    struct px_pp_header h;
    memcpy(bytes, SIGNATURE "\x21\x11\0\0" ENDS4, 28);
    bytes[14] = (char)((15 + len) >> 8);
    bytes[15] = (char)(15 + len);
    bytes[28] = type;
    bytes[29] = (char)(len >> 8);
    bytes[30] = (char)len;
    return px_pp_parse(&h, bytes, 31 + len);
}

START_TEST(v2_longest_vectors)
{
    ck_assert_int_eq(with_vector(2, 255), PX_PP_DONE);
    ck_assert_int_eq(with_vector(2, 256), PX_PP_BAD);
    ck_assert_int_eq(with_vector(5, 128), PX_PP_DONE);
    ck_assert_int_eq(with_vector(5, 129), PX_PP_BAD);
    ck_assert_int_eq(with_vector(7, 900), PX_PP_DONE);
}
END_TEST

START_TEST(v2_checksum)
{
    /* As HAProxy sent it. */
    struct px_str good = BYTES(SIGNATURE "\x21\x11\0\x16\x7f\0\0\x01\x7f\0\0\x01\xaer]\x91"
                                         "\x03\0\x04\xcf\x0d\xb7\xbb\x05\0\0");
    char bad[64];
    must_need_all(good);
    for (size_t i = 16; i < good.len; i++) {
        if (i == 28 || i >= good.len - 3) /* types: other vectors then */
            continue;
        memcpy(bad, good.p, good.len);
        bad[i] ^= 0x10;
        must_be((struct px_str){bad, good.len}, PX_PP_BAD);
    }
    must_be(BYTES(SIGNATURE "\x21\x11\0\x12" ENDS4 "\x03\0\x03\0\0\0"), PX_PP_BAD);
    must_be(BYTES(SIGNATURE "\x21\x11\0\x14" ENDS4 "\x03\0\x05\0\0\0\0\0"), PX_PP_BAD);
}
END_TEST

static const char *v1_of(const char *src, const char *dst)
{
    static char text[PX_PP_MAX_V1 + 1];
    struct px_out out = {.p = text, .cap = PX_PP_MAX_V1};
    struct px_addr from = address(src, 65535), to = address(dst, 0);
    px_pp_write_v1(&out, &from, &to);
    ck_assert(!out.full);
    text[out.len] = 0;
    return text;
}

START_TEST(write_v1)
{
    ck_assert_str_eq(v1_of("1.2.3.4", "5.6.7.8"), "PROXY TCP4 1.2.3.4 5.6.7.8 65535 0\r\n");
    ck_assert_str_eq(v1_of("2001:db8::1", "::2"), "PROXY TCP6 2001:db8::1 ::2 65535 0\r\n");
    ck_assert_str_eq(v1_of("1.2.3.4", "::2"), "PROXY TCP6 ::ffff:1.2.3.4 ::2 65535 0\r\n");
    ck_assert_str_eq(v1_of("::2", "1.2.3.4"), "PROXY TCP6 ::2 ::ffff:1.2.3.4 65535 0\r\n");
    const char *longest =
        v1_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    ck_assert_uint_eq(strlen(longest), 100);

    char text[PX_PP_MAX_V1];
    struct px_out out = {.p = text, .cap = sizeof text};
    struct px_addr local = {.family = AF_UNIX};
    px_pp_write_v1(&out, &local, &local);
    ck_assert_uint_eq(out.len, 15);
    ck_assert_mem_eq(text, "PROXY UNKNOWN\r\n", 15);
}
END_TEST

/* What was written, read again. */
static void must_return(const char *src, const char *dst, const struct px_pp_extra *extra)
{
    char bytes[PX_PP_MAX_V2 + 1];
    struct px_out out = {.p = bytes, .cap = PX_PP_MAX_V2};
    struct px_addr from = address(src, 1234), to = address(dst, 443);
    struct px_pp_header h;
    px_pp_write_v2(&out, &from, &to, extra);
    ck_assert(!out.full);
    ck_assert_int_eq(px_pp_parse(&h, bytes, out.len), PX_PP_DONE);
    ck_assert_uint_eq(h.len, out.len);
    ck_assert(h.relayed);
    must_equal(&h.src, src, 1234);
    must_equal(&h.dst, dst, 443);
    ck_assert_uint_eq(h.authority.len, extra->authority.len);
    ck_assert_uint_eq(h.unique_id.len, extra->unique_id.len);
    ck_assert(!h.unique_id.p == !extra->unique_id.p);
    if (!extra->crc32c)
        return;
    bytes[20] ^= 1;
    ck_assert_int_eq(px_pp_parse(&h, bytes, out.len), PX_PP_BAD);
}

START_TEST(write_v2)
{
    static const char many[PX_PP_MAX_AUTHORITY];
    struct px_pp_extra none = {0}, sum = {.crc32c = true};
    struct px_pp_extra all = {
        .crc32c = true, .authority = {many, sizeof many}, .unique_id = {many, PX_PP_MAX_ID}};
    struct px_pp_extra empty = {.unique_id = {"", 0}};
    must_return("1.2.3.4", "5.6.7.8", &none);
    must_return("1.2.3.4", "5.6.7.8", &sum);
    must_return("2001:db8::1", "::2", &sum);
    must_return("2001:db8::1", "::2", &all);
    must_return("1.2.3.4", "5.6.7.8", &empty);

    char bytes[PX_PP_MAX_V2];
    struct px_out out = {.p = bytes, .cap = sizeof bytes};
    struct px_addr local = {.family = AF_UNIX};
    px_pp_write_v2(&out, &local, &local, &none);
    ck_assert_uint_eq(out.len, 16);
    ck_assert_mem_eq(bytes, SIGNATURE "\x20\0\0\0", 16);
}
END_TEST

START_TEST(write_v2_mixed)
{
    char bytes[PX_PP_MAX_V2];
    struct px_out out = {.p = bytes, .cap = sizeof bytes};
    struct px_addr src = address("2001:db8::1", 1), dst = address("5.6.7.8", 2);
    struct px_pp_extra none = {0};
    struct px_pp_header h;
    px_pp_write_v2(&out, &src, &dst, &none);
    ck_assert_int_eq(px_pp_parse(&h, bytes, out.len), PX_PP_DONE);
    must_equal(&h.src, "2001:db8::1", 1);
    must_equal(&h.dst, "::ffff:5.6.7.8", 2);
}
END_TEST

START_TEST(vectors_are_found_by_their_type)
{
    static const char bytes[] = SIGNATURE "\x21\x11\0\x1d\1\2\3\4\5\6\7\x8\0\1\0\2"
                                          "\xe1\0\1a\xe2\0\0\x30\0\3net\xe1\0\1b";
    struct px_pp_header h;
    struct px_str value;
    size_t at = 0;
    ck_assert_int_eq(px_pp_parse(&h, bytes, sizeof bytes - 1), PX_PP_DONE);
    ck_assert_uint_eq(h.netns.len, 3);
    ck_assert_mem_eq(h.netns.p, "net", 3);
    ck_assert(px_pp_next_vector(h.vectors, &at, 0xe1, &value));
    ck_assert_mem_eq(value.p, "a", value.len);
    ck_assert(px_pp_next_vector(h.vectors, &at, 0xe1, &value));
    ck_assert_mem_eq(value.p, "b", value.len);
    ck_assert(!px_pp_next_vector(h.vectors, &at, 0xe1, &value));
    at = 0;
    ck_assert(px_pp_next_vector(h.vectors, &at, 0xe2, &value));
    ck_assert_uint_eq(value.len, 0);
    ck_assert(!px_pp_next_vector(h.vectors, &at, 0xe2, &value));
}
END_TEST

START_TEST(what_is_added_can_be_read)
{
    char bytes[200], room[100];
    struct px_out out = {.p = bytes, .cap = sizeof bytes}, more = {.p = room, .cap = sizeof room};
    struct px_addr src = address("192.0.2.1", 1), dst = address("192.0.2.2", 2);
    struct px_pp_header h;
    struct px_str value;
    size_t at = 0;
    px_pp_put_vector(&more, 0xe5, BYTES("five"));
    struct px_pp_extra extra = {.crc32c = true, .netns = BYTES("blue"), .more = {more.p, more.len}};
    px_pp_write_v2(&out, &src, &dst, &extra);
    ck_assert_int_eq(px_pp_parse(&h, out.p, out.len), PX_PP_DONE);
    ck_assert_uint_eq(h.len, out.len);
    ck_assert_uint_eq(h.netns.len, 4);
    ck_assert(px_pp_next_vector(h.vectors, &at, 0xe5, &value));
    ck_assert_uint_eq(value.len, 4);
    ck_assert_mem_eq(value.p, "five", 4);
}
END_TEST

UNIT_MAIN("proxy_protocol", NULL, NULL, v1_of_the_specification, v1_longest, v1_unknown, v1_bad,
          alien, v2_addresses, v2_local, v2_bad, v2_vectors, v2_longest_vectors, v2_checksum,
          write_v1, write_v2, write_v2_mixed, vectors_are_found_by_their_type,
          what_is_added_can_be_read)
