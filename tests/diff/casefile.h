/*
 * Case files: what to configure, what to send, what servers answer. README.md describes the format.
 */
#ifndef DIFF_CASEFILE_H
#define DIFF_CASEFILE_H

#include "text.h"

enum step_kind {
    STEP_CLIENT, /* clients: the steps that follow belong to client `number` */
    STEP_CONNECT,
    STEP_SEND,
    STEP_PAUSE, /* number: milliseconds */
    STEP_RECV,  /* number: complete responses in all so far */
    STEP_BYTES, /* number: bytes in all so far */
    STEP_UNTIL, /* text: has been received */
    STEP_FIN,
    STEP_CLOSE,
    STEP_RESET,
    STEP_ASK,  /* text: a control socket in the directory, and a command for it */
    STEP_BODY, /* servers: wait for the whole request */
    STEP_HANG, /* servers: do nothing more */
};

struct step {
    enum step_kind kind;
    long number;
    struct text text;
};

struct steps {
    struct step *list;
    unsigned n;
};

enum trigger { WHEN_COMPLETE, WHEN_HEAD, WHEN_ACCEPTED, WHEN_BYTES };

struct script { /* of a server, for one request */
    enum trigger when;
    long bytes;
    struct steps steps;
};

struct row {   /* of a table in tests/wire: what has to come of it */
    char *rfc; /* NULL: no row */
    char *both, *haproxy, *right;
    char **shown; /* names of fields */
    unsigned nshown;
    bool raw; /* bodies are shown as they came, not decoded */
};

struct exchange {
    char *name;
    char *differs; /* why a difference is right, or NULL */
    char **proxyc; /* what must be in our transcript when it differs */
    unsigned nproxyc;
    int line;
    int logs;      /* log lines to wait for; -1: as many as responses */
    int responses; /* of each client; -1: as many as requests */
    int repeat;
    bool connections; /* compare the use of server connections, too */
    bool tally;       /* compare only how many requests each server got */
    bool settled;     /* nothing moves behind the answers */
    struct row row;
    struct steps client;
    struct script *scripts;
    unsigned nscripts;
};

struct datafile {
    char *name;
    struct text text;
};

struct group { /* one configuration and what is tried with it */
    struct text config;
    struct datafile *files;
    unsigned nfiles;
    char **timers, **masks, **ignored; /* regular expressions */
    unsigned ntimers, nmasks, nignored;
    bool unordered; /* fields of responses: in any order, names in any case */
    struct exchange *exchanges;
    unsigned nexchanges;
};

struct casefile {
    const char *path;
    struct group *groups;
    unsigned ngroups;
};

/* Ends the program when the file cannot be read or says something unknown. */
struct casefile *casefile_read(const char *path);

#endif
