/*
 * Tests of compiler/plan/kept.c: which samples are worth keeping.
 */
#include "../compile_desk.h"

/* Keys of what is kept, each behind a space; '*' behind those of which all values are. */
static const char *kept_of(const char *front, const char *back)
{
    struct text out = {.arena = desk.arena};
    desk_plan_str(str_printf(desk.arena,
                             "%sfrontend f\n bind :80\n%s default_backend a\nbackend a\n%s"
                             " server s 127.0.0.1:1\nbackend b\n%s server s 127.0.0.1:1\n",
                             DESK_DEFAULTS, front, back, back));
    for (unsigned i = 0; i < desk.plan->kept.n; i++)
        text_printf(&out, " " STR_FMT "%s", STR_ARG(desk.plan->kept.v[i]->expr->key),
                    desk.plan->kept.v[i]->each ? "*" : "");
    text_put(&out, "", 1);
    return out.p;
}

#define DENY(sample, test) " http-request deny if { " sample " " test " }\n"
#define SAY(sample) " http-request set-header x %[" sample "]\n"

START_TEST(what_is_asked_for_twice)
{
    ck_assert_str_eq(kept_of(DENY("path,lower", "/a"), ""), "");
    ck_assert_str_eq(kept_of(DENY("path,lower", "/a") DENY("path,lower", "/b"), ""), "");
    ck_assert_str_eq(kept_of(DENY("path,lower", "/a") DENY("path,lower", "-m beg /b"), ""),
                     " path,lower");
    ck_assert_str_eq(kept_of(DENY("path,lower", "/a") SAY("path,lower"), ""), " path,lower");
    ck_assert_str_eq(kept_of(SAY("path,lower") " http-request set-var(txn.a) path,lower\n", ""),
                     " path,lower");
    ck_assert_str_eq(
        kept_of(SAY("path,lower") " http-request redirect prefix /%[path,lower]\n", ""),
        " path,lower");
    ck_assert_str_eq(kept_of(SAY("path,lower") " use_backend %[path,lower]\n", ""), " path,lower");
}
END_TEST

START_TEST(what_a_request_meets_twice)
{
    ck_assert_str_eq(kept_of(SAY("path,lower"), SAY("path,lower")), " path,lower");
    ck_assert_str_eq(kept_of("", SAY("path,lower")), ""); /* never both backends */
    ck_assert_str_eq(kept_of("", " stick-table type string size 1k\n" SAY(
                                     "path,lower") " stick on path,lower\n"),
                     " path,lower");
    ck_assert_str_eq(kept_of(SAY("capture.req.method,lower"),
                             " http-response set-header x %[capture.req.method,lower]\n"),
                     "");
}
END_TEST

START_TEST(all_values)
{
    ck_assert_str_eq(kept_of(DENY("hdr(a),lower", "b") DENY("hdr(a),lower", "-m end c"), ""),
                     " req.hdr(a,),lower*");
    ck_assert_str_eq(kept_of(DENY("hdr(a),lower", "b") SAY("hdr(a),lower"), ""), "");
    ck_assert_str_eq(kept_of(DENY("hdr(a),lower", "-m found") SAY("hdr(a),lower"), ""), "");
    ck_assert_str_eq(kept_of(DENY("hdr(a),lower", "-m found") DENY("hdr(a),lower", "b"), ""),
                     " req.hdr(a,),lower*");
}
END_TEST

START_TEST(what_is_at_hand)
{
    ck_assert_str_eq(kept_of(DENY("path", "/a") SAY("path") SAY("src") SAY("var(txn.a)")
                                 SAY("hdr(host)") SAY("fe_name") SAY("str(a)"),
                             SAY("path") SAY("src") SAY("hdr(host)")),
                     "");
    ck_assert_str_eq(kept_of(SAY("url_param(a)") DENY("base", "-m beg /b"),
                             DENY("url_param(a)", "-m found") DENY("base", "-m end c")),
                     " url_param(\"a\",,) base");
}
END_TEST

START_TEST(what_is_never_the_same)
{
    ck_assert_str_eq(kept_of(SAY("rand,hex") SAY("rand,hex") SAY("uuid,lower") SAY("uuid,lower"),
                             SAY("rand,hex")),
                     "");
    ck_assert_str_eq(kept_of(SAY("path,set-var(txn.a),lower") SAY("path,set-var(txn.a),lower"), ""),
                     "");
    ck_assert_str_eq(kept_of(SAY("path,map(/dev/null)") SAY(
                                 "path,map(/dev/null)") " http-request set-map(/dev/null) a b\n",
                             ""),
                     "");
}
END_TEST

START_TEST(what_may_change_between_rule_sets)
{
    ck_assert_str_eq(kept_of(SAY("nbsrv(a),add(1)") SAY("nbsrv(a),add(1)"), ""),
                     " nbsrv(\"a\"),add(1)");
    ck_assert(desk.plan->keeps_volatile);
    kept_of(SAY("path,lower") SAY("path,lower"), "");
    ck_assert(!desk.plan->keeps_volatile);
}
END_TEST

UNIT_MAIN("kept", desk_open, desk_close, what_is_asked_for_twice, what_a_request_meets_twice,
          all_values, what_is_at_hand, what_is_never_the_same, what_may_change_between_rule_sets)
