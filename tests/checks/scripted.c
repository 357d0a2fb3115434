/*
 * Servers that say what they are told, for tests of checks: scripted FILE PORTS
 *
 * A line of FILE is "NAME CONVERSATION / CONVERSATION ...", for a server of its own. Its k-th
 * connection gets the k-th conversation, later ones the last. What they are made of:
 *   read            waits for something          read:N       for N bytes
 *   until:TEXT      for this text                send:TEXT    sends it
 *   wait:MS         pauses                       reset        closes by a reset
 *   hang            waits for the peer to close  stop         refuses connections from now on
 *   orderly         waits for the peer to close, and stops if that is a reset
 *   N*              in front of a conversation: it is held so often
 * Texts have the escapes \r \n \s (space) \\ \xHH. At its end, a conversation is closed.
 * Instead of conversations: "refuse" (connections), "deaf" (connections stay unanswered), "silent"
 * (they are closed; it does not matter how many there are), "lent" (who is checked may listen
 * there).
 *
 * PORTS gets lines "NAME PORT" when all listen. Then the program waits for a line on its standard
 * input, prints "done" once each server has had TAIL connections more than it has conversations,
 * and ends when its input does.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVERS = 512, CONVERSATIONS = 32, TAIL = 6, READ_MS = 5000 };

struct server {
    char *name, *conversations[CONVERSATIONS];
    unsigned n, times[CONVERSATIONS];
    int fd;
    unsigned port;
    _Atomic unsigned connections;
    _Atomic bool stopped;
    bool silent; /* it never accepts */
};

static struct server servers[SERVERS];
static unsigned nservers;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- conversations ---- */

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Without its escapes, in place; the length. */
static size_t plain(char *text)
{
    size_t n = 0;
    for (const char *p = text; *p; p++) {
        if (*p != '\\') {
            text[n++] = *p;
            continue;
        }
        char c = *++p;
        if (c == 'x') {
            text[n++] = (char)(hex(p[1]) * 16 + hex(p[2]));
            p += 2;
        } else {
            text[n++] = c == 'r' ? '\r' : c == 'n' ? '\n' : c == 's' ? ' ' : c;
        }
    }
    return n;
}

struct visit {
    struct server *s;
    int fd;
    unsigned number;
    char bytes[65536]; /* received, and not asked for yet */
    size_t have;
};

static bool receive(struct visit *v)
{
    struct pollfd p = {.fd = v->fd, .events = POLLIN};
    if (poll(&p, 1, READ_MS) <= 0)
        return false;
    ssize_t n = recv(v->fd, v->bytes + v->have, sizeof v->bytes - v->have, 0);
    if (n > 0)
        v->have += (size_t)n;
    return n > 0;
}

static void take(struct visit *v, size_t n)
{
    v->have -= n;
    memmove(v->bytes, v->bytes + n, v->have);
}

static bool read_bytes(struct visit *v, size_t want)
{
    while (v->have < want)
        if (!receive(v))
            return false;
    take(v, want);
    return true;
}

static bool read_until(struct visit *v, const char *text, size_t len)
{
    const char *found;
    while (!(found = memmem(v->bytes, v->have, text, len)))
        if (!receive(v))
            return false;
    take(v, (size_t)(found - v->bytes) + len);
    return true;
}

static void hang(struct visit *v)
{
    do
        v->have = 0;
    while (receive(v));
}

static void close_hard(int fd)
{
    struct linger l = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

static bool ends_orderly(struct visit *v)
{
    ssize_t n;
    while ((n = recv(v->fd, v->bytes, sizeof v->bytes, 0)) > 0)
        continue;
    return !n;
}

/* false: the conversation is over. */
static bool step(struct visit *v, char *word)
{
    char *value = strchr(word, ':');
    if (value)
        *value++ = 0;
    if (!strcmp(word, "read"))
        return read_bytes(v, value ? (size_t)atoi(value) : 1);
    if (!strcmp(word, "until"))
        return read_until(v, value, plain(value));
    if (!strcmp(word, "send")) {
        size_t n = plain(value);
        return send(v->fd, value, n, MSG_NOSIGNAL) == (ssize_t)n;
    }
    if (!strcmp(word, "wait"))
        return !usleep((useconds_t)atoi(value) * 1000);
    if (!strcmp(word, "hang"))
        hang(v);
    bool orderly = strcmp(word, "orderly") || ends_orderly(v);
    if (!strcmp(word, "stop") || !orderly) {
        v->s->stopped = true;
        return !shutdown(v->s->fd, SHUT_RD);
    }
    if (!strcmp(word, "reset"))
        close_hard(v->fd);
    return false;
}

static const char *conversation(const struct server *s, unsigned k)
{
    unsigned i = 0;
    while (i + 1 < s->n && k >= s->times[i])
        k -= s->times[i++];
    return s->conversations[i];
}

static void *talk(void *arg)
{
    struct visit *v = arg;
    char *text = strdup(conversation(v->s, v->number)), *rest = text;
    for (char *word; (word = strtok_r(rest, " ", &rest)) && step(v, word);)
        continue;
    close(v->fd);
    v->s->connections++;
    free(text);
    free(v);
    return NULL;
}

static void *serve(void *arg)
{
    struct server *s = arg;
    for (unsigned number = 0;; number++) {
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct visit *v = malloc(sizeof *v);
        v->s = s;
        v->fd = fd;
        v->number = number;
        v->have = 0;
        pthread_t thread;
        if (pthread_create(&thread, NULL, talk, v))
            die("pthread_create");
        pthread_detach(thread);
    }
}

/* ---- servers ---- */

static void parse(struct server *s, char *line)
{
    char *rest = line;
    s->name = strtok_r(rest, " ", &rest);
    rest = rest ? rest : (char *)"";
    for (char *part = rest, *next; part && s->n < CONVERSATIONS; part = next) {
        next = strstr(part, " / ");
        if (next) {
            *next = 0;
            next += 3;
        }
        char *end;
        unsigned long times = strtoul(part, &end, 10);
        bool counted = end != part && *end == '*';
        s->times[s->n] = counted ? (unsigned)times : 1;
        s->conversations[s->n++] = counted ? end + 1 : part;
    }
}

static unsigned wanted(const struct server *s)
{
    unsigned n = TAIL;
    for (unsigned i = 0; i < s->n; i++)
        n += s->times[i];
    return n;
}

/* Fills the queue of a socket that nobody accepts from. */
static void become_deaf(const struct server *s, const struct sockaddr_in *addr)
{
    listen(s->fd, 0);
    for (unsigned i = 0; i < 4; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (connect(fd, (const struct sockaddr *)addr, sizeof *addr) && errno != EINPROGRESS)
            die("connect");
    }
}

static int bound(struct sockaddr_in *addr)
{
    socklen_t len = sizeof *addr;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (const struct sockaddr *)addr, len) ||
        getsockname(fd, (struct sockaddr *)addr, &len))
        die("bind");
    return fd;
}

static void server_open(struct server *s)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    /* When it stops to listen, a socket loses a port that it did not ask for. */
    int finder = bound(&addr);
    s->fd = bound(&addr);
    close(finder);
    s->port = ntohs(addr.sin_port);
    s->silent = true;
    if (!strncmp(s->conversations[0], "refuse", 6))
        return;
    if (!strncmp(s->conversations[0], "lent", 4)) {
        setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
        return;
    }
    if (!strncmp(s->conversations[0], "deaf", 4)) {
        become_deaf(s, &addr);
        return;
    }
    if (listen(s->fd, 64))
        die("listen");
    s->silent = !strncmp(s->conversations[0], "silent", 6);
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, s))
        die("pthread_create");
    pthread_detach(thread);
}

static void read_file(const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    if (!f)
        die(path);
    while (getline(&line, &size, f) > 0 && nservers < SERVERS) {
        line[strcspn(line, "\n")] = 0;
        parse(&servers[nservers++], strdup(line));
    }
    free(line);
    fclose(f);
}

static void write_ports(const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        die(path);
    for (unsigned i = 0; i < nservers; i++)
        fprintf(f, "%s %u\n", servers[i].name, servers[i].port);
    fclose(f);
}

static bool all_are_done(void)
{
    for (unsigned i = 0; i < nservers; i++)
        if (!servers[i].silent && !servers[i].stopped &&
            servers[i].connections < wanted(&servers[i]))
            return false;
    return true;
}

static void say_who_is_not(void)
{
    for (unsigned i = 0; i < nservers; i++)
        if (!servers[i].silent && !servers[i].stopped &&
            servers[i].connections < wanted(&servers[i]))
            fprintf(stderr, "%s: %u of %u connections\n", servers[i].name, servers[i].connections,
                    wanted(&servers[i]));
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    read_file(argv[1]);
    for (unsigned i = 0; i < nservers; i++)
        server_open(&servers[i]);
    write_ports(argv[2]);
    puts("ready");
    fflush(stdout);
    for (bool said = false;;) {
        struct pollfd p = {.fd = 0, .events = POLLIN};
        char byte;
        if (poll(&p, 1, 10) > 0 && read(0, &byte, 1) <= 0)
            break;
        if (!said && all_are_done()) {
            said = true;
            puts("done");
            fflush(stdout);
        }
    }
    say_who_is_not();
    return 0;
}
