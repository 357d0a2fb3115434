/*
 * The memory of rings. See ring.h.
 *
 * A line is stored as its length, in PX_RING_OVERHEAD bytes, and its text; both may go around the
 * end of the memory. Places count up for ever, so a reader that was overtaken can tell.
 */
#include "ring.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ring {
    pthread_mutex_t lock;
    char *data;
    struct px_ring_place head, tail; /* behind the newest line, at the oldest */
    struct px_ring_reader *readers;
};

static struct ring *rings; /* by px_ring.number */

bool px_rings_init(void)
{
    rings = calloc(px_program.nrings, sizeof *rings);
    for (unsigned i = 0; rings && i < px_program.nrings; i++) {
        pthread_mutex_init(&rings[i].lock, NULL);
        rings[i].data = malloc(px_program.rings[i].size);
        if (!rings[i].data)
            return false;
    }
    return rings;
}

/* ---- bytes ---- */

static size_t until_end(const struct px_ring *ring, uint64_t place, size_t n)
{
    size_t rest = ring->size - (size_t)(place % ring->size);
    return n < rest ? n : rest;
}

static void copy_in(const struct px_ring *ring, uint64_t place, const void *from, size_t n)
{
    size_t first = until_end(ring, place, n);
    if (!n)
        return;
    memcpy(rings[ring->number].data + place % ring->size, from, first);
    memcpy(rings[ring->number].data, (const char *)from + first, n - first);
}

static void copy_out(const struct px_ring *ring, uint64_t place, void *to, size_t n)
{
    size_t first = until_end(ring, place, n);
    memcpy(to, rings[ring->number].data + place % ring->size, first);
    memcpy((char *)to + first, rings[ring->number].data, n - first);
}

static uint32_t length_at(const struct px_ring *ring, uint64_t place)
{
    uint32_t len;
    _Static_assert(sizeof len == PX_RING_OVERHEAD, "the length of a line");
    copy_out(ring, place, &len, sizeof len);
    return len;
}

static void go_to_next(const struct px_ring *ring, struct px_ring_place *at)
{
    at->byte += length_at(ring, at->byte) + PX_RING_OVERHEAD;
    at->line++;
}

/* ---- writing ---- */

static void tell(struct px_ring_reader *r)
{
    if (!r->waits || r->told)
        return;
    r->waits = false;
    r->told = true;
    px_loop_post(r->loop, &r->note);
}

void px_ring_write(const struct px_ring *ring, const struct iovec *v, unsigned n)
{
    struct ring *at = &rings[ring->number];
    uint32_t len = 0;
    for (unsigned i = 0; i < n; i++)
        len += (uint32_t)v[i].iov_len;
    pthread_mutex_lock(&at->lock);
    while (at->head.byte + PX_RING_OVERHEAD + len - at->tail.byte > ring->size)
        go_to_next(ring, &at->tail);
    copy_in(ring, at->head.byte, &len, sizeof len);
    at->head.byte += PX_RING_OVERHEAD;
    for (unsigned i = 0; i < n; i++) {
        copy_in(ring, at->head.byte, v[i].iov_base, v[i].iov_len);
        at->head.byte += v[i].iov_len;
    }
    at->head.line++;
    for (struct px_ring_reader *r = at->readers; r; r = r->next)
        tell(r);
    pthread_mutex_unlock(&at->lock);
}

/* ---- reading ---- */

static void told(struct px_note *note)
{
    struct px_ring_reader *r = PX_OWNER(note, struct px_ring_reader, note);
    struct ring *at = &rings[r->ring->number];
    pthread_mutex_lock(&at->lock);
    r->told = false;
    pthread_mutex_unlock(&at->lock);
    if (r->closed)
        r->freed(r);
    else
        r->ready(r);
}

void px_ring_open(struct px_ring_reader *r, const struct px_ring *ring, bool only_new)
{
    struct ring *at = &rings[ring->number];
    r->ring = ring;
    r->note.deliver = told;
    pthread_mutex_lock(&at->lock);
    r->at = only_new ? at->head : at->tail;
    r->next = at->readers;
    r->link = &at->readers;
    if (r->next)
        r->next->link = &r->next;
    at->readers = r;
    pthread_mutex_unlock(&at->lock);
}

static void catch_up(struct px_ring_reader *r, const struct ring *at)
{
    if (r->at.byte >= at->tail.byte)
        return;
    r->lost += at->tail.line - r->at.line;
    r->at = at->tail;
}

/* One line with its frame; 0: it does not fit. */
static size_t read_line(const struct px_ring_reader *r, enum px_framing framing, char *to,
                        size_t room)
{
    char frame[16] = "";
    uint32_t len = length_at(r->ring, r->at.byte);
    size_t n = framing == PX_FRAME_COUNTS ? (size_t)snprintf(frame, sizeof frame, "%u ", len) : 1;
    if (n + len > room)
        return 0;
    if (framing == PX_FRAME_COUNTS) {
        memcpy(to, frame, n);
        to += n;
    } else {
        to[len] = '\n';
    }
    copy_out(r->ring, r->at.byte + PX_RING_OVERHEAD, to, len);
    return n + len;
}

size_t px_ring_read(struct px_ring_reader *r, enum px_framing framing, char *to, size_t room)
{
    struct ring *at = &rings[r->ring->number];
    size_t done = 0, n;
    pthread_mutex_lock(&at->lock);
    catch_up(r, at);
    while (r->at.byte < at->head.byte && (n = read_line(r, framing, to + done, room - done))) {
        done += n;
        go_to_next(r->ring, &r->at);
    }
    r->waits = !done && r->loop;
    pthread_mutex_unlock(&at->lock);
    return done;
}

uint64_t px_ring_lost(const struct px_ring_reader *r)
{
    struct ring *at = &rings[r->ring->number];
    pthread_mutex_lock(&at->lock);
    uint64_t lost = r->lost;
    if (r->at.line < at->tail.line)
        lost += at->tail.line - r->at.line;
    pthread_mutex_unlock(&at->lock);
    return lost;
}

void px_ring_close(struct px_ring_reader *r)
{
    struct ring *at = &rings[r->ring->number];
    pthread_mutex_lock(&at->lock);
    *r->link = r->next;
    if (r->next)
        r->next->link = r->link;
    r->closed = true;
    bool busy = r->told;
    pthread_mutex_unlock(&at->lock);
    if (!busy)
        r->freed(r);
}
