/*
 * Tests of runtime/policy/conv_protobuf.c: what is cut, compressed or no number, which HAProxy
 * takes for values. All else is compared with HAProxy.
 */
#include "conv_desk.h"

START_TEST(cut_fields)
{
    TEXT_TO_INT(px_conv_protobuf(t, s, S("1"), S("int32")), "\x08\x05", 5);
    TEXT_TO_NONE(px_conv_protobuf(t, s, S("1"), S("int32")), "\x08");
    TEXT_TO_NONE(px_conv_protobuf(t, s, S("1"), NONE), "\x08");
    TEXT_TO_NONE(px_conv_protobuf(t, s, S("1"), NONE), "\x0a\x05xy");
    TEXT_TO_NONE(px_conv_protobuf(t, s, S("1.2"), NONE), "\x0a\x03\x12\x02xy");
}
END_TEST

START_TEST(numbers_with_a_fraction)
{
    TEXT_TO_INT(px_conv_protobuf(t, s, S("1"), S("float")), "\x0d\0\0\x20\xc0", -2);
    TEXT_TO_INT(px_conv_protobuf(t, s, S("1"), S("float")), "\x0d\0\0\x80\x7f", INT64_MAX);
    TEXT_TO_INT(px_conv_protobuf(t, s, S("1"), S("float")), "\x0d\0\0\x80\xff", INT64_MIN);
    TEXT_TO_INT(px_conv_protobuf(t, s, S("1"), S("double")), "\x09\0\0\0\0\0\0\xf8\x7f", 0);
}
END_TEST

START_TEST(compressed_messages)
{
    TEXT_TO_INT(px_conv_ungrpc(t, s, S("1"), S("int32")), "\1\0\0\0\2\x08\6\0\0\0\0\2\x08\7", 7);
    TEXT_TO_NONE(px_conv_ungrpc(t, s, S("1"), S("int32")), "\1\0\0\0\2\x08\6");
}
END_TEST

UNIT_MAIN("conv_protobuf", NULL, NULL, cut_fields, numbers_with_a_fraction, compressed_messages)
