/*
 * Tests of runtime/http/status.c and chars.c: reasons, error pages, classes of bytes.
 */
#include "program.h"
#include "runtime/http/chars.h"
#include "runtime/http/status.h"
#include "tests/unit/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

START_TEST(reasons)
{
    ck_assert_str_eq(px_status_reason(200), "OK");
    ck_assert_str_eq(px_status_reason(404), "Not Found");
    ck_assert_str_eq(px_status_reason(503), "Service Unavailable");
    ck_assert_str_eq(px_status_reason(299), "Success");
    ck_assert_str_eq(px_status_reason(0), "Other");
}
END_TEST

#define STATUS(n) n,
static const unsigned statuses[] = {PX_ERROR_STATUSES(STATUS)};

START_TEST(each_error_has_its_page)
{
    ck_assert_uint_eq(sizeof statuses / sizeof *statuses, PX_NERRORS);
    for (unsigned i = 0; i < PX_NERRORS; i++) {
        unsigned status = statuses[i];
        const struct px_reply *page = px_builtin_reply(status);
        ck_assert_int_eq(px_error_index(status), (int)i);
        ck_assert_msg(page && page->status == status, "%u has no page", status);
        char title[32];
        snprintf(title, sizeof title, "<html><body><h1>%u ", status);
        ck_assert_mem_eq(page->body->text.p, title, strlen(title));
        ck_assert(page->type && page->nhdrs == 1 && !page->silent);
        ck_assert_int_eq(page->close, status == 400 || status == 408);
    }
}
END_TEST

START_TEST(others_have_none)
{
    static const unsigned none[] = {0, 100, 201, 302, 402, 418, 505, 999, 65936};
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++) {
        ck_assert_ptr_null(px_builtin_reply(none[i]));
        ck_assert_int_eq(px_error_index(none[i]), PX_NERRORS);
    }
}
END_TEST

/* RFC 9110 5.6.2: tchar */
START_TEST(tokens)
{
    for (int c = 0; c < 256; c++) {
        bool token = c < 128 && (isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c)));
        int want = token ? tolower(c) : 0;
        ck_assert_msg(px_lower_token[c] == want, "byte %d is %d", c, px_lower_token[c]);
    }
}
END_TEST

UNIT_MAIN("status", NULL, NULL, reasons, each_error_has_its_page, others_have_none, tokens)
