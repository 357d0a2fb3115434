/*
 * Tests of runtime/base/words.h: eight bytes at a time say the same as one by one.
 */
#include "runtime/base/words.h"

#include "runtime/http/chars.h"

#include "tests/unit/unit.h"

#include <stdlib.h>

static char slow_low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Every byte at every place of a word. */
START_TEST(each_byte_at_each_place)
{
    for (unsigned place = 0; place < 8; place++)
        for (unsigned b = 0; b < 256; b++) {
            char text[8] = "Az[@`{m", low[8];
            text[place] = (char)b;
            px_low_copy(low, text, 8);
            for (unsigned i = 0; i < 8; i++)
                ck_assert_int_eq(low[i], slow_low(text[i]));
            memset(text, 'x', 8);
            text[place] = (char)b;
            ck_assert_int_eq(px_word_below(px_word_at(text), ' ') != 0, b < ' ');
            ck_assert_int_eq(px_word_with(px_word_at(text), 0x7f) != 0, b == 0x7f);
            ck_assert_int_eq(px_has_below((struct px_str){text, 8}, '!'), b < '!' || b == 0x7f);
        }
}
END_TEST

/* Of exactly that many bytes: the sanitizers watch the ends. */
START_TEST(any_length)
{
    for (size_t n = 1; n < 40; n++) {
        char *text = malloc(n), *low = malloc(n);
        for (unsigned round = 0; round < 200; round++) {
            bool below = false;
            for (size_t i = 0; i < n; i++) {
                text[i] = (char)(rand() % 50 ? 'A' + rand() % 58 : rand());
                below |= (unsigned char)text[i] < ' ' || text[i] == 0x7f;
            }
            px_low_copy(low, text, n);
            for (size_t i = 0; i < n; i++)
                ck_assert_int_eq(low[i], slow_low(text[i]));
            ck_assert_int_eq(px_has_below((struct px_str){text, n}, ' '), below);
        }
        free(text);
        free(low);
    }
}
END_TEST

START_TEST(nothing)
{
    px_low_copy(NULL, NULL, 0);
    ck_assert(!px_has_below((struct px_str){NULL, 0}, ' '));
}
END_TEST

UNIT_MAIN("words", NULL, NULL, each_byte_at_each_place, any_length, nothing)
