/*
 * A proxy in this process, with each of its allocations failing in turn: what fails is that one
 * connection, at most. Nothing may crash, hang, or be lost for good.
 *
 *     memory DIRECTORY
 *
 * The proxy is memory.cfg, compiled and linked in; the linker sends its malloc, calloc and realloc
 * here (-Wl,--wrap). For the n-th allocation there is one child process: its main thread is the
 * proxy, which finds nothing warmed up; another thread plays the clients, others the server.
 * Every client comes by a connection of its own. When all have had an answer, or have lost their
 * connection, they come again with memory enough, and then all must be served. For each n there is
 * a second child, in which all allocations from the n-th on fail until then.
 */
#include "../../runtime/ops/workers.h"
#include "../../runtime/upstream/state.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    AT_A_TIME = 4,
    MOST = 1000,
    MOST_BAD = 10,
    MOST_IDLE = 10,
    PATIENCE_MS = 5000,
    BIG = 1 << 20
};
enum { SERVED = 0, WRONG = 1, NOT_REACHED = 2 };

int proxy_main(int argc, char **argv); /* the proxy's own */

/* ---- allocations ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_px_loop_run(struct px_loop *loop);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_px_loop_run(struct px_loop *loop);

static _Thread_local bool is_proxy;
static _Atomic unsigned countdown; /* 0: none fails */
static unsigned drought;           /* 1: all behind it fail too, until countdown is set */
static _Atomic bool running, has_failed;

static bool fails(void)
{
    if (!is_proxy || !countdown || --countdown)
        return false;
    has_failed = true;
    countdown = drought;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

void __wrap_px_loop_run(struct px_loop *loop)
{
    running = true;
    is_proxy = true;
    __real_px_loop_run(loop);
}

/* ---- sockets ---- */

static void pause_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static void die(const char *what)
{
    perror(what);
    _exit(WRONG);
}

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    return a;
}

static int bound(const char *path, int type)
{
    struct sockaddr_un a = address(path);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a))
        die(path);
    return fd;
}

static int connected(const char *path)
{
    struct sockaddr_un a = address(path);
    struct timeval t = {.tv_sec = PATIENCE_MS / 1000};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t))
        die(path);
    return fd;
}

/* ---- the server ---- */

static char big[BIG];

static void say(int fd, const char *p, size_t len)
{
    for (ssize_t n; len && (n = send(fd, p, len, MSG_NOSIGNAL)) > 0; len -= (size_t)n)
        p += n;
}

static void answer(int fd, const char *request)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: ";
    char text[128];
    bool is_big = strstr(request, " /big ");
    if (strstr(request, " /slow "))
        pause_ms(30);
    snprintf(text, sizeof text, "%s%d\r\n\r\n%s", head, is_big ? BIG : 5, is_big ? "" : "hello");
    say(fd, text, strlen(text));
    if (is_big)
        say(fd, big, BIG);
}

/* Where the message at the front of the text ends; 0: it is not complete. Good enough for what
 * comes here. */
static size_t message_len(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    if (!end || !strstr(text, "chunked"))
        return end ? (size_t)(end + 4 - text) : 0;
    end = strstr(text, "\r\n0\r\n\r\n");
    return end ? (size_t)(end + 7 - text) : 0;
}

static void *serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    size_t len = 0, cap = 1 << 20;
    char *text = __real_malloc(cap);
    for (ssize_t n; (n = recv(fd, text + len, cap - len - 1, 0)) > 0;) {
        len += (size_t)n;
        text[len] = '\0';
        for (size_t m; (m = message_len(text)); len -= m, memmove(text, text + m, len + 1))
            answer(fd, text);
    }
    free(text);
    close(fd);
    return NULL;
}

static void *accept_all(void *arg)
{
    int listener = (int)(intptr_t)arg;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd))
            die("server");
        pthread_detach(thread);
    }
    return NULL;
}

static void start_server(void)
{
    int fd = bound("origin.sock", SOCK_STREAM);
    pthread_t thread;
    bound("log.sock", SOCK_DGRAM);
    if (listen(fd, 64) || pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)fd))
        die("server");
}

/* ---- the clients ---- */

struct visit {
    const char *name, *path, *request;
    const char *want; /* somewhere in what is received; */
    unsigned times;   /* so often */
    size_t at_least;  /* bytes */
    bool slow;        /* does not read for a while */
};

#define GET(target) "GET " target " HTTP/1.1\r\nHost: h\r\nX-Long: aaaa\r\nX-Drop: 1\r\n"
#define LAST "Connection: close\r\n\r\n"
#define LONG X10("0123456789")
#define X10(text) text text text text text text text text text text

static const struct visit visits[] = {
    {"one", "www.sock", GET("/a") LAST, "hello", 1, 0, false},
    {"pipelined", "www.sock", GET("/a") "\r\n" GET("/B/c") "\r\n" GET("/d") LAST, "hello", 3, 0,
     false},
    {"upload", "www.sock",
     "POST /up HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" LAST X10(
         X10("a\r\n0123456789\r\n")) "0\r\n\r\n",
     "hello", 1, 0, false},
    {"many fields", "www.sock", GET("/a") X10(X10("X-Field: value\r\n") "") LAST, "HTTP/1.1 400", 1,
     0, false},
    {"long fields", "www.sock", GET("/a") X10("A: " LONG LONG LONG "\r\n") LAST, "hello", 1, 0,
     false},
    {"redirect", "www.sock", GET("/go") LAST, "location: /there?/go h", 1, 0, false},
    {"return", "www.sock", GET("/return") LAST, "x-path: -return", 1, 0, false},
    {"deny", "www.sock", GET("/deny") LAST, "HTTP/1.1 403", 1, 0, false},
    {"big", "www.sock", GET("/big") LAST, "200 OK", 1, BIG, false},
    {"big and slow", "www.sock", GET("/big") LAST, "200 OK", 1, BIG, true},
    {"announced", "announced.sock", "PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n" GET("/a") LAST, "hello",
     1, 0, false},
    {"tunnel", "tcp.sock", "GET /a HTTP/1.1\r\n\r\n", "hello", 1, 0, false},
    {"malformed", "www.sock", "GET  HTTP/1.1\r\n\r\n", "HTTP/1.1 400", 1, 0, false},
};
enum { VISITS = sizeof visits / sizeof *visits };

static size_t receive(int fd, char *text, size_t cap, bool *hung)
{
    size_t len = 0;
    ssize_t n;
    while (len < cap - 1 && (n = recv(fd, text + len, cap - 1 - len, 0)) > 0)
        len += (size_t)n;
    *hung = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    text[len] = '\0';
    return len;
}

static bool is_served(const struct visit *v, const char *text, size_t len)
{
    unsigned times = 0;
    for (const char *p = text; (p = strstr(p, v->want)); p++)
        times++;
    return times == v->times && len >= v->at_least;
}

static bool finish(const struct visit *v, int fd)
{
    static char text[BIG + 4096];
    bool hung;
    if (!strcmp(v->name, "tunnel"))
        shutdown(fd, SHUT_WR);
    if (v->slow)
        pause_ms(20);
    size_t len = receive(fd, text, sizeof text, &hung);
    close(fd);
    if (hung) {
        printf("%s: no end\n", v->name);
        _exit(WRONG);
    }
    return is_served(v, text, len);
}

static int begin(const struct visit *v)
{
    int fd = connected(v->path);
    say(fd, v->request, strlen(v->request));
    return fd;
}

/* Answers how many were not served. */
static unsigned all_visits(const char **which)
{
    static const struct visit queued = {"queued", "www.sock", GET("/slow") LAST, "hello", 1,
                                        0,        false};
    unsigned lost = 0;
    for (unsigned i = 0; i < VISITS; i++)
        if (!finish(&visits[i], begin(&visits[i]))) {
            *which = visits[i].name;
            lost++;
        }
    int first = begin(&queued), second = begin(&queued);
    for (int i = 0; i < 2; i++)
        if (!finish(&queued, i ? second : first)) {
            *which = queued.name;
            lost++;
        }
    return lost;
}

/* ---- what is left behind ---- */

static bool is_level(void)
{
    if (px_conns.now)
        return false;
    for (unsigned i = 0; i < px_program.nproxies; i++) {
        const struct px_proxy *p = px_program.proxies[i];
        const struct px_proxy_state *st = px_proxy_state(p);
        if (st->fe_conns.now || st->be_conns.now || st->queue.length.now)
            return false;
        for (unsigned k = 0; k < p->nservers; k++)
            if (px_server_state(p->servers[k])->served.now)
                return false;
    }
    return true;
}

static bool becomes_level(void)
{
    for (int i = 0; i < PATIENCE_MS / 5; i++) {
        if (is_level())
            return true;
        pause_ms(5);
    }
    return false;
}

static void *drive(void *arg)
{
    const char *which = "";
    unsigned nth = (unsigned)(uintptr_t)arg;
    unsigned most = drought ? UINT_MAX : 1;
    while (!running)
        pause_ms(1);
    countdown = nth;
    unsigned lost = all_visits(&which);
    countdown = 0;
    if (lost > most)
        printf("allocation %u: %u connections were lost, the last one in '%s'\n", nth, lost, which);
    unsigned again = all_visits(&which);
    if (again)
        printf("allocation %u: later on, %u were lost, the last one in '%s'\n", nth, again, which);
    bool level = becomes_level();
    if (!level)
        printf("allocation %u: something is still counted\n", nth);
    fflush(stdout);
    _exit(lost > most || again || !level ? WRONG : has_failed ? SERVED : NOT_REACHED);
}

static int child(const char *dir, unsigned number)
{
    char path[512], name[] = "memory", foreground[] = "-db";
    char *argv[] = {name, foreground, NULL};
    pthread_t thread;
    unsigned nth = (number + 1) / 2;
    drought = number % 2;
    snprintf(path, sizeof path, "%s/%u", dir, number);
    if (mkdir(path, 0700) || chdir(path))
        die(path);
    memset(big, 'b', sizeof big);
    start_server();
    if (pthread_create(&thread, NULL, drive, (void *)(uintptr_t)nth))
        die("clients");
    return proxy_main(2, argv);
}

int main(int argc, char **argv)
{
    unsigned begun = 0, failed = 0, busy = 0, bad = 0;
    unsigned idle = 0; /* those in which there were not so many allocations */
    if (argc != 2)
        return 2;
    while (busy || (idle < MOST_IDLE && begun < MOST && bad < MOST_BAD)) {
        for (; busy < AT_A_TIME && idle < MOST_IDLE && begun < MOST && bad < MOST_BAD; busy++) {
            pid_t pid = fork();
            if (pid < 0)
                die("fork");
            begun++;
            if (!pid)
                _exit(child(argv[1], begun));
        }
        int status;
        pid_t pid = wait(&status);
        busy--;
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (code < 0)
            printf("process %d: signal %d\n", (int)pid, WTERMSIG(status));
        idle += code == NOT_REACHED;
        failed += code == SERVED;
        bad += code != SERVED && code != NOT_REACHED;
    }
    if (bad || !failed || !idle)
        printf("%u of %u processes went wrong\n", bad, begun);
    printf("%u allocations failed\n", failed / 2);
    return bad || !failed || !idle;
}
