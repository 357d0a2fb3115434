/*
 * Reading -S. See master_socket.h.
 */
#include "master_socket.h"

#include "../base/macros.h"
#include "message.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum setting { FLAG, UINT, INT, TIME, TEXT, MODE, THREADS, SHARDS, U32 };

static const struct option {
    const char *words;
    enum setting kind;
    size_t at;
} options[] = {
#define PX_BIND(words, field, kind, dflt, doc) {words, kind, offsetof(struct px_bind, field)},
#include "../abi/bind.def"
#undef PX_BIND
};

static bool refuse(const char *what, const char *word)
{
    px_alert("-S: %s '%s'", what, word);
    return false;
}

/* ---- the address ---- */

static bool take_prefix(const char **text, const char *prefix)
{
    size_t len = strlen(prefix);
    if (strncmp(*text, prefix, len))
        return false;
    *text += len;
    return true;
}

static bool read_number(const char *text, int most, int *value)
{
    char *end;
    long n = strtol(text, &end, 10);
    *value = (int)n;
    return end != text && !*end && n >= 0 && n <= most;
}

static bool read_ip(char *text, struct px_endpoint *ep)
{
    char *colon = strrchr(text, ':'), *ip = text;
    int port;
    if (!colon || !read_number(colon + 1, UINT16_MAX, &port) || !port)
        return false;
    *colon = 0;
    ep->port = port;
    size_t len = strlen(ip);
    if (len > 1 && *ip == '[' && ip[len - 1] == ']') {
        ip[len - 1] = 0;
        ip++;
    }
    bool any = !*ip || !strcmp(ip, "*");
    ep->family = strchr(ip, ':') ? PX_AF_INET6 : PX_AF_INET;
    return inet_pton(ep->family == PX_AF_INET6 ? AF_INET6 : AF_INET, any ? "0.0.0.0" : ip,
                     &ep->ip) == 1;
}

static bool read_address(char *word, struct px_endpoint *ep)
{
    const char *text = word;
    int fd;
    if (take_prefix(&text, "fd@") || take_prefix(&text, "sockpair@")) {
        ep->family = PX_AF_FD;
        if (!read_number(text, INT32_MAX, &fd))
            return false;
        ep->port = fd;
        return true;
    }
    bool abstract = take_prefix(&text, "abns@");
    if (abstract || take_prefix(&text, "unix@") || *text == '/') {
        ep->family = abstract ? PX_AF_ABNS : PX_AF_UNIX;
        ep->path = text;
        return *text;
    }
    if (!take_prefix(&text, "ipv4@"))
        take_prefix(&text, "ipv6@");
    return read_ip(word + (text - word), ep);
}

/* ---- options ---- */

static const struct option *find(const char *word)
{
    for (unsigned i = 0; i < PX_COUNT(options); i++)
        if (!strcmp(options[i].words, word))
            return &options[i];
    return NULL;
}

static bool set(struct px_bind *bind, const struct option *o, const char *value)
{
    void *field = (char *)bind + o->at;
    char *end;
    if (o->kind == FLAG) {
        *(bool *)field = true;
        return true;
    }
    if (o->kind == TEXT) {
        *(const char **)field = value;
        return true;
    }
    long n = strtol(value, &end, o->kind == MODE ? 8 : 10);
    *(int32_t *)field = (int32_t)n;
    return end != value && !*end && n <= INT32_MAX && n >= (o->kind == INT ? INT32_MIN : 0);
}

static bool read_options(char *rest, struct px_bind *bind)
{
    for (char *word = strtok_r(rest, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        const struct option *o = find(word);
        if (!o)
            return refuse("unknown option", word);
        if (o->kind == THREADS || o->kind == SHARDS || o->kind == U32 || !strcmp(word, "namespace"))
            return refuse("the master does not know", word);
        char *value = o->kind == FLAG ? word : strtok_r(NULL, ",", &rest);
        if (!value || !set(bind, o, value))
            return refuse("missing or wrong value of", word);
    }
    const char *l = bind->level;
    if (l && strcmp(l, "user") && strcmp(l, "operator") && strcmp(l, "admin"))
        return refuse("unknown level", l);
    return true;
}

bool px_master_socket_read(const char *text, struct px_bind *bind)
{
    *bind = (struct px_bind){.level = "admin", .uid = -1, .gid = -1, .number = UINT16_MAX};
    char *copy = strdup(text);
    if (!copy)
        return refuse("out of memory", text);
    char *options_at = strchr(copy, ',');
    if (options_at)
        *options_at++ = 0;
    if (!read_address(copy, &bind->addr))
        return refuse("this is no address to listen on:", copy);
    return !options_at || read_options(options_at, bind);
}
