/*
 * Handing the master's estate on. See estate.h.
 */
#include "estate.h"

#include "../net/inherited.h"
#include "text.h"
#include "workers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char variable[] = "PROXYC_MASTER";

static int sealed(int fd)
{
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static void read_child(struct px_estate *e, const char *text)
{
    struct px_child c = {.ready = true};
    long pid, since;
    if (sscanf(text, "%ld,%d,%ld,%d,%31s", &pid, &c.reloads, &since, &c.channel, c.version) != 5)
        return;
    c.pid = (pid_t)pid;
    c.since = since;
    sealed(c.channel);
    px_estate_add(e, &c);
}

static void read_item(struct px_estate *e, const char *name, const char *value)
{
    if (!strcmp(name, "since"))
        e->since = strtoll(value, NULL, 10);
    else if (!strcmp(name, "reloads"))
        e->reloads = atoi(value);
    else if (!strcmp(name, "failed"))
        e->failed = atoi(value);
    else if (!strcmp(name, "directory"))
        e->directory = sealed(atoi(value));
    else if (!strcmp(name, "control"))
        e->control = sealed(atoi(value));
    else if (!strcmp(name, "asked") && e->nasked < PX_ASKED_MOST)
        e->asked[e->nasked++] = sealed(atoi(value));
    else if (!strcmp(name, "child"))
        read_child(e, value);
    else if (!strcmp(name, "socket"))
        px_inherited_add(sealed(atoi(value)));
}

bool px_estate_read(struct px_estate *e)
{
    *e = (struct px_estate){.directory = -1, .control = -1};
    const char *value = getenv(variable);
    char *text = value ? strdup(value) : NULL, *rest = text;
    if (!text)
        return false;
    unsetenv(variable);
    for (char *item = strtok_r(rest, ";", &rest); item; item = strtok_r(NULL, ";", &rest)) {
        char *equals = strchr(item, '=');
        if (!equals)
            continue;
        *equals = 0;
        read_item(e, item, equals + 1);
    }
    free(text);
    return true;
}

static int opened(int fd)
{
    if (fd >= 0)
        fcntl(fd, F_SETFD, 0);
    return fd;
}

static void write_socket(int fd, void *ctx)
{
    px_text_printf(ctx, ";socket=%d", opened(fd));
}

char *px_estate_write(const struct px_estate *e)
{
    struct px_text t = {0};
    px_text_printf(&t, "%s=since=%lld;reloads=%d;failed=%d;directory=%d;control=%d", variable,
                   (long long)e->since, e->reloads, e->failed, opened(e->directory),
                   opened(e->control));
    for (unsigned i = 0; i < e->nchildren; i++) {
        const struct px_child *c = &e->children[i];
        px_text_printf(&t, ";child=%ld,%d,%lld,%d,%s", (long)c->pid, c->reloads,
                       (long long)c->since, opened(c->channel), c->version);
    }
    for (unsigned i = 0; i < e->nasked; i++)
        px_text_printf(&t, ";asked=%d", opened(e->asked[i]));
    px_sockets_each(write_socket, &t);
    px_inherited_each(write_socket, &t);
    return t.p;
}

struct px_child *px_estate_add(struct px_estate *e, const struct px_child *child)
{
    struct px_child *p = realloc(e->children, (e->nchildren + 1) * sizeof *p);
    if (!p)
        return NULL;
    e->children = p;
    p[e->nchildren] = *child;
    return &p[e->nchildren++];
}

void px_estate_remove(struct px_estate *e, struct px_child *child)
{
    size_t at = (size_t)(child - e->children);
    memmove(child, child + 1, (--e->nchildren - at) * sizeof *child);
}

struct px_child *px_estate_find(struct px_estate *e, pid_t pid)
{
    for (unsigned i = 0; i < e->nchildren; i++)
        if (e->children[i].pid == pid)
            return &e->children[i];
    return NULL;
}
