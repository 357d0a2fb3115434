/*
 * Tests of runtime/policy/normalize.c: the examples of HAProxy's manual, and what they leave out.
 */
#include "runtime/policy/normalize.h"
#include "tests/unit/unit.h"

#include <string.h>

static const char *normal(int which, bool more, const char *part)
{
    static char text[128];
    struct px_out out = {.p = text, .cap = sizeof text - 1};
    if (!px_normalize(which, more, (struct px_str){part, strlen(part)}, &out))
        return "malformed";
    ck_assert(!out.full);
    text[out.len] = 0;
    return text;
}

#define IS(which, more, part, wanted) ck_assert_str_eq(normal(PX_WORD_##which, more, part), wanted)

START_TEST(fragments)
{
    IS(FRAGMENT_ENCODE, false, "/#foo#", "/%23foo%23");
    IS(FRAGMENT_ENCODE, false, "/", "/");
    IS(FRAGMENT_STRIP, false, "/#foo", "/");
    IS(FRAGMENT_STRIP, false, "/a?b#c#d", "/a?b");
    IS(FRAGMENT_STRIP, false, "#", "");
}
END_TEST

START_TEST(slashes)
{
    IS(PATH_MERGE_SLASHES, false, "//", "/");
    IS(PATH_MERGE_SLASHES, false, "/foo///bar/", "/foo/bar/");
    IS(PATH_MERGE_SLASHES, false, "", "");
}
END_TEST

START_TEST(dots)
{
    IS(PATH_STRIP_DOT, false, "/.", "/");
    IS(PATH_STRIP_DOT, false, "/./bar/", "/bar/");
    IS(PATH_STRIP_DOT, false, "/a/./a", "/a/a");
    IS(PATH_STRIP_DOT, false, "/.well-known/..", "/.well-known/..");
    IS(PATH_STRIP_DOT, false, "/././/.", "//");
}
END_TEST

START_TEST(two_dots)
{
    IS(PATH_STRIP_DOTDOT, false, "/foo/../", "/");
    IS(PATH_STRIP_DOTDOT, false, "/foo/../bar/", "/bar/");
    IS(PATH_STRIP_DOTDOT, false, "/foo/bar/../", "/foo/");
    IS(PATH_STRIP_DOTDOT, false, "/../bar/", "/../bar/");
    IS(PATH_STRIP_DOTDOT, false, "/bar/../../", "/../");
    IS(PATH_STRIP_DOTDOT, false, "/foo//../", "/foo/");
    IS(PATH_STRIP_DOTDOT, false, "/foo/%2E%2E/", "/foo/%2E%2E/");
    IS(PATH_STRIP_DOTDOT, false, "/foo/..", "/");
    IS(PATH_STRIP_DOTDOT, false, "/a/b/../../../../c", "/../../c");
    IS(PATH_STRIP_DOTDOT, true, "/../bar/", "/bar/");
    IS(PATH_STRIP_DOTDOT, true, "/bar/../../", "/");
    IS(PATH_STRIP_DOTDOT, true, "/..", "/");
    IS(PATH_STRIP_DOTDOT, true, "/a/...", "/a/...");
}
END_TEST

START_TEST(percent_signs)
{
    IS(PERCENT_DECODE_UNRESERVED, false, "/%61dmin%2d%2E%5f%7E%30", "/admin-._~0");
    IS(PERCENT_DECODE_UNRESERVED, false, "/foo%3Fbar=baz%00", "/foo%3Fbar=baz%00");
    IS(PERCENT_DECODE_UNRESERVED, false, "/%%36%36", "/%66");
    IS(PERCENT_DECODE_UNRESERVED, false, "/%ZZ%6", "/%ZZ%6");
    IS(PERCENT_DECODE_UNRESERVED, true, "/%%36%36", "malformed");
    IS(PERCENT_DECODE_UNRESERVED, true, "/%6", "malformed");
    IS(PERCENT_DECODE_UNRESERVED, true, "/%2f%61", "/%2fa");
    IS(PERCENT_TO_UPPERCASE, false, "/%6f%e4?%ab", "/%6F%E4?%AB");
    IS(PERCENT_TO_UPPERCASE, false, "/%zz%", "/%zz%");
    IS(PERCENT_TO_UPPERCASE, true, "/%zz", "malformed");
}
END_TEST

START_TEST(queries)
{
    IS(QUERY_SORT_BY_NAME, false, "c=3&a=1&b=2", "a=1&b=2&c=3");
    IS(QUERY_SORT_BY_NAME, false, "aaa=3&a=1&aa=2", "a=1&aa=2&aaa=3");
    IS(QUERY_SORT_BY_NAME, false, "a=3&b=4&a=1&b=5&a=2", "a=3&a=1&a=2&b=4&b=5");
    IS(QUERY_SORT_BY_NAME, false, "b&aa=1", "aa=1&b");
    IS(QUERY_SORT_BY_NAME, false, "b&&a&", "&a&b");
    IS(QUERY_SORT_BY_NAME, false, "&", "");
    IS(QUERY_SORT_BY_NAME, false, "", "");
}
END_TEST

UNIT_MAIN("normalize", NULL, NULL, fragments, slashes, dots, two_dots, percent_signs, queries)
