/*
 * Tests of runtime/policy/fetch_auth.c: what counts as credentials, and whose they are.
 */
#include "message_desk.h"

#include "runtime/policy/base64.h"

#define T &desk, &desk_sample

static const char *const both[] = {"g1", "g2", NULL}, *const one[] = {"g1", NULL},
                         *const none[] = {NULL};
static const struct px_user users[] = {
    {"alice", "secret", false, both},
    /* "hunter2" */
    {"bob", "$5$abcdefgh$XEPmEiAJvPG31m/DaIsyckkv.Sxd.8NrmElXxCKFQr/", true, one},
    {"carol", "a:b", false, none},
    {"dave", NULL, false, one},
};
static const struct px_userlist list = {"ul", users, sizeof users / sizeof *users};

static void credentials_of(const char *scheme, const char *text, size_t len)
{
    char line[256];
    int at = snprintf(line, sizeof line, "Authorization: %s ", scheme);
    size_t n = px_base64_encode((struct px_str){text, len}, line + at);
    snprintf(line + at + n, sizeof line - (size_t)at - n, "\r\n");
    desk_fields(line);
}

static void credentials(const char *text)
{
    credentials_of("Basic", text, strlen(text));
}

START_TEST(reading)
{
    credentials("alice:secret");
    EXPECT(px_fetch_http_auth_type(T), "Basic");
    EXPECT(px_fetch_http_auth_user(T), "alice");
    EXPECT(px_fetch_http_auth_pass(T), "secret");
    credentials_of("bASIC  ", "carol:a:b", 9);
    EXPECT(px_fetch_http_auth_type(T), "Basic");
    EXPECT(px_fetch_http_auth_pass(T), "a:b");
    credentials(":");
    EXPECT(px_fetch_http_auth_user(T), "");
    EXPECT(px_fetch_http_auth_pass(T), "");
    desk_fields("Authorization: bearer tok\r\n");
    EXPECT(px_fetch_http_auth_type(T), "Bearer");
    EXPECT(px_fetch_http_auth_bearer(T, NULL), "tok");
    EXPECT(px_fetch_http_auth_user(T), "(none)");
    EXPECT(px_fetch_http_auth(T, &list), "(none)");
    EXPECT(px_fetch_http_auth_group(T, &list), "(none)");
}
END_TEST

START_TEST(no_credentials)
{
    static const char *const lines[] = {
        "",
        "Authorization:\r\n",
        "Authorization: Basic\r\n",
        "Authorization: Basic !!!!\r\n",
        "Authorization: Basic YWxpY2U=\r\n", /* no colon */
        "Authorization: Basic YWxpY2U6c2VjcmV0Cg\r\n",
        "Authorization: Basic x y\r\n",
        "Authorization: Basic\tYWxpY2U6c2VjcmV0\r\n",
        "Authorization: Digest username=\"alice\"\r\n",
        "Authorization: Beare tok\r\n", /* HAProxy takes the beginning of a scheme for it */
        "Authorization: Bearers tok\r\n",
        "Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n",
    };
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        desk_fields(lines[i]);
        EXPECT(px_fetch_http_auth_type(T), "(none)");
        EXPECT(px_fetch_http_auth_user(T), "(none)");
        EXPECT(px_fetch_http_auth_bearer(T, NULL), "(none)");
        EXPECT(px_fetch_http_auth(T, &list), "(none)");
        EXPECT(px_fetch_http_auth_group(T, &list), "(none)");
    }
}
END_TEST

START_TEST(a_token_in_another_field)
{
    static const struct px_name x = {PX_STR("x"), 0};
    desk_fields("Authorization: Bearer one\r\nX: bearer   two three\r\n");
    EXPECT(px_fetch_http_auth_bearer(T, &x), "two three");
    EXPECT(px_fetch_http_auth_bearer(T, NULL), "one");
    desk_fields("Authorization: Bearer one\r\n");
    EXPECT(px_fetch_http_auth_bearer(T, &x), "(none)");
    desk_fields("X: Basic YWxpY2U6c2VjcmV0\r\n");
    EXPECT(px_fetch_http_auth_bearer(T, &x), "(none)");
    EXPECT(px_fetch_http_auth_user(T), "(none)");
}
END_TEST

START_TEST(checking)
{
    static const struct {
        const char *text, *valid, *user;
    } cases[] = {
        {"alice:secret", "1", "alice"},
        {"alice:Secret", "0", "(none)"},
        {"alice:", "0", "(none)"},
        {"alice:secrets", "0", "(none)"},
        {"ALICE:secret", "0", "(none)"},
        {"bob:hunter2", "1", "bob"},
        {"bob:hunter3", "0", "(none)"},
        {"carol:a:b", "1", "carol"},
        {"dave:", "0", "(none)"},
        {"nobody:x", "0", "(none)"},
        {":secret", "0", "(none)"},
        {"bob:$5$abcdefgh$XEPmEiAJvPG31m/DaIsyckkv.Sxd.8NrmElXxCKFQr/", "0", "(none)"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        credentials(cases[i].text);
        EXPECT(px_fetch_http_auth(T, &list), cases[i].valid);
        EXPECT(px_fetch_http_auth_group(T, &list), cases[i].user);
    }
}
END_TEST

START_TEST(nul_ends_nothing)
{
    credentials_of("Basic", "alice:secret\0x", 14);
    EXPECT(px_fetch_http_auth(T, &list), "0");
    credentials_of("Basic", "bob:hunter2\0x", 13);
    EXPECT(px_fetch_http_auth(T, &list), "0");
}
END_TEST

START_TEST(the_first_field_counts)
{
    desk_fields("Authorization: Basic eDp5\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n");
    EXPECT(px_fetch_http_auth_user(T), "x");
    EXPECT(px_fetch_http_auth(T, &list), "0");
}
END_TEST

START_TEST(groups)
{
    struct px_iter it = {0};
    credentials("alice:secret");
    EXPECT(px_each_http_auth_group(T, &it, &list), "g1");
    EXPECT(px_each_http_auth_group(T, &it, &list), "g2");
    EXPECT(px_each_http_auth_group(T, &it, &list), "(none)");
    it = (struct px_iter){0};
    credentials("carol:a:b");
    EXPECT(px_each_http_auth_group(T, &it, &list), "(none)");
    it = (struct px_iter){0};
    credentials("alice:wrong");
    EXPECT(px_each_http_auth_group(T, &it, &list), "(none)");
}
END_TEST

UNIT_MAIN("fetch_auth", NULL, NULL, reading, no_credentials, checking, nul_ends_nothing,
          the_first_field_counts, groups, a_token_in_another_field)
