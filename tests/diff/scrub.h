/*
 * Takes out of a transcript what differs from run to run: ports, dates, times, process numbers.
 */
#ifndef DIFF_SCRUB_H
#define DIFF_SCRUB_H

#include "casefile.h"
#include "proxy.h"

/* Replaces known numbers (also in hexadecimal) by their names, today's dates by @DATE@, and times
 * by "short", "long" or -1. Lines that the group ignores go. other: a transcript of the same with
 * other numbers; a number in a line that stands there as well is not one that differs from run to
 * run, whatever port it may equal. NULL: there is none. */
void scrub(struct text *transcript, const struct group *g, const struct known *known, unsigned n,
           const char *other);

#endif
