/*
 * Tests of runtime/txn/http_guard.c: names that are taken out; and of what the steps around rules
 * know of rules that had not enough memory.
 */
#include "tests/unit/runtime/policy/message_desk.h"

#include "runtime/txn/reply.h"

static void use_too_much(void)
{
    ck_assert_ptr_null(px_scratch_get(SIZE_MAX / 2));
    ck_assert(px_scratch_failed());
}

START_TEST(odd_names)
{
    static const struct px_name odd = {PX_STR("a_b"), 0}, plain = {PX_STR("a-b"), 0};
    struct px_proxy p = desk_fe;
    desk_fields("A-B: 1\r\nA_B: 2\r\n");
    ck_assert_int_eq(px_http_restrict_names(&desk, &p), PX_NEXT);
    ck_assert(px_head_find(&desk_http.req, &odd, 0));
    p.restrict_names = PX_NAMES_DELETE;
    ck_assert_int_eq(px_http_restrict_names(&desk, &p), PX_NEXT);
    ck_assert(!px_head_find(&desk_http.req, &odd, 0));
    ck_assert(px_head_find(&desk_http.req, &plain, 0));
}
END_TEST

/* Else rules that had no room for what they test would let pass what they should not. */
START_TEST(failed_request_rules)
{
    struct px_proxy p = desk_fe;
    p.restrict_names = PX_NAMES_DELETE;
    desk_fields("A_B: 2\r\n");
    use_too_much();
    ck_assert_int_eq(px_http_restrict_names(&desk, &p), PX_NEXT);
    ck_assert(px_scratch_failed());
    desk_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    desk.be = &desk_fe;
    use_too_much();
    ck_assert_int_eq(px_http_settle(&desk), PX_NEXT);
    ck_assert(px_scratch_failed());
}
END_TEST

static enum px_verdict pass(struct px_txn *t)
{
    (void)t;
    return PX_GO;
}

START_TEST(failed_response_rules)
{
    static const struct px_rules rules = {.http_after_response = pass};
    desk_response("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    desk_fe.rules = &rules;
    ck_assert(px_response_finish(&desk));
    use_too_much();
    ck_assert(!px_response_finish(&desk));
    desk_fe.rules = NULL;
}
END_TEST

UNIT_MAIN("http_guard", NULL, NULL, odd_names, failed_request_rules, failed_response_rules)
