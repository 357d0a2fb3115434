/*
 * Clients and servers that misbehave, all at once, with a proxy between them.
 *
 *     faults mix PROXY_PORT SERVER_PORT REQUESTS
 *     faults slow PROXY_PORT CLIENTS
 *     faults hold PROXY_PORT CLIENTS MILLISECONDS
 *
 * mix: every request has a number of its own, and says in its target what the server is to do with
 * it. Whatever happens, an answer that says 200 and is complete carries the number of its request;
 * nobody waits for ever. slow: so many clients send a head byte by byte, and others are to be
 * served meanwhile as if they were not there; in the end each gets its own answer. hold:
 * connections that say nothing. Prints figures; status 1 and a reason when something is wrong.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 12, ROOM = 1 << 17, BIG = 70000, PATIENCE_S = 10, PIPELINED = 1000 };

/* What a server does with a request. */
enum deed {
    PLAIN,
    CHUNKED,
    LARGE,
    LEAVE_AFTER,  /* ends a connection that it said it keeps */
    RESET_BEFORE, /* resets it before any answer, */
    RESET_IN_HEAD,
    RESET_IN_BODY,
    END_IN_BODY,
    GARBAGE,
    EARLY, /* answers without the body of the request, and leaves */
    STALL, /* stops within the body */
    NEVER, /* does not answer */
    DEEDS
};

static unsigned proxy_port;
static atomic_uint next_id, served, failed;
static unsigned most;

static _Noreturn void die(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    fflush(stdout);
    _exit(1);
}

static long now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct sockaddr_in local(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static int dial(void)
{
    struct sockaddr_in a = local(proxy_port);
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a))
        die("cannot connect: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static void reset(int fd)
{
    struct linger now = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

static bool put(int fd, const char *p, size_t n)
{
    for (ssize_t sent; n; p += sent, n -= (size_t)sent)
        if ((sent = send(fd, p, n, MSG_NOSIGNAL)) <= 0)
            return false;
    return true;
}

/* ---- the server ---- */

struct peer { /* of either side: a connection and what came by it */
    int fd;
    size_t n;
    char in[ROOM];
};

/* Reads until a whole head is there; its length, or 0: the connection is over. */
static size_t read_head(struct peer *p)
{
    for (;;) {
        char *end = memmem(p->in, p->n, "\r\n\r\n", 4);
        if (end)
            return (size_t)(end + 4 - p->in);
        ssize_t got = recv(p->fd, p->in + p->n, ROOM - p->n, 0);
        if (got < 0 && errno == EAGAIN)
            die("somebody waits for ever: %zu bytes of a head", p->n);
        if (got <= 0)
            return 0;
        p->n += (size_t)got;
    }
}

static void take(struct peer *p, size_t n)
{
    memmove(p->in, p->in + n, p->n - n);
    p->n -= n;
}

/* Reads and drops n bytes. */
static bool skip(struct peer *p, size_t n)
{
    while (p->n < n) {
        ssize_t got = recv(p->fd, p->in + p->n, ROOM - p->n, 0);
        if (got <= 0)
            return false;
        p->n += (size_t)got;
    }
    take(p, n);
    return true;
}

static size_t length_of(const char *head, size_t n)
{
    const char *at = memmem(head, n, "content-length: ", 16);
    return at ? strtoul(at + 16, NULL, 10) : 0;
}

/* The body of an answer: the number of the request, filled up. */
static size_t write_answer(char *to, unsigned id, enum deed deed)
{
    size_t len = deed == LARGE || deed == RESET_IN_BODY || deed == STALL ? BIG : 20;
    int n = sprintf(to, "HTTP/1.1 200 OK\r\nX-Id: %u\r\nContent-Length: %zu\r\n\r\n", id, len);
    for (size_t i = 0; i < len; i += 10)
        sprintf(to + n + i, "%09u.", id);
    return (size_t)n + len;
}

static size_t write_chunks(char *to, unsigned id)
{
    char text[24];
    sprintf(text, "%09u.%09u.", id, id);
    return (size_t)sprintf(to,
                           "HTTP/1.1 200 OK\r\nX-Id: %u\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "5\r\n%.5s\r\nf\r\n%s\r\n0\r\n\r\n",
                           id, text, text + 5);
}

/* false: the connection is over. */
static bool answer(struct peer *p, unsigned id, enum deed deed, char *to)
{
    size_t n = deed == CHUNKED ? write_chunks(to, id) : write_answer(to, id, deed);
    switch (deed) {
    case RESET_IN_HEAD:
        n = 20;
        break;
    case RESET_IN_BODY:
    case STALL:
        n = n / 2;
        break;
    case END_IN_BODY:
        n -= 5;
        break;
    case GARBAGE:
        n = (size_t)sprintf(to, "%c%c garbage %u\r\n\r\n", 1, 2, id);
        break;
    default:
        break;
    }
    if (deed == RESET_BEFORE || deed == NEVER || !put(p->fd, to, n))
        n = 0;
    if (deed == STALL || deed == NEVER)
        while (recv(p->fd, p->in, ROOM, 0) > 0) /* until the proxy has lost its patience */
            ;
    if (deed == RESET_BEFORE || deed == RESET_IN_HEAD || deed == RESET_IN_BODY) {
        reset(p->fd);
        p->fd = -1;
    }
    return n && (deed == PLAIN || deed == CHUNKED || deed == LARGE);
}

static void *serve(void *arg)
{
    struct peer *p = arg;
    char *to = malloc(ROOM);
    for (size_t head; (head = read_head(p));) {
        unsigned id, deed;
        if (sscanf(p->in, "%*s /%u/%u ", &id, &deed) != 2 || deed >= DEEDS)
            die("the server got: %.60s", p->in);
        size_t body = length_of(p->in, head);
        take(p, head);
        if (deed != EARLY && body && !skip(p, body))
            break;
        if (!answer(p, id, (enum deed)deed, to))
            break;
    }
    if (p->fd >= 0)
        close(p->fd);
    free(to);
    free(p);
    return NULL;
}

static void in_background(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    if (pthread_create(&thread, &small, run, arg))
        die("cannot make a thread");
    pthread_detach(thread);
}

static void *accept_all(void *arg)
{
    int listener = *(int *)arg;
    for (;;) {
        struct peer *p = calloc(1, sizeof *p);
        p->fd = accept(listener, NULL, NULL);
        if (p->fd >= 0)
            in_background(serve, p);
        else
            free(p);
    }
    return NULL;
}

static void start_server(unsigned port)
{
    static int listener;
    struct sockaddr_in a = local(port);
    int one = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 512))
        die("cannot listen: %s", strerror(errno));
    in_background(accept_all, &listener);
}

/* ---- clients ---- */

static enum deed choose(unsigned *seed)
{
    unsigned n = (unsigned)rand_r(seed) % 400;
    if (n < 2)
        return n ? STALL : NEVER; /* these take their time */
    return n < 300 ? (enum deed)(n % 3) : (enum deed)(LEAVE_AFTER + n % (STALL - LEAVE_AFTER));
}

static size_t write_request(char *to, unsigned id, enum deed deed)
{
    bool post = deed == EARLY || id % 5 == 0;
    size_t body = post ? 100 + id % 1000 : 0;
    int n = sprintf(to, "%s /%u/%d HTTP/1.1\r\nHost: h\r\n", post ? "POST" : "GET", id, deed);
    n += post ? sprintf(to + n, "Content-Length: %zu\r\n\r\n", body) : sprintf(to + n, "\r\n");
    memset(to + n, 'b', body);
    return (size_t)n + body;
}

/* A body has to be of its request, as far as it came. */
static void check_body(const char *p, size_t n, unsigned id)
{
    char text[16];
    sprintf(text, "%09u.", id);
    for (size_t i = 0; i < n; i++)
        if (p[i] != text[i % 10])
            die("request %u got another answer: %.*s", id, (int)(n < 60 ? n : 60), p);
}

static bool body_with_length(struct peer *p, size_t len, unsigned id)
{
    size_t had = 0;
    while (p->n < len) {
        ssize_t got = recv(p->fd, p->in + p->n, ROOM - p->n, 0);
        if (got < 0 && errno == EAGAIN)
            die("request %u waits for its body for ever", id);
        if (got <= 0)
            break;
        p->n += (size_t)got;
    }
    had = p->n < len ? p->n : len;
    check_body(p->in, had, id);
    if (had < len)
        return false;
    take(p, len);
    return true;
}

static bool body_in_chunks(struct peer *p, unsigned id)
{
    char whole[64];
    size_t n = 0;
    for (;;) {
        size_t len;
        char *end;
        while (!(end = memmem(p->in, p->n, "\r\n", 2)) ||
               (len = strtoul(p->in, NULL, 16)) + 4 + (size_t)(end - p->in) > p->n) {
            ssize_t got = recv(p->fd, p->in + p->n, ROOM - p->n, 0);
            if (got <= 0)
                return false;
            p->n += (size_t)got;
        }
        if (n + len > sizeof whole)
            die("request %u got too much", id);
        memcpy(whole + n, end + 2, len);
        n += len;
        take(p, (size_t)(end - p->in) + len + 4);
        if (!len)
            break;
    }
    if (n != 20)
        die("request %u got %zu bytes", id, n);
    check_body(whole, n, id);
    return true;
}

/* Reads one answer. false: the connection is over. */
static bool read_answer(struct peer *p, unsigned id, enum deed deed)
{
    size_t head = read_head(p);
    if (!head) {
        atomic_fetch_add(&failed, 1);
        return false;
    }
    unsigned status = (unsigned)strtoul(p->in + 9, NULL, 10), number = 0;
    const char *x = memmem(p->in, head, "x-id: ", 6);
    size_t len = length_of(p->in, head);
    bool close_it = memmem(p->in, head, "connection: close", 17), whole = true;
    bool chunked = memmem(p->in, head, "chunked", 7);
    number = x ? (unsigned)strtoul(x + 6, NULL, 10) : 0;
    if (status == 200 && number != id)
        die("request %u got the answer of %u", id, number);
    if (status != 200 && (status < 502 || status > 504))
        die("request %u got status %u", id, status);
    if (status != 200 && deed <= LARGE && id % 5) /* a POST may meet a connection that ends */
        die("request %u got status %u for a good answer", id, status);
    take(p, head);
    if (status != 200)
        whole = skip(p, len);
    else
        whole = chunked ? body_in_chunks(p, id) : body_with_length(p, len, id);
    if (!whole && deed <= LARGE)
        die("request %u got a part of its answer", id);
    atomic_fetch_add(status == 200 && whole ? &served : &failed, 1);
    return whole && !close_it;
}

/* One request after the other, some of them byte by byte. */
static bool ask_once(struct peer *p, unsigned id, unsigned *seed)
{
    char to[2048];
    enum deed deed = choose(seed);
    size_t n = write_request(to, id, deed);
    bool good = true;
    if (id % 50 == 7)
        for (size_t i = 0; i < n && good; i++)
            good = put(p->fd, to + i, 1);
    else
        good = put(p->fd, to, n);
    good &= read_answer(p, id, deed);
    return good && deed != EARLY; /* the rest of its request went nowhere */
}

/* Several at once; all are good, so all answers have to come, and in order. */
static bool ask_many(struct peer *p, unsigned id, unsigned count)
{
    char to[64 * 64] = "";
    size_t n = 0;
    for (unsigned i = 0; i < count; i++)
        n += (size_t)sprintf(to + n, "GET /%u/%u HTTP/1.1\r\nHost: h\r\n\r\n", id + i, i % 2);
    if (!put(p->fd, to, n))
        die("a pipeline was cut off");
    for (unsigned i = 0; i < count; i++)
        if (!read_answer(p, id + i, (enum deed)(i % 2)))
            die("answer %u of a pipeline did not come", i);
    return true;
}

/* Clients that do not wait for what they have asked for. */
static void leave(struct peer *p, unsigned id)
{
    char to[2048];
    size_t n = write_request(to, id, id % 2 ? LARGE : PLAIN);
    put(p->fd, to, id % 3 ? n : n / 2);
    if (id % 7 == 0)
        shutdown(p->fd, SHUT_WR);
    if (id % 2)
        reset(p->fd);
    else
        close(p->fd);
    atomic_fetch_add(&failed, 1);
}

static void *ask(void *arg)
{
    unsigned seed = (unsigned)(size_t)arg, id;
    struct peer *p = calloc(1, sizeof *p);
    p->fd = -1;
    for (;;) {
        unsigned what = (unsigned)rand_r(&seed) % 100, count = what < 5 ? 20 : 1;
        if ((id = atomic_fetch_add(&next_id, count) + 1) > most)
            break;
        if (p->fd < 0) {
            p->fd = dial();
            p->n = 0;
        }
        bool open = false;
        if (what < 5)
            open = ask_many(p, id, count);
        else if (what < 8)
            leave(p, id);
        else
            open = ask_once(p, id, &seed);
        if (!open && what >= 8)
            close(p->fd);
        if (!open)
            p->fd = -1;
    }
    if (p->fd >= 0)
        close(p->fd);
    free(p);
    return NULL;
}

/* A thousand requests at once, by somebody who reads nothing until all are sent. */
static void pipeline(void)
{
    struct peer *p = calloc(1, sizeof *p);
    char to[64];
    p->fd = dial();
    for (unsigned i = 0; i < PIPELINED; i++) {
        int n = sprintf(to, "GET /%u/%d HTTP/1.1\r\nHost: h\r\n\r\n", 900000000 + i, PLAIN);
        if (!put(p->fd, to, (size_t)n))
            die("a pipeline of a thousand was cut off");
    }
    for (unsigned i = 0; i < PIPELINED; i++)
        if (!read_answer(p, 900000000 + i, PLAIN))
            die("answer %u of a thousand did not come", i);
    close(p->fd);
    free(p);
}

static void mix(unsigned server_port, unsigned requests)
{
    pthread_t threads[CLIENTS];
    most = requests;
    start_server(server_port);
    pipeline();
    for (size_t i = 0; i < CLIENTS; i++)
        if (pthread_create(&threads[i], NULL, ask, (void *)(i + 1)))
            die("cannot make a thread");
    for (size_t i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    printf("%u served, %u not\n", served, failed);
    if (served < requests / 2)
        die("too few were served");
}

/* ---- slow ones ---- */

static int compare(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

static long times[1 << 16];
static atomic_uint ntimes;
static atomic_bool enough;

static void *ask_normally(void *arg)
{
    struct peer *p = calloc(1, sizeof *p);
    struct timespec pause = {.tv_nsec = 1000000};
    (void)arg;
    p->fd = dial();
    while (!enough && ntimes < sizeof times / sizeof *times) {
        long from = now_us();
        put(p->fd, "GET /n HTTP/1.1\r\nHost: h\r\n\r\n", 28);
        size_t head = read_head(p);
        if (!head || strncmp(p->in, "HTTP/1.1 200", 12) || !skip(p, head + length_of(p->in, head)))
            die("who is not slow is not served: %.20s", p->in);
        times[ntimes++] = now_us() - from;
        nanosleep(&pause, NULL);
    }
    close(p->fd);
    free(p);
    return NULL;
}

static void check_slow(int fd, unsigned number)
{
    struct peer *p = calloc(1, sizeof *p);
    char want[32];
    p->fd = fd;
    size_t head = read_head(p), len = length_of(p->in, head);
    int n = sprintf(want, "/%06u", number);
    if (!head || strncmp(p->in, "HTTP/1.1 200", 12) || len != (size_t)n)
        die("slow client %u got %.40s", number, p->in);
    while (p->n < head + len) {
        ssize_t got = recv(fd, p->in + p->n, ROOM - p->n, 0);
        if (got <= 0)
            die("slow client %u got a part of its answer", number);
        p->n += (size_t)got;
    }
    if (memcmp(p->in + head, want, len))
        die("slow client %u got the answer of another", number);
    close(fd);
    free(p);
}

static void slow(unsigned count)
{
    pthread_t thread;
    int *fds = calloc(count, sizeof *fds);
    char head[64];
    for (unsigned i = 0; i < count; i++)
        fds[i] = dial();
    pthread_create(&thread, NULL, ask_normally, NULL);
    int n = sprintf(head, "GET /000000 HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int at = 0; at < n; at++)
        for (unsigned i = 0; i < count; i++) {
            sprintf(head, "GET /%06u HTTP/1.1\r\nHost: h\r\n\r\n", i);
            if (!put(fds[i], head + at, 1))
                die("slow client %u was cut off", i);
        }
    enough = true;
    pthread_join(thread, NULL);
    for (unsigned i = 0; i < count; i++)
        check_slow(fds[i], i);
    qsort(times, ntimes, sizeof *times, compare);
    printf("%u slow; %u others, median %ld us, p99 %ld us\n", count, ntimes, times[ntimes / 2],
           times[ntimes * 99 / 100]);
}

static void hold(unsigned count, unsigned ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    for (unsigned i = 0; i < count; i++)
        dial();
    printf("held\n");
    fflush(stdout);
    nanosleep(&pause, NULL);
}

int main(int argc, char **argv)
{
    struct rlimit files;
    signal(SIGPIPE, SIG_IGN);
    if (argc < 4)
        die("see faults.c");
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    proxy_port = (unsigned)atoi(argv[2]);
    unsigned number = (unsigned)atoi(argv[3]);
    if (!strcmp(argv[1], "mix") && argc > 4)
        mix(number, (unsigned)atoi(argv[4]));
    else if (!strcmp(argv[1], "slow"))
        slow(number);
    else if (!strcmp(argv[1], "hold") && argc > 4)
        hold(number, (unsigned)atoi(argv[4]));
    else
        die("see faults.c");
    return 0;
}
