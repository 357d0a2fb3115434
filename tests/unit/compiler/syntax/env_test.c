/*
 * Tests of compiler/syntax/env.c: variables, and which of those given from outside were asked for.
 */
#include "desk.h"

static void expect(const char *name, const char *value)
{
    struct str got = env_get(desk.env, str_of(name));
    if (value)
        ck_assert_msg(got.p && str_is(got, value), "%s is '" STR_FMT "'", name, STR_ARG(got));
    else
        ck_assert_msg(!got.p, "%s is set", name);
}

START_TEST(given_and_changed)
{
    expect("A", "alpha");
    expect("EMPTY", "");
    expect("NONE", NULL);
    env_set(desk.env, STR("A"), STR("other"));
    env_set(desk.env, STR("NEW"), STR(""));
    env_unset(desk.env, STR("B"));
    env_unset(desk.env, STR("NEVER"));
    expect("A", "other");
    expect("NEW", "");
    expect("B", NULL);
    expect("NEVER", NULL);
    env_set(desk.env, STR("B"), STR("back"));
    expect("B", "back");
}
END_TEST

START_TEST(keeping_some)
{
    struct str names[] = {{"B", 1}, {"NONE", 4}};
    env_set(desk.env, STR("NEW"), STR("x"));
    env_keep(desk.env, names, COUNT(names));
    expect("A", NULL);
    expect("NEW", NULL);
    expect("B", "beta");
    expect("NONE", NULL);
    env_keep(desk.env, NULL, 0);
    expect("B", NULL);
}
END_TEST

START_TEST(the_list_is_an_environment)
{
    env_set(desk.env, STR("A"), STR("x=y"));
    env_unset(desk.env, STR("EMPTY"));
    char **list = env_list(desk.env, desk.arena);
    struct env *again = env_new(desk.arena, list);
    desk.env = again;
    expect("A", "x=y");
    expect("B", "beta");
    expect("EMPTY", NULL);
}
END_TEST

START_TEST(odd_environments)
{
    char *odd[] = {"NOVALUE", "=x", "D=1", "D=2", NULL};
    desk.env = env_new(desk.arena, odd);
    expect("NOVALUE", NULL);
    expect("D", "1");
    desk.env = env_new(desk.arena, NULL);
    expect("A", NULL);
}
END_TEST

START_TEST(what_was_used_is_remembered)
{
    env_set(desk.env, STR("B"), STR("ours"));
    expect("A", "alpha");
    expect("B", "ours");
    expect("NONE", NULL);
    env_set(desk.env, STR("A"), STR("changed"));
    expect("A", "changed");
    const struct map *used = env_used(desk.env);
    const struct str *a = map_get(used, STR("A")), *none = map_get(used, STR("NONE"));
    ck_assert(a && str_is(*a, "alpha"));
    ck_assert(none && !none->p);
    ck_assert_ptr_null(map_get(used, STR("B")));
    ck_assert_ptr_null(map_get(used, STR("EMPTY")));
    ck_assert_uint_eq(used->entries.n, 2);
}
END_TEST

START_TEST(names)
{
    static const char *const good[] = {"A", "_", "_1", "aZ9_", "HAPROXY_USER"};
    static const char *const bad[] = {"", "1", "1A", "A-B", "A.B", ".A", "A ", "\xc3\xa4"};
    for (unsigned i = 0; i < COUNT(good); i++)
        ck_assert_msg(env_is_name(str_of(good[i])), "'%s'", good[i]);
    for (unsigned i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!env_is_name(str_of(bad[i])), "'%s'", bad[i]);
}
END_TEST

UNIT_MAIN("env", desk_open, desk_close, given_and_changed, keeping_some, the_list_is_an_environment,
          odd_environments, what_was_used_is_remembered, names)
