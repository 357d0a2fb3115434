/*
 * Tests of runtime/policy/conv_fix.c: numbers that are too large, and messages that are not
 * complete.
 */
#include "conv_desk.h"

#define FIRST "8=FIX.4.4\0019=5\00135=0\001"
static const char message[] = FIRST "10=163\001";

START_TEST(a_message)
{
    TEXT_TO_INT(px_conv_fix_is_valid(t, s), FIRST "10=163\001", 1);
    TEXT_TO_INT(px_conv_fix_is_valid(t, s), FIRST "10=162\001", 0);
    TEXT_TO_TEXT(px_conv_fix_tag_value(t, s, S("35")), FIRST "10=163\001", "0");
    TEXT_TO_TEXT(px_conv_fix_tag_value(t, s, S("10")), FIRST "10=163\001", "163");
    TEXT_TO_NONE(px_conv_fix_tag_value(t, s, S("49")), FIRST "10=163\00149=a\001");
}
END_TEST

START_TEST(every_beginning_needs_more)
{
    for (size_t len = 0; len < sizeof message - 1; len++) {
        conv_text_in(message, len);
        ck_assert_msg(!px_conv_fix_is_valid(t, s), "%zu bytes are enough", len);
    }
}
END_TEST

/* HAProxy takes numbers modulo 2^32. */
START_TEST(large_numbers)
{
    TEXT_TO_INT(px_conv_fix_is_valid(t, s), FIRST "4294967306=163\001", 0);
    TEXT_TO_NONE(px_conv_fix_tag_value(t, s, S("49")), FIRST "4294967345=x\00110=000\001");
    TEXT_TO_INT(px_conv_fix_is_valid(t, s), "8=FIX.4.4\0019=18446744073709551621\00135=0\001", 0);
}
END_TEST

UNIT_MAIN("conv_fix", NULL, NULL, a_message, every_beginning_needs_more, large_numbers)
