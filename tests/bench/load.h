/*
 * load.h - what the load generator was asked to do, and its ways of doing it.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct load {
    struct sockaddr_in target;
    size_t connections;
    double seconds; /* of the measured window; the longest time allowed if count is set */
    double warmup;  /* seconds before it */
    uint64_t count; /* stop after so many requests; 0: by time */
    double rate;    /* open loop, requests a second; 0: closed loop */
    const char *path;
    const char *host;
    size_t extra_fields; /* header fields besides Host */
    int status;          /* the status expected of each answer */
    size_t bytes;        /* of a message (ping) or an answer (bulk) */
    bool close_each;     /* a connection for each request */
    bool hold;           /* idle: keep the connections until the end of stdin */
    bool ask;            /* idle: one request on each connection */
    bool leave;          /* idle: one request on each connection, whose answer is not waited for */
    pid_t pid;           /* the process whose use is sampled; 0: none */
};

struct talk;

/* Sends requests and prints one line of results. Returns true if there were answers and no
 * error. */
bool load_run(const struct load *load, const struct talk *talk);

/* Opens all connections, lets them rest, and prints one line about the memory that the sampled
 * process needed for them: connected only, and (if ask is set) after one request each. Returns
 * true if all went well. */
bool load_idle(const struct load *load, const struct talk *talk);

#endif
