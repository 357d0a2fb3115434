/*
 * Tests of compiler/plan/maps.c: which lists may change, what that does to tests and samples, and
 * what --explain says of it.
 */
#include "../compile_desk.h"

static const struct plan *plan_of(const char *global, const char *lines)
{
    desk_plan_str(
        str_printf(desk.arena, "%s%sfrontend f\n bind :80\n%s", global, DESK_DEFAULTS, lines));
    return desk.plan;
}

static const char *explained(void)
{
    struct text out = {.arena = desk.arena};
    plan_explain(desk.plan, &out);
    text_put(&out, "", 1);
    return out.p;
}

static enum p_test_kind first_test(void)
{
    for (unsigned i = 0; i < desk.plan->scopes.n; i++)
        if (desk.plan->scopes.v[i]->acls.n && desk.plan->scopes.v[i]->acls.v[0]->tests.n)
            return desk.plan->scopes.v[i]->acls.v[0]->tests.v[0]->kind;
    return TEST_FALSE;
}

static const char pattern[] = " http-request deny if { path -f /dev/null }\n";

START_TEST(nobody_may)
{
    const struct plan *p = plan_of("", pattern);
    ck_assert_uint_eq(p->lists.n, 0);
    ck_assert_int_ne(first_test(), TEST_LIST);
    ck_assert_ptr_null(strstr(explained(), "may be changed"));
}
END_TEST

START_TEST(who_can_look_may_not_change)
{
    const struct plan *p = plan_of("global\n stats socket /tmp/s\n", pattern);
    ck_assert_uint_eq(p->lists.n, 1);
    ck_assert(!p->lists.v[0]->mutable);
    ck_assert_int_ne(first_test(), TEST_LIST);
}
END_TEST

START_TEST(an_admin_may)
{
    const struct plan *p = plan_of("global\n stats socket /tmp/s level admin\n", pattern);
    ck_assert_uint_eq(p->lists.n, 1);
    ck_assert(p->lists.v[0]->mutable);
    ck_assert_int_eq(first_test(), TEST_LIST);
    ck_assert_msg(strstr(explained(), "/dev/null: 0 lines, may be changed by the control socket; "),
                  "%s", explained());
}
END_TEST

/* What a rule changes is asked for anew each time. */
START_TEST(rules_may)
{
    static const char twice[] = " http-request deny if { path,map(/dev/null) -m found }\n"
                                " http-request set-map(/dev/null) a b\n"
                                " http-request deny if { path,map(/dev/null) -m found }\n";
    const struct plan *p = plan_of("", twice);
    ck_assert_uint_eq(p->lists.n, 1);
    ck_assert(p->lists.v[0]->mutable);
    ck_assert_uint_eq(p->kept.n, 0);
    ck_assert_msg(strstr(explained(), "/dev/null: 0 lines, may be changed by rules; "), "%s",
                  explained());
}
END_TEST

UNIT_MAIN("maps", desk_open, desk_close, nobody_may, who_can_look_may_not_change, an_admin_may,
          rules_may)
