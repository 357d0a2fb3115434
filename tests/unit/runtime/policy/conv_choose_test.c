/*
 * Tests of runtime/policy/conv_choose.c: parameters; languages are compared with HAProxy's.
 */
#include "conv_desk.h"

START_TEST(param_values)
{
    TEXT_TO_TEXT(px_conv_param(t, s, S("a"), NONE), "a=1&b=2&a=3", "1");
    TEXT_TO_TEXT(px_conv_param(t, s, S("b"), NONE), "a=1&b=2&a=3", "2");
    TEXT_TO_TEXT(px_conv_param(t, s, S("b"), NONE), "ab=1&b", "");
    TEXT_TO_TEXT(px_conv_param(t, s, S("b"), NONE), "b=", "");
    TEXT_TO_TEXT(px_conv_param(t, s, S("b"), NONE), "b=x=y", "x=y");
    TEXT_TO_TEXT(px_conv_param(t, s, S("b"), S(";")), "a=1&x;b=2;c", "2");
    TEXT_TO_NONE(px_conv_param(t, s, S("c"), NONE), "a=1&b=2");
    TEXT_TO_NONE(px_conv_param(t, s, S("c"), NONE), "");
    TEXT_TO_NONE(px_conv_param(t, s, S("c"), NONE), "cc=1&");
}
END_TEST

START_TEST(language_values)
{
    TEXT_TO_TEXT(px_conv_language(t, s, S("en;fr"), NONE), "fr;q=0.5, en;Q=0.3", "fr");
    TEXT_TO_TEXT(px_conv_language(t, s, S("en;fr"), S("de")), "fr;q=0", "de");
    TEXT_TO_NONE(px_conv_language(t, s, S("en;fr"), NONE), "");
    TEXT_TO_NONE(px_conv_language(t, s, S("en;;fr"), NONE), ",;q=1,");
}
END_TEST

UNIT_MAIN("conv_choose", NULL, NULL, param_values, language_values)
