/*
 * tool.h - what every benchmark tool needs: a clock, an end, a number, a limit.
 */
#ifndef BENCH_TOOL_H
#define BENCH_TOOL_H

#include <stdint.h>
#include <stdnoreturn.h>

#define TOOL_SECOND UINT64_C(1000000000) /* tool_now() counts nanoseconds */

/* Nanoseconds of the monotonic clock. Never fails. */
uint64_t tool_now(void);

/* Prints "NAME: message" (and the text of errno, if it is set) to stderr, exits with status 1. */
noreturn void tool_die(const char *format, ...);

/* The unsigned decimal number in text; text that is no such number, or is above max, ends the
 * program with a message that names it as `what`. */
uint64_t tool_number(const char *text, uint64_t max, const char *what);

/* The same for numbers with a fraction ("2.5"), between 0 and max. */
double tool_fraction(const char *text, double max, const char *what);

/* Raises the limit of open files to at least wanted; returns the limit that now holds, which is
 * lower where the kernel did not agree. */
uint64_t tool_raise_files(uint64_t wanted);

/* Zeroed memory for count objects of size bytes; ends the program if there is none. */
void *tool_alloc(uint64_t count, uint64_t size);

#endif
