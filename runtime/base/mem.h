/*
 * Memory of the request path: objects of one size from thread-local pools, borrowed buffers, and
 * arenas that die with their owner.
 *
 * Ownership: an object goes back to the pool of the thread that took it. Pools keep what they were
 * given back; only buffers are returned to the system, when a burst is over. All functions may answer
 * NULL when memory is out, and the caller then gives up that one connection.
 */
#ifndef PX_MEM_H
#define PX_MEM_H

#include "macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct px_pool {
    size_t size;
    void *free;
    unsigned batch; /* objects taken from the system at a time */
};

#define PX_POOL(type)                                                                              \
    {                                                                                              \
        sizeof(type), NULL, 32                                                                     \
    }

/* An object where there is none left, or where objects are filled. */
extern int px_pool_poison; /* -1: they are not */
void *px_pool_get_more(struct px_pool *pool);

static inline void *px_pool_get(struct px_pool *pool)
{
    void *object = pool->free;
    if (PX_UNLIKELY(!object || px_pool_poison >= 0))
        return px_pool_get_more(pool);
    memcpy(&pool->free, object, sizeof pool->free);
    return object;
}

static inline void px_pool_put(struct px_pool *pool, void *object)
{
    memcpy(object, &pool->free, sizeof pool->free);
    pool->free = object;
}

/* Plain memory. Counted, and made to fail at the n-th call by px_mem_fail_at (0: never). */
void *px_alloc(size_t size);
void px_free(void *p);
void px_mem_fail_at(uint64_t nth_call);
/* Objects from pools, buffers included, are filled with this byte; before threads start. */
void px_mem_poison(int byte);

/* A buffer of the size that tune.bufsize says; bytes in use are data[start..end). */
struct px_buf {
    uint32_t start, end, cap;
    uint32_t mark; /* for the owner: how far it has looked */
    char data[];
};

void px_buf_set_size(size_t bytes); /* before the first px_buf_get */
size_t px_buf_size(void);
struct px_buf *px_buf_get(void);
void px_buf_put(struct px_buf *buf); /* NULL is allowed */

/* Does this thread keep more unused buffers than it needs to be quick? Then px_buf_trim, called now
 * and then, gives those back to the system that were not used since it was called before. */
bool px_buf_surplus(void);
void px_buf_trim(void);

static inline uint32_t px_buf_len(const struct px_buf *b)
{
    return b->end - b->start;
}

/* Moves the bytes in use to the front, so that all free room is behind them. */
void px_buf_align(struct px_buf *buf);

/* An arena: memory given out in order and released all at once. Starts empty, costs nothing. */
struct px_arena {
    struct px_chunk *chunk;
};

void *px_arena_get(struct px_arena *arena, size_t size); /* aligned for any object */
char *px_arena_copy(struct px_arena *arena, const char *p, size_t len);
void px_arena_release(struct px_arena *arena);

#endif
