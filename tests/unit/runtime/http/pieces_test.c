/*
 * Tests of runtime/http/pieces.c: field values of which something is left out.
 */
#include "runtime/http/pieces.h"
#include "tests/unit/unit.h"

#include <string.h>

/* Pieces end at ';' or ','; those that have an X in them are left out. */
static void expect(const char *value, const char *left)
{
    char text[64];
    struct px_pieces p = {.out = {.p = text, .cap = strlen(value)}};
    for (size_t from = 0, end, n = strlen(value); from < n; from = end + 1) {
        end = from + strcspn(value + from, ";,");
        struct px_str piece = {value + from, end - from};
        if (memchr(piece.p, 'X', piece.len))
            px_piece_drop(&p);
        else
            px_piece_keep(&p, from ? value[from - 1] : 0, piece);
    }
    struct px_str got = px_pieces_end(&p);
    ck_assert_msg(got.len == strlen(left) && !memcmp(got.p, left, got.len), "'%.*s' of '%s'",
                  (int)got.len, got.p, value);
    ck_assert(!p.out.full);
}

START_TEST(what_stays_is_not_touched)
{
    expect("", "");
    expect(" a ;  b;c ", " a ;  b;c ");
    expect("a,b;c", "a,b;c");
}
END_TEST

START_TEST(the_first_goes)
{
    expect("X; b; c", "b; c");
    expect("X;b;  c", "b;  c");
    expect(" X ;\t b", "b");
    expect("X; X; b", "b");
}
END_TEST

START_TEST(one_in_the_middle_goes)
{
    expect("a; X; c", "a; c");
    expect("a;X;c", "a; c");
    expect("a \t;  X , c", "a, c");
    expect("a; X, X; c; d", "a; c; d");
    expect("a; X; c;X;e", "a; c; e");
}
END_TEST

START_TEST(the_last_goes)
{
    expect("a; X", "a");
    expect("a  ;X", "a");
    expect("a; b; X; X ", "a; b");
    expect("X", "");
    expect("X; X", "");
}
END_TEST

UNIT_MAIN("pieces", NULL, NULL, what_stays_is_not_touched, the_first_goes, one_in_the_middle_goes,
          the_last_goes)
