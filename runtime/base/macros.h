/*
 * The only place where compiler extensions are named.
 */
#ifndef PX_MACROS_H
#define PX_MACROS_H

#include <stddef.h>

#define PX_LIKELY(x) __builtin_expect(!!(x), 1)
#define PX_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define PX_NORETURN __attribute__((noreturn))
#define PX_COLD __attribute__((cold))
/* A static function that becomes part of each caller, which knows more of its arguments. */
#define PX_INLINE static inline __attribute__((always_inline))
/* Stays out of its caller, whose usual way is shorter without it. */
#define PX_ASIDE __attribute__((noinline))
/* *r becomes the result; true when it does not fit. */
#define PX_ADD_OVERFLOWS(a, b, r) __builtin_add_overflow(a, b, r)
#define PX_SUB_OVERFLOWS(a, b, r) __builtin_sub_overflow(a, b, r)
#define PX_MUL_OVERFLOWS(a, b, r) __builtin_mul_overflow(a, b, r)
/* Numbers of the bits of a value that is not 0. */
#define PX_LOWEST_BIT(v) ((unsigned)__builtin_ctzll(v))
#define PX_HIGHEST_BIT(v) (63 - (unsigned)__builtin_clzll(v))
#define PX_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PX_OWNER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#endif
