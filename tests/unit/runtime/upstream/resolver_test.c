/*
 * Tests of runtime/upstream/resolver.h: what is kept about names while nobody answers, and name
 * servers that answer in part. The time is that of the tests.
 */
#include "runtime/base/macros.h"
#include "runtime/upstream/resolver.h"
#include "tests/unit/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4096, HOLD = 1000, RETRY = 1000 };
enum { NOBODY, OVER_UDP, OVER_TCP };

static struct px_nameserver over_udp = {.name = "udp", .addr = {.family = PX_AF_INET}};
static struct px_nameserver over_tcp = {
    .name = "tcp", .addr = {.family = PX_AF_INET}, .by_stream = true};

#define COMMON                                                                                     \
    .timeout_resolve = 1000, .timeout_retry = RETRY, .hold = {[PX_HOLD_VALID] = HOLD},             \
    .payload = 512
static const struct px_resolvers lines[] = {
    [NOBODY] = {.name = "none", COMMON, .retries = 1},
    [OVER_UDP] = {.name = "udp",
                  COMMON,
                  .retries = 100,
                  .servers = &over_udp,
                  .nservers = 1,
                  .number = OVER_UDP},
    [OVER_TCP] = {.name = "tcp",
                  COMMON,
                  .retries = 100,
                  .servers = &over_tcp,
                  .nservers = 1,
                  .number = OVER_TCP},
};
const struct px_program px_program = {
    .abi = PX_ABI_VERSION, .resolvers = lines, .nresolvers = PX_COUNT(lines)};

static struct px_loop loop;

/* ---- a name server ---- */

static int udp, tcp;

static int listens(int type, int port)
{
    union px_sockaddr at = {.in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)}};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, &at.sa, sizeof at.in) || (type == SOCK_STREAM && listen(fd, 10))) {
        close(fd);
        return -1;
    }
    ck_assert_int_eq(getsockname(fd, &at.sa, &len), 0);
    over_udp.addr.port = over_tcp.addr.port = ntohs(at.in.sin_port);
    return fd;
}

static void listen_somewhere(void)
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    memcpy(over_udp.addr.ip.v4, loopback, sizeof loopback);
    memcpy(over_tcp.addr.ip.v4, loopback, sizeof loopback);
    do {
        tcp = listens(SOCK_STREAM, 0);
        udp = listens(SOCK_DGRAM, over_tcp.addr.port);
        if (udp < 0)
            close(tcp);
    } while (udp < 0);
}

/* What has happened so far is dealt with. */
static void turn(void)
{
    struct epoll_event events[16];
    int n = epoll_wait(loop.epoll_fd, events, 16, 1);
    for (int i = 0; i < n; i++) {
        struct px_watch *watch = events[i].data.ptr;
        watch->ops->event(watch, events[i].events);
    }
}

static bool is_ready(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

static void until_ready(int fd)
{
    for (unsigned i = 0; i < 20000 && !is_ready(fd); i++)
        turn();
    ck_assert(is_ready(fd));
}

static int visitor(void)
{
    until_ready(tcp);
    return accept(tcp, NULL, NULL);
}

struct question {
    uint8_t bytes[512];
    size_t len;
    union px_sockaddr from;
};

/* The first letter of the name. */
static char asks_for(const struct question *q)
{
    ck_assert_uint_gt(q->len, 13);
    return (char)q->bytes[13];
}

static struct question datagram(void)
{
    struct question q;
    socklen_t len = sizeof q.from;
    until_ready(udp);
    ssize_t n = recvfrom(udp, q.bytes, sizeof q.bytes, 0, &q.from.sa, &len);
    q.len = n > 0 ? (size_t)n : 0;
    return q;
}

static void read_bytes(int fd, uint8_t *to, size_t len)
{
    for (size_t at = 0; at < len;) {
        until_ready(fd);
        ssize_t n = recv(fd, to + at, len - at, 0);
        ck_assert_int_gt(n, 0);
        at += (size_t)n;
    }
}

static struct question message(int fd)
{
    struct question q;
    uint8_t prefix[2];
    read_bytes(fd, prefix, sizeof prefix);
    q.len = (size_t)(prefix[0] << 8 | prefix[1]);
    ck_assert_uint_le(q.len, sizeof q.bytes);
    read_bytes(fd, q.bytes, q.len);
    return q;
}

/* Nobody has asked for anything else. */
static void expect_silence(int fd)
{
    for (unsigned i = 0; i < 20; i++)
        turn();
    ck_assert(!is_ready(fd));
}

/* 127.0.0.1, or that it is cut. */
static size_t answer(const struct question *q, bool cut, uint8_t to[512])
{
    static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 1};
    size_t end = 12;
    while (q->bytes[end])
        end += q->bytes[end] + 1u;
    end += 5;
    memcpy(to, q->bytes, end);
    to[2] = cut ? 0x83 : 0x81;
    to[3] = 0x80;
    memset(to + 6, 0, 6);
    if (cut)
        return end;
    to[7] = 1;
    memcpy(to + end, record, sizeof record);
    return end + sizeof record;
}

static void answer_datagram(const struct question *q, bool cut)
{
    uint8_t bytes[512];
    size_t len = answer(q, cut, bytes);
    ck_assert_int_eq(sendto(udp, bytes, len, 0, &q->from.sa, sizeof q->from.in), (ssize_t)len);
}

static void answer_message(int fd, const struct question *q)
{
    uint8_t bytes[2 + 512];
    size_t len = answer(q, false, bytes + 2);
    bytes[0] = 0;
    bytes[1] = (uint8_t)len;
    ck_assert_int_eq(send(fd, bytes, len + 2, 0), (ssize_t)(len + 2));
}

/* ---- who asks ---- */

static void setup(void)
{
    const struct px_resolvers *line;
    listen_somewhere();
    ck_assert(px_loop_init(&loop, 0));
    px_self = &loop;
    loop.now = loop.wheel.now = 1000;
    ck_assert_ptr_null(px_resolver_init(&line));
}

static void teardown(void)
{
    close(loop.epoll_fd);
    close(loop.wake.fd);
    close(udp);
    close(tcp);
}

static bool join(struct px_requester *r, const char *name, enum px_dns_type type)
{
    return px_resolver_join(r, lines, name, type);
}

static void pass(uint64_t ms)
{
    loop.now += ms;
    px_wheel_advance(&loop.wheel, loop.now);
}

/* As if a name server had said so. */
static void know(struct px_resolution *x)
{
    x->known = calloc(1, sizeof *x->known);
    ck_assert_ptr_nonnull(x->known);
    x->known->seen = loop.now;
    x->nknown = 1;
    x->status = PX_NAME_VALID;
    x->valid = loop.now;
}

START_TEST(one_name_is_asked_for_once)
{
    struct px_requester a = {0}, b = {0}, c = {0};
    ck_assert(join(&a, "a.test", PX_DNS_A) && join(&b, "A.Test", PX_DNS_A));
    ck_assert(join(&c, "a.test", PX_DNS_AAAA));
    ck_assert_ptr_eq(a.of, b.of);
    ck_assert_ptr_ne(a.of, c.of);
    ck_assert_uint_eq(px_sections[0].nnames, 2);
    ck_assert(join(&b, "a.test", PX_DNS_AAAA));
    ck_assert_ptr_eq(b.of, c.of);
    px_resolver_leave(&a);
    px_resolver_leave(&b);
    px_resolver_leave(&c);
    px_resolver_leave(&c);
    ck_assert_uint_eq(px_sections[0].nnames, 0);
}
END_TEST

START_TEST(names_that_cannot_be_are_not_asked_for)
{
    struct px_requester a = {0};
    ck_assert(!join(&a, "a..test", PX_DNS_A) && !join(&a, "", PX_DNS_A));
    ck_assert_ptr_null(a.of);
    ck_assert_uint_eq(px_sections[0].nnames, 0);
}
END_TEST

START_TEST(what_is_valid_waits_for_the_next)
{
    struct px_requester a = {0};
    ck_assert(join(&a, "a.test", PX_DNS_A));
    struct px_resolution *x = a.of;
    ck_assert(!px_resolver_is_fresh(x));
    know(x);
    ck_assert(px_resolver_is_fresh(x));
    px_resolver_leave(&a);
    ck_assert_uint_eq(px_sections[0].nnames, 1);
    pass(HOLD - 1);
    ck_assert(join(&a, "a.test", PX_DNS_A));
    ck_assert_ptr_eq(a.of, x);
    ck_assert(px_resolver_is_fresh(x));
    px_resolver_leave(&a);
    pass(1);
    ck_assert_uint_eq(px_sections[0].nnames, 0);
}
END_TEST

/* Nobody uses half of them. */
START_TEST(there_is_a_limit_to_names)
{
    static struct px_requester all[MOST];
    char name[32];
    for (unsigned i = 0; i < MOST; i++) {
        snprintf(name, sizeof name, "n%u.test", i);
        ck_assert(px_resolver_has_room(lines));
        ck_assert(join(&all[i], name, PX_DNS_A));
    }
    ck_assert(!px_resolver_has_room(lines));
    for (unsigned i = 0; i < MOST; i += 2) {
        know(all[i].of);
        px_resolver_leave(&all[i]);
    }
    ck_assert_uint_eq(px_sections[0].nnames, MOST);
    ck_assert(px_resolver_has_room(lines));
    ck_assert_uint_lt(px_sections[0].nnames, MOST);
    for (unsigned i = 1; i < MOST; i += 2)
        ck_assert_ptr_nonnull(all[i].of);
    for (unsigned i = 1; i < MOST; i += 2)
        px_resolver_leave(&all[i]);
    pass(HOLD);
    ck_assert_uint_eq(px_sections[0].nnames, 0);
}
END_TEST

static unsigned nfound;

static void found(struct px_requester *r, struct px_nameserver_state *ns)
{
    (void)r;
    (void)ns;
    nfound++;
}

static bool failed(struct px_requester *r)
{
    (void)r;
    return true;
}

/* "a.test", "b.test" and so on, one after another, `ms` apart. */
static void ask(unsigned section, struct px_requester *r, unsigned n, uint64_t ms)
{
    nfound = 0;
    for (unsigned i = 0; i < n; i++) {
        const char name[] = {(char)('a' + i), '.', 't', 'e', 's', 't', 0};
        r[i] = (struct px_requester){.found = found, .failed = failed};
        ck_assert(px_resolver_join(&r[i], &lines[section], name, PX_DNS_A));
        pass(ms);
    }
}

static void until_found(unsigned n)
{
    for (unsigned i = 0; i < 20000 && nfound < n; i++)
        turn();
    ck_assert_uint_eq(nfound, n);
}

static void leave(struct px_requester *r, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        px_resolver_leave(&r[i]);
}

START_TEST(an_answer_that_was_cut_may_come_twice)
{
    struct px_requester r[1];
    ask(OVER_UDP, r, 1, 1);
    struct question q = datagram();
    answer_datagram(&q, true);
    answer_datagram(&q, true);
    int fd = visitor();
    struct question whole = message(fd);
    answer_datagram(&q, true);
    expect_silence(udp);
    ck_assert_uint_eq(px_sections[OVER_UDP].servers->counters.truncated, 3);
    answer_message(fd, &whole);
    until_found(1);
    leave(r, 1);
    close(fd);
}
END_TEST

/* Whose question came first seems to be what the server stumbles over. */
START_TEST(a_lost_stream_is_replaced_at_once)
{
    struct px_requester r[3];
    ask(OVER_TCP, r, 3, 1);
    int fd = visitor();
    for (char name = 'a'; name <= 'c'; name++) {
        struct question q = message(fd);
        ck_assert_int_eq(asks_for(&q), name);
    }
    close(fd);
    fd = visitor();
    for (unsigned i = 0; i < 2; i++) {
        struct question q = message(fd);
        ck_assert_int_ne(asks_for(&q), 'a');
        answer_message(fd, &q);
    }
    until_found(2);
    expect_silence(fd);
    close(fd);
    fd = visitor(); /* it has answered: there is hope for all */
    struct question q = message(fd);
    ck_assert_int_eq(asks_for(&q), 'a');
    leave(r, 3);
    close(fd);
}
END_TEST

START_TEST(a_server_that_closes_all_streams_is_left_in_peace)
{
    struct px_requester r[3];
    ask(OVER_TCP, r, 3, 1);
    for (unsigned i = 0; i < 2; i++) {
        int fd = visitor();
        message(fd);
        close(fd);
    }
    expect_silence(tcp);
    pass(RETRY);
    close(visitor());
    leave(r, 3);
}
END_TEST

START_TEST(one_long_answer_that_fails_does_not_fail_others)
{
    struct px_requester r[2];
    ask(OVER_UDP, r, 2, 1);
    for (unsigned i = 0; i < 2; i++) {
        struct question q = datagram();
        answer_datagram(&q, true);
    }
    int fd = visitor();
    struct question first = message(fd), second = message(fd);
    ck_assert_int_eq(asks_for(&first), 'a');
    ck_assert_int_eq(asks_for(&second), 'b');
    close(fd);
    fd = visitor();
    second = message(fd);
    ck_assert_int_eq(asks_for(&second), 'b');
    first = datagram(); /* of the other family */
    ck_assert_int_eq(asks_for(&first), 'a');
    answer_message(fd, &second);
    until_found(1);
    leave(r, 2);
    close(fd);
}
END_TEST

START_TEST(a_stream_that_stalls_is_replaced_at_once)
{
    struct px_requester r[2];
    ask(OVER_TCP, r, 2, RETRY / 2);
    int fd = visitor();
    message(fd);
    message(fd);
    pass(RETRY / 2); /* it is the first one's time */
    int next = visitor();
    struct question q = message(next);
    ck_assert_int_eq(asks_for(&q), 'b');
    answer_message(next, &q);
    q = message(next);
    ck_assert_int_eq(asks_for(&q), 'a');
    until_found(1);
    leave(r, 2);
    close(fd);
    close(next);
}
END_TEST

/* RFC 5452 9.2. Late answers find their way nevertheless. */
START_TEST(ports_change_while_questions_are_open)
{
    enum { ROUNDS = 12 };
    struct px_requester r[1];
    struct question asked[ROUNDS];
    unsigned changes = 0;
    ask(OVER_UDP, r, 1, 1);
    for (unsigned i = 0; i < ROUNDS; i++) {
        asked[i] = datagram();
        changes += i && asked[i].from.in.sin_port != asked[i - 1].from.in.sin_port;
        pass(RETRY);
    }
    ck_assert_uint_ge(changes, ROUNDS / 3);
    answer_datagram(&asked[ROUNDS - 1], false);
    until_found(1);
    leave(r, 1);
}
END_TEST

UNIT_MAIN("resolver", setup, teardown, an_answer_that_was_cut_may_come_twice,
          a_lost_stream_is_replaced_at_once, a_server_that_closes_all_streams_is_left_in_peace,
          one_long_answer_that_fails_does_not_fail_others, a_stream_that_stalls_is_replaced_at_once,
          ports_change_while_questions_are_open, one_name_is_asked_for_once,
          names_that_cannot_be_are_not_asked_for, what_is_valid_waits_for_the_next,
          there_is_a_limit_to_names)
