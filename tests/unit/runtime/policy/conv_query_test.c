/*
 * Tests of runtime/policy/conv_query.c: what no header field can hold, and texts that end anywhere.
 */
#include "conv_desk.h"

#define QUERY(path) px_conv_json_query(t, s, S(path), NONE)
#define QUERY_INT(path) px_conv_json_query(t, s, S(path), S("int"))

START_TEST(strings)
{
    TEXT_TO_TEXT(QUERY("$.a"), "{\"a\":\"\\u00e4\\n\\t\\\\\"}", "\303\244\n\t\\");
    TEXT_TO_TEXT(QUERY("$.a"), "{\"a\":\"\\ud83d\\ude00\"}", "\360\237\230\200");
    TEXT_TO_TEXT(QUERY("$.a"), "{\"a\":\"\\u20AC\"}", "\342\202\254");
    TEXT_TO_NONE(QUERY("$.a"), "{\"a\":\"\\ud83d\"}");
    TEXT_TO_NONE(QUERY("$.a"), "{\"a\":\"\\ude00\\ud83d\"}");
    TEXT_TO_NONE(QUERY("$.a"), "{\"a\":\"\\u12\"}");
    TEXT_TO_NONE(QUERY("$.a"), "{\"a\":\"\\q\"}");
}
END_TEST

START_TEST(numbers)
{
    TEXT_TO_INT(QUERY("$"), "9223372036854775807", INT64_MAX);
    TEXT_TO_INT(QUERY("$"), "-9223372036854775808", INT64_MIN);
    TEXT_TO_TEXT(QUERY("$"), "9223372036854775808", "9.22337e+18");
    TEXT_TO_NONE(QUERY_INT("$"), "9223372036854775808");
    TEXT_TO_INT(QUERY_INT("$"), "1.9", 1);
    TEXT_TO_INT(QUERY_INT("$"), "\"12\"", 12);
    TEXT_TO_NONE(QUERY("$"), "1x");
    TEXT_TO_NONE(QUERY("$"), "nan");
    TEXT_TO_NONE(QUERY("$"), "-inf");
    TEXT_TO_NONE(QUERY("$"), "0x10");
    TEXT_TO_NONE(QUERY("$"), "-");
    TEXT_TO_NONE(QUERY("$"), "inf");
}
END_TEST

/* Wherever a text is cut, nothing behind its end is read. */
START_TEST(cut_anywhere)
{
    static const char text[] = "{\"x\":[{\"y\":\"\\u00e4\"},[[1,2],{}],\"\\\\\"],\"a\":{\"b\":[1,"
                               "{\"c\":\"\\ud83d\\ude00\"}]}}";
    for (size_t len = 0; len < sizeof text; len++) {
        char *copy = malloc(len + 1);
        memcpy(copy, text, len);
        conv_text_in(len ? copy : "", len);
        bool found = px_conv_json_query(t, s, S("$.a.b[1].c"), NONE);
        ck_assert(found == (len >= sizeof text - 5));
        free(copy);
    }
}
END_TEST

UNIT_MAIN("conv_query", NULL, NULL, strings, numbers, cut_anywhere)
