/*
 * Tests of runtime/policy/map.c: what each kind of map looks for, and which entry counts when
 * several match.
 */
#include "conv_desk.h"

#include "runtime/abi/regex.h"
#include "runtime/policy/live.h"

#include <arpa/inet.h>

static const char values[] = "onetwothree";
static const struct px_slice slices[] = {{0, 3}, {3, 3}, {6, 5}, {0, 0}};

/* Entry i has the key i of these, and the value i. */
static struct px_map in_order(const struct px_patterns *patterns)
{
    return (struct px_map){
        .patterns = patterns, .n = patterns->n, .values = slices, .text = values};
}

static const struct px_str keys[] = {PX_STR("a/b"), PX_STR("b"), PX_STR("c"), PX_STR("")};

START_TEST(the_first_that_matches)
{
    struct px_patterns p = {.how = PX_CONTAINS, .n = 3, .v = keys};
    struct px_map map = in_order(&p);
    TEXT_TO_TEXT(px_conv_map_sub(t, s, &map, NONE), "xbx", "two");
    TEXT_TO_TEXT(px_conv_map_sub(t, s, &map, NONE), "cba/b", "one");
    TEXT_TO_TEXT(px_conv_map_sub(t, s, &map, NONE), "c", "three");
    TEXT_TO_NONE(px_conv_map_sub(t, s, &map, NONE), "x");
    TEXT_TO_TEXT(px_conv_map_sub(t, s, &map, S("else")), "x", "else");
    TEXT_TO_TEXT(px_conv_map_sub(t, s, &map, S("")), "x", "");
    p.n = 4;
    map.n = 4;
    TEXT_TO_TEXT(px_conv_map_sub(t, s, &map, S("else")), "x", "");
}
END_TEST

START_TEST(directories_and_domains)
{
    struct px_patterns p = {.how = PX_HAS_DIR, .n = 3, .v = keys};
    struct px_map map = in_order(&p);
    TEXT_TO_TEXT(px_conv_map_dir(t, s, &map, NONE), "/x/c/b?y", "two");
    TEXT_TO_TEXT(px_conv_map_dir(t, s, &map, NONE), "/x/a/b", "one");
    TEXT_TO_NONE(px_conv_map_dir(t, s, &map, NONE), "/xb/cb");
    p.how = PX_HAS_DOMAIN;
    TEXT_TO_TEXT(px_conv_map_dom(t, s, &map, NONE), "www.c.org", "three");
    TEXT_TO_NONE(px_conv_map_dom(t, s, &map, NONE), "www.cc.org");
}
END_TEST

START_TEST(expressions)
{
    static struct px_regex re[] = {{.pattern = PX_STR("^/x")}, {.pattern = PX_STR("[0-9]$")}};
    static const struct px_regex *const both[] = {&re[0], &re[1]};
    px_regex_prepare(&re[0]);
    px_regex_prepare(&re[1]);
    struct px_map map = {.regexes = both, .n = 2, .values = slices, .text = values};
    TEXT_TO_TEXT(px_conv_map_reg(t, s, &map, NONE), "/x1", "one");
    TEXT_TO_TEXT(px_conv_map_reg(t, s, &map, NONE), "/y1", "two");
    TEXT_TO_NONE(px_conv_map_reg(t, s, &map, NONE), "/y");
}
END_TEST

static int64_t find_two(const struct px_strings *set, struct px_str v)
{
    (void)set;
    return v.len == 2 ? 0 : -1;
}

START_TEST(texts_by_their_matcher)
{
    static const struct px_key key = {0, 0, 1}; /* found at 0, it is entry 1 */
    static const struct px_strings set = {.keys = &key, .nkeys = 1};
    struct px_map map = {
        .find = find_two, .strings = &set, .n = 2, .values = slices, .text = values};
    TEXT_TO_TEXT(px_conv_map_str(t, s, &map, NONE), "xx", "two");
    TEXT_TO_TEXT(px_conv_map_beg(t, s, &map, S("else")), "x", "else");
    TEXT_TO_NONE(px_conv_map_end(t, s, &map, NONE), "x");
}
END_TEST

START_TEST(integers)
{
    static const struct px_range v[] = {{INT64_MIN, -1, 2}, {5, 9, 0}};
    static const struct px_ranges ranges = {.n = 2, .v = v};
    struct px_map map = {.ranges = &ranges, .n = 3, .values = slices, .text = values};
    INT_TO_TEXT(px_conv_map_int(t, s, &map, NONE), 5, "one");
    INT_TO_TEXT(px_conv_map_int(t, s, &map, NONE), INT64_MIN, "three");
    INT_TO_TEXT(px_conv_map_int(t, s, &map, S("else")), 0, "else");
    conv_int_in(PX_SINT, 10);
    ck_assert(!px_conv_map_int(t, s, &map, NONE));
}
END_TEST

START_TEST(addresses)
{
    static const struct px_net4 v4[] = {{0x0a000000, 0x0affffff, 1}};
    static const struct px_net6 v6[] = {{{0x20, 1}, {0x20, 1, 255, 255}, 2}};
    static const struct px_nets nets = {1, 1, v4, v6, NULL};
    struct px_map map = {.nets = &nets, .n = 3, .values = slices, .text = values};
    static const struct {
        const char *ip, *want;
    } all[] = {{"10.1.2.3", "two"},        {"11.1.2.3", "(none)"},    {"2001:1::1", "three"},
               {"::ffff:10.1.2.3", "two"}, {"2002:a01:203::", "two"}, {"::1", "(none)"}};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        bool is_v6 = strchr(all[i].ip, ':');
        *s = (struct px_sample){.type = is_v6 ? PX_IPV6 : PX_IPV4};
        ck_assert_int_eq(inet_pton(is_v6 ? AF_INET6 : AF_INET, all[i].ip, &s->u), 1);
        bool found = px_conv_map_ip(t, s, &map, NONE);
        ck_assert_str_eq(desk_text(found ? PX_FOUND : PX_ABSENT), all[i].want);
    }
}
END_TEST

START_TEST(keys_that_match)
{
    static const char text[] = "a/bbc";
    static const struct px_line lines[] = {{{0, 3}, {0, 0}}, {{3, 1}, {0, 0}}, {{4, 1}, {0, 0}}};
    static const struct px_use use = {.method = "sub", .kind = &px_keys_text, .how = PX_CONTAINS};
    static struct px_changes changes;
    static const struct px_list list = {.of_maps = true,
                                        .changes = &changes,
                                        .text = text,
                                        .lines = lines,
                                        .nlines = 3,
                                        .uses = &use,
                                        .nuses = 1};
    struct px_patterns p = {.how = PX_CONTAINS, .n = 3, .v = keys};
    struct px_map map = in_order(&p);
    map.list = &list;
    TEXT_TO_TEXT(px_conv_map_sub_key(t, s, &map), "xbx", "b");
    TEXT_TO_TEXT(px_conv_map_sub_key(t, s, &map), "cba/b", "a/b");
    TEXT_TO_NONE(px_conv_map_sub_key(t, s, &map), "x");
    ck_assert_int_eq(px_list_delete(&list, S("a/b"), NULL), PX_CHANGED);
    ck_assert_int_eq(px_list_add(&list, NULL, S("x"), S("new"), NULL), PX_CHANGED);
    TEXT_TO_TEXT(px_conv_map_sub_key(t, s, &map), "cba/b", "b");
    TEXT_TO_TEXT(px_conv_map_sub_key(t, s, &map), "x", "x");
    TEXT_TO_TEXT(px_conv_map_sub(t, s, &map, NONE), "x", "new");
}
END_TEST

UNIT_MAIN("map", NULL, NULL, the_first_that_matches, directories_and_domains, expressions,
          texts_by_their_matcher, integers, addresses, keys_that_match)
