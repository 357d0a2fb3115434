/*
 * Tests of compiler/emit: literals, the places that generated code speaks of, data, and that the
 * same configuration gives the same bytes.
 */
#include "../compile_desk.h"
#include "compiler/emit/writer.h"
#include "runtime/abi/match.h"

#include <stdio.h>
#include <stdlib.h>

/* What a C compiler makes of a literal; it may hold only what every compiler reads the same. */
static struct str read_literal(struct str s)
{
    struct text t = {.arena = desk.arena};
    ck_assert(s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"');
    for (size_t i = 1; i + 1 < s.len;) {
        unsigned char c = (unsigned char)s.p[i++];
        ck_assert(c >= 32 && c < 127 && c != '"');
        ck_assert(!(c == '?' && s.p[i] == '?')); /* that could begin a trigraph */
        if (c == '\\') {
            c = (unsigned char)s.p[i++];
            if (c >= '0' && c <= '7') {
                char digits[4] = {(char)c, s.p[i], s.p[i + 1], 0};
                c = (unsigned char)strtoul(digits, NULL, 8);
                i += 2;
            } else if (c == 'n' || c == 'r') {
                c = c == 'n' ? '\n' : '\r';
            } else {
                ck_assert(c == '"' || c == '\\' || c == '?');
            }
        }
        text_put(&t, (char *)&c, 1);
    }
    return (struct str){t.p, t.len};
}

static void check_literal(struct str s)
{
    struct str back = read_literal(literal(desk.arena, s));
    ck_assert_uint_eq(back.len, s.len);
    ck_assert(!s.len || !memcmp(back.p, s.p, s.len));
}

START_TEST(literals)
{
    char two[2];
    for (unsigned i = 0; i < 65536; i++) {
        two[0] = (char)(i >> 8);
        two[1] = (char)i;
        check_literal((struct str){two, 2});
    }
    check_literal(STR(""));
    check_literal(STR("?"));
    check_literal(STR("?\?=?\?/?\?'?\?(?\?)?\?!?\?<?\?>?\?-?\?\?\?"));
    check_literal(STR("\0011\08\377f"));
    check_literal(STR("%s%n\\n\\\\\"\"'*/ // /*"));
    ck_assert(str_is(cstring(desk.arena, NULL), "NULL"));
    ck_assert(str_is(cstring(desk.arena, "a"), "\"a\""));
}
END_TEST

static struct emitted emitted_from(const char *text)
{
    struct emitted out;
    emit_program(desk_plan(text), &out);
    return out;
}

static const char config[] =
    DESK_DEFAULTS "frontend web\n bind :80\n"
                  " acl a path_beg /a\n"                                    /* 8 */
                  " http-request deny if a { src 10.0.0.0/8 }\n"            /* 9 */
                  " http-request set-header x \"%[path,lower]\"\n"          /* 10 */
                  " http-request set-var(txn.A) path\n"                     /* 11 */
                  " http-request set-var(txn.a) path if { path_reg ^/b }\n" /* 12 */
                  " http-response set-header y %[var(txn.a)]\n"             /* 13 */
                  " tcp-request inspect-delay 1s\n"
                  " tcp-request content reject if { src 1.2.3.4 }\n" /* 15 */
                  " use_backend b1 if a\n"                           /* 16 */
                  " default_backend 1b\n"
                  "backend b1\n server s 127.0.0.1:1\nbackend 1b\n server 1 127.0.0.1:1\n";

static bool next_line(struct str *rest, struct str *line)
{
    if (!rest->len)
        return false;
    const char *lf = memchr(rest->p, '\n', rest->len);
    size_t n = lf ? (size_t)(lf - rest->p) : rest->len;
    *line = str_cut(*rest, 0, n);
    *rest = str_cut(*rest, lf ? n + 1 : n, rest->len);
    return true;
}

/* "#line" names the line that follows: of the configuration, or its own in the file. */
START_TEST(places)
{
    struct str rest = emitted_from(config).program, line;
    unsigned number = 0, said, rules = 0, own = 0;
    while (next_line(&rest, &line)) {
        char *text = str_cstr(desk.arena, line), name[64];
        ++number;
        if (sscanf(text, "#line %u \"%63[^\"]\"", &said, name) != 2) {
            ck_assert(!memchr(text, '\1', line.len));
            continue;
        }
        if (!strcmp(name, "proxy.c")) {
            ck_assert_uint_eq(said, number + 1);
            own++;
            continue;
        }
        ck_assert_str_eq(name, "a.cfg");
        ck_assert(said >= 8 && said <= 16);
        rules |= 1u << said;
    }
    /* Each rule is on its line. */
    for (unsigned i = 9; i <= 16; i++)
        ck_assert_msg((rules & 1u << i) || i == 14, "line %u", i);
    ck_assert_uint_gt(own, 0);
}
END_TEST

START_TEST(same_input_same_bytes)
{
    struct str first = emitted_from(config).program, second = emitted_from(config).program;
    ck_assert(str_eq(first, second));
    ck_assert_ptr_null(memmem(first.p, first.len, "/tmp/", 5));
}
END_TEST

static bool has(struct str s, const char *part)
{
    return memmem(s.p, s.len, part, strlen(part));
}

/* Variables whose names differ only in case or punctuation have numbers of their own. */
START_TEST(variables)
{
    struct str c = emitted_from(config).program;
    ck_assert(has(c, "    VAR_TXN_A,\n    VAR_TXN_A_2,\n"));
    ck_assert(has(c, "{\"txn.A\", PX_VAR_TXN}"));
    ck_assert(has(c, "{\"txn.a\", PX_VAR_TXN}"));
}
END_TEST

/* A variable that rules change is read again behind them, whether they have a condition or not. */
START_TEST(what_was_read_is_forgotten)
{
    static const char *const conditions[] = {"", " if { src 1.2.3.4 }"};
    static const char *const kinds[] = {"tcp-request content", "http-request"};
    for (unsigned i = 0; i < 4; i++) {
        const char *kind = kinds[i / 2];
        struct str text =
            str_printf(desk.arena,
                       DESK_DEFAULTS "frontend f\n bind :80\n tcp-request inspect-delay 1s\n"
                                     " acl a var(txn.v) -m str x\n %s %s if a\n"
                                     " %s set-var(txn.v) path%s\n %s %s if a\n",
                       kind, i / 2 ? "deny" : "reject", kind, conditions[i % 2], kind,
                       i / 2 ? "deny" : "reject");
        struct str c = emitted_from(str_cstr(desk.arena, text)).program;
        const char *set = memmem(c.p, c.len, "px_act_set_var(", 15);
        ck_assert_ptr_nonnull(set);
        struct str rest = str_cut(c, (size_t)(set - c.p), c.len);
        const char *next = memmem(rest.p, rest.len, "#line", 5);
        ck_assert_ptr_nonnull(next);
        ck_assert_msg(memmem(set, (size_t)(next - set), " = NULL;", 8), "%.*s", (int)(next - set),
                      set);
    }
}
END_TEST

/* What is large goes to the assembler, in the same bytes. */
START_TEST(large_data)
{
    struct text t = {.arena = desk.arena};
    text_printf(&t, "%sfrontend f\n bind :80\n acl a path", DESK_DEFAULTS);
    for (unsigned i = 0; i < 3000; i++)
        text_printf(&t, "%s /path/number/%u", i % 50 ? "" : "\n acl a path", i);
    text_printf(&t, "\n http-request deny if a\n");
    text_put(&t, "", 1);
    struct emitted e = emitted_from(t.p);
    ck_assert_uint_gt(e.data.len, 3000 * sizeof(struct px_key));
    ck_assert_uint_lt(e.program.len, 20000);
    const struct p_set *s = desk.plan->sets.v[0];
    ck_assert_ptr_nonnull(memmem(e.data.p, e.data.len, s->text.v, s->text.n));
    ck_assert_ptr_nonnull(memmem(e.data.p, e.data.len, s->slots.v, s->slots.n * s->slots.size));
    ck_assert(has(e.data_s, ".incbin \"%s\", 0, "));
    ck_assert(has(e.program, "extern const char f_request_path_str__text[];"));
    ck_assert_uint_eq(emitted_from(config).data.len, 0);
}
END_TEST

START_TEST(labels_of_sources)
{
    struct source *s = source_from(desk.arena, "/etc/proxy/a.cfg", STR(""));
    ck_assert(str_is(source_label(desk.arena, s), "a.cfg"));
    s = source_from(desk.arena, "conf/a.cfg", STR(""));
    ck_assert(str_is(source_label(desk.arena, s), "conf/a.cfg"));
}
END_TEST

UNIT_MAIN("writer", desk_open, desk_close, literals, places, same_input_same_bytes, variables,
          what_was_read_is_forgotten, large_data, labels_of_sources)
