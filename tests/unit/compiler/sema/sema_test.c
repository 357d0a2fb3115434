/*
 * Tests of compiler/sema that golden files and error tests are too coarse for: which settings come
 * from which defaults section, and tables of what fits what, with HAProxy's verdicts.
 */
#include "../compile_desk.h"

static int64_t setting(const char *proxy, enum proxy_setting which)
{
    return setting_number(&desk_proxy(proxy)->in.set[which], &vocab_proxy[which]);
}

/* ---- defaults ---- */

#define TIMES " timeout client 1s\n timeout server 1s\n timeout connect 1s\n"

START_TEST(settings_are_inherited)
{
    desk_model("defaults\n mode http\n retries 7\n" TIMES "frontend f\n bind :80\n"
               "backend b\n retries 2\nbackend c\n");
    ck_assert_int_eq(setting("b", PROXY_retries), 2);
    ck_assert_int_eq(setting("c", PROXY_retries), 7);
    ck_assert_int_eq(setting("f", PROXY_timeout_client), 1000);
    ck_assert(desk_proxy("f")->in.is_http && desk_proxy("b")->in.is_http);
}
END_TEST

START_TEST(the_last_section_above_counts)
{
    desk_model("backend zero\n"
               "defaults\n mode http\n retries 7\n" TIMES "backend a\n"
               "defaults\n retries 5\n" TIMES "backend b\n");
    ck_assert_int_eq(setting("zero", PROXY_retries), 3);
    ck_assert(!desk_proxy("zero")->in.is_http);
    ck_assert_int_eq(setting("a", PROXY_retries), 7);
    ck_assert(desk_proxy("a")->in.is_http);
    ck_assert_int_eq(setting("b", PROXY_retries), 5);
    ck_assert(!desk_proxy("b")->in.is_http); /* each begins anew */
}
END_TEST

START_TEST(from_names_the_section)
{
    desk_model("defaults one\n mode http\n retries 7\n" TIMES "defaults two from one\n retries 6\n"
               "defaults three\n retries 5\n" TIMES
               "backend a from one\nbackend b from two\nbackend c from three\nbackend d\n");
    ck_assert_int_eq(setting("a", PROXY_retries), 7);
    ck_assert_int_eq(setting("b", PROXY_retries), 6);
    ck_assert(desk_proxy("b")->in.is_http);
    ck_assert_int_eq(setting("c", PROXY_retries), 5);
    ck_assert(!desk_proxy("c")->in.is_http);
    ck_assert_int_eq(setting("d", PROXY_retries), 5);
    ck_assert_ptr_eq(desk_proxy("b")->defaults, desk.model->defaults.v[1]);
}
END_TEST

START_TEST(options_are_undone)
{
    desk_model("defaults\n mode http\n option dontlognull\n option log-separate-errors\n" TIMES
               "frontend a\n bind :80\n no option dontlognull\n"
               "frontend b\n bind :81\n"
               "defaults\n mode http\n" TIMES "frontend c\n bind :82\n");
    ck_assert(!setting("a", PROXY_dontlognull));
    ck_assert(setting("a", PROXY_log_separate_errors));
    ck_assert(setting("b", PROXY_dontlognull));
    ck_assert(!setting("c", PROXY_dontlognull));
}
END_TEST

static unsigned rules_of(const char *proxy, enum px_phase phase)
{
    return desk_proxy(proxy)->rules[phase].n;
}

/* Rules of a defaults section come before those of the proxy. */
START_TEST(rules_are_inherited)
{
    desk_model("defaults d\n mode http\n http-request deny if { path /d }\n" TIMES
               "frontend f from d\n bind :80\n http-request deny if { path /f }\n"
               "frontend g from d\n bind :81\n");
    ck_assert_uint_eq(rules_of("f", PX_AT_REQ_HTTP), 2);
    ck_assert(desk_proxy("f")->rules[PX_AT_REQ_HTTP].v[0]->from_defaults);
    ck_assert(!desk_proxy("f")->rules[PX_AT_REQ_HTTP].v[1]->from_defaults);
    ck_assert_uint_eq(rules_of("g", PX_AT_REQ_HTTP), 1);
}
END_TEST

/* ---- lines that are right, and lines that are not ---- */

static bool is_valid(const char *section, const char *line)
{
    desk_check_str(str_printf(desk.arena,
                              DESK_DEFAULTS "backend b\n server s 127.0.0.1:1\n%s x\n%s %s\n",
                              section, *section == 'f' ? " bind :80\n" : "", line));
    return !desk.diags.errors;
}

/* Each in the place of the @ of the format. */
static void check_all(const char *section, const char *format, const char *const *all, unsigned n,
                      bool valid)
{
    for (unsigned i = 0; i < n; i++) {
        struct text t = {.arena = desk.arena};
        const char *hole = strchr(format, '@');
        text_put(&t, format, (size_t)(hole - format));
        text_printf(&t, "%s%s", all[i], hole + 1);
        text_put(&t, "", 1);
        ck_assert_msg(is_valid(section, t.p) == valid, "%s: %s", t.p,
                      valid ? "refused" : "accepted");
    }
}
#define VALID(section, format, ...)                                                                \
    check_all(section, format, (const char *const[]){__VA_ARGS__},                                 \
              COUNT(((const char *const[]){__VA_ARGS__})), true)
#define INVALID(section, format, ...)                                                              \
    check_all(section, format, (const char *const[]){__VA_ARGS__},                                 \
              COUNT(((const char *const[]){__VA_ARGS__})), false)

START_TEST(converters_take_what_casts_give)
{
    static const char line[] = "http-request set-var(txn.x) @";
    VALID("frontend", line, "path,lower", "path,add(1)", "src,add(1)", "src,lower", "src,base64",
          "int(1),ipmask(24)", "str(1.2.3.4),ipmask(24)", "method,lower", "method,base64",
          "bool(1),add(1)", "int(5),iif(a,b)", "bin(41),lower", "path,base64,b64dec,lower",
          "dst_port,even,not,add(1)", "path,map(/dev/null)", "src,map_ip(/dev/null)",
          "var(txn.y),add(1)", "var(txn.y),lower", "src,ipmask(24),lower");
    INVALID("frontend", line, "method,add(1)", "method,ipmask(24)", "bin(41),add(1)",
            "bin(41),iif(a,b)", "path,base64,b64dec,add(1)", "bool(1),ipmask(24)",
            "bin(41),ipmask(24)", "method,map_int(/dev/null)", "path,nothing", "path,add",
            "path,add(1,2)", "path,lower(1)", "nothing,lower");
}
END_TEST

START_TEST(methods_match_what_casts_give)
{
    static const char line[] = "http-request deny if { @ }";
    VALID("frontend", line, "path /a", "path -m beg /a", "path -m int 1", "path -m len 1:3",
          "path -m ip 10.0.0.0/8", "path -m bin 2f", "path -m found", "path -m bool",
          "src 10.0.0.0/8 ::1", "src -m str 10.0.0.1", "src -m int 1", "src -m found",
          "dst_port 80", "dst_port 1:5 7", "dst_port lt 5", "dst_port -m str 80",
          "dst_port -m len 2", "always_true", "always_true -m int 1", "always_true -m str 1",
          "method GET", "method -m reg G", "method -m len 3", "bin(41) -m bin 41",
          "bin(41) -m str A", "bin(41) -m len 1", "path,length 3", "path,length gt 3");
    INVALID("frontend", line, "bin(41) -m int 1", "bin(41) -m bool", "bin(41) 41",
            "bin(41) -m ip 1.2.3.4", "method -m int 1", "method -m ip 1.2.3.4",
            "always_true -m ip 1.2.3.4", "path -m int x", "path -m ip x", "path -m bin 4",
            "path -m reg (", "dst_port x", "dst_port 5:1", "dst_port lt", "src 10.0.0.0/33",
            "src x", "path -m", "path -m nothing a", "var(txn.x) a");
}
END_TEST

START_TEST(phases)
{
    VALID("frontend", "@", "http-request deny if { path /a }",
          "http-response deny if { status 200 }", "http-after-response set-header x y",
          "tcp-request connection reject if { src 10.0.0.0/8 }",
          "tcp-request content reject if { src 10.0.0.0/8 }",
          "http-response set-header x %[var(txn.x)]");
    INVALID("frontend", "@", "http-request set-header x %[status]",
            "tcp-request connection set-var(sess.x) path", "http-response tarpit",
            "http-request set-status 200", "http-request reject-it", "tcp-request nothing accept",
            "tcp-request connection deny", "http-after-response deny");
}
END_TEST

START_TEST(kinds_of_proxies)
{
    VALID("backend", "@", "http-request deny", "server t 127.0.0.1:1", "balance roundrobin",
          "use-server s if { path /a }\n server s 127.0.0.1:2");
    INVALID("backend", "@", "tcp-request connection accept", "use-server none if { path /a }");
    VALID("frontend", "@", "default_backend b", "use_backend b if { path /a }",
          "use_backend %[path,field(2,/)]");
    INVALID("frontend", "@", "default_backend none", "use_backend none if { path /a }");
}
END_TEST

/* ---- advice ---- */

static unsigned count_of(const char *lines, enum diag_id id)
{
    desk_check_str(
        str_printf(desk.arena, DESK_DEFAULTS "frontend f\n bind :80\n%sbackend b\n", lines));
    unsigned n = 0;
    for (unsigned i = 0; i < desk.diags.all.n; i++)
        n += desk.diags.all.v[i]->id == id;
    return n;
}

START_TEST(order_of_evaluation)
{
    ck_assert_uint_eq(count_of(" tcp-request connection accept if { src ::1 }\n"
                               " tcp-request content accept if { src ::1 }\n"
                               " http-request allow if { path / }\n"
                               " use_backend b if { path / }\n",
                               W0503),
                      0);
    ck_assert_uint_eq(count_of(" use_backend b if { path / }\n"
                               " http-request allow if { path / }\n"
                               " tcp-request content accept if { src ::1 }\n",
                               W0503),
                      2);
    /* Responses have an order of their own. */
    ck_assert_uint_eq(count_of(" http-response allow if { status 200 }\n"
                               " http-request allow if { path / }\n",
                               W0503),
                      0);
}
END_TEST

START_TEST(rules_behind_the_last)
{
    ck_assert_uint_eq(count_of(" http-request deny\n http-request set-header x y\n", W0505), 1);
    ck_assert_uint_eq(
        count_of(" http-request deny if { path / }\n http-request set-header x y\n", W0505), 0);
    ck_assert_uint_eq(count_of(" http-request set-header x y\n http-request deny\n", W0505), 0);
}
END_TEST

UNIT_MAIN("sema", desk_open, desk_close, settings_are_inherited, the_last_section_above_counts,
          from_names_the_section, options_are_undone, rules_are_inherited,
          converters_take_what_casts_give, methods_match_what_casts_give, phases, kinds_of_proxies,
          order_of_evaluation, rules_behind_the_last)
