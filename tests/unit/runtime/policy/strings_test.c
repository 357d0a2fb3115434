/*
 * Tests of runtime/policy/strings.c and of pattern lists in map.c: one pattern against one value,
 * with the answers of HAProxy 2.6.
 */
#include "runtime/abi/match.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct px_str text(const char *s)
{
    return (struct px_str){s, s ? strlen(s) : 0};
}

START_TEST(whole_texts)
{
    ck_assert(px_is(text("abc"), text("abc"), false));
    ck_assert(!px_is(text("abc"), text("ab"), false));
    ck_assert(!px_is(text("ABC"), text("abc"), false));
    ck_assert(px_is(text("ABC"), text("abc"), true));
    ck_assert(px_is(text(""), text(""), false));
    ck_assert(px_is(text(NULL), text(""), true));
    ck_assert(!px_is(text("@"), text("`"), true));
    ck_assert(!px_is(text("\304"), text("\344"), true)); /* only ASCII letters have a case */
    ck_assert(px_is((struct px_str){"a\0b", 3}, (struct px_str){"a\0b", 3}, false));
    ck_assert(!px_is((struct px_str){"a\0b", 3}, (struct px_str){"a\0c", 3}, false));
}
END_TEST

START_TEST(beginnings_and_ends)
{
    ck_assert(px_begins(text("abc"), text("ab"), false));
    ck_assert(px_begins(text("abc"), text("abc"), false));
    ck_assert(!px_begins(text("abc"), text("abcd"), false));
    ck_assert(!px_begins(text("abc"), text("bc"), false));
    ck_assert(px_begins(text("ABc"), text("ab"), true));
    ck_assert(px_begins(text(NULL), text(""), false));
    ck_assert(px_ends(text("abc"), text("bc"), false));
    ck_assert(px_ends(text("abc"), text("abc"), false));
    ck_assert(!px_ends(text("abc"), text("aabc"), false));
    ck_assert(!px_ends(text("abc"), text("ab"), false));
    ck_assert(px_ends(text("aBC"), text("bc"), true));
    ck_assert(px_ends(text(NULL), text(""), false));
}
END_TEST

START_TEST(inside)
{
    ck_assert(px_contains(text("abcabd"), text("abd"), false));
    ck_assert(px_contains(text("aaab"), text("aab"), true));
    ck_assert(px_contains(text("xABx"), text("ab"), true));
    ck_assert(!px_contains(text("xABx"), text("ab"), false));
    ck_assert(!px_contains(text("ab"), text("abc"), true));
    ck_assert(px_contains(text(NULL), text(""), false));
    ck_assert(!px_contains(text(NULL), text("a"), true));
}
END_TEST

static bool dir(const char *v, const char *pattern)
{
    return px_has_part(text(v), text(pattern), "/?", false);
}

static bool dom(const char *v, const char *pattern)
{
    return px_has_part(text(v), text(pattern), "/?.:", false);
}

START_TEST(parts)
{
    ck_assert(dir("/a/b/c", "b"));
    ck_assert(dir("/a/b/c", "/b/"));
    ck_assert(dir("/a/b/c", "a/b"));
    ck_assert(dir("/a/b/c", "a"));
    ck_assert(dir("/a/b/c", "c"));
    ck_assert(dir("/a/b?c", "b"));
    ck_assert(dir("a", "a"));
    ck_assert(!dir("/ab/c", "a"));
    ck_assert(!dir("/a/bc", "b"));
    ck_assert(!dir("/a.b/", "a"));
    ck_assert(!dir("/a", "/"));
    ck_assert(!dir("", ""));
    ck_assert(!dir(NULL, "a"));
    ck_assert(dom("www.example.org:80", "example.org"));
    ck_assert(dom("www.example.org", "example"));
    ck_assert(dom("www.example.org", ".org"));
    ck_assert(dom("example.org", "example.org"));
    ck_assert(!dom("www.myexample.org", "example.org"));
    ck_assert(!dom("example.organic", "org"));
    ck_assert(px_has_part(text("/A/B"), text("b"), "/?", true));
    ck_assert(!px_has_part(text("/A/B"), text("b"), "/?", false));
}
END_TEST

/* Nothing but comparing letter by letter. */
static bool contains(struct px_str v, struct px_str p)
{
    for (size_t i = 0; i + p.len <= v.len; i++)
        if (!p.len || !strncasecmp(v.p + i, p.p, p.len))
            return true;
    return !p.len;
}

START_TEST(every_short_text_in_every_other)
{
    static const char letters[] = "aAb";
    char v[6], p[4];
    for (unsigned i = 0; i < 3 * 3 * 3 * 3 * 3; i++)
        for (unsigned k = 0; k < 3 * 3 * 3; k++)
            for (unsigned len = 0; len < 4; len++) {
                for (unsigned n = 0, x = i; n < 5; n++, x /= 3)
                    v[n] = letters[x % 3];
                for (unsigned n = 0, x = k; n < 3; n++, x /= 3)
                    p[n] = letters[x % 3];
                struct px_str value = {v, 5}, pattern = {p, len};
                ck_assert_int_eq(px_contains(value, pattern, true), contains(value, pattern));
            }
}
END_TEST

START_TEST(lists)
{
    static const struct px_str two[] = {PX_STR("/api"), PX_STR("img")};
    struct px_patterns set = {.n = 2, .v = two};
    static const struct {
        enum px_compare how;
        const char *value;
        int first; /* of two that holds */
    } all[] = {
        {PX_IS, "img", 1},         {PX_IS, "/img", -1},           {PX_BEGINS, "/api/x", 0},
        {PX_BEGINS, "image", -1},  {PX_BEGINS, "img.png", 1},     {PX_ENDS, "x/api", 0},
        {PX_ENDS, "ximg", 1},      {PX_ENDS, "imgx", -1},         {PX_CONTAINS, "ximgx", 1},
        {PX_CONTAINS, "im", -1},   {PX_HAS_DIR, "/x/api/y", 0},   {PX_HAS_DIR, "/x/img?y", 1},
        {PX_HAS_DIR, "/ximg", -1}, {PX_HAS_DOMAIN, "a.img.b", 1}, {PX_HAS_DOMAIN, "api", 0}};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        set.how = (uint8_t)all[i].how;
        ck_assert_int_eq(px_any_pattern(&set, text(all[i].value)), all[i].first >= 0);
        for (int k = 0; k < 2; k++)
            if (all[i].first < 0 || k <= all[i].first)
                ck_assert_int_eq(px_compare(&set, (uint32_t)k, text(all[i].value)),
                                 k == all[i].first);
    }
    set.n = 0;
    ck_assert(!px_any_pattern(&set, text("img")));
}
END_TEST

UNIT_MAIN("strings", NULL, NULL, whole_texts, beginnings_and_ends, inside, parts,
          every_short_text_in_every_other, lists)
