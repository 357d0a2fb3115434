/*
 * Tests of runtime/net/listener.c: what proxies ask of the kernel for their clients' connections.
 */
#include "runtime/net/listener.h"
#include "tests/unit/unit.h"

#include <netinet/tcp.h>

static const struct px_name_table no_names = {0};
static const struct px_global global = {0};
const struct px_program px_program = {.abi = PX_ABI_VERSION, .global = &global, .names = &no_names};

static int option_of(const struct px_proxy *p, int level, int option)
{
    struct px_bind bind = {
        .addr = {.family = PX_AF_INET, .has_port = true, .ip.v4 = {127, 0, 0, 1}}, .proxy = p};
    struct px_sockets sockets = {0};
    struct px_refusal why = {0};
    ck_assert_msg(px_listen(&bind, 1, false, &sockets, &why), "%s", why.text);
    ck_assert_uint_eq(sockets.n, 1);
    int value = -1;
    socklen_t len = sizeof value;
    ck_assert_int_eq(getsockopt(sockets.fds[0], level, option, &value, &len), 0);
    px_sockets_close(&sockets);
    return value;
}

START_TEST(keepalive)
{
    struct px_proxy p = {
        .clitcpka = true, .clitcpka_cnt = 3, .clitcpka_idle = 90000, .clitcpka_intvl = 7000};
    ck_assert_int_eq(option_of(&p, SOL_SOCKET, SO_KEEPALIVE), 1);
    ck_assert_int_eq(option_of(&p, IPPROTO_TCP, TCP_KEEPCNT), 3);
    ck_assert_int_eq(option_of(&p, IPPROTO_TCP, TCP_KEEPIDLE), 90);
    ck_assert_int_eq(option_of(&p, IPPROTO_TCP, TCP_KEEPINTVL), 7);
}
END_TEST

START_TEST(keepalive_of_the_system)
{
    struct px_proxy p = {0};
    int idle = option_of(&p, IPPROTO_TCP, TCP_KEEPIDLE);
    ck_assert_int_eq(option_of(&p, SOL_SOCKET, SO_KEEPALIVE), 0);
    ck_assert_int_gt(idle, 1);
    p.clitcpka_idle = 10; /* less than the kernel can count */
    ck_assert_int_eq(option_of(&p, IPPROTO_TCP, TCP_KEEPIDLE), 1);
}
END_TEST

START_TEST(smart_accept)
{
    struct px_proxy smart = {.tcp_smart_accept = true}, plain = {0};
    ck_assert_int_eq(option_of(&smart, IPPROTO_TCP, TCP_QUICKACK), 0);
    ck_assert_int_eq(option_of(&plain, IPPROTO_TCP, TCP_QUICKACK), 1);
}
END_TEST

UNIT_MAIN("listener options", NULL, NULL, keepalive, keepalive_of_the_system, smart_accept)
