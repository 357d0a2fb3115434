/*
 * Random numbers that are fast and not for secrets.
 */
#ifndef PX_RANDOM_H
#define PX_RANDOM_H

#include <stdint.h>

/* 64 random bits. Every thread has a sequence of its own. */
uint64_t px_random(void);

#endif
