/*
 * Tests of runtime/loop/sock.c: what an owner is told, and when it is not told any more.
 */
#include "runtime/loop/sock.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 4096 };

static struct px_loop loop;
static struct px_sock sock;
static int peer;
static char story[250];
static bool takes; /* does the owner take what it is given? */

static void tell(char c)
{
    size_t len = strlen(story);
    ck_assert_uint_lt(len + 1, sizeof story);
    story[len] = c;
    story[len + 1] = '\0';
}

static void received(struct px_sock *s)
{
    tell(s->pipe ? 'p' : 'r');
    if (s->pipe)
        return;
    if (!takes)
        return;
    ck_assert_ptr_nonnull(s->in);
    s->in->start = s->in->end;
    px_sock_taken(s);
}

static void received_enough(struct px_sock *s)
{
    received(s);
    px_sock_hold(s);
}

static void ended(struct px_sock *s)
{
    (void)s;
    tell('e');
}

static void sent(struct px_sock *s)
{
    (void)s;
    tell('s');
}

static void failed(struct px_sock *s, int err)
{
    tell(err == ENOBUFS ? 'F' : 'f');
    px_sock_close(s, false);
}

static void hung_up(struct px_sock *s)
{
    (void)s;
    tell('h');
}

static void freed(struct px_sock *s)
{
    (void)s;
    tell('.');
}

static const struct px_sock_ops ops = {.watch = {px_sock_event},
                                       .received = received,
                                       .ended = ended,
                                       .sent = sent,
                                       .failed = failed,
                                       .hung_up = hung_up,
                                       .freed = freed};
static const struct px_sock_ops enough_ops = {.watch = {px_sock_event},
                                              .received = received_enough,
                                              .ended = ended,
                                              .sent = sent,
                                              .failed = failed,
                                              .hung_up = hung_up,
                                              .freed = freed};

static void begin(void)
{
    int fds[2];
    ck_assert(px_loop_init(&loop, 0));
    px_self = &loop;
    px_buf_set_size(BUFFER);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    ck_assert(px_sock_open(&sock, fds[0], &ops));
    peer = fds[1];
    takes = true;
    story[0] = '\0';
}

static void end(void)
{
    close(peer);
    close(loop.epoll_fd);
    close(loop.wake.fd);
}

static void stop(struct px_timer *timer)
{
    (void)timer;
    loop.stop = true;
}

/* A few turns of the loop. */
static void turn(void)
{
    struct px_timer timer = {.fire = stop};
    loop.stop = false;
    px_arm(&timer, 20);
    px_loop_run(&loop);
}

static void say(const char *text)
{
    ck_assert_int_eq(send(peer, text, strlen(text), 0), (ssize_t)strlen(text));
}

START_TEST(bytes_and_the_end_come_while_they_are_wanted)
{
    say("a");
    turn();
    ck_assert_str_eq(story, "");
    px_sock_want(&sock);
    turn();
    ck_assert_str_eq(story, "r");
    ck_assert_ptr_null(sock.in);
    shutdown(peer, SHUT_WR);
    turn();
    ck_assert_str_eq(story, "re");
    px_sock_close(&sock, false);
    turn();
    ck_assert_str_eq(story, "re.");
}
END_TEST

START_TEST(a_look_that_was_asked_for_may_be_forgotten)
{
    takes = false;
    px_sock_want(&sock);
    say("a");
    turn();
    px_sock_again(&sock);
    turn();
    ck_assert_str_eq(story, "rr");
    px_sock_again(&sock);
    px_sock_hold(&sock);
    turn();
    ck_assert_str_eq(story, "rr");
}
END_TEST

START_TEST(a_peer_that_has_finished_is_told_of_at_once)
{
    sock.watch.ops = &enough_ops.watch;
    px_sock_want(&sock);
    say("a");
    shutdown(peer, SHUT_WR);
    turn();
    ck_assert_str_eq(story, "rh");
    px_sock_want(&sock);
    turn();
    ck_assert_str_eq(story, "rhe");
}
END_TEST

START_TEST(an_owner_that_takes_nothing_loses_its_socket)
{
    char many[BUFFER + 1];
    memset(many, 'x', sizeof many);
    takes = false;
    px_sock_want(&sock);
    ck_assert_int_eq(send(peer, many, sizeof many, 0), sizeof many);
    turn();
    ck_assert_str_eq(story, "rF.");
}
END_TEST

/* What has gone into the pipe, sent to the other end of a socket pair. */
static void pass_on(const char *expected)
{
    static struct px_sock out;
    char text[100];
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    ck_assert(px_sock_open(&out, fds[0], &ops));
    ck_assert_int_eq(px_sock_send_pipe(&out, &sock), PX_SENT);
    ck_assert_ptr_null(sock.pipe);
    ssize_t n = recv(fds[1], text, sizeof text, 0);
    ck_assert_int_eq(n, (ssize_t)strlen(expected));
    ck_assert_mem_eq(text, expected, (size_t)n);
    px_sock_close(&out, false);
    close(fds[1]);
}

START_TEST(so_many_bytes_as_were_said_go_into_a_pipe)
{
    px_pipes_allow(1, 0);
    sock.watch.ops = &enough_ops.watch;
    px_sock_receive_unseen(&sock, 3);
    px_sock_want(&sock);
    say("abcde");
    turn();
    ck_assert_str_eq(story, "p");
    ck_assert_uint_eq(sock.pipe->held, 3);
    ck_assert_uint_eq(px_pipes_used(), 1);
    pass_on("abc");
    ck_assert_uint_eq(px_pipes_used(), 0);
    story[0] = '\0'; /* of the socket that was sent to */
    px_sock_want(&sock);
    turn();
    ck_assert_str_eq(story, "r.");
}
END_TEST

START_TEST(without_a_pipe_bytes_are_copied)
{
    px_pipes_allow(px_pipes_free(), 0);
    struct px_pipe *last = px_pipe_get();
    px_sock_receive_unseen(&sock, 3);
    px_sock_want(&sock);
    say("abcde");
    turn();
    ck_assert_str_eq(story, "r");
    ck_assert_ptr_null(sock.pipe);
    px_pipe_put(last);
}
END_TEST

START_TEST(small_pieces_in_a_row_end_it)
{
    px_pipes_allow(1, 0);
    sock.watch.ops = &enough_ops.watch;
    px_sock_receive_unseen(&sock, UINT64_MAX);
    for (unsigned i = 0; i < 2; i++) {
        px_sock_want(&sock);
        say("ab");
        turn();
        pass_on("ab");
    }
    turn();
    story[0] = '\0';
    px_sock_want(&sock);
    say("ab");
    turn();
    ck_assert_str_eq(story, "r");
}
END_TEST

START_TEST(what_a_closed_socket_leaves_in_its_pipe_is_lost)
{
    px_pipes_allow(1, 0);
    sock.watch.ops = &enough_ops.watch;
    px_sock_receive_unseen(&sock, UINT64_MAX);
    px_sock_want(&sock);
    say("ab");
    turn();
    ck_assert_uint_eq(px_pipes_used(), 1);
    px_sock_close(&sock, false);
    turn();
    ck_assert_uint_eq(px_pipes_used() + px_pipes_free(), 0);
}
END_TEST

START_TEST(the_end_comes_while_bytes_are_not_looked_at)
{
    px_pipes_allow(1, 0);
    px_sock_receive_unseen(&sock, UINT64_MAX);
    px_sock_want(&sock);
    shutdown(peer, SHUT_WR);
    turn();
    ck_assert_str_eq(story, "e");
}
END_TEST

/* The socket of the test, as if it had just been accepted. */
static void reopen_young(void)
{
    int fd = dup(sock.watch.fd);
    px_loop_unwatch(&sock.watch); /* closing one of two descriptors does not */
    px_sock_close(&sock, false);
    turn();
    story[0] = '\0';
    ck_assert(px_sock_open_young(&sock, fd, &ops));
}

static bool is_watched(void)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &sock.watch};
    return epoll_ctl(loop.epoll_fd, EPOLL_CTL_MOD, sock.watch.fd, &ev) == 0;
}

static void read_young(void)
{
    reopen_young();
    sock.watch.ops = &enough_ops.watch;
    say("a");
    px_sock_want(&sock);
    struct px_timer timer = {.fire = stop};
    px_arm(&timer, 1);
    loop.stop = false;
    px_loop_run(&loop);
    ck_assert_str_eq(story, "r");
    struct iovec v = {"b", 1};
    ck_assert_int_eq(px_sock_send(&sock, &v, 1), PX_SENT);
}

/* Bytes that are there already are read, and answered, without any watch; unless the machine takes
 * so long for it that the socket is young no more. */
START_TEST(a_young_socket_is_read_at_once)
{
    for (int tries = 20; tries; tries--) {
        read_young();
        if (!is_watched())
            return;
    }
    ck_abort_msg("it was watched each time");
}
END_TEST

START_TEST(who_waits_for_bytes_watches)
{
    reopen_young();
    px_sock_want(&sock);
    turn();
    ck_assert(is_watched());
    px_sock_close(&sock, false);
}
END_TEST

START_TEST(bytes_that_come_later_are_seen)
{
    reopen_young();
    px_sock_want(&sock);
    turn();
    say("a");
    turn();
    ck_assert_str_eq(story, "r");
    shutdown(peer, SHUT_WR);
    turn();
    ck_assert_str_eq(story, "re");
}
END_TEST

START_TEST(a_peer_that_leaves_a_young_socket_is_noticed)
{
    reopen_young();
    shutdown(peer, SHUT_WR);
    ck_assert(!is_watched());
    turn();
    turn();
    turn();
    ck_assert_str_eq(story, "h");
}
END_TEST

START_TEST(a_young_socket_that_cannot_send_is_watched)
{
    static char much[1 << 20];
    struct iovec v = {much, sizeof much};
    reopen_young();
    ck_assert_int_eq(px_sock_send(&sock, &v, 1), PX_QUEUED);
    while (sock.out) {
        while (recv(peer, much, sizeof much, 0) > 0)
            ;
        turn();
    }
    ck_assert_str_eq(story, "s");
}
END_TEST

/* More of them than are noted, and closed in any order. */
START_TEST(many_young_sockets)
{
    enum { MANY = 100 };
    static struct px_sock many[MANY];
    int fds[2];
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        ck_assert(px_sock_open_young(&many[i], fds[0], &ops));
        close(fds[1]);
    }
    for (unsigned i = 0; i < MANY; i += 2)
        px_sock_close(&many[i], false);
    turn();
    turn();
    turn();
    unsigned told = 0, freed_ = 0;
    for (const char *p = story; *p; p++)
        *p == 'h' ? told++ : freed_++;
    ck_assert_uint_eq(told, MANY / 2);
    ck_assert_uint_eq(freed_, MANY / 2);
    for (unsigned i = 1; i < MANY; i += 2)
        px_sock_close(&many[i], false);
    turn();
}
END_TEST

/* A connection over TCP: `to` is what px_sock_open has, the answer its peer. */
static int open_tcp(struct px_sock *to)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&sa, len), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&sa, &len), 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, len), 0);
    ck_assert(px_sock_open(to, accept4(listener, NULL, NULL, SOCK_NONBLOCK), &ops));
    close(listener);
    return fd;
}

/* Answers how many segments a connection took that is closed behind two pieces of so many bytes. */
static unsigned segments_of_last(size_t piece)
{
    static struct px_sock out;
    static char text[2 * BUFFER], got[2 * BUFFER + 1];
    int fd = open_tcp(&out);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    struct iovec v[] = {{text, piece}, {text + BUFFER, piece}};
    ck_assert_int_eq(px_sock_send_last(&out, v, 2), PX_SENT);
    px_sock_close(&out, false);
    size_t len = 0;
    for (ssize_t n; (n = recv(fd, got + len, sizeof got - len, 0)) > 0;)
        len += (size_t)n;
    ck_assert_uint_eq(len, 2 * piece);
    ck_assert_mem_eq(got, text, piece);
    ck_assert_mem_eq(got + piece, text + BUFFER, piece);
    struct tcp_info info;
    socklen_t info_len = sizeof info;
    ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_len), 0);
    close(fd);
    return info.tcpi_segs_in;
}

/* The kernel waits for 200 ms at most, and we may be stopped for longer than that. */
START_TEST(the_last_bytes_go_with_the_end)
{
    enum { HANDSHAKE = 1, LAST = 1, TRIES = 20 };
    static const size_t pieces[] = {10, BUFFER};
    for (unsigned i = 0; i < 2; i++) {
        unsigned segments = 0;
        for (int k = 0; k < TRIES && segments != HANDSHAKE + LAST; k++)
            segments = segments_of_last(pieces[i]);
        ck_assert_uint_eq(segments, HANDSHAKE + LAST);
    }
}
END_TEST

UNIT_MAIN("sock", begin, end, bytes_and_the_end_come_while_they_are_wanted,
          a_look_that_was_asked_for_may_be_forgotten, a_peer_that_has_finished_is_told_of_at_once,
          an_owner_that_takes_nothing_loses_its_socket, so_many_bytes_as_were_said_go_into_a_pipe,
          without_a_pipe_bytes_are_copied, small_pieces_in_a_row_end_it,
          what_a_closed_socket_leaves_in_its_pipe_is_lost,
          the_end_comes_while_bytes_are_not_looked_at, a_young_socket_is_read_at_once,
          who_waits_for_bytes_watches, bytes_that_come_later_are_seen,
          a_peer_that_leaves_a_young_socket_is_noticed, a_young_socket_that_cannot_send_is_watched,
          many_young_sockets, the_last_bytes_go_with_the_end)
