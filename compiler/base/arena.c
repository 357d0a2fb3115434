/*
 * The arena: where every piece of memory of the compiler comes from.
 *
 * Not for: memory that outlives a compilation, or that must be given back early.
 * Idea: a chain of blocks, the newest first; what does not fit in the newest starts another, and
 * what is larger than a block gets one of its own behind it, so that the room left is not lost.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    size_t used, cap;
    alignas(max_align_t) char data[];
};

struct arena {
    struct block *block;
};

enum { BLOCK = 256 * 1024 };

static _Noreturn void out_of_memory(void)
{
    fputs("proxyc: out of memory\n", stderr);
    exit(1);
}

static void *must(void *p)
{
    if (!p)
        out_of_memory();
    return p;
}

struct arena *arena_new(void)
{
    return must(calloc(1, sizeof(struct arena)));
}

void arena_free(struct arena *a)
{
    for (struct block *b = a->block, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

static struct block *block_new(size_t cap)
{
    struct block *b = must(calloc(1, sizeof *b + cap));
    b->cap = cap;
    return b;
}

/* A block for one large piece. */
static void *piece_alone(struct arena *a, size_t size)
{
    struct block *b = block_new(size);
    struct block **place = a->block ? &a->block->next : &a->block;
    b->used = size;
    b->next = *place;
    *place = b;
    return b->data;
}

void *arena_get(struct arena *a, size_t size)
{
    if (size > PTRDIFF_MAX / 2)
        out_of_memory();
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (size > BLOCK / 4)
        return piece_alone(a, size);
    struct block *b = a->block;
    if (!b || b->cap - b->used < size) {
        b = block_new(BLOCK);
        b->next = a->block;
        a->block = b;
    }
    b->used += size;
    return b->data + b->used - size;
}

void *arena_get_n(struct arena *a, size_t n, size_t size)
{
    if (size && n > PTRDIFF_MAX / size)
        out_of_memory();
    return arena_get(a, n * size);
}

void *vec_grow(struct arena *a, void *v, unsigned n, unsigned *cap, size_t size)
{
    if (n < *cap)
        return v;
    unsigned grown = *cap ? *cap * 2 : 8;
    if (grown < *cap)
        out_of_memory();
    void *copy = arena_get_n(a, grown, size);
    if (n)
        memcpy(copy, v, n * size);
    *cap = grown;
    return copy;
}
