/*
 * Tests of runtime/policy/fetch_field.c: values by occurrence, each value, and what is made of
 * them.
 */
#include "message_desk.h"

static const struct px_name x = {PX_STR("x"), 0}, host = {PX_STR("host"), PX_H_HOST};

#define T &desk, &desk_sample

/* Everything that the iteration over a field gives. */
#define EACH(fetch, name, occ, want)                                                               \
    do {                                                                                           \
        struct px_iter it = {0};                                                                   \
        char all[512] = "";                                                                        \
        while (fetch(T, &it, name, occ) == PX_FOUND) {                                             \
            strcat(all, desk_text(PX_FOUND));                                                      \
            strcat(all, "|");                                                                      \
        }                                                                                          \
        ck_assert_str_eq(all, want);                                                               \
    } while (0)

START_TEST(values_by_occurrence)
{
    desk_fields("X: a, b\r\nY: q\r\nX: c\r\n");
    EXPECT(px_fetch_req_hdr(T, &x, 0), "c");
    EXPECT(px_fetch_req_hdr(T, &x, 1), "a");
    EXPECT(px_fetch_req_hdr(T, &x, 2), "b");
    EXPECT(px_fetch_req_hdr(T, &x, 4), "(none)");
    EXPECT(px_fetch_req_hdr(T, &x, -1), "c");
    EXPECT(px_fetch_req_hdr(T, &x, -3), "a");
    EXPECT(px_fetch_req_hdr(T, &x, -4), "(none)");
    EXPECT(px_fetch_req_hdr(T, &host, 0), "h");
    EXPECT(px_fetch_req_hdr(T, NULL, 0), "c");
    EXPECT(px_fetch_req_hdr(T, NULL, 1), "h");
}
END_TEST

START_TEST(whole_lines)
{
    desk_fields("X: a, b\r\nX: c\r\n");
    EXPECT(px_fetch_req_fhdr(T, &x, 0), "c");
    EXPECT(px_fetch_req_fhdr(T, &x, 1), "a, b");
    EXPECT(px_fetch_req_fhdr(T, &x, -2), "a, b");
    EXPECT(px_fetch_req_fhdr(T, &x, 3), "(none)");
    EACH(px_each_req_fhdr, &x, 0, "a, b|c|");
}
END_TEST

START_TEST(each_value_or_one)
{
    desk_fields("X: a,,b\r\nX:\r\nX: \"c,d\"\r\n");
    EACH(px_each_req_hdr, &x, 0, "a||b||\"c,d\"|");
    EACH(px_each_req_hdr, &x, 3, "b|");
    EACH(px_each_req_hdr, &x, -1, "\"c,d\"|");
    EACH(px_each_req_hdr, &x, 9, "");
    EACH(px_each_req_hdr, NULL, 0, "h|a||b||\"c,d\"|");
}
END_TEST

START_TEST(counts)
{
    desk_fields("X: a,b\r\nX: c\r\n");
    EXPECT(px_fetch_req_hdr_cnt(T, &x), "3");
    EXPECT(px_fetch_req_fhdr_cnt(T, &x), "2");
    EXPECT(px_fetch_req_hdr_cnt(T, NULL), "4");
    EXPECT(px_fetch_req_fhdr_cnt(T, NULL), "3");
    desk_fields("");
    EXPECT(px_fetch_req_hdr_cnt(T, &x), "0");
    EXPECT(px_fetch_req_fhdr(T, &x, 0), "(none)");
}
END_TEST

START_TEST(deleted_fields_are_gone)
{
    desk_fields("X: a\r\nX: b\r\n");
    px_head_delete(&desk_http.req, px_head_find(&desk_http.req, &x, 0));
    EXPECT(px_fetch_req_hdr(T, &x, 1), "b");
    EXPECT(px_fetch_req_hdr_names(T, (struct px_str){NULL, 0}), "host,x");
    EXPECT(px_fetch_req_hdrs(T), "host: h\r\nx: b\r\n\r\n");
    EXPECT(px_fetch_req_fhdr_cnt(T, NULL), "2");
}
END_TEST

START_TEST(integers)
{
    desk_fields("X: 12, -5, 12abc, abc, 4294967299\r\n");
    EACH(px_each_req_hdr_val, &x, 0, "12|-5|12|0|3|");
    EXPECT(px_fetch_req_hdr_val(T, &x, 2), "-5");
    EXPECT(px_fetch_req_hdr_val(T, &x, 6), "(none)");
}
END_TEST

START_TEST(addresses)
{
    static const struct {
        const char *value, *want;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.1:80", "192.0.2.1"},
        {"192.0.2.1:65535", "192.0.2.1"},
        {"192.0.2.1:", "(none)"},
        {"192.0.2.1:65536", "(none)"},
        {"192.0.2.1:8a", "(none)"},
        {"192.0.2.1x", "(none)"},
        {"192.0.2", "(none)"},
        {"192.0.2.1.5", "(none)"},
        {"::1", "::1"},
        {"[::1]", "(none)"},
        {"[::1]:80", "(none)"},
        {"fe80::1%eth0", "(none)"},
        {"unknown", "(none)"},
        {"", "(none)"},
        {"192.0.2.1:4294967376", "(none)"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[64];
        snprintf(line, sizeof line, "X: %s\r\n", cases[i].value);
        desk_fields(line);
        EXPECT(px_fetch_req_hdr_ip(T, &x, 0), cases[i].want);
    }
}
END_TEST

START_TEST(what_is_no_address_is_passed_over)
{
    desk_fields("X: foo, 192.0.2.1\r\nX: bar, ::1, baz\r\n");
    EACH(px_each_req_hdr_ip, &x, 0, "192.0.2.1|::1|");
    EXPECT(px_fetch_req_hdr_ip(T, &x, 0), "(none)");
    EXPECT(px_fetch_req_hdr_ip(T, &x, 2), "192.0.2.1");
}
END_TEST

START_TEST(names_and_section)
{
    desk_fields("Abc:  v \r\nX:\tq\r\n");
    EXPECT(px_fetch_req_hdr_names(T, (struct px_str){NULL, 0}), "host,abc,x");
    EXPECT(px_fetch_req_hdr_names(T, px_text_of(";:")), "host;abc;x");
    EXPECT(px_fetch_req_hdrs(T), "host: h\r\nabc: v\r\nx: q\r\n\r\n");
    desk_response("HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT(px_fetch_res_hdr_names(T, (struct px_str){NULL, 0}), "");
    EXPECT(px_fetch_res_hdrs(T), "\r\n");
}
END_TEST

START_TEST(response)
{
    desk_response("HTTP/1.1 200 OK\r\nX: 1, 2\r\nX: 192.0.2.1\r\nContent-Length: 0\r\n\r\n");
    EXPECT(px_fetch_res_hdr(T, &x, 1), "1");
    EXPECT(px_fetch_res_fhdr(T, &x, 1), "1, 2");
    EXPECT(px_fetch_res_hdr_val(T, &x, 2), "2");
    EXPECT(px_fetch_res_hdr_ip(T, &x, 0), "192.0.2.1");
    EXPECT(px_fetch_res_hdr_cnt(T, &x), "3");
    EXPECT(px_fetch_res_fhdr_cnt(T, &x), "2");
    EACH(px_each_res_hdr, &x, 0, "1|2|192.0.2.1|");
    EACH(px_each_res_hdr_ip, &x, 0, "192.0.2.1|");
    /* The bytes of the request have gone. */
    EXPECT(px_fetch_req_hdr(T, &x, 0), "(none)");
}
END_TEST

START_TEST(no_head)
{
    desk_fields("X: a\r\n");
    EXPECT(px_fetch_res_hdr(T, &x, 0), "(none)");
    desk.at.head = 0;
    desk.stage = PX_STAGE_CONTENT;
    EXPECT(px_fetch_req_hdr(T, &x, 0), "(later)");
    EXPECT(px_fetch_req_hdr_cnt(T, &x), "(later)");
    EXPECT(px_fetch_req_hdrs(T), "(later)");
    desk.http = NULL;
    EXPECT(px_fetch_res_hdr(T, &x, 0), "(none)");
}
END_TEST

static uint64_t seed = 4;

static unsigned dice(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)((seed >> 33) % n);
}

/* A few lines, of which most are a single value. */
static void random_lines(char *text)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyz.-/0Z~\"\\=; \t,";
    size_t kinds = dice(2) ? 26 : sizeof bytes - 1;
    for (unsigned lines = dice(3) ? 1 : dice(4); lines; lines--) {
        text += sprintf(text, "Trailer: ");
        for (unsigned left = dice(40); left; left--)
            *text++ = bytes[dice((unsigned)kinds)];
        text += sprintf(text, "\r\n");
    }
    *text = 0;
}

/* What is asked of fields with a slot, in short, is what is asked of those without. */
START_TEST(fields_with_a_slot)
{
    static const struct px_name with = {PX_STR("trailer"), PX_H_TRAILER},
                                without = {PX_STR("trailer"), 0};
    unsigned told = 0;
    for (unsigned round = 0; round < 5000; round++) {
        char text[300];
        random_lines(text);
        desk_fields(text);
        struct px_iter a = {0}, b = {0};
        enum px_found found;
        do {
            bool last = a.last;
            char value[128];
            found = px_each_req_hdr(T, &a, &with, 0);
            strcpy(value, desk_text(found));
            ck_assert_int_eq(px_each_req_hdr(T, &b, &without, 0), found);
            ck_assert_str_eq(value, desk_text(found));
            ck_assert(!last || found == PX_ABSENT);
            told += last;
        } while (found == PX_FOUND);
        char value[128];
        strcpy(value, desk_text(px_fetch_req_hdr(T, &with, 0)));
        EXPECT(px_fetch_req_hdr(T, &without, 0), value);
        strcpy(value, desk_text(px_fetch_req_fhdr(T, &with, 0)));
        EXPECT(px_fetch_req_fhdr(T, &without, 0), value);
    }
    ck_assert_uint_gt(told, 1000);
}
END_TEST

UNIT_MAIN("fetch_field", NULL, NULL, values_by_occurrence, whole_lines, each_value_or_one, counts,
          deleted_fields_are_gone, integers, addresses, what_is_no_address_is_passed_over,
          names_and_section, response, no_head, fields_with_a_slot)
