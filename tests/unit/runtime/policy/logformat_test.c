/*
 * Tests of runtime/policy/logformat.c and logtime.c: what each alias says of a transaction
 * (HAProxy manual 8.2), with and without quotes, escapes and hexadecimal.
 */
#include "message_desk.h"

#include <arpa/inet.h>
#include <time.h>

static struct px_loop loop;

static void start(void)
{
    setenv("TZ", "XYZ-05:30", 1);
    tzset();
    ck_assert(px_loop_init(&loop, 0));
    px_self = &loop;
    ck_assert(px_state_init(1, 0));
    desk_request("GET /p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    desk.fe = &desk_fe;
    desk_http.log_method = px_text_of("GET");
    desk_http.log_uri = px_text_of("/p?q=1");
    desk_http.log_version = PX_HTTP_11;
}

static char text[1024];

static const char *said(void (*alias)(struct px_txn *, struct px_out *, unsigned), unsigned flags)
{
    struct px_out out = {.p = text, .cap = sizeof text - 1};
    alias(&desk, &out, flags);
    text[out.len] = 0;
    return text;
}

#define SAYS(alias, flags, want) ck_assert_str_eq(said(px_log_##alias, flags), want)
#define Q PX_LOG_QUOTE
#define E PX_LOG_ESCAPE
#define X PX_LOG_HEX

START_TEST(requests)
{
    SAYS(method, 0, "GET");
    SAYS(uri, 0, "/p?q=1");
    SAYS(uri_no_query, 0, "/p");
    SAYS(path, 0, "/p");
    SAYS(query, 0, "?q=1");
    SAYS(version, 0, "HTTP/1.1");
    SAYS(request_line, 0, "GET /p?q=1 HTTP/1.1");
    SAYS(request_line, Q, "\"GET /p?q=1 HTTP/1.1\"");
    desk_http.log_version = PX_HTTP_10;
    SAYS(version, Q, "\"HTTP/1.0\"");
    desk_http.log_uri = px_text_of("http://h:80/a/b");
    SAYS(path, 0, "/a/b");
    SAYS(query, 0, "");
}
END_TEST

START_TEST(no_request)
{
    desk_http.log_uri.p = NULL;
    SAYS(request_line, 0, "<BADREQ>");
    SAYS(request_line, Q, "\"<BADREQ>\"");
    SAYS(method, 0, "<BADREQ>");
    SAYS(uri, Q, "\"<BADREQ>\"");
    SAYS(version, 0, "<BADREQ>");
}
END_TEST

/* What could end a word or a line of the log is written otherwise. */
START_TEST(escapes)
{
    desk_http.log_uri = px_text_of("/a\"b#c\\d]e\n\x7f\xff");
    SAYS(uri, 0, "/a#22b#23c\\d]e#0A#7F#FF");
    SAYS(uri, Q, "\"/a#22b#23c\\d]e#0A#7F#FF\"");
    SAYS(uri, E, "/a#22b#23c\\\\d\\]e#0A#7F#FF");
    SAYS(uri, Q | E, "\"/a#22b#23c\\\\d\\]e#0A#7F#FF\"");
    SAYS(request_line, 0, "GET /a#22b#23c\\d]e#0A#7F#FF HTTP/1.1");
}
END_TEST

START_TEST(what_is_not_known)
{
    SAYS(unique_id, 0, "-");
    SAYS(unique_id, Q, "\"\"");
    SAYS(unique_id, PX_LOG_BARE, "");
    SAYS(request_cookie, 0, "-");
    SAYS(server, 0, "<NOSRV>");
    SAYS(status, 0, "-1");
    SAYS(state, 0, "--");
    SAYS(state_cookies, 0, "----");
}
END_TEST

START_TEST(names_and_states)
{
    static const struct px_proxy be = {.name = "b"};
    static const struct px_server srv = {.name = "s", .proxy = &be};
    SAYS(frontend, 0, "f");
    SAYS(frontend_transport, 0, "f");
    SAYS(backend, 0, "f"); /* none was chosen */
    desk.be = &be;
    desk.srv = &srv;
    SAYS(backend, Q, "\"b\"");
    SAYS(server, 0, "s");
    desk.cause = 'S';
    desk.phase = 'H';
    SAYS(state, 0, "SH");
    SAYS(state_cookies, Q, "SH--"); /* HAProxy quotes neither of them */
    SAYS(state, Q, "SH");
    desk_http.status = 503;
    SAYS(status, 0, "503");
    SAYS(status, X, "503");
}
END_TEST

START_TEST(numbers)
{
    desk.bytes_in = 70000;
    desk.bytes_out = 5;
    desk.retries = 2;
    desk.number = 10;
    desk.ahead_backend = 3;
    SAYS(bytes_in, 0, "70000");
    SAYS(bytes_in, X, "70000");
    SAYS(bytes_out, 0, "5");
    SAYS(bytes_out, X, "5");
    SAYS(retries, 0, "2");
    desk.flags |= PX_T_REDISPATCHED;
    SAYS(retries, 0, "+2");
    SAYS(request_counter, X, "000A");
    SAYS(backend_queue, 0, "3");
    SAYS(server_queue, 0, "0");
    SAYS(server_conns, 0, "0");
}
END_TEST

START_TEST(addresses)
{
    desk_client.src = (struct px_addr){.family = AF_INET, .port = 4000, .ip = {192, 0, 2, 1}};
    SAYS(client_addr, 0, "192.0.2.1");
    SAYS(client_addr, Q, "\"192.0.2.1\"");
    SAYS(client_addr, X, "C0000201");
    SAYS(client_port, 0, "4000");
    SAYS(client_port, X, "0FA0");
    desk_client.src = (struct px_addr){.family = AF_INET6, .port = 1, .ip = {0x20, 1, [15] = 1}};
    SAYS(client_addr, 0, "2001::1");
    SAYS(client_addr, X, "20010000000000000000000000000001");
    desk_client.dst = (struct px_addr){.family = AF_INET, .port = 80, .ip = {127, 0, 0, 1}};
    SAYS(frontend_addr, 0, "127.0.0.1");
    SAYS(frontend_port, 0, "80");
    SAYS(back_source, 0, "-");
    SAYS(back_source_port, 0, "-");
    SAYS(server_addr, 0, "-");
    SAYS(server_port, 0, "-");
}
END_TEST

/* The second 1700000000 is Tue, 14 Nov 2023 22:13:20 UTC; this clock is 5:30 ahead. */
START_TEST(dates)
{
    desk.accept_us = INT64_C(1700000000007000);
    desk.date_us = INT64_C(1700000001123999);
    SAYS(date, 0, "15/Nov/2023:03:43:20.007");
    SAYS(date_local, 0, "15/Nov/2023:03:43:20 +0530");
    SAYS(date_ms, 0, "007");
    SAYS(date_ms, X, "07");
    SAYS(date_utc, 0, "14/Nov/2023:22:13:20 +0000");
    SAYS(date_seconds, 0, "1700000000");
    SAYS(date_seconds, X, "6553F100");
    SAYS(request_date, 0, "15/Nov/2023:03:43:21.123");
    SAYS(request_date_utc, 0, "14/Nov/2023:22:13:21 +0000");
    SAYS(request_date_local, 0, "15/Nov/2023:03:43:21 +0530");
    SAYS(date, 0, "15/Nov/2023:03:43:20.007");
    desk.accept_us = 0;
    SAYS(date_utc, 0, "01/Jan/1970:00:00:00 +0000");
}
END_TEST

START_TEST(times)
{
    desk.at = (struct px_moments){.start = 1000,
                                  .welcome = 1000,
                                  .begin = 1010,
                                  .head = 1030,
                                  .queue = 1070,
                                  .connected = 1150,
                                  .answered = 1310,
                                  .end = 1630};
    SAYS(time_idle, 0, "10");
    SAYS(time_head, 0, "20");
    SAYS(time_request, 0, "30");
    SAYS(time_queue, 0, "40");
    SAYS(time_connect, 0, "80");
    SAYS(time_response, 0, "160");
    SAYS(time_data, 0, "320");
    SAYS(time_active, 0, "620");
    SAYS(time_user, 0, "620");
    SAYS(time_total, 0, "630");
    SAYS(time_handshake, 0, "0");
    desk.at.start = 993;
    SAYS(time_handshake, 0, "7");
    SAYS(time_idle, 0, "10");
    SAYS(time_request, 0, "37");
    SAYS(time_active, 0, "620");
    SAYS(time_total, 0, "637");
}
END_TEST

/* A transaction that did not get far has no times of what it did not reach. */
START_TEST(times_not_reached)
{
    desk.at = (struct px_moments){.start = 1000, .welcome = 1000, .end = 1005};
    SAYS(time_head, 0, "-1");
    SAYS(time_request, 0, "-1");
    SAYS(time_queue, 0, "-1");
    SAYS(time_connect, 0, "-1");
    SAYS(time_response, 0, "-1");
    SAYS(time_data, 0, "-1");
    SAYS(time_total, 0, "5");
    SAYS(time_idle, 0, "0");
    desk.at.begin = 1001;
    desk.at.head = 1002;
    desk.flags |= PX_T_NO_TR;
    SAYS(time_head, 0, "-1");
    SAYS(time_request, 0, "-1");
    desk.at.end = 0;
    loop.now = 1009;
    SAYS(time_total, 0, "9");
}
END_TEST

START_TEST(captures)
{
    struct px_str all[3] = {PX_STR("a|b{c}"), {NULL, 0}, PX_STR("x\"y")};
    SAYS(request_captures, 0, "{|}");
    SAYS(response_captures, 0, "{}");
    desk_http.captures = all;
    SAYS(request_captures, 0, "{a#7Cb#7Bc#7D|}");
    SAYS(request_captures, Q, "\"{a#7Cb#7Bc#7D|}\"");
    SAYS(response_captures, 0, "{x#22y}");
    SAYS(request_capture_list, 0, "a#7Cb#7Bc#7D -");
    SAYS(request_capture_list, Q, "\"a#7Cb#7Bc#7D\" \"\"");
    SAYS(response_capture_list, 0, "x#22y");
}
END_TEST

UNIT_MAIN("logformat", start, NULL, requests, no_request, escapes, what_is_not_known,
          names_and_states, numbers, addresses, dates, times, times_not_reached, captures)
