/*
 * Tests of runtime/http/walk.c: every value of a text, in order. What is expected of malformed
 * texts is what HAProxy 2.6 answers.
 */
#include "runtime/http/walk.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct px_str text(const char *s)
{
    return (struct px_str){s, s ? strlen(s) : 0};
}

/* The values of a walk, each followed by a bar. */
static char got[512];
static size_t got_len;

static void note(struct px_str v)
{
    ck_assert(got_len + v.len + 2 < sizeof got);
    memcpy(got + got_len, v.p, v.len);
    got_len += v.len;
    got[got_len++] = '|';
    got[got_len] = 0;
}

static const char *list(const char *s)
{
    uint32_t at = 0;
    struct px_str v;
    got[got_len = 0] = 0;
    while (px_list_next(text(s), &at, &v))
        note(v);
    return got;
}

static const char *cookies(const char *s, const char *name, enum px_cookie_side side)
{
    uint32_t at = 0;
    struct px_cookie cookie;
    got[got_len = 0] = 0;
    while (px_cookie_next(text(s), &at, text(name), side, &cookie))
        note(cookie.value);
    return got;
}

static const char *cookie_names(const char *s, enum px_cookie_side side)
{
    uint32_t at = 0;
    struct px_cookie cookie;
    got[got_len = 0] = 0;
    while (px_cookie_next(text(s), &at, text(""), side, &cookie))
        note(cookie.name);
    return got;
}

static const char *params(const char *s, const char *name, char begin)
{
    uint32_t at = 0;
    struct px_str v;
    got[got_len = 0] = 0;
    while (px_param_next(text(s), &at, &(struct px_param){text(name), begin, false}, &v))
        note(v);
    return got;
}

START_TEST(lists_split_at_commas)
{
    ck_assert_str_eq(list("a"), "a|");
    ck_assert_str_eq(list("a,b"), "a|b|");
    ck_assert_str_eq(list(" a , b\t,c d "), "a|b|c d|");
}
END_TEST

START_TEST(empty_values_count)
{
    ck_assert_str_eq(list(""), "|");
    ck_assert_str_eq(list(","), "||");
    ck_assert_str_eq(list(",a"), "|a|");
    ck_assert_str_eq(list("a,"), "a||");
    ck_assert_str_eq(list("a,,b"), "a||b|");
}
END_TEST

START_TEST(quotes_hold_commas)
{
    ck_assert_str_eq(list("\"a,b\",c"), "\"a,b\"|c|");
    ck_assert_str_eq(list("\"a\\\",b\",c"), "\"a\\\",b\"|c|");
    ck_assert_str_eq(list("x\"a,b\"y,c"), "x\"a,b\"y|c|");
    ck_assert_str_eq(list("\"a,b"), "\"a,b|");
    ck_assert_str_eq(list("\"a\\"), "\"a\\|");
    ck_assert_str_eq(list("a\\,b"), "a\\|b|");
}
END_TEST

START_TEST(cookies_by_name)
{
    ck_assert_str_eq(cookies("a=1", "a", PX_COOKIES), "1|");
    ck_assert_str_eq(cookies("a=1; b=2; a=3", "a", PX_COOKIES), "1|3|");
    ck_assert_str_eq(cookies("a=1; b=2; a=3", "b", PX_COOKIES), "2|");
    ck_assert_str_eq(cookies("a=1; b=2; a=3", "", PX_COOKIES), "1|2|3|");
    ck_assert_str_eq(cookies("A=1; aa=2; ba=3; a b=4", "a", PX_COOKIES), "");
    ck_assert_str_eq(cookies("a==b; a=b=c", "a", PX_COOKIES), "=b|b=c|");
    ck_assert_str_eq(cookies("x=1,a=2; a=3,y=4", "a", PX_COOKIES), "2|3|");
}
END_TEST

START_TEST(cookies_with_space_and_quotes)
{
    ck_assert_str_eq(cookies("a = 1 2 ; b=3", "a", PX_COOKIES), "1 2|");
    ck_assert_str_eq(cookies("a\t=\t1\t;b=2", "a", PX_COOKIES), "1|");
    ck_assert_str_eq(cookies("a=\"x;y,z\"; b=2", "", PX_COOKIES), "\"x;y,z\"|2|");
    ck_assert_str_eq(cookies("a=\"x\\\";y\"; b=3", "", PX_COOKIES), "\"x\\\";y\"|3|");
    ck_assert_str_eq(cookies("a=x\"y;z\"w; b=1", "a", PX_COOKIES), "x\"y;z\"w|");
    ck_assert_str_eq(cookies("a=x\\;y", "a", PX_COOKIES), "x\\|");
    ck_assert_str_eq(cookies("a=\"open; b=1", "", PX_COOKIES), "\"open; b=1|");
}
END_TEST

START_TEST(cookies_that_are_none)
{
    ck_assert_str_eq(cookies("", "", PX_COOKIES), "");
    ck_assert_str_eq(cookies("a", "", PX_COOKIES), "");
    ck_assert_str_eq(cookies("a; a=5", "a", PX_COOKIES), "5|");
    ck_assert_str_eq(cookies(" ;; a=1;;", "", PX_COOKIES), "1|");
    ck_assert_str_eq(cookies("$Version=1; a=2; $Path=/; a=3", "", PX_COOKIES), "2|3|");
    ck_assert_str_eq(cookies("a;b,a=1", "a", PX_COOKIES), "1|");
}
END_TEST

START_TEST(empty_cookies)
{
    ck_assert_str_eq(cookies("a=; b=2", "a", PX_COOKIES), "|");
    ck_assert_str_eq(cookies("b=2; a=", "a", PX_COOKIES), "|");
    ck_assert_str_eq(cookies("=v; a=1", "", PX_COOKIES), "v|1|");
    /* Alone it is too short to be looked at. */
    ck_assert_str_eq(cookies("a=", "a", PX_COOKIES), "");
    ck_assert_str_eq(cookies("a=", "", PX_COOKIES), "|");
}
END_TEST

START_TEST(set_cookie_is_one_pair)
{
    ck_assert_str_eq(cookies("a=1; Path=/", "a", PX_SET_COOKIE), "1|");
    ck_assert_str_eq(cookies("x=1; b=2", "b", PX_SET_COOKIE), "");
    ck_assert_str_eq(cookies("x=1, b=9", "b", PX_SET_COOKIE), "9|");
    ck_assert_str_eq(cookies("x; a=2", "a", PX_SET_COOKIE), "2|");
    ck_assert_str_eq(cookies("$x=1; a=2", "a", PX_SET_COOKIE), "2|");
    ck_assert_str_eq(cookies("a=\"q;r\"; b=1", "a", PX_SET_COOKIE), "\"q;r\"|");
    ck_assert_str_eq(cookies("a=1; expires=Thu, 01 Jan 1970 00:00:00 GMT; b=3", "b", PX_SET_COOKIE),
                     "3|");
    ck_assert_str_eq(cookies("a=1; a=2; b; a=3; q=1; a=4", "a", PX_SET_COOKIE), "1|2|3|");
}
END_TEST

static const char *begins(const char *field, const char *begin, enum px_cookie_side side)
{
    static char found[64];
    struct px_str name, value;
    if (!px_cookie_begins(text(field), text(begin), side, &name, &value))
        return "none";
    snprintf(found, sizeof found, "%.*s=%.*s", (int)name.len, name.p, (int)value.len, value.p);
    return found;
}

START_TEST(cookies_that_begin_so)
{
    ck_assert_str_eq(begins("a=1; SIDx=2; SIDy=3", "SID", PX_COOKIES), "SIDx=2");
    ck_assert_str_eq(begins("SIDx=2; SID=3", "SID=", PX_COOKIES), "SID=3");
    ck_assert_str_eq(begins("SID = 3 ;b=1", "SID=3", PX_COOKIES), "SID=3");
    ck_assert_str_eq(begins("SID; $SID=1; SID=", "SID", PX_COOKIES), "SID=");
    ck_assert_str_eq(begins("a=1, SID=\"x;y\"", "SID=", PX_COOKIES), "SID=\"x;y\"");
    ck_assert_str_eq(begins("sid=1", "SID", PX_COOKIES), "none");
    ck_assert_str_eq(begins("SID=12", "SID=123", PX_COOKIES), "none");
    ck_assert_str_eq(begins("SIDx1", "SIDx1=", PX_COOKIES), "none");
    ck_assert_str_eq(begins("", "SID", PX_COOKIES), "none");
    ck_assert_str_eq(begins("SID=1; Path=/", "SID", PX_SET_COOKIE), "SID=1");
    ck_assert_str_eq(begins("a=1; SID=2", "SID", PX_SET_COOKIE), "none");
}
END_TEST

START_TEST(params_by_name)
{
    ck_assert_str_eq(params("/?a=1&b=2&a=3", "a", '?'), "1|3|");
    ck_assert_str_eq(params("/?a=1;a=2?a=3", "a", '?'), "1|2|3|");
    ck_assert_str_eq(params("/?a=1&b&c=2&=3", "", '?'), "1|2|3|");
    ck_assert_str_eq(params("/?aa=1&ba=2&A=3&a", "a", '?'), "");
    ck_assert_str_eq(params("/?a&a&a=3", "a", '?'), "3|");
    ck_assert_str_eq(params("/?a=&a==x&a=x=y&a=%20", "a", '?'), "|=x|x=y|%20|");
    ck_assert_str_eq(params("http://h?a=1", "a", '?'), "1|");
}
END_TEST

START_TEST(params_begin_elsewhere)
{
    ck_assert_str_eq(params("/x;b=1;a=2&a=3", "a", ';'), "2|3|");
    ck_assert_str_eq(params("/x;a=5?b=6&a=7", "a", ';'), "5?b=6|7|");
    ck_assert_str_eq(params("/?a=1", "a", ';'), "");
    ck_assert_str_eq(params("/x", "", '?'), "");
    ck_assert_str_eq(params("/x?", "", '?'), "");
    ck_assert_str_eq(params("", "", '?'), "");
    ck_assert_str_eq(params("/?&&a=1&", "a", '?'), "1|");
}
END_TEST

START_TEST(cookies_have_names)
{
    ck_assert_str_eq(cookie_names("a=1; b = 2;; c; =3; $Path=/; d=\"x; y\"", PX_COOKIES),
                     "a|b||d|");
    ck_assert_str_eq(cookie_names("a=1; Path=/, b=2; HttpOnly", PX_SET_COOKIE), "a|Path|b|");
    ck_assert_str_eq(cookie_names("", PX_COOKIES), "");
}
END_TEST

UNIT_MAIN("walk", NULL, NULL, lists_split_at_commas, empty_values_count, quotes_hold_commas,
          cookies_by_name, cookies_with_space_and_quotes, cookies_that_are_none, empty_cookies,
          set_cookie_is_one_pair, cookies_that_begin_so, params_by_name, params_begin_elsewhere,
          cookies_have_names)
