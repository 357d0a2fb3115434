/*
 * Tests of runtime/policy/put.c: how samples become text in messages, in variables and in logs.
 */
#include "runtime/abi/policy.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

static char text[256];
static struct px_out out;

static struct px_sample string(enum px_type type, const char *p, size_t len)
{
    struct px_sample s = {.type = (uint8_t)type};
    s.u.s = (struct px_str){p, len};
    return s;
}

static void expect(const char *want)
{
    ck_assert_uint_eq(out.len, strlen(want));
    ck_assert_mem_eq(text, want, out.len);
    out.len = 0;
}

START_TEST(control_characters)
{
    static const char bytes[] = "a\r\nB: c\t\x01\x1f \x7f\x80\xff%\"\\";
    struct px_sample s = string(PX_STRING, bytes, sizeof bytes - 1), bin = s;
    out = (struct px_out){.p = text, .cap = sizeof text};
    px_put_sample(&out, &s);
    expect("a%0D%0AB: c\t%01%1F %7F\x80\xff%\"\\");
    px_put_plain(&out, &s);
    expect(bytes);
    bin.type = PX_BIN;
    px_put_sample(&out, &bin);
    expect("a%0D%0AB: c\t%01%1F %7F\x80\xff%\"\\");
    s = string(PX_STRING, "\0x\0", 3);
    px_put_sample(&out, &s);
    expect("%00x%00");
    s = string(PX_STRING, "", 0);
    px_put_sample(&out, &s);
    expect("");
}
END_TEST

START_TEST(numbers)
{
    struct px_sample s = {.type = PX_SINT, .u.i = -12};
    out = (struct px_out){.p = text, .cap = sizeof text};
    px_put_sample(&out, &s);
    expect("-12");
    s.type = PX_BOOL;
    s.u.i = 1;
    px_put_plain(&out, &s);
    expect("1");
    s.type = PX_IPV4;
    memcpy(&s.u, "\xc0\x00\x02\x01", 4);
    px_put_sample(&out, &s);
    expect("192.0.2.1");
}
END_TEST

START_TEST(logs)
{
    struct px_sample s = string(PX_STRING, "a\r\n\"", 4);
    out = (struct px_out){.p = text, .cap = sizeof text};
    px_log_sample(&out, &s, true, 0);
    expect("a#0D#0A\"");
    px_log_sample(&out, &s, false, 0);
    expect("-");
    px_log_sample(&out, &s, false, PX_LOG_QUOTE);
    expect("\"\"");
    s.u.s.len = 0;
    px_log_sample(&out, &s, true, 0);
    expect("-");
    px_log_sample(&out, &s, true, PX_LOG_QUOTE);
    expect("\"\"");
}
END_TEST

START_TEST(full)
{
    struct px_sample s = string(PX_STRING, "a\nb", 3);
    for (size_t cap = 0; cap < 6; cap++) {
        memset(text, '#', sizeof text);
        out = (struct px_out){.p = text, .cap = cap};
        px_put_sample(&out, &s);
        ck_assert_uint_le(out.len, cap);
        ck_assert_mem_eq(text, "a%0Ab", out.len);
        ck_assert_int_eq(text[cap], '#');
    }
}
END_TEST

UNIT_MAIN("put", NULL, NULL, control_characters, numbers, logs, full)
