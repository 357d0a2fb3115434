/*
 * Tests of runtime/policy/conv_json.c: what is made of every kind of byte.
 */
#include "conv_desk.h"

START_TEST(json_values)
{
    TEXT_TO_TEXT(px_conv_json(t, s, NONE), "", "");
    TEXT_TO_TEXT(px_conv_json(t, s, NONE), "a\"b\\c/d", "a\\\"b\\\\c\\/d");
    TEXT_TO_TEXT(px_conv_json(t, s, NONE), "\001\002\007\010\011", "\\u0001\\u0002\\u0007\\b\\t");
    TEXT_TO_TEXT(px_conv_json(t, s, NONE), "\012\013\014\015\016\037 ~\177",
                 "\\n\\u000b\\f\\r\\u000e\\u001f ~\\u007f");
    TEXT_TO_TEXT(px_conv_json(t, s, NONE), "\200\303\251\377", "\\u0080\\u00c3\\u00a9\\u00ff");
    TEXT_TO_TEXT(px_conv_json(t, s, S("ascii")), "\303\251", "\\u00c3\\u00a9");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8")), "\303\251", "\\u00e9");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8")), "\342\202\254", "\\u20ac");
    TEXT_TO_NONE(px_conv_json(t, s, S("utf8")), "\360\237\230\200");
    TEXT_TO_NONE(px_conv_json(t, s, S("utf8")), "a\303");
    TEXT_TO_NONE(px_conv_json(t, s, S("utf8")), "\300\257");
    TEXT_TO_NONE(px_conv_json(t, s, S("utf8")), "\355\240\200");
    TEXT_TO_NONE(px_conv_json(t, s, S("utf8")), "\377a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "a\303", "a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "a\303(\303\251", "a(\\u00e9");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "\300\257a", "a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "\355\240\200a", "a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "a\377b\376c", "abc");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "\360\237\230\200a", "a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "\200\277a", "a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "\357\277\276a", "a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "\357\277\275a", "\\ufffda");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8s")), "\374\200\200\200\200\200\377a", "a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8p")), "\300\257a", "\\/a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8p")), "\340\200\257a", "\\/a");
    TEXT_TO_NONE(px_conv_json(t, s, S("utf8p")), "a\303");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8ps")), "\300\257a\303\377", "\\/a");
    TEXT_TO_TEXT(px_conv_json(t, s, S("utf8ps")), "\364\220\200\200\343\202", "");
}
END_TEST

UNIT_MAIN("conv_json", NULL, NULL, json_values)
