/*
 * One proxy process under test, HAProxy or ours: its configuration with the ports filled in, its
 * start and its end.
 */
#ifndef DIFF_PROXY_H
#define DIFF_PROXY_H

#include "casefile.h"

#include <sys/types.h>

enum { PROXY_PORTS = 4 };

struct known { /* a number that differs from run to run, and the name it goes by */
    unsigned number;
    char name[16];
};

struct places { /* what @NAME@ stands for */
    struct known list[32];
    unsigned n;
    const char *dir;
};

struct proxy {
    const char *name;     /* "haproxy" or "proxyc" */
    const char *compiler; /* proxyc itself, or NULL for HAProxy */
    char dir[256];        /* for its files */
    unsigned ports[PROXY_PORTS];
    pid_t pid;
};

/* Writes the configuration, builds if need be, starts, and returns when the ports listen. Files go
 * to p->dir. false: it did not come to that; *why has what the program said. */
bool proxy_start(struct proxy *p, const struct group *g, const struct places *where,
                 struct text *why);
bool proxy_is_alive(const struct proxy *p);
void proxy_stop(struct proxy *p);
void proxy_messages(const struct proxy *p, struct text *to); /* appends what it printed */

void places_add(struct places *where, unsigned number, const char *format, ...);
/* Appends text with every @NAME@ replaced. */
void places_fill(const struct places *where, struct text *to, const char *s, size_t n);

#endif
