/*
 * What a master leaves to the program that takes its place: its children, and descriptors.
 *
 * A reload replaces the program of the master by the one made from the new configuration, in the
 * same process. The estate goes along in the environment variable PROXYC_MASTER.
 */
#ifndef PX_ESTATE_H
#define PX_ESTATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct px_child {
    pid_t pid;
    int reloads;   /* that it has survived */
    int64_t since; /* seconds since 1970 */
    int channel;   /* see channel.h */
    bool ready;    /* has begun to serve */
    char version[32];
};

enum { PX_ASKED_MOST = 64 };

struct px_estate {
    int64_t since;       /* start of the master, seconds since 1970 */
    int reloads, failed; /* failed: how many of those in a row before now */
    int directory;       /* where the process was started; -1: unknown */
    int control;         /* listening socket of -S; -1: none */
    struct px_child *children;
    unsigned nchildren;
    int asked[PX_ASKED_MOST]; /* connections that are closed when the reload is over */
    unsigned nasked;
};

/* Reads the estate and takes the variable away; listening sockets go to net/inherited.h. false:
 * there is none, this is the first program of the process. */
bool px_estate_read(struct px_estate *e);

/* The variable as it stands in an environment, for free(). From now on the descriptors stay open
 * on exec. NULL: no memory. */
char *px_estate_write(const struct px_estate *e);

/* NULL: no memory. */
struct px_child *px_estate_add(struct px_estate *e, const struct px_child *child);
void px_estate_remove(struct px_estate *e, struct px_child *child);
struct px_child *px_estate_find(struct px_estate *e, pid_t pid);

#endif
