/*
 * Memory of the compiler: taken from an arena, never given back singly. Out of memory ends the
 * program with a message, so no function here answers NULL.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);

/* Zeroed, aligned for any type; lives until arena_free. */
void *arena_get(struct arena *a, size_t size);
void *arena_get_n(struct arena *a, size_t n, size_t size);

#define NEW(arena, type) ((type *)arena_get(arena, sizeof(type)))
#define NEW_N(arena, type, n) ((type *)arena_get_n(arena, n, sizeof(type)))

/*
 * Growing arrays: struct { T *v; unsigned n, cap; }.
 * VEC_PUSH adds a zeroed element and answers its address.
 */
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *v;                                                                                   \
        unsigned n, cap;                                                                           \
    }

void *vec_grow(struct arena *a, void *v, unsigned n, unsigned *cap, size_t size);

#define VEC_PUSH(arena, vec)                                                                       \
    ((vec)->v = vec_grow(arena, (vec)->v, (vec)->n, &(vec)->cap, sizeof *(vec)->v),                \
     &(vec)->v[(vec)->n++])
#define VEC_ADD(arena, vec, value) (*VEC_PUSH(arena, vec) = (value))

#endif
