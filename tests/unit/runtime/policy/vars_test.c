/*
 * Tests of runtime/policy/vars.c: what variables of each scope hold, and for how long.
 */
#include "message_desk.h"
#include "runtime/policy/vars.h"

static bool set(unsigned var, const char *text)
{
    struct px_sample v;
    px_set_text(&v, px_text_of(text));
    return px_var_set(&desk, var, &v);
}

static const char *get(unsigned var)
{
    return desk_text(px_fetch_var(&desk, &desk_sample, var, (struct px_str){NULL, 0}));
}

static void begin(void)
{
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    for (unsigned i = 0; i < DESK_VARS; i++)
        px_var_unset(&desk, i);
}

static void end(void)
{
    px_var_unset(NULL, DESK_PROC);
    free(desk_client.vars);
}

START_TEST(nothing_at_first)
{
    for (unsigned i = 0; i < DESK_VARS; i++)
        ck_assert_str_eq(get(i), "(none)");
}
END_TEST

START_TEST(defaults)
{
    for (unsigned i = 0; i < DESK_VARS; i++)
        EXPECT(px_fetch_var(&desk, &desk_sample, i, px_text_of("d")), "d");
    ck_assert(set(DESK_TXN, ""));
    EXPECT(px_fetch_var(&desk, &desk_sample, DESK_TXN, px_text_of("d")), "");
}
END_TEST

START_TEST(each_scope_keeps_its_own)
{
    static const char *const texts[] = {"p", "s", "t", "r"};
    for (unsigned i = DESK_PROC; i <= DESK_REQ; i++)
        ck_assert(set(i, texts[i]));
    for (unsigned i = DESK_PROC; i <= DESK_REQ; i++)
        ck_assert_str_eq(get(i), texts[i]);
    for (unsigned i = DESK_PROC; i <= DESK_REQ; i++) {
        px_var_unset(&desk, i);
        ck_assert_str_eq(get(i), "(none)");
    }
}
END_TEST

START_TEST(values_are_copies)
{
    char text[] = "abc";
    for (unsigned i = DESK_PROC; i <= DESK_REQ; i++) {
        strcpy(text, "abc");
        ck_assert(set(i, text));
        memset(text, 'x', 3);
        ck_assert_str_eq(get(i), "abc");
        ck_assert(set(i, ""));
        ck_assert_str_eq(get(i), "");
        ck_assert(set(i, "a longer text than before"));
        ck_assert_str_eq(get(i), "a longer text than before");
    }
}
END_TEST

START_TEST(types_stay)
{
    struct px_sample v, out;
    for (unsigned i = DESK_PROC; i <= DESK_REQ; i++) {
        px_set_int(&v, INT64_MIN);
        ck_assert(px_var_set(&desk, i, &v) && px_var_get(&desk, i, &out));
        ck_assert(out.type == PX_SINT && out.u.i == INT64_MIN);
        px_set_bool(&v, true);
        ck_assert(px_var_set(&desk, i, &v) && px_var_get(&desk, i, &out));
        ck_assert(out.type == PX_BOOL && out.u.i == 1);
        v = (struct px_sample){.type = PX_IPV6, .u.v6 = {{{0x20, 1}}}};
        ck_assert(px_var_set(&desk, i, &v) && px_var_get(&desk, i, &out));
        ck_assert(out.type == PX_IPV6 && !memcmp(&out.u.v6, &v.u.v6, 16));
        px_set_bytes(&v, (struct px_str){"\0\1\2", 3});
        ck_assert(px_var_set(&desk, i, &v) && px_var_get(&desk, i, &out));
        ck_assert(out.type == PX_BIN && out.u.s.len == 3 && !memcmp(out.u.s.p, "\0\1\2", 3));
        v = (struct px_sample){.type = PX_METH, .meth = PX_M_POST, .u.s = {"POST", 4}};
        ck_assert(px_var_set(&desk, i, &v) && px_var_get(&desk, i, &out));
        ck_assert(out.type == PX_METH && out.meth == PX_M_POST && out.u.s.len == 4);
    }
}
END_TEST

/* Request variables end where response variables begin. */
START_TEST(directions)
{
    ck_assert(set(DESK_REQ, "r"));
    ck_assert(!set(DESK_RES, "too early"));
    ck_assert_str_eq(get(DESK_RES), "(none)");
    ck_assert(set(DESK_TXN, "t"));
    desk.at.answered = 1;
    ck_assert_str_eq(get(DESK_REQ), "(none)");
    ck_assert(!set(DESK_REQ, "too late"));
    ck_assert_str_eq(get(DESK_RES), "(none)");
    ck_assert(set(DESK_RES, "x"));
    ck_assert_str_eq(get(DESK_RES), "x");
    ck_assert_str_eq(get(DESK_TXN), "t");
    desk.at.answered = 0;
    desk.flags |= PX_T_LOCAL;
    ck_assert_str_eq(get(DESK_RES), "x");
    ck_assert_str_eq(get(DESK_REQ), "(none)");
}
END_TEST

START_TEST(lifetimes)
{
    for (unsigned i = DESK_PROC; i <= DESK_REQ; i++)
        ck_assert(set(i, "old"));
    struct px_sample *kept = desk_client.vars;
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n"); /* another one of the same client */
    desk_client.vars = kept;
    ck_assert_str_eq(get(DESK_PROC), "old");
    ck_assert_str_eq(get(DESK_SESS), "old");
    ck_assert_str_eq(get(DESK_TXN), "(none)");
    ck_assert_str_eq(get(DESK_REQ), "(none)");
    free(desk_client.vars);
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n"); /* of another client */
    ck_assert_str_eq(get(DESK_PROC), "old");
    ck_assert_str_eq(get(DESK_SESS), "(none)");
}
END_TEST

START_TEST(without_a_transaction)
{
    struct px_sample v, out;
    px_set_text(&v, px_text_of("early"));
    ck_assert(px_var_set(NULL, DESK_PROC, &v));
    ck_assert_str_eq(get(DESK_PROC), "early");
    ck_assert(!px_var_set(NULL, DESK_TXN, &v) && !px_var_get(NULL, DESK_TXN, &out));
    ck_assert(!px_var_set(NULL, DESK_SESS, &v) && !px_var_get(NULL, DESK_SESS, &out));
    px_var_unset(NULL, DESK_TXN);
}
END_TEST

START_TEST(a_tcp_session)
{
    desk.http = NULL;
    ck_assert(set(DESK_REQ, "r") && !set(DESK_RES, "x"));
    desk.at.connected = 1;
    ck_assert_str_eq(get(DESK_REQ), "(none)");
    ck_assert(set(DESK_RES, "x"));
}
END_TEST

/* Setting one leaves the others as they are. */
START_TEST(many_changes)
{
    ck_assert(set(DESK_SESS, "s") && set(DESK_PROC, "p") && set(DESK_TXN, "t"));
    for (unsigned i = 0; i < 2000; i++) {
        char text[16];
        snprintf(text, sizeof text, "%u", i);
        px_scratch_reset();
        ck_assert(set(i % 3 ? DESK_REQ : DESK_SESS, text));
        ck_assert_str_eq(get(i % 3 ? DESK_REQ : DESK_SESS), text);
        ck_assert_str_eq(get(DESK_TXN), "t");
        ck_assert_str_eq(get(DESK_PROC), "p");
    }
}
END_TEST

UNIT_MAIN("vars", begin, end, nothing_at_first, defaults, each_scope_keeps_its_own,
          values_are_copies, types_stay, directions, lifetimes, without_a_transaction,
          a_tcp_session, many_changes)
