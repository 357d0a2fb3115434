/*
 * The environment. See environment.h.
 */
#include "environment.h"

#include "../net/addr.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static bool is_listed(const char *names, const char *entry)
{
    size_t len = strcspn(entry, "=");
    while (*names) {
        size_t n = strcspn(names, " ");
        if (n == len && !strncmp(names, entry, n))
            return true;
        names += n;
        names += strspn(names, " ");
    }
    return false;
}

static bool unset(const char *entry)
{
    char *name = strndup(entry, strcspn(entry, "="));
    if (!name)
        return false;
    unsetenv(name);
    free(name);
    return true;
}

static bool keep_only(const char *names)
{
    for (char **e = environ; e && *e;) {
        if (is_listed(names, *e))
            e++;
        else if (!unset(*e))
            return false;
    }
    return true;
}

static bool drop(const char *names)
{
    for (char **e = environ; e && *e;) {
        if (!is_listed(names, *e))
            e++;
        else if (!unset(*e))
            return false;
    }
    return true;
}

static bool apply(const struct px_env *e)
{
    switch (e->kind) {
    case PX_UNSETENV:
        return drop(e->name);
    case PX_RESETENV:
        return keep_only(e->name);
    default:
        return !setenv(e->name, e->value, e->kind == PX_SETENV);
    }
}

bool px_environment_apply(const struct px_env *list)
{
    for (; list && list->name; list++)
        if (!apply(list))
            return false;
    return true;
}

void px_socket_text(const struct px_bind *b, char *text)
{
    union px_sockaddr sa;
    struct px_addr a;
    char ip[PX_ADDR_TEXT];
    if (b->addr.family == PX_AF_UNIX || b->addr.family == PX_AF_ABNS) {
        snprintf(text, PX_SOCKET_TEXT, "%s@%s", b->addr.family == PX_AF_UNIX ? "unix" : "abns",
                 b->addr.path);
    } else if (px_endpoint_sockaddr(&b->addr, b->addr.port, &sa)) {
        px_addr_from(&a, &sa);
        px_addr_text(&a, ip);
        snprintf(text, PX_SOCKET_TEXT, "%s@%s:%d", a.family == AF_INET6 ? "ipv6" : "ipv4", ip,
                 a.port);
    } else {
        snprintf(text, PX_SOCKET_TEXT, "sockpair@%d", b->addr.port);
    }
}

bool px_environment_tell(void)
{
    struct px_text list = {0};
    for (unsigned i = 0; i < px_program.nbinds; i++) {
        char text[PX_SOCKET_TEXT];
        if (px_program.binds[i]->proxy)
            continue;
        px_socket_text(px_program.binds[i], text);
        px_text_printf(&list, "%s%s", list.len ? ";" : "", text);
    }
    bool done = !list.len || !setenv("HAPROXY_CLI", list.p, 1);
    free(list.p);
    return done;
}
