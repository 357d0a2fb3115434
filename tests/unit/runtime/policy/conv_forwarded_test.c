/*
 * Tests of runtime/policy/conv_forwarded.c and node.c, by the grammar of RFC 7239 and the examples
 * of HAProxy's manual: HAProxy 2.6 does not know these converters.
 */
#include "conv_desk.h"

#define FIELD(name, in, want) TEXT_TO_TEXT(px_conv_rfc7239_field(t, s, S(name)), in, want)
#define NO_FIELD(name, in) TEXT_TO_NONE(px_conv_rfc7239_field(t, s, S(name)), in)
#define VALID(in) TEXT_TO_INT(px_conv_rfc7239_is_valid(t, s), in, 1)
#define INVALID(in) TEXT_TO_INT(px_conv_rfc7239_is_valid(t, s), in, 0)
#define NAME(in, want) TEXT_TO_TEXT(px_conv_rfc7239_n2nn(t, s) && px_cast(s, PX_STRING), in, want)
#define NO_NAME(in) TEXT_TO_NONE(px_conv_rfc7239_n2nn(t, s), in)
#define PORT(in, want) TEXT_TO_TEXT(px_conv_rfc7239_n2np(t, s) && px_cast(s, PX_STRING), in, want)
#define NO_PORT(in) TEXT_TO_NONE(px_conv_rfc7239_n2np(t, s), in)

START_TEST(well_formed)
{
    VALID("for=127.0.0.1;proto=http");
    VALID("For=\"_gazonk\"");
    VALID("For=\"[2001:db8:cafe::17]:4711\"");
    VALID("for=192.0.2.60;proto=https;by=203.0.113.43");
    VALID("for=192.0.2.43, for=198.51.100.17");
    VALID("for=unknown,, for=_a.b-c_;by=\"unknown:_x\" ,");
    VALID(";proto=http;;host=\"[::1]:80\";");
    VALID("host=example.org;secret=203.0.113.43;more=\"a;b\\\"c\"");
    VALID("host=\"\\e\\x\"");
}
END_TEST

START_TEST(malformed)
{
    INVALID("");
    INVALID(" , ;");
    INVALID("for");
    INVALID("for=");
    INVALID("=a");
    INVALID("for=\"\"");
    INVALID("proto=custom");
    INVALID("for=127.0.0.1:80");
    INVALID("for=[::1]");
    INVALID("for=\"::1\"");
    INVALID("for=\"[::1\"");
    INVALID("for=\"[::1]80\"");
    INVALID("for=\"[127.0.0.1]\"");
    INVALID("for=127.0.0.256");
    INVALID("for=127.0.0");
    INVALID("for=name");
    INVALID("for=_");
    INVALID("for=_a+b");
    INVALID("for=\"_a:\"");
    INVALID("for=\"_a:65536\"");
    INVALID("for=\"_a:000080\"");
    INVALID("for=\"_a:_\"");
    INVALID("for=_a;for=_b");
    INVALID("for=_a;FOR=_a");
    INVALID("for=_a; proto=http");
    INVALID("for = _a");
    INVALID("for=_a proto=http");
    INVALID("for=\"_a");
    INVALID("for=\"_a\\");
    INVALID("for=\"_a\"b");
    INVALID("x=\"a\nb\"");
    INVALID("host=\"a b\"");
    INVALID("host=\"a:b\"");
}
END_TEST

START_TEST(fields)
{
    FIELD("host", "proto=https;host=\"haproxy.org:80\"", "haproxy.org:80");
    FIELD("for", "proto=https;host=\"haproxy.org:80\";for=\"127.0.0.1:9999\"", "127.0.0.1:9999");
    FIELD("proto", "For=_a;Proto=HTTPS", "HTTPS");
    FIELD("by", "for=_a;by=\"_b\\c\"", "_bc");
    FIELD("for", "proto=http, for=_first, for=_second", "_first");
    NO_FIELD("by", "for=_a");
    NO_FIELD("for", "for=_a;proto=gopher");
    NO_FIELD("for", "for=_a, for");
}
END_TEST

START_TEST(names_of_nodes)
{
    NAME("127.0.0.1:9999", "127.0.0.1");
    NAME("[2001:DB8::17]:4711", "2001:db8::17");
    NAME("_name:_port", "_name");
    NAME("unknown", "unknown");
    NO_NAME("");
    NO_NAME("[]");
    NO_NAME("[");
    NO_NAME("name");
    NO_NAME("127.0.0.1:");
    conv_text_in("10.0.0.1", 8);
    ck_assert(px_conv_rfc7239_n2nn(t, s) && s->type == PX_IPV4);
    conv_text_in("[::1]", 5);
    ck_assert(px_conv_rfc7239_n2nn(t, s) && s->type == PX_IPV6);
}
END_TEST

START_TEST(ports_of_nodes)
{
    PORT("127.0.0.1:9999", "9999");
    PORT("[::1]:00080", "80");
    PORT("_name:_port", "_port");
    NO_PORT("_name");
    NO_PORT("127.0.0.1:x");
    conv_text_in("_a:65535", 8);
    ck_assert(px_conv_rfc7239_n2np(t, s) && s->type == PX_SINT && s->u.i == 65535);
}
END_TEST

START_TEST(nodes_are_named)
{
    TEXT_TO_TEXT(px_conv_rfc7239_nn(t, s), "joe", "_joe");
    TEXT_TO_TEXT(px_conv_rfc7239_nn(t, s), "_joe", "_joe");
    TEXT_TO_TEXT(px_conv_rfc7239_nn(t, s), "unknown", "unknown");
    TEXT_TO_TEXT(px_conv_rfc7239_nn(t, s), "192.0.2.1", "192.0.2.1");
    TEXT_TO_TEXT(px_conv_rfc7239_nn(t, s), "::1", "[::1]");
    TEXT_TO_NONE(px_conv_rfc7239_nn(t, s), "");
    TEXT_TO_NONE(px_conv_rfc7239_nn(t, s), "_");
    TEXT_TO_NONE(px_conv_rfc7239_nn(t, s), "a:b");
    TEXT_TO_NONE(px_conv_rfc7239_nn(t, s), "a;by=b");
    INT_TO_TEXT(px_conv_rfc7239_nn(t, s), 7, "_7");
    conv_int_in(PX_SINT, 0);
    s->type = PX_IPV6;
    s->u.v6 = (struct in6_addr){.s6_addr = {0x20, 1, 0xd, 0xb8, [15] = 1}};
    conv_text_out(px_conv_rfc7239_nn(t, s), "rfc7239_nn", "2001:db8::1", "[2001:db8::1]", 13);
}
END_TEST

START_TEST(ports_are_named)
{
    INT_TO_TEXT(px_conv_rfc7239_np(t, s), 80, "80");
    INT_TO_TEXT(px_conv_rfc7239_np(t, s), 65535, "65535");
    TEXT_TO_TEXT(px_conv_rfc7239_np(t, s), "8080", "8080");
    TEXT_TO_TEXT(px_conv_rfc7239_np(t, s), "http", "_http");
    TEXT_TO_TEXT(px_conv_rfc7239_np(t, s), "_http", "_http");
    TEXT_TO_NONE(px_conv_rfc7239_np(t, s), "a b");
    conv_int_in(PX_SINT, 65536);
    ck_assert(!px_conv_rfc7239_np(t, s));
    conv_int_in(PX_SINT, -1);
    ck_assert(!px_conv_rfc7239_np(t, s));
}
END_TEST

UNIT_MAIN("conv_forwarded", NULL, NULL, well_formed, malformed, fields, names_of_nodes,
          ports_of_nodes, nodes_are_named, ports_are_named)
