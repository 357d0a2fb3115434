/*
 * A DNS server that answers from a file, which it reads anew for each query: the tests change what
 * names mean by writing it.
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
 * A name that is not there does not exist. Each query is told on standard output.
 */
#include <arpa/inet.h>
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
    bool cut, torn, other, mute;
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
    w->cut |= !strcmp(word, "cut");
    w->torn |= !strcmp(word, "torn");
    w->other |= !strcmp(word, "other");
    w->mute |= !strcmp(word, "mute");
    return w->cut || w->torn || w->other || w->mute;
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

static void serve(int fd, const char *file)
{
    uint8_t q[1500];
    char name[256];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t len = recvfrom(fd, q, sizeof q, 0, (struct sockaddr *)&from, &size);
    size_t at = len > 12 ? question(q, (size_t)len, name) : 0;
    if (!at)
        return;
    unsigned type = (unsigned)(q[at] << 8 | q[at + 1]);
    struct message m = {.len = at + 4};
    struct wish wish = {0};
    memcpy(m.bytes, q, m.len);
    memset(m.bytes + 6, 0, 6);
    answer(file, &m, name, type, &wish);
    printf("%u %s\n", type, name);
    m.bytes[2] = (uint8_t)(0x81 | (wish.cut ? 2 : 0));
    m.bytes[3] = (uint8_t)(0x80 | wish.code);
    if (wish.other)
        m.bytes[13] ^= 1;
    if (!wish.mute)
        sendto(fd, m.bytes, m.len - (wish.torn ? 3 : 0), 0, (struct sockaddr *)&from, size);
}

int main(int argc, char **argv)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc != 3)
        return 2;
    to.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to))
        return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (;;)
        serve(fd, argv[2]);
}
