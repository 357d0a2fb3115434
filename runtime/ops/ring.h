/*
 * Rings: the last log lines, in memory, and who reads them.
 *
 * Any thread may write. A writer never waits for a reader: when the ring is full the oldest lines
 * go, whether they were read or not. A reader belongs to one thread.
 */
#ifndef PX_RING_H
#define PX_RING_H

#include "../abi/tables.h"
#include "../loop/loop.h"
#include "control.h"

#include <sys/uio.h>

/* What the rest of a program with rings knows of them; linked only into those. */
struct px_ring_ops {
    /* Once, before the threads start and privileges go. false: said. */
    bool (*prepare)(void);
    /* On the first thread, before its loop runs: begins to connect to the servers. */
    void (*start)(void);
    /* A line, without its end, of at most size - PX_RING_OVERHEAD bytes. */
    void (*write)(const struct px_ring *ring, const struct iovec *v, unsigned n);
    unsigned long long (*dropped)(void); /* lines that servers have not got */
    void (*show)(const struct px_command *c, struct px_text *out); /* "show events" */
};

/* The place of a line: bytes and lines that were written before it, ever. */
struct px_ring_place {
    uint64_t byte, line;
};

struct px_ring_reader {
    struct px_ring_reader *next, **link;
    const struct px_ring *ring;
    struct px_ring_place at;
    uint64_t lost;        /* lines that went before they were read */
    struct px_loop *loop; /* where the reader lives; NULL: it is never told of lines */
    bool waits;           /* has read everything, and is to be told of more */
    bool told;            /* the note is on its way */
    bool closed;
    struct px_note note;
    void (*ready)(struct px_ring_reader *r); /* on its thread: there are lines */
    void (*freed)(struct px_ring_reader *r); /* its memory may go */
};

enum px_framing {
    PX_FRAME_LF,     /* RFC 6587 3.4.2 */
    PX_FRAME_COUNTS, /* RFC 6587 3.4.1 */
};
/* The least room for px_ring_read: the longest line with its frame. */
enum { PX_RING_READ_LEAST = 65536 + 16 };

bool px_rings_init(void);
void px_ring_write(const struct px_ring *ring, const struct iovec *v, unsigned n);

/* The caller has set ready and freed, and loop if it wants to be told. */
void px_ring_open(struct px_ring_reader *r, const struct px_ring *ring, bool only_new);
/* Whole lines, framed, as many as fit. Answers the bytes; 0: all were read, and ready is called
 * when there are more. */
size_t px_ring_read(struct px_ring_reader *r, enum px_framing framing, char *to, size_t room);
/* So many lines have not been and will not be read. */
uint64_t px_ring_lost(const struct px_ring_reader *r);
/* freed is called, now or when the note has come. */
void px_ring_close(struct px_ring_reader *r);

/* ---- ring_servers.c ---- */

bool px_ring_servers_prepare(void);
void px_ring_servers_start(void);
/* Lines that servers of this ring have not got. */
uint64_t px_ring_servers_lost(const struct px_ring *ring);

#endif
