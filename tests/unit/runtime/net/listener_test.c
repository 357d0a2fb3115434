/*
 * Tests of runtime/net/listener.c: what the options of a bind line make of the sockets.
 */
#include "runtime/net/listener.h"
#include "tests/unit/unit.h"

#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

static const struct px_global global = {0};
const struct px_program px_program = {.global = &global};

static struct px_bind desk;

static void set_up(void)
{
    desk = (struct px_bind){.addr = {.family = PX_AF_INET, .ip.v4 = {127, 0, 0, 1}}};
}

static void on_v6(bool any)
{
    desk.addr = (struct px_endpoint){.family = PX_AF_INET6};
    desk.addr.ip.v6[15] = !any;
}

/* A socket for the desk; -1: there is no such address here. */
static int listening(void)
{
    struct px_sockets sockets;
    struct px_refusal why;
    if (!px_listen(&desk, 1, false, &sockets, &why)) {
        ck_assert_msg(desk.addr.family == PX_AF_INET6, "%s", why.text);
        return -1;
    }
    ck_assert_uint_eq(sockets.n, 1);
    int fd = sockets.fds[0];
    free(sockets.fds);
    return fd;
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

/* The option of a new socket. */
static int option_of(int level, int name)
{
    int fd = listening();
    int value = fd < 0 ? -1 : option(fd, level, name);
    close(fd);
    return value;
}

START_TEST(nothing_asked_for)
{
    ck_assert_int_eq(option_of(SOL_SOCKET, SO_ACCEPTCONN), 1);
    ck_assert_int_eq(option_of(SOL_TCP, TCP_NODELAY), 1);
    ck_assert_int_eq(option_of(SOL_TCP, TCP_DEFER_ACCEPT), 0);
    ck_assert_int_eq(option_of(SOL_TCP, TCP_FASTOPEN), 0);
    ck_assert_int_eq(option_of(SOL_TCP, TCP_USER_TIMEOUT), 0);
    ck_assert_int_eq(option_of(SOL_SOCKET, SO_KEEPALIVE), 0);
    ck_assert_int_eq(option_of(SOL_IP, IP_TRANSPARENT), 0);
}
END_TEST

START_TEST(mss)
{
    desk.mss = 1200;
    ck_assert_int_eq(option_of(SOL_TCP, TCP_MAXSEG), 1200);
}
END_TEST

START_TEST(defer_accept)
{
    desk.defer_accept = true;
    int seconds = option_of(SOL_TCP, TCP_DEFER_ACCEPT); /* as the kernel rounds it */
    ck_assert_int_ge(seconds, 1);
    ck_assert_int_le(seconds, 3);
}
END_TEST

START_TEST(fast_open)
{
    desk.tfo = true;
    desk.backlog = 55;
    ck_assert_int_eq(option_of(SOL_TCP, TCP_FASTOPEN), 55);
}
END_TEST

START_TEST(user_timeout)
{
    desk.tcp_ut = 5000;
    ck_assert_int_eq(option_of(SOL_TCP, TCP_USER_TIMEOUT), 5000);
}
END_TEST

/* Where that is not allowed, it is said. */
START_TEST(interface)
{
    char name[16] = "";
    socklen_t len = sizeof name;
    struct px_sockets sockets;
    struct px_refusal why;
    desk.interface = "lo";
    if (!px_listen(&desk, 1, false, &sockets, &why)) {
        ck_assert_ptr_nonnull(strstr(why.text, "cannot bind listener to device"));
        return;
    }
    ck_assert_int_eq(getsockopt(sockets.fds[0], SOL_SOCKET, SO_BINDTODEVICE, name, &len), 0);
    ck_assert_str_eq(name, "lo");
    px_sockets_close(&sockets);
    desk.interface = "nosuchdevice0";
    ck_assert(!px_listen(&desk, 1, false, &sockets, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "cannot bind listener to device"));
}
END_TEST

/* It takes privileges, which a socket of this test may lack. */
static bool may_be_transparent(int family, int level, int name)
{
    int one = 1, fd = socket(family, SOCK_STREAM, 0);
    bool may = fd >= 0 && !setsockopt(fd, level, name, &one, sizeof one);
    close(fd);
    return may;
}

START_TEST(transparent)
{
    desk.transparent = true;
    if (may_be_transparent(AF_INET, SOL_IP, IP_TRANSPARENT))
        ck_assert_int_eq(option_of(SOL_IP, IP_TRANSPARENT), 1);
    ck_assert_int_eq(option_of(SOL_IP, IP_FREEBIND), 1);
    if (!may_be_transparent(AF_INET6, SOL_IPV6, IPV6_TRANSPARENT))
        return;
    on_v6(false);
    ck_assert_int_ne(option_of(SOL_IPV6, IPV6_TRANSPARENT), 0);
}
END_TEST

/* -1: no IPv6 here. */
static bool is_v6only(int value)
{
    int v = option_of(SOL_IPV6, IPV6_V6ONLY);
    return v == value || v == -1;
}

START_TEST(both_families)
{
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    int usual = fd < 0 ? -1 : option(fd, SOL_IPV6, IPV6_V6ONLY);
    close(fd);
    on_v6(true);
    ck_assert(is_v6only(usual));
    desk.v4v6 = true;
    ck_assert(is_v6only(0));
    desk.v6only = true;
    ck_assert(is_v6only(1));
}
END_TEST

UNIT_MAIN("listener", set_up, NULL, nothing_asked_for, mss, defer_accept, fast_open, user_timeout,
          interface, transparent, both_families)
