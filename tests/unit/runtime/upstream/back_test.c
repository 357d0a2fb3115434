/*
 * Tests of runtime/upstream/back.c: what servers and backends ask of the kernel for connections to
 * servers.
 */
#include "backends.h"

#include "runtime/upstream/back.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <poll.h>

static struct px_proxy plain, odd_one;
static struct px_server server;
static struct px_way way;
static int listener;

static void set_up(void)
{
    union px_sockaddr sa = {
        .in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof sa.in;
    backends_open();
    listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, &sa.sa, len), 0);
    ck_assert_int_eq(listen(listener, 16), 0);
    ck_assert_int_eq(getsockname(listener, &sa.sa, &len), 0);
    plain = odd_one = (struct px_proxy){0};
    server = servers[A];
    server.proxy = &plain;
    way = (struct px_way){.port = ntohs(sa.in.sin_port), .speaks = true};
    px_addr_from(&way.to, &sa);
}

static void tear_down(void)
{
    close(listener);
    backends_close();
}

/* The option of a new connection. */
static int option_of(int level, int name)
{
    int fd = px_back_socket(&server, &way), value = -1;
    socklen_t len = sizeof value;
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
    close(fd);
    return value;
}

/* How many segments made the connection. */
static unsigned segments(void)
{
    int fd = px_back_socket(&server, &way);
    struct pollfd connected = {.fd = fd, .events = POLLOUT};
    struct tcp_info info;
    socklen_t len = sizeof info;
    ck_assert_int_eq(poll(&connected, 1, 10000), 1);
    ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
    close(fd);
    return info.tcpi_segs_out;
}

/* The last one of the handshake waits for what is sent; though not for long, so one of several
 * tries will do. */
static bool last_one_waits(void)
{
    for (int i = 0; i < 10; i++)
        if (segments() == 1)
            return true;
    return false;
}

START_TEST(nothing_asked_for)
{
    ck_assert_uint_eq(segments(), 2);
    ck_assert_int_eq(option_of(IPPROTO_TCP, TCP_NODELAY), 1);
    ck_assert_int_eq(option_of(IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
    ck_assert_int_eq(option_of(SOL_SOCKET, SO_KEEPALIVE), 0);
}
END_TEST

START_TEST(options_of_servers)
{
    server.tcp_ut = 7000;
    ck_assert_int_eq(option_of(IPPROTO_TCP, TCP_USER_TIMEOUT), 7000);
}
END_TEST

START_TEST(options_of_backends)
{
    server.proxy = &odd_one;
    odd_one = (struct px_proxy){.tcp_smart_connect = true,
                                .srvtcpka = true,
                                .srvtcpka_cnt = 4,
                                .srvtcpka_idle = 50000,
                                .srvtcpka_intvl = 500};
    ck_assert(last_one_waits());
    ck_assert_int_eq(option_of(SOL_SOCKET, SO_KEEPALIVE), 1);
    ck_assert_int_eq(option_of(IPPROTO_TCP, TCP_KEEPCNT), 4);
    ck_assert_int_eq(option_of(IPPROTO_TCP, TCP_KEEPIDLE), 50);
    ck_assert_int_eq(option_of(IPPROTO_TCP, TCP_KEEPINTVL), 1); /* less than the kernel can count */
}
END_TEST

START_TEST(a_last_packet_that_is_withheld)
{
    way.withheld = true;
    ck_assert(last_one_waits());
}
END_TEST

UNIT_MAIN("back", set_up, tear_down, nothing_asked_for, options_of_servers, options_of_backends,
          a_last_packet_that_is_withheld)
