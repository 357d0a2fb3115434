/*
 * Tests of compiler/plan/regexes.c: which expressions are left to PCRE2, and what is said about
 * them.
 */
#include "../compile_desk.h"

/* The warnings about a frontend with these lines; what --explain says is in *explained. */
static const char *warnings(const char *lines, struct text *explained)
{
    struct text ids = {.arena = desk.arena};
    desk_plan_str(str_printf(desk.arena, "%sfrontend f\n bind :80\n%s", DESK_DEFAULTS, lines));
    for (unsigned i = 0; i < desk.diags.all.n; i++)
        text_printf(&ids, "%s ", diag_name(desk.diags.all.v[i]->id));
    *explained = (struct text){.arena = desk.arena};
    plan_explain(desk.plan, explained);
    text_put(explained, "", 1);
    text_put(&ids, "", 1);
    return ids.p;
}

START_TEST(tests_that_an_automaton_makes)
{
    struct text out;
    ck_assert_str_eq(warnings(" http-request deny if { path_reg ^(a+)+$ }\n", &out), "");
    ck_assert_ptr_null(strstr(out.p, "PCRE2"));
}
END_TEST

START_TEST(expressions_of_pcre2)
{
    static const struct {
        const char *line, *why;
    } all[] = {
        {" http-request replace-path ^(a+)+$ x\n", "what it matches is replaced"},
        {" http-request set-header a \"%[path,regsub('(a+)+b',x)]\"\n",
         "what it matches is replaced"},
        {" http-request deny if { path_reg \\b(a+)+$ }\n", "a word boundary"},
    };
    for (unsigned i = 0; i < COUNT(all); i++) {
        struct text out;
        ck_assert_str_eq(warnings(all[i].line, &out), "W0508 ");
        ck_assert_msg(strstr(out.p, "regular expressions by PCRE2\n"), "%s", out.p);
        ck_assert_msg(strstr(out.p, all[i].why), "%s", out.p);
    }
}
END_TEST

/* Not every machine has a compiler for PCRE2; a verb takes it away on all. */
START_TEST(machine_code)
{
    struct text out;
    warnings(" http-request replace-path (*NO_JIT)a x\n", &out);
    ck_assert_msg(strstr(out.p, "  (*NO_JIT)a\n      interpreted: "), "%s", out.p);
}
END_TEST

UNIT_MAIN("regexes", desk_open, desk_close, tests_that_an_automaton_makes, expressions_of_pcre2,
          machine_code)
