/*
 * Tests of runtime/policy/conv_parts.c: parts of texts, counted from both ends.
 */
#include "conv_desk.h"

START_TEST(bytes_values)
{
    TEXT_TO_TEXT(px_conv_bytes(t, s, 0, NONE), "abcdef", "abcdef");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 2, NONE), "abcdef", "cdef");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 2, S("3")), "abcdef", "cde");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 2, S("0")), "abcdef", "");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 2, S("30")), "abcdef", "cdef");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 6, S("1")), "abcdef", "");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 7, NONE), "abcdef", "");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 100, NONE), "abcdef", "");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 0, S("9223372036854775807")), "abcdef", "abcdef");
    TEXT_TO_TEXT(px_conv_bytes(t, s, 0, NONE), "", "");
}
END_TEST

START_TEST(field_values)
{
    TEXT_TO_TEXT(px_conv_field(t, s, 1, S("_"), NONE), "f1_f2_f3__f5", "f1");
    TEXT_TO_TEXT(px_conv_field(t, s, 2, S("_"), NONE), "f1_f2_f3__f5", "f2");
    TEXT_TO_TEXT(px_conv_field(t, s, 4, S("_"), NONE), "f1_f2_f3__f5", "");
    TEXT_TO_TEXT(px_conv_field(t, s, 5, S("_"), NONE), "f1_f2_f3__f5", "f5");
    TEXT_TO_NONE(px_conv_field(t, s, 6, S("_"), NONE), "f1_f2_f3__f5");
    TEXT_TO_TEXT(px_conv_field(t, s, 2, S("_"), S("0")), "f1_f2_f3__f5", "f2_f3__f5");
    TEXT_TO_TEXT(px_conv_field(t, s, 2, S("_"), S("2")), "f1_f2_f3__f5", "f2_f3");
    TEXT_TO_TEXT(px_conv_field(t, s, 2, S("_"), S("9")), "f1_f2_f3__f5", "f2_f3__f5");
    TEXT_TO_TEXT(px_conv_field(t, s, -1, S("_"), NONE), "f1_f2_f3__f5", "f5");
    TEXT_TO_TEXT(px_conv_field(t, s, -2, S("_"), NONE), "f1_f2_f3__f5", "");
    TEXT_TO_TEXT(px_conv_field(t, s, -2, S("_"), S("3")), "f1_f2_f3__f5", "f2_f3_");
    TEXT_TO_TEXT(px_conv_field(t, s, -3, S("_"), S("0")), "f1_f2_f3__f5", "f1_f2_f3");
    TEXT_TO_TEXT(px_conv_field(t, s, -5, S("_"), NONE), "f1_f2_f3__f5", "f1");
    TEXT_TO_NONE(px_conv_field(t, s, -6, S("_"), NONE), "f1_f2_f3__f5");
    TEXT_TO_TEXT(px_conv_field(t, s, -1, S("_"), NONE), "a_", "");
    TEXT_TO_TEXT(px_conv_field(t, s, 1, S("_"), NONE), "_a", "");
    TEXT_TO_TEXT(px_conv_field(t, s, 1, S("_"), NONE), "", "");
    TEXT_TO_NONE(px_conv_field(t, s, 2, S("_"), NONE), "");
    TEXT_TO_TEXT(px_conv_field(t, s, 1, S("_"), NONE), "_", "");
    TEXT_TO_TEXT(px_conv_field(t, s, 2, S("_"), NONE), "_", "");
    TEXT_TO_TEXT(px_conv_field(t, s, 2, S("_."), NONE), "a.b_c", "b");
}
END_TEST

START_TEST(word_values)
{
    TEXT_TO_TEXT(px_conv_word(t, s, 1, S("_"), NONE), "f1_f2_f3__f5", "f1");
    TEXT_TO_TEXT(px_conv_word(t, s, 3, S("_"), NONE), "f1_f2_f3__f5", "f3");
    TEXT_TO_TEXT(px_conv_word(t, s, 4, S("_"), NONE), "f1_f2_f3__f5", "f5");
    TEXT_TO_TEXT(px_conv_word(t, s, 5, S("_"), NONE), "f1_f2_f3__f5", "");
    TEXT_TO_TEXT(px_conv_word(t, s, 3, S("_"), S("0")), "f1_f2_f3__f5", "f3__f5");
    TEXT_TO_TEXT(px_conv_word(t, s, 2, S("_"), S("2")), "f1_f2_f3__f5", "f2_f3");
    TEXT_TO_TEXT(px_conv_word(t, s, 3, S("_"), S("9")), "f1_f2_f3__f5", "f3__f5");
    TEXT_TO_TEXT(px_conv_word(t, s, -1, S("_"), NONE), "f1_f2_f3__f5", "f5");
    TEXT_TO_TEXT(px_conv_word(t, s, -2, S("_"), NONE), "f1_f2_f3__f5", "f3");
    TEXT_TO_TEXT(px_conv_word(t, s, -2, S("_"), S("3")), "f1_f2_f3__f5", "f1_f2_f3");
    TEXT_TO_TEXT(px_conv_word(t, s, -3, S("_"), S("0")), "f1_f2_f3__f5", "f1_f2");
    TEXT_TO_TEXT(px_conv_word(t, s, -6, S("_"), NONE), "f1_f2_f3__f5", "");
    TEXT_TO_TEXT(px_conv_word(t, s, 1, S("_"), NONE), "__a__b__", "a");
    TEXT_TO_TEXT(px_conv_word(t, s, 2, S("_"), NONE), "__a__b__", "b");
    TEXT_TO_TEXT(px_conv_word(t, s, 3, S("_"), NONE), "__a__b__", "");
    TEXT_TO_TEXT(px_conv_word(t, s, 2, S("_"), S("0")), "__a__b__", "b__");
    TEXT_TO_TEXT(px_conv_word(t, s, -1, S("_"), NONE), "__a__b__", "b");
    TEXT_TO_TEXT(px_conv_word(t, s, -2, S("_"), NONE), "__a__b__", "a");
    TEXT_TO_TEXT(px_conv_word(t, s, -3, S("_"), NONE), "__a__b__", "");
    TEXT_TO_TEXT(px_conv_word(t, s, 1, S("_"), NONE), "", "");
    TEXT_TO_TEXT(px_conv_word(t, s, 1, S("_"), NONE), "___", "");
    TEXT_TO_TEXT(px_conv_word(t, s, -1, S("_"), NONE), "___", "");
}
END_TEST

START_TEST(host_only_values)
{
    TEXT_TO_TEXT(px_conv_host_only(t, s), "", "");
    TEXT_TO_TEXT(px_conv_host_only(t, s), "a.b", "a.b");
    TEXT_TO_TEXT(px_conv_host_only(t, s), "a.b:80", "a.b");
    TEXT_TO_TEXT(px_conv_host_only(t, s), "[::1]", "[::1]");
    TEXT_TO_TEXT(px_conv_host_only(t, s), "[::1]:80", "[::1]");
    TEXT_TO_TEXT(px_conv_host_only(t, s), "a:b:80", "a:b");
    TEXT_TO_TEXT(px_conv_host_only(t, s), ":80", "");
    TEXT_TO_TEXT(px_conv_host_only(t, s), "a:", "a");
    TEXT_TO_TEXT(px_conv_host_only(t, s), "A.B:80", "a.b");
    TEXT_TO_TEXT(px_conv_host_only(t, s), "]:80", "]");
}
END_TEST

START_TEST(port_only_values)
{
    TEXT_TO_INT(px_conv_port_only(t, s), "", 0);
    TEXT_TO_INT(px_conv_port_only(t, s), "a.b", 0);
    TEXT_TO_INT(px_conv_port_only(t, s), "a.b:80", 80);
    TEXT_TO_INT(px_conv_port_only(t, s), "[::1]", 0);
    TEXT_TO_INT(px_conv_port_only(t, s), "[::1]:8080", 8080);
    TEXT_TO_INT(px_conv_port_only(t, s), "a:", 0);
    TEXT_TO_INT(px_conv_port_only(t, s), "a:65536", 65536);
    TEXT_TO_INT(px_conv_port_only(t, s), "a:8x", 152);
    TEXT_TO_INT(px_conv_port_only(t, s), "a:99999999999", 1215752191);
}
END_TEST

UNIT_MAIN("conv_parts", NULL, NULL, bytes_values, field_values, word_values, host_only_values,
          port_only_values)
