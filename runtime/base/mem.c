/*
 * Pools, buffers and arenas. See mem.h.
 *
 * Not here: anything shared between threads. A pool is a singly linked list of free objects, so
 * taking and giving back touch one cache line, the one that was used last.
 */
#include "mem.h"

#include "macros.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local uint64_t calls, fail_at;
int px_pool_poison = -1;

void px_mem_poison(int byte)
{
    px_pool_poison = byte;
}

void px_mem_fail_at(uint64_t nth_call)
{
    calls = 0;
    fail_at = nth_call;
}

void *px_alloc(size_t size)
{
    if (PX_UNLIKELY(fail_at) && ++calls == fail_at)
        return NULL;
    return malloc(size);
}

void px_free(void *p)
{
    free(p);
}

static bool pool_refill(struct px_pool *pool)
{
    size_t size = (pool->size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    char *batch = px_alloc(size * pool->batch);
    if (!batch)
        return false;
    for (unsigned i = pool->batch; i-- > 0;)
        px_pool_put(pool, batch + i * size);
    return true;
}

void *px_pool_get_more(struct px_pool *pool)
{
    if (PX_UNLIKELY(!pool->free) && !pool_refill(pool))
        return NULL;
    void *object = pool->free;
    memcpy(&pool->free, object, sizeof pool->free);
    if (PX_UNLIKELY(px_pool_poison >= 0))
        memset(object, px_pool_poison, pool->size);
    return object;
}

enum { SLACK = 24 }; /* readable behind the end, for parsers that load words */

static size_t buf_size = 16384;
static _Thread_local struct px_pool bufs = {0, NULL, 1};
static _Thread_local unsigned bufs_free, bufs_least; /* unused now, and at least since the last trim */

void px_buf_set_size(size_t bytes)
{
    buf_size = bytes;
}

size_t px_buf_size(void)
{
    return buf_size;
}

struct px_buf *px_buf_get(void)
{
    bufs.size = sizeof(struct px_buf) + buf_size + SLACK;
    bool used_before = bufs.free;
    struct px_buf *buf = px_pool_get(&bufs);
    if (!buf)
        return NULL;
    bufs_free -= used_before;
    if (bufs_free < bufs_least)
        bufs_least = bufs_free;
    buf->start = buf->end = buf->mark = 0;
    buf->cap = (uint32_t)buf_size;
    return buf;
}

void px_buf_put(struct px_buf *buf)
{
    if (!buf)
        return;
    px_pool_put(&bufs, buf);
    bufs_free++;
}

enum { BUFS_KEPT = 64 };

bool px_buf_surplus(void)
{
    return bufs_free > BUFS_KEPT;
}

void px_buf_trim(void)
{
    unsigned surplus = bufs_least > BUFS_KEPT ? bufs_least - BUFS_KEPT : 0;
    for (unsigned i = 0; i < surplus; i++) {
        px_free(px_pool_get(&bufs));
        bufs_free--;
    }
    if (surplus > BUFS_KEPT)
        malloc_trim(0); /* free() alone returns only what lies at the end of the heap */
    bufs_least = bufs_free;
}

void px_buf_align(struct px_buf *buf)
{
    if (!buf->start)
        return;
    memmove(buf->data, buf->data + buf->start, buf->end - buf->start);
    buf->mark -= buf->mark < buf->start ? buf->mark : buf->start;
    buf->end -= buf->start;
    buf->start = 0;
}

struct px_chunk {
    struct px_chunk *next;
    size_t used, cap;
    alignas(max_align_t) char data[];
};

enum { CHUNK = 1024 - sizeof(struct px_chunk) };

static _Thread_local struct px_pool chunks = {sizeof(struct px_chunk) + CHUNK, NULL, 8};

static struct px_chunk *chunk_new(size_t size)
{
    struct px_chunk *c;
    if (size <= CHUNK) {
        c = px_pool_get(&chunks);
        size = CHUNK;
    } else {
        c = px_alloc(sizeof *c + size);
    }
    if (c) {
        c->used = 0;
        c->cap = size;
    }
    return c;
}

void *px_arena_get(struct px_arena *arena, size_t size)
{
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct px_chunk *c = arena->chunk;
    if (!c || c->cap - c->used < size) {
        c = chunk_new(size);
        if (!c)
            return NULL;
        c->next = arena->chunk;
        arena->chunk = c;
    }
    c->used += size;
    return c->data + c->used - size;
}

char *px_arena_copy(struct px_arena *arena, const char *p, size_t len)
{
    char *copy = px_arena_get(arena, len ? len : 1);
    if (copy && len)
        memcpy(copy, p, len);
    return copy;
}

void px_arena_release(struct px_arena *arena)
{
    for (struct px_chunk *c = arena->chunk, *next; c; c = next) {
        next = c->next;
        if (c->cap == CHUNK)
            px_pool_put(&chunks, c);
        else
            px_free(c);
    }
    arena->chunk = NULL;
}
