/*
 * SplitMix64: the state counts in steps of the golden ratio, the result is a hash of it. See
 * random.h.
 */
#include "random.h"

#include <stdbool.h>
#include <sys/random.h>
#include <time.h>

static uint64_t clock_bits(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t px_random(void)
{
    static _Thread_local uint64_t state;
    static _Thread_local bool seeded;
    if (!seeded) {
        if (getrandom(&state, sizeof state, GRND_NONBLOCK) != sizeof state)
            state = clock_bits() ^ (uintptr_t)&state;
        seeded = true;
    }
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}
