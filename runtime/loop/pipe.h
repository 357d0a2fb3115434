/*
 * Kernel pipes that carry bytes from one socket to another without copying them (splice(2)).
 *
 * Each thread keeps those that it has used. A pipe that is not empty when it is given back is
 * closed. Pipes cost two descriptors each and kernel memory, so their number is limited, and
 * whoever gets none copies.
 */
#ifndef PX_PIPE_H
#define PX_PIPE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct px_pipe {
    int from, to;   /* descriptors: what is written into `to` is read out of `from` */
    uint32_t held;  /* bytes in it */
    uint32_t cap;   /* bytes that it can hold at most */
    struct px_pipe *next;
};

/* Before threads start. most: pipes of the process, 0: none; size: bytes of each, 0: what is best. */
void px_pipes_allow(unsigned most, uint32_t size);

struct px_pipe *px_pipe_get(void); /* NULL: there is none to be had */
void px_pipe_put(struct px_pipe *pipe); /* NULL is allowed */

/* Of all threads. */
unsigned px_pipes_limit(void), px_pipes_used(void), px_pipes_free(void);

#endif
