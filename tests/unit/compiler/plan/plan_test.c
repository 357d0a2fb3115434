/*
 * Tests of compiler/plan/plan.c and fold.c: what is decided at build time, which patterns share a
 * set.
 */
#include "../compile_desk.h"

/* A frontend with these lines, and two backends. */
static void plan_lines(const char *lines)
{
    desk_plan_str(str_printf(desk.arena, "%sfrontend f\n bind :80\n%sbackend a\nbackend b\n",
                             DESK_DEFAULTS, lines));
}

static unsigned steps(const char *function)
{
    const struct p_function *f = desk_function(function);
    return f ? f->steps.n : 0;
}

/* Of the rule "http-request deny <condition>": 1 always, 0 never (it is left out), -1 it depends.
 */
static int constant(const char *condition)
{
    plan_lines(
        str_cstr(desk.arena,
                 str_printf(desk.arena, " acl set path /x\n http-request deny %s\n", condition)));
    const struct p_function *f = desk_function("f_http_request");
    ck_assert_ptr_nonnull(f);
    return f->steps.n ? f->steps.v[0].cond.constant : 0;
}

START_TEST(conditions_known_at_build_time)
{
    static const struct {
        const char *condition;
        int value;
    } all[] = {
        {"", 1},
        {"if TRUE", 1},
        {"if FALSE", 0},
        {"if !TRUE", 0},
        {"unless TRUE", 0},
        {"unless FALSE", 1},
        {"if set", -1},
        {"if set TRUE", -1},
        {"if set FALSE", 0},
        {"if set or TRUE", 1},
        {"if set or FALSE", -1},
        {"if FALSE or FALSE", 0},
        {"if FALSE or TRUE set", -1},
        {"unless set FALSE", 1},
        {"unless set or TRUE", 0},
        {"if { always_true }", 1},
        {"if { always_false }", 0},
        {"if { int(5) 1:9 }", 1},
        {"if { int(5) 6 7 }", 0},
        {"if { int(5) 6 5 }", 1},
        {"if { int(-5) lt 0 }", 1},
        {"if { bool(0) }", 0},
        {"if { bool(1) }", 1},
        {"if { str(a) -m found }", -1},
        {"if { int(5) -m found }", 1},
        {"if { str(a) -m str b a }", 1},
        {"if { str(a) -m str A }", 0},
        {"if { str(a) -i -m str A }", 1},
        {"if { str(abc) -m str ab }", 0},
        {"if { str(a),upper -m str A }", -1},
        {"if { int(5),add(1) 6 }", -1},
        {"if { str(abc) -m beg ab }", -1},
        {"if { path -m str /x }", -1},
    };
    for (unsigned i = 0; i < COUNT(all); i++)
        ck_assert_msg(constant(all[i].condition) == all[i].value, "%s: %d", all[i].condition,
                      constant(all[i].condition));
}
END_TEST

START_TEST(rules_that_never_run_are_left_out)
{
    plan_lines(" http-request deny if FALSE\n http-request set-header x y\n"
               " use_backend a if FALSE\n use_backend b\n");
    ck_assert_uint_eq(steps("f_http_request"), 1);
    ck_assert_uint_eq(steps("f_use_backend"), 1);
    ck_assert(str_is(desk_function("f_use_backend")->steps.v[0].route->proxy->name, "b"));
    plan_lines("");
    ck_assert_ptr_null(desk_function("f_http_request"));
    ck_assert_ptr_null(desk_function("f_use_backend"));
}
END_TEST

static const struct p_scope *scope(const char *name)
{
    for (unsigned i = 0; i < desk.plan->scopes.n; i++)
        if (str_is(desk.plan->scopes.v[i]->name, name))
            return desk.plan->scopes.v[i];
    ck_abort_msg("no scope %s", name);
    return NULL;
}

/* "path:2" for a set of two tests on path, with -i behind it if it folds. */
static const char *sets_of(const char *name)
{
    const struct p_scope *sc = scope(name);
    struct text t = {.arena = desk.arena};
    for (unsigned i = 0; i < sc->sets.n; i++)
        text_printf(&t, "%s" STR_FMT ":%s:%u%s", i ? " " : "", STR_ARG(sc->sets.v[i]->expr->key),
                    match_method_name(sc->sets.v[i]->method), sc->sets.v[i]->ntests,
                    sc->sets.v[i]->fold ? "-i" : "");
    text_put(&t, "", 1);
    return t.p;
}

START_TEST(equal_samples_share_a_set)
{
    plan_lines(" acl a path /a\n acl b path /b /c\n acl b path_beg /d\n acl c path -i /E\n"
               " acl d path,lower /a\n"
               " http-request deny if a b\n http-request deny if c or d a\n"
               " use_backend a if { path /z }\n");
    ck_assert_str_eq(sets_of("f_request"), "path:str:3 path:beg:1 path:str:1-i path,lower:str:1");
    ck_assert_uint_eq(desk.plan->sets.n, 4);
}
END_TEST

START_TEST(sides_and_proxies_have_sets_of_their_own)
{
    desk_plan(DESK_DEFAULTS "frontend f\n bind :80\n http-request deny if { path /a }\n"
                            " http-response deny if { status 200 }\n"
                            " http-response set-header x y if { status 200:299 }\n"
                            " tcp-request connection reject if { src 10.0.0.0/8 }\n"
                            "frontend g\n bind :81\n http-request deny if { path /a }\n");
    ck_assert_str_eq(sets_of("f_request"), "path:str:1");
    ck_assert_str_eq(sets_of("f_response"), "status:int:2");
    ck_assert_str_eq(sets_of("f_connection"), "src:ip:1");
    ck_assert_str_eq(sets_of("g_request"), "path:str:1");
}
END_TEST

/* The acl of a named set is planned once however often it is used. */
START_TEST(acls_are_planned_once)
{
    plan_lines(" acl a path_reg ^/x\n http-request deny if a\n http-request allow if !a\n");
    ck_assert_uint_eq(scope("f_request")->acls.n, 1);
    ck_assert_uint_eq(scope("f_request")->acls.v[0]->tests.n, 1);
}
END_TEST

/* One line of an ACL with and without -i are two tests. */
START_TEST(case_is_a_matter_of_the_pattern)
{
    plan_lines(" acl a path -i /A\n acl a path /b\n http-request deny if a\n");
    const struct p_acl *acl = scope("f_request")->acls.v[0];
    ck_assert_uint_eq(acl->tests.n, 2);
    ck_assert(acl->tests.v[0]->set->fold && !acl->tests.v[1]->set->fold);
    ck_assert(str_is(acl->tests.v[0]->set->keys.v[0].text, "/a"));
    plan_lines(" acl a str(x),lower -m bin -i 4142\n http-request deny if a\n");
    ck_assert(!scope("f_request")->sets.v[0]->fold); /* bytes have no case */
    ck_assert(str_is(scope("f_request")->sets.v[0]->keys.v[0].text, "AB"));
}
END_TEST

/* ---- identifiers ---- */

static bool is_identifier(struct str s)
{
    bool good = s.len && !(s.p[0] >= '0' && s.p[0] <= '9') && s.p[0] != '_';
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || (c == '_' && i && s.p[i - 1] != '_'));
    }
    return good && s.p[s.len - 1] != '_';
}

START_TEST(identifiers)
{
    struct plan p = {.arena = desk.arena};
    static const char *const names[] = {
        "a-b",
        "a_b",
        "a.b",
        "a--b",
        "a_b_2",
        "a_b",
        "1a",
        "n1a",
        "80",
        "x:y",
        "a_b_",
        "_a_b",
        "caf\xc3\xa9",
        "path,lower,map(x.map)",
        "a_b_3",
        "this-name-is-longer-than-an-identifier-may-be-because-somebody-likes-that-1",
        "this-name-is-longer-than-an-identifier-may-be-because-somebody-likes-that-2"};
    struct map seen = {0};
    for (unsigned i = 0; i < COUNT(names); i++) {
        struct str id = plan_identifier(&p, "%s", names[i]);
        ck_assert_msg(is_identifier(id), "%s: %.*s", names[i], (int)id.len, id.p);
        ck_assert_ptr_null(map_get(&seen, id));
        *map_at(desk.arena, &seen, id) = &seen;
    }
    ck_assert(str_is(plan_identifier(&p, "new-name"), "new_name"));
    ck_assert(str_is(plan_identifier(&p, "9"), "n9"));
}
END_TEST

/* ---- header names ---- */

START_TEST(slots_of_header_names)
{
    plan_lines(" http-request deny if { req.hdr(X-Abc) 1 } or { req.hdr(x-ABC) 2 }\n"
               " http-request set-header Host x if { req.hdr(x-other) 1 }\n");
    unsigned seen = 0;
    for (unsigned i = 1; i < desk.plan->names.n; i++) {
        ck_assert_uint_eq(desk.plan->names.v[i]->slot, i);
        seen += str_is(desk.plan->names.v[i]->text, "x-abc");
        seen += str_is(desk.plan->names.v[i]->text, "x-other");
        seen += str_is(desk.plan->names.v[i]->text, "host");
    }
    ck_assert_uint_eq(seen, 3);
}
END_TEST

/* More names than there are slots: the rest are found by searching. */
START_TEST(more_header_names_than_slots)
{
    struct text t = {.arena = desk.arena};
    for (unsigned i = 0; i < 400; i++)
        text_printf(&t, " http-request del-header x-%u\n", i);
    text_put(&t, "", 1);
    plan_lines(t.p);
    ck_assert_uint_eq(desk.plan->names.n, 255);
    ck_assert_uint_eq(steps("f_http_request"), 400);
    unsigned without = 0;
    for (unsigned i = 0; i < 400; i++)
        without += !desk_function("f_http_request")->steps.v[i].rule->args[0].name->slot;
    ck_assert_uint_gt(without, 140);
    ck_assert_uint_lt(without, 200);
}
END_TEST

UNIT_MAIN("plan", desk_open, desk_close, conditions_known_at_build_time,
          rules_that_never_run_are_left_out, equal_samples_share_a_set,
          sides_and_proxies_have_sets_of_their_own, acls_are_planned_once,
          case_is_a_matter_of_the_pattern, identifiers, slots_of_header_names,
          more_header_names_than_slots)
