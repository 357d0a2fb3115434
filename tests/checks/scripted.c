/*
 * Servers that say what they are told, for tests of checks: scripted FILE PORTS
 *
 * A line of FILE is "NAME CONVERSATION / CONVERSATION ...", for a server of its own. Its k-th
 * connection gets the k-th conversation, later ones the last. What they are made of:
 *   read            waits for something          read:N       for N bytes
 *   until:TEXT      for this text                send:TEXT    sends it
 *   wait:MS         pauses                       reset        closes by a reset
 *   hang            waits for the peer to close  stop         refuses connections from now on
 *   N*              in front of a conversation: it is held so often
 * Texts have the escapes \r \n \s (space) \\ \xHH. At its end, a conversation is closed.
 * Instead of conversations: "refuse" (connections), "deaf" (connections stay unanswered), "silent"
 * (nobody looks at them).
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

/* How many bytes came; 0: none will. */
static size_t receive(int fd, char *to, size_t room)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, READ_MS) <= 0)
        return 0;
    ssize_t n = recv(fd, to, room, 0);
    return n > 0 ? (size_t)n : 0;
}

static bool read_bytes(int fd, size_t want)
{
    char bytes[65536];
    for (size_t n; want; want -= n)
        if (!(n = receive(fd, bytes, want < sizeof bytes ? want : sizeof bytes)))
            return false;
    return true;
}

static bool read_until(int fd, const char *text, size_t len)
{
    char bytes[65536];
    size_t have = 0, n;
    while (!memmem(bytes, have, text, len)) {
        if (!(n = receive(fd, bytes + have, sizeof bytes - have)))
            return false;
        have += n;
    }
    return true;
}

static void close_hard(int fd)
{
    struct linger l = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

/* false: the conversation is over. */
static bool step(struct server *s, int fd, char *word)
{
    char *value = strchr(word, ':'), bytes[4096];
    if (value)
        *value++ = 0;
    if (!strcmp(word, "read"))
        return value ? read_bytes(fd, (size_t)atoi(value)) : receive(fd, bytes, sizeof bytes) > 0;
    if (!strcmp(word, "until"))
        return read_until(fd, value, plain(value));
    if (!strcmp(word, "send")) {
        size_t n = plain(value);
        return send(fd, value, n, MSG_NOSIGNAL) == (ssize_t)n;
    }
    if (!strcmp(word, "wait"))
        return !usleep((useconds_t)atoi(value) * 1000);
    if (!strcmp(word, "hang"))
        while (receive(fd, bytes, sizeof bytes))
            continue;
    if (!strcmp(word, "stop")) {
        s->stopped = true;
        return !shutdown(s->fd, SHUT_RD);
    }
    if (!strcmp(word, "reset"))
        close_hard(fd);
    return false;
}

static const char *conversation(const struct server *s, unsigned k)
{
    unsigned i = 0;
    while (i + 1 < s->n && k >= s->times[i])
        k -= s->times[i++];
    return s->conversations[i];
}

struct visit {
    struct server *s;
    int fd;
    unsigned number;
};

static void *talk(void *arg)
{
    struct visit *v = arg;
    char *text = strdup(conversation(v->s, v->number)), *rest = text;
    for (char *word; (word = strtok_r(rest, " ", &rest)) && step(v->s, v->fd, word);)
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
        *v = (struct visit){s, fd, number};
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
    for (char *part; (part = strtok_r(rest, "/", &rest)) && s->n < CONVERSATIONS;) {
        part += strspn(part, " ");
        char *end;
        unsigned long times = strtoul(part, &end, 10);
        bool counted = end != part && *end == '*';
        s->times[s->n] = counted ? (unsigned)times : 1;
        s->conversations[s->n++] = counted ? end + 1 : part;
    }
    if (!s->n)
        s->conversations[s->n++] = (char *)"";
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

static void server_open(struct server *s)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&addr, sizeof addr) ||
        getsockname(s->fd, (struct sockaddr *)&addr, &len))
        die("bind");
    s->port = ntohs(addr.sin_port);
    s->silent = true;
    if (!strncmp(s->conversations[0], "refuse", 6))
        return;
    if (!strncmp(s->conversations[0], "deaf", 4)) {
        become_deaf(s, &addr);
        return;
    }
    if (listen(s->fd, 64))
        die("listen");
    if (!strncmp(s->conversations[0], "silent", 6))
        return;
    s->silent = false;
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
