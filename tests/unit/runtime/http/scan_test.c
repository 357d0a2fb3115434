/*
 * Tests of runtime/http/scan.h: every length and place, and both ways of looking, as they go by
 * words.
 */
#include "runtime/http/scan.h"
#include "tests/unit/unit.h"

#include <ctype.h>
#include <stdlib.h>

enum { LONGEST = 40, BYTES = LONGEST + PX_SCAN };

static char *text;

static void begin(void)
{
    text = malloc(BYTES); /* so that sanitizers see what is behind it */
}

static void end(void)
{
    free(text);
}

typedef char *(*find_fn)(char *, char *);

static char *find_break(char *p, char *to)
{
    return px_scan_break(p, to);
}

static char *find_low(char *p)
{
    return px_scan_low(p);
}

static char *find_uri(char *p, char *to)
{
    return px_scan_uri(p, to);
}

/* A byte that ends the search, among others that do not. */
static void look_everywhere(find_fn find, char good, char bad)
{
    memset(text, good, BYTES);
    for (size_t len = 0; len <= LONGEST; len++) {
        ck_assert_ptr_eq(find(text, text + len), text + len);
        for (size_t at = 0; at < LONGEST; at++) {
            text[at] = bad;
            ck_assert_ptr_eq(find(text, text + len), text + (at < len ? at : len));
            text[at] = good;
        }
    }
}

static void look_for_all(find_fn find, char good, int (*ends)(int c))
{
    for (int c = 0; c < 256; c++) {
        if (ends(c))
            look_everywhere(find, good, (char)c);
        else
            look_everywhere(find, (char)c, ends('\r') ? '\r' : ' ');
    }
}

static int is_break(int c)
{
    return !c || c == '\r' || c == '\n';
}

static int is_no_uri(int c)
{
    return c <= ' ' || c >= 0x7f || c == '#';
}

START_TEST(breaks)
{
    look_for_all(find_break, 'x', is_break);
    look_for_all(px_scan_break_words, 'x', is_break);
    look_everywhere(find_break, '\t', '\n'); /* what is nearly one */
}
END_TEST

START_TEST(the_first_break_counts)
{
    memset(text, 'x', BYTES);
    memcpy(text + 3, "\x01\t\r\n", 4);
    ck_assert_ptr_eq(px_scan_break(text, text + LONGEST), text + 5);
    ck_assert_ptr_eq(px_scan_break_words(text, text + LONGEST), text + 5);
}
END_TEST

/* Both ways stop at the first byte below 14, wherever it stands. */
START_TEST(low_bytes)
{
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < LONGEST; at++) {
            memset(text, c > '\r' ? c : '\x0e', BYTES);
            text[at] = c > '\r' ? '\r' : (char)c;
            ck_assert_ptr_eq(px_scan_low_bytes(text), text + at);
            ck_assert_ptr_eq(find_low(text), text + at);
        }
    }
}
END_TEST

START_TEST(targets)
{
    look_for_all(find_uri, 'x', is_no_uri);
    look_for_all(px_scan_uri_bytes, 'x', is_no_uri);
}
END_TEST

static int is_simple(int c)
{
    return c < 128 && (isalpha(c) || c == '-');
}

/* Only what stands before the first other byte is changed. */
static void fold(char *(*scan)(char *), size_t at, int c)
{
    static const char pattern[] = "Content-LENGTH-zZ-aA-";
    char want[BYTES];
    for (size_t i = 0; i < BYTES; i++)
        text[i] = i == at ? (char)c : pattern[i % (sizeof pattern - 1)];
    for (size_t i = 0; i < BYTES; i++)
        want[i] = i < at ? (char)tolower((unsigned char)text[i]) : text[i];
    ck_assert_ptr_eq(scan(text), text + at);
    ck_assert_mem_eq(text, want, BYTES);
}

static char *scan_name(char *p)
{
    return px_scan_name(p);
}

START_TEST(names)
{
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < LONGEST && !is_simple(c); at++) {
            fold(scan_name, at, c);
            fold(px_scan_name_bytes, at, c);
        }
    }
}
END_TEST

UNIT_MAIN("scan", begin, end, breaks, the_first_break_counts, low_bytes, targets, names)
