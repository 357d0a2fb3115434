/*
 * Tests of runtime/policy/rdp.c: cookies in the first message of remote desktop clients.
 */
#include "runtime/policy/rdp.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define STR(literal) ((struct px_str)PX_STR(literal))
#define GOOD                                                                                       \
    "\x03\x00\x00\x27\x22\xe0\x00\x00\x00\x00\x00"                                                 \
    "Cookie: mstshash=some.user\r\n"

static enum px_found read_exactly(struct px_str in, const char *name, char value[100])
{
    struct px_str got = {NULL, 0}, wanted = {name, name ? strlen(name) : 0};
    char *exact = malloc(in.len ? in.len : 1);
    memcpy(exact, in.p, in.len);
    enum px_found found = px_rdp_cookie((struct px_str){exact, in.len}, wanted, &got);
    if (found == PX_FOUND) {
        memcpy(value, got.p, got.len);
        value[got.len] = 0;
    }
    free(exact);
    return found;
}

static void must_find(struct px_str in, const char *name, const char *want)
{
    char value[100];
    ck_assert_int_eq(read_exactly(in, name, value), PX_FOUND);
    ck_assert_str_eq(value, want);
}

START_TEST(the_cookie_is_found)
{
    must_find(STR(GOOD), NULL, "some.user");
    must_find(STR(GOOD), "", "some.user");
    must_find(STR(GOOD), "mstshash", "some.user");
    must_find(STR(GOOD), "MSTSHash", "some.user");
    must_find(STR(GOOD "what follows"), NULL, "some.user");
    must_find(STR("\x03\x00\x00\x1c\x17\xe0\x00\x00\x00\x00\x00"
                  "cOOKIE:msts=1.2\r\n"),
              "msts", "1.2");
    must_find(STR("\x03\x00\x00\x18\x13\xe0\x00\x00\x00\x00\x00"
                  "Cookie: a=\r\n\x01"),
              "a", "");
}
END_TEST

START_TEST(every_beginning_may_become_one)
{
    char value[100];
    for (size_t n = 0; n < sizeof GOOD - 1; n++)
        ck_assert_int_eq(read_exactly((struct px_str){GOOD, n}, NULL, value), PX_LATER);
}
END_TEST

START_TEST(other_things_are_none)
{
    static const struct px_str none[] = {
        PX_STR("GET / HTTP/1.1\r\n"),
        PX_STR("\x16\x03\x01"),
        PX_STR("\x03\x01"),
        PX_STR("\x03\x00\x00\x27\x22\xd0"),
        PX_STR("\x03\x00\x00\x0a\x21\xe0\x00\x00\x00\x00\x00"),
        PX_STR("\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00"),
        PX_STR("\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x00\x00"
               "Cookie: a\r\n"),
        PX_STR("\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x00\x00"
               "Cookie: a=b"),
        PX_STR("\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x00\x00"
               "Cookie: a=\r"),
        PX_STR("\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x00\x00"
               "Cookies a=\r\n"),
    };
    char value[100];
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_int_eq(read_exactly(none[i], NULL, value), PX_ABSENT);
    ck_assert_int_eq(read_exactly(STR(GOOD), "msts", value), PX_ABSENT);
    ck_assert_int_eq(read_exactly(STR(GOOD), "mstshashes", value), PX_ABSENT);
}
END_TEST

UNIT_MAIN("rdp", NULL, NULL, the_cookie_is_found, every_beginning_may_become_one,
          other_things_are_none)
