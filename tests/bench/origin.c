/*
 * origin.c - the server behind the proxies: cheap, and always the same.
 *
 *     origin HTTP_PORT [ECHO_PORT [BULK_PORT]]      (each as "port" or "ip:port")
 *
 * For: HTTP/1.1 with keep-alive: /small, /app... and /api/... are 100 bytes, /bytes/N has a body of
 * N bytes, /chunked/N the same body in chunks; anything else is a 404. The echo port repeats what
 * it gets; the bulk port reads a decimal number and a line feed, and sends so many bytes.
 * Not for: request bodies in chunks, or anything that a real server would check.
 * Keep in mind: it shares a core with the load generator, so the usual request costs one recv and
 * one send and copies nothing; bodies are a fixed pattern, "abc...z" over and over.
 */
#include "net.h"
#include "tool.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    EVENTS = 512,
    BUFFER_SIZE = 256 * 1024,
    PATTERN_SIZE = 26 * 40960, /* a little over 1 MB */
    CHUNK_SIZE = 16384,
    SMALL_SIZE = 100,
    HEAD_MAX = 65536,
    FILES = 100000
};

struct conn;

/* Takes what it can of the bytes, and perhaps queues output; returns how much it took. */
typedef size_t take_fn(struct conn *conn, const char *bytes, size_t size);

struct conn {
    int fd;
    bool listener; /* accepts connections that are served by the same function */
    take_fn *take;
    const char *text; /* output, first part: a head, or the frame of a chunk */
    size_t text_left;
    uint64_t body_left;   /* output, second part: so much of the pattern */
    uint64_t body_at;     /* position in the body */
    uint64_t chunks_left; /* body bytes in later chunks */
    bool chunked;         /* the last chunk is not sent yet */
    bool closing;         /* close after the output */
    bool stuck;           /* echo: the peer takes no more for now */
    uint64_t skip;        /* bytes of a request body still to come */
    char *held;           /* input that could not be taken yet */
    size_t held_size;
    char scratch[384];
};

struct request {
    const char *path;
    size_t path_size;
    bool keep;
    uint64_t body;
};

static char buffer[BUFFER_SIZE];
static char pattern[PATTERN_SIZE];
static char small_answer[1024];
static size_t small_size;

#define ANSWER_FIELDS                                                                              \
    "Server: origin\r\nDate: Tue, 01 Aug 2023 10:11:12 GMT\r\nContent-Type: text/plain\r\n"        \
    "Last-Modified: Mon, 31 Jul 2023 09:10:11 GMT\r\nETag: \"64c7-64\"\r\n"

static bool has_output(const struct conn *conn)
{
    return conn->text_left > 0 || conn->body_left > 0 || conn->chunked;
}

/* RFC 9112 7.1: the end of the last chunk goes out with the size line of the next. */
static void next_chunk(struct conn *conn)
{
    uint64_t size = conn->chunks_left < CHUNK_SIZE ? conn->chunks_left : CHUNK_SIZE;
    const char *before = conn->body_at > 0 ? "\r\n" : "";
    const char *after = size > 0 ? "\r\n" : "\r\n\r\n";
    int length = snprintf(conn->scratch, sizeof(conn->scratch), "%s%llx%s", before,
                          (unsigned long long)size, after);

    conn->text = conn->scratch;
    conn->text_left = (size_t)length;
    conn->body_left = size;
    conn->chunks_left -= size;
    conn->chunked = size > 0;
}

static ssize_t send_some(const struct conn *conn)
{
    if (conn->body_left == 0) {
        return send(conn->fd, conn->text, conn->text_left, MSG_NOSIGNAL);
    }
    uint64_t offset = conn->body_at % PATTERN_SIZE;
    uint64_t room = PATTERN_SIZE - offset;
    struct iovec iov[2] = {
        {(char *)(uintptr_t)conn->text, conn->text_left},
        {pattern + offset, conn->body_left < room ? conn->body_left : room},
    };
    return writev(conn->fd, iov, 2);
}

static void account(struct conn *conn, size_t sent)
{
    size_t of_text = sent < conn->text_left ? sent : conn->text_left;

    conn->text += of_text;
    conn->text_left -= of_text;
    conn->body_left -= sent - of_text;
    conn->body_at += sent - of_text;
}

/* Sends queued output until it is gone or the socket is full; false on a broken connection. */
static bool flush(struct conn *conn)
{
    while (has_output(conn)) {
        if (conn->text_left == 0 && conn->body_left == 0) {
            next_chunk(conn);
        }
        ssize_t n = send_some(conn);
        if (n < 0) {
            return errno == EAGAIN;
        }
        account(conn, (size_t)n);
    }
    return true;
}

static uint64_t number_at(const char *text, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    return value;
}

static void queue_head(struct conn *conn, int status, const char *framing)
{
    int length = snprintf(conn->scratch, sizeof(conn->scratch),
                          "HTTP/1.1 %d %s\r\n" ANSWER_FIELDS "%s\r\n%s\r\n", status,
                          status == 200 ? "OK" : "Not Found", framing,
                          conn->closing ? "Connection: close\r\n" : "");

    conn->text = conn->scratch;
    conn->text_left = (size_t)length;
    conn->body_at = 0;
}

static void queue_body(struct conn *conn, int status, uint64_t size)
{
    char framing[64];

    snprintf(framing, sizeof(framing), "Content-Length: %llu", (unsigned long long)size);
    queue_head(conn, status, framing);
    conn->body_left = size;
}

static void answer_small(struct conn *conn, uint64_t size)
{
    (void)size;
    if (conn->closing) {
        queue_body(conn, 200, SMALL_SIZE);
        return;
    }
    conn->text = small_answer;
    conn->text_left = small_size;
}

static void answer_bytes(struct conn *conn, uint64_t size)
{
    queue_body(conn, 200, size);
}

static void answer_chunked(struct conn *conn, uint64_t size)
{
    queue_head(conn, 200, "Transfer-Encoding: chunked");
    conn->chunked = true;
    conn->chunks_left = size;
}

/* Never. */
static void answer_nothing(struct conn *conn, uint64_t size)
{
    (void)conn;
    (void)size;
}

static const struct route {
    const char *prefix;
    size_t length;
    void (*answer)(struct conn *conn, uint64_t size);
} routes[] = {
    {"/small", 6, answer_small},  {"/app", 4, answer_small},        {"/api/", 5, answer_small},
    {"/bytes/", 7, answer_bytes}, {"/chunked/", 9, answer_chunked}, {"/hold", 5, answer_nothing},
};

static void answer(struct conn *conn, const struct request *request)
{
    conn->closing = !request->keep;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        const struct route *route = &routes[i];
        if (request->path_size >= route->length &&
            memcmp(request->path, route->prefix, route->length) == 0) {
            route->answer(
                conn, number_at(request->path + route->length, request->path_size - route->length));
            return;
        }
    }
    queue_body(conn, 404, SMALL_SIZE);
}

static void read_field(struct request *request, const char *line, const char *end)
{
    static const char connection[] = "connection:";
    static const char length[] = "content-length:";
    size_t size = (size_t)(end - line);

    if (size > sizeof(connection) && strncasecmp(line, connection, sizeof(connection) - 1) == 0) {
        const char *value = line + sizeof(connection) - 1;
        value += *value == ' ';
        request->keep = strncasecmp(value, "close", 5) != 0 &&
                        (request->keep || strncasecmp(value, "keep-alive", 10) == 0);
    } else if (size > sizeof(length) && strncasecmp(line, length, sizeof(length) - 1) == 0) {
        const char *value = line + sizeof(length) - 1;
        value += *value == ' ';
        request->body = number_at(value, (size_t)(end - value));
    }
}

/* head is complete, up to and with its empty line. False if its first line is no request. */
static bool read_request(struct request *request, const char *head, const char *end)
{
    const char *line_end = memchr(head, '\n', (size_t)(end - head));
    const char *path = memchr(head, ' ', (size_t)(line_end - head));
    const char *path_end =
        path == NULL ? NULL : memchr(path + 1, ' ', (size_t)(line_end - path - 1));

    if (path_end == NULL) {
        return false;
    }
    *request = (struct request){.path = path + 1, .path_size = (size_t)(path_end - path - 1)};
    request->keep = line_end - path_end > 8 && path_end[8] == '1';
    for (const char *line = line_end + 1; line < end; line = line_end + 1) {
        line_end = memchr(line, '\n', (size_t)(end - line));
        if ((*line | 0x20) == 'c') {
            read_field(request, line, line_end);
        }
    }
    return true;
}

static size_t skip_body(struct conn *conn, size_t size)
{
    size_t skipped = conn->skip < size ? (size_t)conn->skip : size;

    conn->skip -= skipped;
    return skipped;
}

static size_t take_http(struct conn *conn, const char *bytes, size_t size)
{
    size_t used = skip_body(conn, size);

    while (used < size && !conn->closing && !has_output(conn)) {
        const char *head = bytes + used;
        const char *end = memmem(head, size - used, "\r\n\r\n", 4);
        struct request request;
        if (end == NULL) {
            conn->closing = size - used > HEAD_MAX;
            break;
        }
        used = (size_t)(end + 4 - bytes);
        if (!read_request(&request, head, end + 4)) {
            conn->closing = true;
            break;
        }
        answer(conn, &request);
        conn->skip = request.body;
        used += skip_body(conn, size - used);
        if (!flush(conn)) {
            conn->closing = true;
        }
    }
    return used;
}

static size_t take_echo(struct conn *conn, const char *bytes, size_t size)
{
    ssize_t n = send(conn->fd, bytes, size, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN) {
        conn->closing = true;
    }
    conn->stuck = n < (ssize_t)size;
    return n > 0 ? (size_t)n : 0;
}

static size_t take_bulk(struct conn *conn, const char *bytes, size_t size)
{
    const char *end = memchr(bytes, '\n', size);

    if (end == NULL) {
        conn->closing = size > 64;
        return 0;
    }
    conn->body_at = 0;
    conn->body_left = number_at(bytes, (size_t)(end - bytes));
    if (!flush(conn)) {
        conn->closing = true;
    }
    return (size_t)(end + 1 - bytes);
}

static void hold(struct conn *conn, const char *bytes, size_t size)
{
    conn->held_size = size;
    if (size > 0) {
        conn->held = tool_alloc(size, 1);
        memcpy(conn->held, bytes, size);
    }
}

static size_t release(struct conn *conn)
{
    size_t size = conn->held_size;

    if (size > 0) {
        memcpy(buffer, conn->held, size);
        free(conn->held);
        conn->held = NULL;
        conn->held_size = 0;
    }
    return size;
}

/* Adds to the first size bytes of the buffer what the socket has. Returns false at the end of
 * the stream; *drained tells that nothing more is there for now. */
static bool fill(const struct conn *conn, size_t *size, bool *drained)
{
    size_t room = BUFFER_SIZE - *size;

    *drained = false;
    if (room == 0) {
        return true;
    }
    ssize_t n = recv(conn->fd, buffer + *size, room, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        return false;
    }
    *size += n > 0 ? (size_t)n : 0;
    *drained = n < (ssize_t)room;
    return true;
}

/* Serves a connection as far as it goes; false when it is to be closed. */
static bool serve(struct conn *conn)
{
    bool drained = false;

    conn->stuck = false;
    for (;;) {
        if (!flush(conn)) {
            return false;
        }
        if (has_output(conn) || conn->stuck) {
            return true;
        }
        if (conn->closing) {
            return false;
        }
        if (drained) {
            return true;
        }
        size_t size = release(conn);
        if (!fill(conn, &size, &drained)) {
            return false;
        }
        size_t used = size > 0 ? conn->take(conn, buffer, size) : 0;
        hold(conn, buffer + used, size - used);
    }
}

static void close_conn(struct conn *conn)
{
    close(conn->fd);
    free(conn->held);
    free(conn);
}

static void accept_all(int epoll, const struct conn *listener)
{
    for (int fd = net_accept(listener->fd); fd >= 0; fd = net_accept(listener->fd)) {
        struct conn *conn = tool_alloc(1, sizeof(*conn));
        conn->fd = fd;
        conn->take = listener->take;
        net_watch(epoll, fd, conn);
    }
}

static void prepare(void)
{
    for (size_t i = 0; i < PATTERN_SIZE; i++) {
        pattern[i] = (char)('a' + i % 26);
    }
    int size = snprintf(small_answer, sizeof(small_answer),
                        "HTTP/1.1 200 OK\r\n" ANSWER_FIELDS "Content-Length: %d\r\n\r\n%.*s",
                        (int)SMALL_SIZE, (int)SMALL_SIZE, pattern);
    small_size = (size_t)size;
    tool_raise_files(FILES);
}

static void turn(int epoll)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(epoll, events, EVENTS, -1);

    for (int i = 0; i < count; i++) {
        struct conn *conn = events[i].data.ptr;
        if (conn->listener) {
            accept_all(epoll, conn);
        } else if (!serve(conn)) {
            close_conn(conn);
        }
    }
}

int main(int argc, char **argv)
{
    static take_fn *const takes[] = {take_http, take_echo, take_bulk};
    static struct conn listeners[3];
    int epoll = net_epoll();

    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: origin HTTP_PORT [ECHO_PORT [BULK_PORT]]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    prepare();
    for (int i = 0; i < argc - 1; i++) {
        struct sockaddr_in address = net_parse(argv[i + 1]);
        listeners[i] = (struct conn){.listener = true, .take = takes[i]};
        listeners[i].fd = net_listen(&address);
        net_watch_input(epoll, listeners[i].fd, &listeners[i]);
    }
    for (;;) {
        turn(epoll);
    }
}
