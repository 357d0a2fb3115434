/*
 * A DNS server, over UDP and TCP, that answers from a file, which it reads anew for each query: the
 * tests change what names mean by writing it.
 *
 *     dns PORT FILE
 *
 * A line of the file is a name, a type (A, AAAA, SRV) and words: what is answered.
 *     127.0.0.1, ::1            addresses
 *     WEIGHT:PORT:TARGET        SRV records of priority 1
 *     cname=NAME                the other records belong to this name
 *     also=NAME=ADDRESS         an additional record
 *     nx servfail refused       an error
 *     cut                       the answer is truncated
 *     torn                      it ends in the middle of a record
 *     other                     it answers another question
 *     mute                      there is none
 *     long                      it is truncated over UDP
 * and over TCP
 *     close                     the connection ends behind it
 *     drop                      the connection ends without it
 *     bytes                     it comes byte by byte
 *     empty                     an empty message and one of three bytes come before it
 *     stall                     more bytes are promised than come
 * A name that is not there does not exist. Each query is told on standard output, and each new TCP
 * connection as "connection".
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { A = 1, CNAME = 5, AAAA = 28, SRV = 33 };
enum { FOUND = 0, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

struct message {
    uint8_t bytes[4096];
    size_t len;
};

static void put8(struct message *m, unsigned v)
{
    if (m->len < sizeof m->bytes)
        m->bytes[m->len++] = (uint8_t)v;
}

static void put16(struct message *m, unsigned v)
{
    put8(m, v >> 8);
    put8(m, v & 255);
}

static void put_name(struct message *m, const char *name)
{
    while (*name) {
        size_t n = strcspn(name, ".");
        put8(m, (unsigned)n);
        for (size_t i = 0; i < n; i++)
            put8(m, (uint8_t)name[i]);
        name += n + (name[n] == '.');
    }
    put8(m, 0);
}

/* Everything of a record but its data, whose length is filled in by `end_record`. */
static size_t begin_record(struct message *m, const char *name, unsigned type, unsigned *count)
{
    put_name(m, name);
    put16(m, type);
    put16(m, 1);
    put16(m, 0);
    put16(m, 1);
    put16(m, 0);
    ++*count;
    return m->len;
}

static void end_record(struct message *m, size_t at)
{
    m->bytes[at - 2] = (uint8_t)((m->len - at) >> 8);
    m->bytes[at - 1] = (uint8_t)(m->len - at);
}

static void put_address(struct message *m, const char *name, const char *text, unsigned *count)
{
    uint8_t ip[16];
    unsigned type = strchr(text, ':') ? AAAA : A;
    inet_pton(type == A ? AF_INET : AF_INET6, text, ip);
    size_t at = begin_record(m, name, type, count);
    for (unsigned i = 0; i < (type == A ? 4 : 16); i++)
        put8(m, ip[i]);
    end_record(m, at);
}

static void put_srv(struct message *m, const char *name, const char *text, unsigned *count)
{
    char *rest;
    size_t at = begin_record(m, name, SRV, count);
    put16(m, 1);
    put16(m, (unsigned)strtoul(text, &rest, 10));
    put16(m, (unsigned)strtoul(rest + 1, &rest, 10));
    put_name(m, rest + 1);
    end_record(m, at);
}

/* What the words of a line ask for, beside records. */
struct wish {
    unsigned code;
    bool cut, torn, other, mute, long_, close, drop, bytes, empty, stall;
};

static bool wished(struct wish *w, const char *word)
{
    const struct {
        const char *word;
        unsigned code;
    } codes[] = {{"nx", NXDOMAIN}, {"servfail", SERVFAIL}, {"refused", REFUSED}};
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(word, codes[i].word)) {
            w->code = codes[i].code;
            return true;
        }
    const struct {
        const char *word;
        bool *is;
    } flags[] = {{"cut", &w->cut},    {"torn", &w->torn},   {"other", &w->other},
                 {"mute", &w->mute},  {"long", &w->long_},  {"close", &w->close},
                 {"drop", &w->drop},  {"bytes", &w->bytes}, {"empty", &w->empty},
                 {"stall", &w->stall}};
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
        if (!strcmp(word, flags[i].word))
            return *flags[i].is = true;
    return false;
}

/* The words behind a name and type as records. */
static void put_words(struct message *m, const char *name, unsigned type, char *words,
                      struct wish *wish)
{
    unsigned answers = 0, more = 0;
    static char owner[256];
    snprintf(owner, sizeof owner, "%s", name);
    for (char *w = strtok(words, " \n"); w; w = strtok(NULL, " \n")) {
        char *is = strchr(w, '=');
        if (wished(wish, w))
            continue;
        if (is && !strncmp(w, "cname=", 6)) {
            size_t at = begin_record(m, owner, CNAME, &answers);
            put_name(m, is + 1);
            end_record(m, at);
            snprintf(owner, sizeof owner, "%s", is + 1);
        } else if (is) {
            char *second = strchr(is + 1, '=');
            *second = 0;
            put_address(m, is + 1, second + 1, &more);
        } else if (type == SRV) {
            put_srv(m, owner, w, &answers);
        } else {
            put_address(m, owner, w, &answers);
        }
    }
    m->bytes[7] = (uint8_t)answers;
    m->bytes[11] = (uint8_t)more;
}

static bool matches(char *line, const char *name, unsigned type, char **words)
{
    char *kind = strchr(line, ' ');
    if (!kind)
        return false;
    *kind++ = 0;
    size_t n = strcspn(kind, " \n");
    const char *asked = type == A ? "A" : type == AAAA ? "AAAA" : type == SRV ? "SRV" : "?";
    *words = kind + n;
    return !strcasecmp(line, name) && strlen(asked) == n && !strncmp(kind, asked, n);
}

static void answer(const char *file, struct message *m, const char *name, unsigned type,
                   struct wish *wish)
{
    static char line[2048];
    FILE *f = fopen(file, "r");
    char *words;
    wish->code = NXDOMAIN;
    while (f && fgets(line, sizeof line, f))
        if (matches(line, name, type, &words)) {
            wish->code = FOUND;
            put_words(m, name, type, words, wish);
            break;
        }
    if (f)
        fclose(f);
}

/* The name of the question; its end is where the type stands. */
static size_t question(const uint8_t *q, size_t len, char name[256])
{
    size_t at = 12, to = 0;
    while (at < len && q[at]) {
        size_t n = q[at++];
        if (at + n >= len || to + n + 2 > 256)
            return 0;
        memcpy(name + to, q + at, n);
        to += n;
        name[to++] = '.';
        at += n;
    }
    name[to ? to - 1 : 0] = 0;
    return at + 5 <= len ? at + 1 : 0;
}

/* What is answered to a query; *m is empty if that is no query. */
static void reply(const uint8_t *q, size_t len, const char *file, struct message *m,
                  struct wish *wish)
{
    char name[256];
    size_t at = len > 12 ? question(q, len, name) : 0;
    *m = (struct message){.len = at ? at + 4 : 0};
    *wish = (struct wish){0};
    if (!at)
        return;
    unsigned type = (unsigned)(q[at] << 8 | q[at + 1]);
    memcpy(m->bytes, q, m->len);
    memset(m->bytes + 6, 0, 6);
    answer(file, m, name, type, wish);
    printf("%u %s\n", type, name);
    m->bytes[2] = (uint8_t)(0x81 | (wish->cut ? 2 : 0));
    m->bytes[3] = (uint8_t)(0x80 | wish->code);
    if (wish->other)
        m->bytes[13] ^= 1;
    if (wish->torn)
        m->len -= 3;
}

static void serve(int fd, const char *file)
{
    uint8_t q[1500];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    struct message m;
    struct wish wish;
    ssize_t len = recvfrom(fd, q, sizeof q, 0, (struct sockaddr *)&from, &size);
    reply(q, len > 0 ? (size_t)len : 0, file, &m, &wish);
    if (wish.long_)
        m.bytes[2] |= 2;
    if (m.len && !wish.mute)
        sendto(fd, m.bytes, m.len, 0, (struct sockaddr *)&from, size);
}

/* ---- TCP ---- */

struct connection {
    int fd; /* -1: free */
    uint8_t bytes[8192];
    size_t n;
};

static void send_all(int fd, const uint8_t *bytes, size_t len, size_t piece)
{
    for (size_t at = 0; at < len; at += piece) {
        if (send(fd, bytes + at, len - at < piece ? len - at : piece, MSG_NOSIGNAL) < 0)
            return;
        if (piece == 1)
            usleep(500);
    }
}

/* false: the connection is to end. */
static bool answer_stream(int fd, const struct message *m, const struct wish *wish)
{
    static uint8_t bytes[7 + sizeof m->bytes] = {0, 0, 0, 3, 1, 2, 3};
    size_t from = wish->empty ? 0 : 7, promised = wish->stall ? 60000 : m->len;
    if (wish->drop)
        return false;
    if (wish->mute || !m->len)
        return true;
    bytes[7] = (uint8_t)(promised >> 8);
    bytes[8] = (uint8_t)promised;
    memcpy(bytes + 9, m->bytes, m->len);
    send_all(fd, bytes + from, 9 - from + m->len, wish->bytes ? 1 : sizeof bytes);
    return !wish->close;
}

static bool serve_stream(struct connection *c, const char *file)
{
    struct message m;
    struct wish wish;
    ssize_t n = recv(c->fd, c->bytes + c->n, sizeof c->bytes - c->n, 0);
    if (n <= 0)
        return false;
    c->n += (size_t)n;
    for (size_t len; c->n > 2 && c->n >= (len = 2 + (size_t)(c->bytes[0] << 8 | c->bytes[1]));) {
        reply(c->bytes + 2, len - 2, file, &m, &wish);
        if (!answer_stream(c->fd, &m, &wish))
            return false;
        c->n -= len;
        memmove(c->bytes, c->bytes + len, c->n);
    }
    return true;
}

enum { CONNECTIONS = 32 };

static struct connection connections[CONNECTIONS];

static void welcome(int listener)
{
    int fd = accept(listener, NULL, NULL);
    printf("connection\n");
    for (unsigned i = 0; i < CONNECTIONS; i++)
        if (connections[i].fd < 0) {
            connections[i] = (struct connection){.fd = fd};
            return;
        }
    close(fd);
}

static void turn(int udp, int listener, const char *file)
{
    struct pollfd fds[2 + CONNECTIONS] = {{.fd = udp, .events = POLLIN},
                                          {.fd = listener, .events = POLLIN}};
    for (unsigned i = 0; i < CONNECTIONS; i++)
        fds[2 + i] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
    poll(fds, 2 + CONNECTIONS, -1);
    if (fds[0].revents)
        serve(udp, file);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        if (fds[2 + i].revents && !serve_stream(&connections[i], file)) {
            close(connections[i].fd);
            connections[i].fd = -1;
        }
    if (fds[1].revents)
        welcome(listener);
}

int main(int argc, char **argv)
{
    int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc != 3)
        return 2;
    to.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(udp, (struct sockaddr *)&to, sizeof to) ||
        bind(tcp, (struct sockaddr *)&to, sizeof to) || listen(tcp, CONNECTIONS))
        return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        connections[i].fd = -1;
    for (;;)
        turn(udp, tcp, argv[2]);
}
